"""Two people who edit one record: what does not collide is put together, for the rest they choose."""

from typing import Any

from engine.commands import create_record, update_record
from engine.records.read import get
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site

FIRST, MINE, THEIRS = "2031-01-01", "2031-02-02", "2031-03-03"


def order(site: Site) -> dict[str, Any]:
    customer = create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})
    values = {"customer": customer["id"], "due": FIRST, "promise": "soon", "owner": site.people["chief"]}
    rows = [{"text": "Chair", "quantity": 2, "price": "10"}]
    return create_record(site.workspace, SYSTEM, "shop.order", {**values, "lines": rows})


def change(site: Site, made: dict[str, Any], **values: Any) -> None:
    update_record(site.workspace, SYSTEM, "shop.order", made["id"], values)


def now(site: Site, made: dict[str, Any]) -> dict[str, Any]:
    with site.workspace.reading(SYSTEM) as transaction:
        return get(transaction, "shop.order", made["id"])


def test_changes_of_different_fields_are_put_together(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    chief = site.as_("chief")
    chief.get(address)
    change(site, made, promise="tomorrow", kinds=["urgent"])
    change(site, made, promise="today")
    answer = chief.post(
        address, ("kinds", ""), revision=1, due=MINE, promise="soon", customer=made["customer"].id
    )
    assert answer.status_code == 303
    found = now(site, made)
    assert (str(found["due"]), found["promise"], found["kinds"]) == (MINE, "today", ("urgent",))
    page = chief.get(address).get_data(as_text=True)
    assert "What others changed meanwhile was kept" in page


def test_a_field_that_both_changed_is_asked_about(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    chief = site.as_("chief")
    chief.get(address)
    change(site, made, due=THEIRS, promise="today")
    sent = {"due": MINE, "promise": "soon"}
    answer = chief.post(address, revision=1, **sent)
    assert answer.status_code == 412
    page = answer.get_data(as_text=True)
    assert 'name="merge-due" value="theirs"' in page
    assert 'name="merge-promise"' not in page
    assert 'name="promise" value="today"' in page
    assert f'name="due" value="{MINE}"' in page
    assert '<input type="hidden" name="revision" value="2">' in page
    assert str(now(site, made)["due"]) == THEIRS
    again = {"due": MINE, "promise": "today", "merge-due": "theirs"}
    assert chief.post(address, revision=2, **again).status_code == 303
    assert str(now(site, made)["due"]) == THEIRS
    assert chief.post(address, revision=2, due=MINE, promise="today").status_code == 303
    assert str(now(site, made)["due"]) == MINE


def test_the_same_change_on_both_sides_collides_with_nothing(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    chief = site.as_("chief")
    chief.get(address)
    change(site, made, due=MINE)
    assert chief.post(address, revision=1, due=MINE, promise="mine").status_code == 303
    assert (str(now(site, made)["due"]), now(site, made)["promise"]) == (MINE, "mine")


def test_rows_that_were_not_touched_take_what_others_wrote(site: Site) -> None:
    made = order(site)
    line = made["lines"][0]
    address = f"/shop/order/{made['id']}"
    chief = site.as_("chief")
    chief.get(address)
    rows = [{"id": line["id"], "quantity": 5}, {"text": "Table", "price": "50"}]
    change(site, made, lines=rows)
    sent = {
        "due": MINE,
        "lines-present": "1",
        "lines-0-__id": str(line["id"]),
        "lines-0-text": "Chair",
        "lines-0-quantity": "2",
        "lines-0-price": "10.00",
    }
    assert chief.post(address, revision=1, **sent).status_code == 303
    found = now(site, made)
    assert [(each["text"], each["quantity"]) for each in found["lines"]] == [("Chair", 5), ("Table", 1)]
    sent |= {"lines-0-quantity": "7"}
    refused = chief.post(address, revision=1, **sent)
    assert refused.status_code == 412
    assert 'name="merge-lines" value="theirs"' in refused.get_data(as_text=True)
