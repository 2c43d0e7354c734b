"""Whoever sees personal fields of others stands in the audit, once an hour for what they look at."""

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from blueprints.key_facts import facts_of, key_facts
from dougong.app import create_app
from dougong.settings import Settings
from engine.access.accounts import grant_roles
from engine.access.actors import ADMINISTRATOR
from engine.access.audit import Sought, page_of
from engine.access.tokens import new_token
from engine.commands import create_record, update_record
from engine.records import disclosures
from engine.records.disclosures import Disclosures
from engine.records.read import get
from engine.transaction import SYSTEM, Actor
from tests.blueprints.conftest import Site, give_password
from tests.fixtures.workspaces import Publish, person

STAFF = "firm.staff"
FIRM = """
app: firm
roles: {hr: {}, front: {}}
entities:
  staff:
    title: name
    fields:
      name: {type: text, required: true}
      account: {type: user, unique: true}
      mobile: {type: text, personal: true}
      motto: {type: text, personal: true}
      children: {type: table, of: child}
    views:
      all: {type: list, columns: [name, mobile]}
      names: {type: list, columns: [name]}
      cards: {type: gallery, card: [mobile]}
      drawn: {type: chart, chart: bar, group_by: mobile, value: count()}
    access:
      account: {read: true}
      role:front: {read: true}
      role:hr: {read: true, update: true, create: true, export: true}
      fields:
        motto: {read: [everyone]}
  child:
    parent: staff
    fields: {name: {type: text, personal: true}}
"""


@pytest.fixture
def firm(publish: Publish, database_url: str, tmp_path: Path) -> Site:
    workspace = publish(FIRM)
    people = {}
    for name, *roles in (("ann", "firm.front"), ("hr", "firm.hr")):
        made = person(workspace, name, *roles)
        people[name] = made.id or 0
        give_password(workspace, name, made.id or 0, *roles)
    for name, account in (("Ann", "ann"), ("Hal", "hr"), ("Bo", None)):
        rows = [{"name": f"{name} junior"}] if name == "Bo" else []
        values = {"name": name, "mobile": f"138{name}", "motto": "Carpe", "children": rows}
        create_record(workspace, SYSTEM, STAFF, values | {"account": people.get(account or "")})
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, people)


def told(firm: Site) -> list[tuple[Any, ...]]:
    """Who saw what, the first one first; what is still being written is waited for."""
    with firm.workspace.reading(SYSTEM) as transaction:
        found = page_of(transaction, Sought(events=("personal_seen",)), 20)
    return [(each.username, each.about_id, each.subject, each.detail) for each in reversed(found)]


def test_a_page_is_told_once(firm: Site) -> None:
    hr = firm.as_("hr")
    for _ in range(2):
        assert "138Bo" in hr.get("/firm/staff/3").get_data(as_text=True)
    assert told(firm) == [("hr", 3, "Bo", {"fields": ["mobile", "children.name"]})]
    # One's own record concerns oneself alone, and what everybody may read is told of nobody.
    assert "138Hal" in hr.get("/firm/staff/2").get_data(as_text=True)
    assert len(told(firm)) == 1
    ann = firm.as_("ann")
    for path in ("/firm/staff/1", "/firm/staff/3", "/firm/staff"):
        assert ann.get(path).status_code == 200
    assert len(told(firm)) == 1, "who is shown dots has seen nothing"


def test_a_list_is_told_with_the_number_of_records(firm: Site) -> None:
    hr = firm.as_("hr")
    for path in ("/firm/staff", "/firm/staff", "/firm/staff?view=names", "/firm/staff?view=cards"):
        assert hr.get(path).status_code == 200
    # Ann's and Bo's; the list of names shows nothing that is personal.
    seen = ("hr", None, "", {"fields": ["mobile"], "records": 2})
    assert told(firm) == [seen, seen]
    assert hr.get("/firm/staff?where=name~eq~Hal").status_code == 200
    assert told(firm) == [seen, seen]
    assert hr.get("/firm/staff?where=name~eq~Bo").status_code == 200
    assert told(firm)[2:] == [("hr", None, "", {"fields": ["mobile"], "records": 1})]


def test_programs_are_told_of_too(firm: Site) -> None:
    with firm.workspace.writing(SYSTEM) as transaction:
        token = new_token(transaction, firm.people["hr"], "test")
    client, headers = firm.app.test_client(), {"Authorization": f"Bearer {token}"}
    base = "/api/v1/firm/staff"
    for path in ("/3?fields=name", "?fields=name", "/3/history", "/3", "/3", "?limit=2", "?limit=2"):
        assert client.get(base + path, headers=headers).status_code == 200
    for sent in ({"values": {"mobile": "1"}}, {"values": {"name": "B"}, "id": 1}):
        assert client.post(f"{base}/preview", json=sent, headers=headers).status_code == 200
    assert told(firm) == [
        ("hr", 3, "Bo", {"fields": ["mobile"]}),
        ("hr", 3, "Bo", {"fields": ["mobile", "children.name"]}),
        ("hr", None, "", {"fields": ["mobile"], "records": 1}),
        ("hr", 1, "Ann", {"fields": ["mobile"]}),
    ]


def test_groups_by_what_is_personal_are_told(firm: Site) -> None:
    """Their headings are the values, even where no record of them is open."""
    hr = firm.as_("hr")
    page = hr.get("/firm/staff?view=names&group=mobile&open=-").get_data(as_text=True)
    assert "138Bo" in page
    seen = ("hr", None, "", {"fields": ["mobile"], "records": 3})
    assert told(firm) == [seen]
    assert hr.get("/firm/staff?view=names&group=name&open=-").status_code == 200
    assert hr.get("/api/v1/firm/staff/figures?group_by=name").status_code == 200
    assert told(firm) == [seen]
    groups = hr.get("/api/v1/firm/staff/figures?group_by=mobile&view=names").get_json()["groups"]
    assert len(groups) == 3
    assert told(firm) == [seen], "the same groups within the hour"
    assert "138Bo" in hr.get("/firm/staff?view=drawn").get_data(as_text=True)
    assert told(firm) == [seen, seen]


def test_facts_beside_a_task_are_told(firm: Site) -> None:
    actor = Actor(firm.people["hr"], "hr", "Hr", frozenset({"firm.hr"}), administrator=False)
    with firm.app.test_request_context("/"), firm.workspace.reading(actor) as transaction:
        assert "138Bo" in str(facts_of(transaction, STAFF, 3))
        assert "138Bo" in str(key_facts(transaction, [(STAFF, 3), (STAFF, 2)]))
    assert told(firm) == [
        ("hr", 3, "Bo", {"fields": ["mobile"]}),
        ("hr", None, "", {"fields": ["mobile"], "records": 1}),
    ]


def test_after_an_hour_it_is_told_again(firm: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    hr = firm.as_("hr")
    hr.get("/firm/staff/3")
    monkeypatch.setattr(disclosures, "TOLD_EVERY", timedelta())
    hr.get("/firm/staff/3")
    assert len(told(firm)) == 2


def test_other_processes_do_not_repeat_it(firm: Site) -> None:
    actor = Actor(firm.people["hr"], "hr", "Hr", frozenset({"firm.hr"}), administrator=False)
    for values, count in (({}, 1), ({"mobile": "139"}, 1), ({"children": []}, 2)):
        update_record(firm.workspace, SYSTEM, STAFF, 3, values)
        with firm.workspace.reading(actor) as transaction:
            entity = transaction.catalog.entity(STAFF)
            Disclosures(firm.workspace).record(transaction, entity, get(transaction, STAFF, 3))
        # What counts is which fields were seen, not what they held.
        assert len(told(firm)) == count


def test_looking_as_somebody_else(firm: Site) -> None:
    boss = Actor(1, "boss", "Boss", frozenset(), administrator=True)
    seen_as = Actor(firm.people["hr"], "hr", "Hr", frozenset({"firm.hr"}), administrator=False).seen_by(boss)
    with firm.workspace.reading(seen_as) as transaction:
        entity = transaction.catalog.entity(STAFF)
        Disclosures(firm.workspace).record(transaction, entity, get(transaction, STAFF, 3))
    with firm.workspace.reading(SYSTEM) as transaction:
        (entry,) = page_of(transaction, Sought(events=("personal_seen",)), 2)
    assert (entry.username, entry.as_username) == ("boss", "hr")


def test_nobody_waits_for_whoever_writes(firm: Site) -> None:
    """While an import writes, the page comes; its entry follows as soon as it can."""
    hr, answers = firm.as_("hr"), []
    with firm.workspace.writing(SYSTEM):
        begun = time.monotonic()
        reader = threading.Thread(target=lambda: answers.append(hr.get("/firm/staff/3").status_code))
        reader.start()
        reader.join(20)
        assert answers == [200]
        assert time.monotonic() - begun < 10
    for thread in threading.enumerate():
        if thread.name == "disclosures":
            thread.join(20)
    assert len(told(firm)) == 1


def test_administrators_read_it_in_words(firm: Site) -> None:
    firm.as_("hr").get("/firm/staff/3")
    with firm.workspace.writing(SYSTEM) as transaction:
        grant_roles(transaction, firm.people["ann"], [ADMINISTRATOR])
    page = firm.as_("ann").get("/admin/audit").get_data(as_text=True)
    assert "Personal fields seen" in page
    assert "fields: Mobile, Children → Name" in page
