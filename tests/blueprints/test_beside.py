"""What stands beside the form of a record: comments, following, undoing, copies, records that link here."""

from datetime import timedelta
from typing import Any

from engine.commands import create_record, update_record
from engine.notifications import page_of
from engine.records.read import get
from engine.schema.system_tables import history
from engine.transaction import SYSTEM, Actor
from tests.blueprints.conftest import Site


def order(site: Site, **values: Any) -> dict[str, Any]:
    customer = create_record(site.workspace, SYSTEM, "shop.customer", {"name": f"Acme {len(values)}"})
    sent = {"customer": customer["id"], "promise": "soon", "owner": site.people["clerk"], **values}
    rows = [{"text": "Chair", "quantity": 2, "price": "10"}]
    return create_record(site.workspace, SYSTEM, "shop.order", {**sent, "lines": rows})


def told(site: Site, username: str) -> list[str]:
    actor = Actor(site.people[username], username, username, frozenset(), administrator=False)
    with site.workspace.reading(actor) as transaction:
        return [str(each.message) for each in page_of(transaction, 10)]


def now(site: Site, made: dict[str, Any]) -> dict[str, Any]:
    with site.workspace.reading(SYSTEM) as transaction:
        return get(transaction, "shop.order", made["id"])


def test_a_comment_on_any_record_tells_who_is_mentioned_and_who_follows(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    clerk, chief = site.as_("clerk"), site.as_("chief")
    clerk.get(address)
    assert clerk.post(f"{address}/follow", wanted="yes").status_code == 303
    chief.get(address)
    assert chief.post(f"{address}/comments", comment="@clerk please look").status_code == 303
    assert chief.post(f"{address}/comments", comment="<b>done</b>").status_code == 303
    page = clerk.get(address).get_data(as_text=True)
    assert "@clerk please look" in page
    assert "&lt;b&gt;done&lt;/b&gt;" in page
    assert [sentence.split(":")[0] for sentence in told(site, "clerk")] == [
        f"Chief commented on {made['number']}, which you follow.",
        "Chief mentioned you",
    ]
    refused = chief.post(f"{address}/comments", comment="@guest and @nobody see")
    assert refused.status_code == 422
    text = refused.get_data(as_text=True)
    assert "may not see this record and cannot be told" in text
    assert "@guest and @nobody see</textarea>" in text
    assert chief.post(f"{address}/comments", comment=" ").status_code == 422
    assert site.as_("guest").post(f"{address}/comments", comment="let me in").status_code in {400, 404}


def test_who_follows_is_told_of_changes_until_they_stop_or_may_not_see_it(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    clerk, chief = site.as_("clerk"), site.as_("chief")
    clerk.get(address)
    clerk.post(f"{address}/follow", wanted="yes")
    chief.get(address)
    chief.post(address, revision=1, promise="today")
    sentence = f"Chief changed {made['number']}, which you follow."
    assert told(site, "clerk") == [sentence]
    clerk.get(address)
    clerk.post(address, revision=2, promise="mine")
    assert told(site, "clerk") == [sentence]
    update_record(site.workspace, SYSTEM, "shop.order", made["id"], {"owner": site.people["chief"]})
    chief.post(address, revision=4, promise="secret")
    assert told(site, "clerk") == [sentence]


def test_undoing_a_change_writes_back_what_was_there(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    chief = site.as_("chief")
    rows = [{"id": made["lines"][0]["id"], "quantity": 3}]
    update_record(site.workspace, SYSTEM, "shop.order", made["id"], {"promise": "today", "lines": rows})
    page = chief.get(address).get_data(as_text=True)
    assert page.count("Undo this change") == 1
    event = page.split(f"{address}/undo/")[1].split('"')[0]
    assert chief.post(f"{address}/undo/{event}").status_code == 303
    found = now(site, made)
    assert (found["promise"], found["lines"][0]["quantity"], found["revision"]) == ("soon", 2, 3)
    refused = chief.post(f"{address}/undo/{event}")
    assert refused.status_code == 409
    assert "was changed again since; nothing was undone." in refused.get_data(as_text=True)
    guest = site.as_("guest")
    guest.get("/")
    assert guest.post(f"{address}/undo/{event}").status_code == 404


def test_rows_that_were_removed_come_back_as_new_ones(site: Site) -> None:
    made = order(site)
    address = f"/shop/order/{made['id']}"
    update_record(site.workspace, SYSTEM, "shop.order", made["id"], {"lines": []})
    chief = site.as_("chief")
    event = chief.get(address).get_data(as_text=True).split(f"{address}/undo/")[1].split('"')[0]
    assert chief.post(f"{address}/undo/{event}").status_code == 303
    assert [(row["text"], row["quantity"]) for row in now(site, made)["lines"]] == [("Chair", 2)]


def test_a_copy_begins_with_the_same_values(site: Site) -> None:
    made = order(site, kinds=["urgent"])
    chief = site.as_("chief")
    page = chief.get(f"/shop/order/{made['id']}/duplicate").get_data(as_text=True)
    assert 'name="promise" value="soon"' in page
    assert 'name="lines-0-text" value="Chair"' in page
    assert "lines-0-__id" not in page
    assert 'action="/shop/order"' in page


def test_related_records_are_those_that_may_be_seen(site: Site) -> None:
    made = order(site)
    customer = made["customer"].id
    address = f"/shop/customer/{customer}/related"
    page = site.as_("chief").get(address).get_data(as_text=True)
    assert made["number"] in page
    assert f"where=customer~eq~{customer}" in page
    update_record(site.workspace, SYSTEM, "shop.order", made["id"], {"owner": site.people["chief"]})
    seen = site.as_("clerk").get(address).get_data(as_text=True)
    assert made["number"] not in seen
    assert "No other record links here." in seen
    assert site.as_("guest").get(address).status_code == 404


def test_the_stage_bar_tells_how_long_a_record_has_been_where_it_is(site: Site) -> None:
    made = order(site)
    with site.workspace.writing(SYSTEM) as transaction:
        earlier = history.update().values(to_stage="draft", at=transaction.now - timedelta(days=3))
        transaction.connection.execute(earlier.where(history.c.record_id == made["id"]))
    page = site.as_("chief").get(f"/shop/order/{made['id']}").get_data(as_text=True)
    assert '<span class="stage-time">3 days</span>' in page
