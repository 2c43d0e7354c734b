"""Forms that were opened before a release and are sent after it; requests that a release overtakes."""

import html
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from blueprints import records
from engine.commands import create_record
from engine.definition.check import check_texts
from engine.problems import ReleaseChanged
from engine.records.history import timeline
from engine.records.read import get
from engine.releases.apply import apply_plan
from engine.releases.step import Risk
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site
from tests.fixtures.shop import SHOP

CITY = "      city: {type: text}\n"
NEW_FIELD = SHOP.replace(CITY, CITY + "      vip: {type: boolean, default: true}\n")
RENAMED = SHOP.replace(CITY, "      town: {type: text, was: city}\n").replace(
    'read: city == "Paris"', 'read: town == "Paris"'
)
GONE = SHOP.replace(CITY, "").replace('read: city == "Paris"', "read: true")
OTHER_TYPE = SHOP.replace(CITY, "      city: {type: integer}\n").replace(
    'read: city == "Paris"', "read: city == 1"
)
OTHER_ENTITY = (
    SHOP.replace("  customer:\n    label", "  client:\n    was: customer\n    label")
    .replace("to: customer}", "to: client}")
    .replace("to: customer,", "to: client,")
)
ROW_RENAMED = SHOP.replace("      quantity: {", "      pieces: {was: quantity, ").replace(
    "formula: quantity * price", "formula: pieces * price"
)


def release(site: Site, text: str) -> int:
    """Publishes as another process does: the site finds out by itself."""
    checked = check_texts([{"app_0.yaml": text}])
    with ThreadPoolExecutor(1) as pool:
        database = site.workspace.database
        return pool.submit(apply_plan, database, checked, "", "ada", frozenset(Risk)).result().number


def words(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def acme(site: Site) -> int:
    return int(create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme", "city": "Rome"})["id"])


def test_a_form_whose_fields_are_as_they_were_is_saved(site: Site, acme: int) -> None:
    clerk = site.as_("clerk")
    assert 'name="release" value="1"' in words(clerk.get(f"/shop/customer/{acme}"))
    assert release(site, NEW_FIELD) == 2
    answer = clerk.post(f"/shop/customer/{acme}", release="1", revision="1", name="Acme", city="Paris")
    assert answer.status_code == 303
    with site.workspace.reading() as transaction:
        record = get(transaction, "shop.customer", acme)
    assert (record["city"], record["vip"]) == ("Paris", True)
    answer = clerk.post("/shop/customer", release="1", name="New one", city="Paris")
    assert answer.status_code == 303


CASES = {
    "renamed": (RENAMED, "City is called Town now.", 'name="town" value="Paris"'),
    "gone": (GONE, "City is no longer part of it; you had entered “Paris”.", 'name="name"'),
    "of another type": (OTHER_TYPE, "City takes other values now.", 'name="city" value="Paris"'),
}


@pytest.mark.parametrize(("text", "sentence", "kept"), CASES.values(), ids=CASES.keys())
def test_a_form_with_a_changed_field_is_shown_again(
    site: Site, acme: int, text: str, sentence: str, kept: str
) -> None:
    clerk = site.as_("clerk")
    clerk.get(f"/shop/customer/{acme}")
    assert release(site, text) == 2
    answer = clerk.post(f"/shop/customer/{acme}", release="1", revision="1", name="Acme!", city="Paris")
    page = words(answer)
    assert answer.status_code == 422
    told = f"and nothing was saved yet. {sentence} Please look it over and save again."
    assert f"The form was changed while you filled it in, {told}" in page
    assert 'value="Acme!"' in page
    assert kept in page
    assert 'name="release" value="2"' in page
    with site.workspace.reading() as transaction:
        assert get(transaction, "shop.customer", acme)["revision"] == 1


def test_a_form_for_a_new_record_is_shown_again(site: Site) -> None:
    clerk = site.as_("clerk")
    clerk.get("/shop/customer/new")
    release(site, RENAMED)
    answer = clerk.post("/shop/customer", release="1", name="Acme", city="Paris")
    assert answer.status_code == 422
    assert 'name="town" value="Paris"' in words(answer)
    again = clerk.post("/shop/customer", release="2", name="Acme", town="Paris")
    assert again.status_code == 303


def test_child_rows_follow_the_names_of_their_fields(site: Site, acme: int) -> None:
    clerk = site.as_("clerk")
    rows = (
        ("lines-present", "1"),
        ("lines-0-text", "Chair"),
        ("lines-0-quantity", "2"),
        ("lines-0-price", "50"),
    )
    release(site, ROW_RENAMED)
    answer = clerk.post(
        "/shop/order", ("customer-title", "Acme"), ("customer", str(acme)), *rows, release="1"
    )
    page = words(answer)
    assert answer.status_code == 422
    assert "Quantity is called Pieces now." in page
    assert 'name="lines-0-pieces" value="2"' in page


def test_an_address_of_before_leads_to_the_renamed_entity(site: Site, acme: int) -> None:
    clerk = site.as_("clerk")
    release(site, OTHER_ENTITY)
    answer = clerk.get(f"/shop/customer/{acme}")
    assert (answer.status_code, answer.location) == (302, f"/shop/client/{acme}")
    answer = clerk.post(f"/shop/customer/{acme}", release="1", revision="1", name="Acme", city="Paris")
    assert (answer.status_code, answer.location) == (307, f"/shop/client/{acme}")
    saved = clerk.post(f"/shop/client/{acme}", release="1", revision="1", name="Acme", city="Paris")
    assert saved.status_code == 303


def test_history_is_told_by_the_names_of_today(site: Site, acme: int) -> None:
    release(site, RENAMED)
    with site.workspace.reading() as transaction:
        (event,) = timeline(transaction, "shop.customer", acme)
    assert {change.field: change.after for change in event.changes} == {"name": "Acme", "town": "Rome"}
    release(site, OTHER_ENTITY.replace("city: {type: text}", "city: {type: text, was: town}"))
    with site.workspace.reading() as transaction:
        (event,) = timeline(transaction, "shop.client", acme)
    assert {change.field: change.after for change in event.changes} == {"name": "Acme", "city": "Rome"}


def test_a_request_that_a_release_overtakes_is_answered_by_the_new_one(
    site: Site, acme: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if site.workspace.database.dialect == "sqlite":
        pytest.skip("on SQLite a request sees one state")
    clerk = site.as_("clerk")
    seen: list[int] = []
    real = records.open_record

    def overtaken(transaction: Any, key: str, identity: int) -> Any:
        seen.append(transaction.catalog.release)
        if len(seen) == 1:
            release(site, RENAMED)
        return real(transaction, key, identity)

    monkeypatch.setattr(records, "open_record", overtaken)
    answer = clerk.get(f"/shop/customer/{acme}")
    assert answer.status_code == 200
    assert seen == [1, 2]
    assert 'name="town" value="Rome"' in words(answer)


def test_what_was_written_is_not_written_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client: FlaskClient = site.app.test_client()
    calls: list[str] = []

    @site.app.get("/twice")
    def twice() -> str:
        calls.append("")
        create_record(site.workspace, SYSTEM, "shop.customer", {"name": f"N{len(calls)}"})
        raise ReleaseChanged

    assert client.get("/twice").status_code == 503
    assert len(calls) == 1
