"""Record pages without scripts: create, change, refuse, move, delete."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from engine.commands import create_record, update_record
from engine.records.read import get
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor

LINES = (
    ("lines-present", "1"),
    ("lines-0-text", "Chair"),
    ("lines-0-quantity", "2"),
    ("lines-0-price", "50"),
)


def record(site: Site, key: str, identity: int) -> Mapping[str, Any]:
    with site.workspace.reading() as transaction:
        return get(transaction, key, identity)


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def acme(site: Site) -> int:
    return int(create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})["id"])


@pytest.fixture
def clerk(site: Site) -> Visitor:
    return site.as_("clerk")


@pytest.fixture
def order(site: Site, acme: int, clerk: Visitor) -> int:
    answer = clerk.post("/shop/order", ("customer-title", "Acme"), ("customer", str(acme)), *LINES)
    assert answer.status_code == 303, text(answer)
    return int(answer.location.rsplit("/", 1)[1])


def test_a_form_becomes_a_record_with_its_rows(site: Site, order: int, acme: int) -> None:
    made = record(site, "shop.order", order)
    assert made["customer"].id == acme
    assert [(row["text"], row["quantity"]) for row in made["lines"]] == [("Chair", 2)]
    assert made["owner"].title == "Clerk"


def test_a_new_form_shows_defaults_and_takes_values_from_its_address(clerk: Visitor, acme: int) -> None:
    page = text(clerk.get(f"/shop/order/new?customer={acme}"))
    assert 'value="Acme"' in page
    assert re.search(r'name="due" value="20\d\d-\d\d-\d\d"', page)


def test_the_label_of_a_link_names_its_box_also_when_something_is_chosen(
    clerk: Visitor, order: int, acme: int
) -> None:
    for path in ("/shop/order/new", f"/shop/order/new?customer={acme}", f"/shop/order/{order}"):
        page = clerk.get(path).get_data(as_text=True)
        assert '<label class="label" id="field-customer-label" for="field-customer">' in page, path


def test_a_form_reacts_to_what_is_changed_in_it(site: Site, order: int, clerk: Visitor) -> None:
    def states(path: str, note: str) -> Any:
        sent = [("customer-title", "Acme"), ("note", note), ("lines-present", "")]
        return json.loads(text(clerk.post(f"{path}/preview", *sent)))["states"]["apology"]

    update_record(site.workspace, SYSTEM, "shop.order", order, {"note": "Monday"})
    saved = f"/shop/order/{order}"
    assert states(saved, "Monday") == {"hidden": True, "required": False, "locked": False}
    assert states(saved, "Friday") == {"hidden": False, "required": True, "locked": False}
    assert states("/shop/order", "Friday")["required"] is False
    token = ("revision", str(record(site, "shop.order", order)["revision"]))
    answer = clerk.post(saved, ("note", "Friday"), token)
    assert (answer.status_code, "Apology is required." in text(answer)) == (422, True)
    assert re.search(r'data-field="apology"[^>]*>', text(answer))
    assert "hidden" not in re.search(r'<[^>]*data-field="apology"[^>]*>', text(answer))[0]  # type: ignore[index]


def test_problems_stand_at_their_fields_and_what_was_typed_is_kept(clerk: Visitor) -> None:
    sent = [("customer-title", "Nobody"), ("due", "soon"), *LINES[:3], ("lines-0-price", "much")]
    answer = clerk.post("/shop/order", *sent)
    page = text(answer)
    assert answer.status_code == 422
    for sentence in (
        "There is no Customer “Nobody”.",
        "“soon” is not a date. Write it as 2026-11-21.",
        "“much” is not an amount of money.",
    ):
        assert page.count(sentence) == 2, "in the summary and at the field"
    assert 'value="Nobody"' in page
    assert 'value="much"' in page
    assert 'href="#field-lines-0-price"' in page


def test_what_only_writing_finds_is_told_the_same_way(site: Site, clerk: Visitor) -> None:
    answer = clerk.post("/shop/customer", name="")
    assert answer.status_code == 422
    assert text(answer).count("Name is required.") == 2
    create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})
    assert "Another Customer has this Name already." in text(clerk.post("/shop/customer", name="Acme"))


def test_a_change_is_saved_and_told_in_the_history(site: Site, clerk: Visitor, acme: int) -> None:
    answer = clerk.post(f"/shop/customer/{acme}", name="Acme", city="Lyon", revision="1")
    assert answer.status_code == 303
    assert record(site, "shop.customer", acme)["city"] == "Lyon"
    page = text(clerk.get(answer.location))
    assert "Clerk</strong> changed this" in page
    assert "<ins>Lyon</ins>" in page


def test_a_record_changed_meanwhile_keeps_what_was_typed(site: Site, clerk: Visitor, acme: int) -> None:
    update_record(site.workspace, SYSTEM, "shop.customer", acme, {"city": "Rome"})
    answer = clerk.post(f"/shop/customer/{acme}", name="Acme", city="Lyon", revision="1")
    page = text(answer)
    assert answer.status_code == 412
    assert "Somebody else changed this record" in page
    assert 'value="Lyon"' in page
    assert 'name="revision" value="2"' in page
    assert record(site, "shop.customer", acme)["city"] == "Rome"
    assert clerk.post(f"/shop/customer/{acme}", name="Acme", city="Lyon", revision="2").status_code == 303


def test_rows_are_changed_added_and_removed(site: Site, clerk: Visitor, order: int) -> None:
    row = record(site, "shop.order", order)["lines"][0]["id"]
    sent = [
        ("lines-present", "1"),
        ("lines-0-__id", str(row)),
        ("lines-0-text", "Chair"), ("lines-0-quantity", "3"), ("lines-0-price", "50"),
        ("lines-1-text", "Lamp"), ("lines-1-quantity", "1"), ("lines-1-price", "9"),
    ]  # fmt: skip
    assert clerk.post(f"/shop/order/{order}", *sent).status_code == 303
    found = record(site, "shop.order", order)["lines"]
    assert [(each["text"], each["quantity"]) for each in found] == [("Chair", 3), ("Lamp", 1)]
    assert found[0]["id"] == row
    clerk.post(f"/shop/order/{order}", *sent[:1], *sent[5:])
    assert [each["text"] for each in record(site, "shop.order", order)["lines"]] == ["Lamp"]


def test_the_preview_tells_values_and_states_without_writing(site: Site, clerk: Visitor, order: int) -> None:
    before = record(site, "shop.order", order)["revision"]
    sent = [
        ("lines-present", "1"),
        ("lines-4-text", "Lamp"),
        ("lines-4-quantity", "3"),
        ("lines-4-price", "9.50"),
    ]
    found = json.loads(clerk.post(f"/shop/order/{order}/preview", *sent).data)
    assert "28.50" in found["values"]["lines-4-amount"]
    assert found["states"]["reason"] == {"hidden": True, "required": False, "locked": False}
    assert found["hidden_sections"] == []
    assert record(site, "shop.order", order)["revision"] == before


def test_the_preview_of_a_condition(site: Site, order: int) -> None:
    chief = site.as_("chief")
    found = json.loads(chief.post(f"/shop/order/{order}/preview", discount="20%").data)
    assert found["states"]["reason"] == {"hidden": False, "required": True, "locked": False}


def test_candidates_of_a_link_follow_the_rest_of_the_form(site: Site, acme: int) -> None:
    for name, customer in (("Chair", acme), ("Table", None)):
        create_record(
            site.workspace, SYSTEM, "shop.product", {"name": name, "price": "1", "customer": customer}
        )
    clerk = site.as_("clerk")
    sent = {"path": "product-title", "text": ""}
    found = json.loads(clerk.post("/shop/order/choices/product", customer=str(acme), **sent).data)
    assert [each["title"] for each in found["choices"]] == ["Chair"]
    everything = json.loads(clerk.post("/shop/order/choices/also", path="also-title", text="tab").data)
    assert [each["title"] for each in everything["choices"]] == ["Table"]
    assert clerk.post("/shop/order/choices/due", path="due-title", text="").status_code == 404


def test_a_move_takes_what_was_typed_along(site: Site, clerk: Visitor, order: int) -> None:
    answer = clerk.post(f"/shop/order/{order}/transitions/ship", due="2030-01-01", revision="1")
    assert answer.status_code == 303, text(answer)
    moved = record(site, "shop.order", order)
    assert (moved["stage"], str(moved["due"])) == ("shipped", "2030-01-01")
    assert "moved this from Draft to Shipped" in text(clerk.get(answer.location))


def test_a_move_asks_for_what_it_needs(site: Site, order: int) -> None:
    chief = site.as_("chief")
    address = f"/shop/order/{order}/transitions/lose"
    page = text(chief.get(address))
    assert 'name="transition-reason"' in page
    assert 'name="transition-comment"' in page
    refused = chief.post(address, ("alone", "1"), ("transition-reason", "Too dear"))
    assert refused.status_code == 422
    assert "'Lose' needs a comment." in text(refused)
    assert 'value="Too dear"' in text(refused)
    done = chief.post(
        address, ("alone", "1"), ("transition-reason", "Too dear"), ("transition-comment", "Sorry.")
    )
    assert done.status_code == 303, text(done)
    assert record(site, "shop.order", order)["reason"] == "Too dear"
    assert "Sorry." in text(chief.get(done.location))


def test_a_move_that_is_not_possible_tells_why(site: Site, clerk: Visitor, order: int) -> None:
    page = text(clerk.get(f"/shop/order/{order}"))
    assert "'Lose' is for Chief only." in page
    assert clerk.get(f"/shop/order/{order}/transitions/lose").status_code == 409
    assert clerk.get(f"/shop/order/{order}/transitions/reopen").status_code == 409
    assert clerk.get(f"/shop/order/{order}/transitions/fly").status_code == 404
    assert clerk.post(f"/shop/order/{order}/transitions/lose").status_code == 403


def test_deleting_asks_once(site: Site, order: int) -> None:
    chief = site.as_("chief")
    assert "Delete this order?" in text(chief.get(f"/shop/order/{order}/delete"))
    assert chief.post(f"/shop/order/{order}/delete").location == "/shop/order"
    assert chief.get(f"/shop/order/{order}").status_code == 404


def test_who_may_only_read_gets_no_controls(site: Site, acme: int) -> None:
    update_record(site.workspace, SYSTEM, "shop.customer", acme, {"city": "Paris"})
    guest = site.as_("guest")
    page = text(guest.get(f"/shop/customer/{acme}"))
    assert "Paris" in page
    assert 'name="city"' not in page
    assert "/delete" not in page
    assert guest.get("/shop/customer/new").status_code == 403
    assert guest.post(f"/shop/customer/{acme}", city="Rome").status_code == 403
    assert record(site, "shop.customer", acme)["city"] == "Paris"


def test_what_may_not_be_seen_is_not_found(site: Site, order: int) -> None:
    assert site.as_("idle").get(f"/shop/order/{order}").status_code == 404
