"""Two people who edit a record with encrypted fields: history has only dots of them, the form knows more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dougong.app import create_app
from dougong.settings import Settings
from engine.commands import create_record, update_record
from engine.definition.check import check_texts
from engine.fields.encryption import FieldKeys
from engine.records.read import get
from engine.releases.apply import apply_plan
from engine.transaction import SYSTEM
from engine.workspace import open_workspace
from tests.blueprints.conftest import Site, Visitor, give_password
from tests.fixtures.workspaces import person

PERSON = "staff.person"
APP = """
app: staff
roles: {hr: {}}
entities:
  person:
    title: name
    fields:
      name: {type: text, required: true}
      bank: {type: text, encrypted: true}
      pay: {type: money, encrypted: true}
      loans: {type: table, of: loan}
    access:
      role:hr: {read: true, create: true, update: true}
  loan:
    parent: person
    fields:
      text: {type: text}
      owed: {type: money, encrypted: true}
"""


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Iterator[Site]:
    workspace = open_workspace(database_url, FieldKeys(tmp_path / "fields.key"))
    apply_plan(workspace.database, check_texts([{"staff.yaml": APP}]), message="", by="test")
    made = person(workspace, "hr", "staff.hr")
    give_password(workspace, "hr", made.id or 0, "staff.hr")
    values = {"name": "Ann", "bank": "6222", "pay": "100", "loans": [{"text": "car", "owed": "7"}]}
    create_record(workspace, SYSTEM, PERSON, values)
    yield Site(create_app(Settings(database_url, tmp_path), workspace), workspace, {"hr": made.id or 0})
    workspace.close()


def form(visitor: Visitor) -> dict[str, Any]:
    """What the form of the record sends when nothing is typed."""
    page = visitor.get("/staff/person/1").get_data(as_text=True)
    began = {
        part.split('"')[0]: part.split('value="')[1].split('"')[0]
        for part in page.split('name="')
        if part.split('"')[0].endswith("-__was")
    }
    assert set(began) == {"bank-__was", "pay-__was", "loans-0-owed-__was"}
    assert all("6222" not in each for each in began.values())
    return {
        "name": "Ann", "bank": "6222", "pay": "100.00", "revision": "1", "loans-present": "1",
        "loans-0-__id": "1", "loans-0-text": "car", "loans-0-owed": "7.00", **began,
    }  # fmt: skip


def now(staff: Site) -> tuple[Any, ...]:
    with staff.workspace.reading(SYSTEM) as transaction:
        found = get(transaction, PERSON, 1)
    return found["name"], found["bank"], str(found["pay"]), [str(each["owed"]) for each in found["loans"]]


def test_what_only_others_changed_is_kept(staff: Site) -> None:
    hr = staff.as_("hr")
    sent = form(hr)
    rows = [{"id": 1, "owed": "8"}]
    update_record(staff.workspace, SYSTEM, PERSON, 1, {"bank": "9999", "loans": rows})
    # The same value, encrypted anew, is no change.
    update_record(staff.workspace, SYSTEM, PERSON, 1, {"pay": "100.00"})
    assert hr.post("/staff/person/1", **sent | {"name": "Anna"}).status_code == 303
    assert now(staff) == ("Anna", "9999", "100.00", ["8.00"])


def test_what_both_changed_is_asked_about(staff: Site) -> None:
    hr = staff.as_("hr")
    sent = form(hr)
    update_record(staff.workspace, SYSTEM, PERSON, 1, {"bank": "9999"})
    refused = hr.post("/staff/person/1", **sent | {"bank": "1111"})
    assert refused.status_code == 412
    page = refused.get_data(as_text=True)
    assert 'name="merge-bank" value="theirs"' in page
    assert 'name="merge-pay"' not in page
    # The form that asks begins with what is there now.
    assert form_again(page, "bank") != sent["bank-__was"]
    again = sent | {"bank": "1111", "revision": "2", "bank-__was": form_again(page, "bank")}
    assert hr.post("/staff/person/1", **again).status_code == 303
    assert now(staff)[1] == "1111"


def form_again(page: str, name: str) -> str:
    return page.split(f'name="{name}-__was" value="')[1].split('"', maxsplit=1)[0]


def test_the_same_value_from_both_collides_with_nothing(staff: Site) -> None:
    hr = staff.as_("hr")
    sent = form(hr)
    update_record(staff.workspace, SYSTEM, PERSON, 1, {"bank": "1111"})
    assert hr.post("/staff/person/1", **sent | {"bank": "1111", "name": "Anna"}).status_code == 303
    assert now(staff)[:2] == ("Anna", "1111")


def test_made_up_and_borrowed_beginnings_tell_nothing(staff: Site) -> None:
    """Then nobody knows what the field held: it is asked about, nothing is overwritten."""
    hr = staff.as_("hr")
    sent = form(hr)
    update_record(staff.workspace, SYSTEM, PERSON, 1, {"bank": "9999"})
    for made_up in ("", "x", "12345678:gAAAAA", sent["pay-__was"]):
        refused = hr.post("/staff/person/1", **sent | {"bank-__was": made_up})
        assert refused.status_code == 412, made_up
    assert now(staff)[1] == "9999"
