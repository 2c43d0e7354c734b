"""Full-text search: words in Chinese and English, rights, order, and an index that follows every change."""

from typing import Any

import pytest

from engine import commands
from engine.problems import NotFound
from engine.records import read
from engine.records.best_hits import search_everywhere
from engine.records.bulk import insert_many
from engine.records.query import Query
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.common_words import common_from
from tests.fixtures.workspaces import Publish, person

DESK = """
app: desk
label: Desk
roles:
  agent: {}
  boss: {includes: [agent]}
entities:
  client:
    label: {en: Client, zh: 客户}
    title: name
    fields:
      name: {type: text, required: true}
      secret: {type: text}
      keeper: {type: user}
      diary: {type: long_text}
    access:
      role:agent: {read: name != "Hidden Ltd", create: true, update: true, delete: true}
      fields:
        secret: {read: [role:boss]}
        diary: {read: [keeper]}
  ticket:
    label: {en: Ticket, zh: 工单}
    title: subject
    fields:
      subject: {type: text, required: true}
      body: {type: long_text}
      client: {type: link, to: client}
      steps: {type: table, of: step}
    views:
      all: {type: list, sort: [subject]}
    access:
      role:agent: {read: true, create: true, update: true, delete: true}
  step:
    parent: ticket
    title: text
    fields: {text: {type: text}}
"""


@pytest.fixture
def desk(publish: Publish) -> Workspace:
    workspace = publish(DESK)
    with workspace.writing(SYSTEM) as transaction:
        one, two, three = insert_many(
            transaction,
            "desk.client",
            [
                {"name": "海尔智家", "secret": "discount 白金"},
                {"name": "Café Zürich", "secret": "late payer"},
                {"name": "Hidden Ltd"},
            ],
        )
        insert_many(
            transaction,
            "desk.ticket",
            [
                {"subject": "Printer on fire", "body": "海尔 printers 请假单", "client": two},
                {"subject": "请假单打印不出来", "body": "The printer again", "client": one},
                {"subject": "A quiet day", "body": "nothing, 10.5% of R740", "client": three},
                {"subject": "打印机", "body": None, "client": None},
            ],
        )
    return workspace


def subjects(workspace: Workspace, actor: Actor, text: str, **query: Any) -> list[str]:
    with workspace.reading(actor) as transaction:
        found = read.page(transaction, "desk.ticket", Query(search=text, view="all", **query))
        return [record["subject"] for record in found.records]


def test_words_are_found_titles_first(desk: Workspace) -> None:
    cases = {
        "printer": ["Printer on fire", "请假单打印不出来"],
        "PRINT fire": ["Printer on fire"],
        "请假": ["请假单打印不出来", "Printer on fire"],
        "假单": ["请假单打印不出来", "Printer on fire"],
        "打印": ["打印机", "请假单打印不出来"],
        "机": ["打印机"],
        "来": ["请假单打印不出来"],
        "请单": [],
        "r740": ["A quiet day"],
        "10.5%": ["A quiet day"],
        "cafe zurich": ["Printer on fire"],
        "海尔智 again": ["请假单打印不出来"],
        "rinter": [],
        "%": [],
        "nothing at all": [],
    }
    assert {text: subjects(desk, SYSTEM, text) for text in cases} == cases


def test_pages_of_a_search_hold_every_hit_once(desk: Workspace) -> None:
    for number in range(9):
        where = {"subject": f"Print {number}"} if number % 2 else {"subject": f"S{number}", "body": "print"}
        commands.create_record(desk, SYSTEM, "desk.ticket", where)
    found, after = [], None
    with desk.reading(SYSTEM) as transaction:
        while True:
            query = Query(search="print", view="all", limit=2, after=after, count="exact")
            page = read.page(transaction, "desk.ticket", query)
            found += [record["subject"] for record in page.records]
            assert page.count == 11
            after = page.next
            if after is None:
                break
    titles = ["Print 1", "Print 3", "Print 5", "Print 7", "Printer on fire"]
    assert found == [*titles, "S0", "S2", "S4", "S6", "S8", "请假单打印不出来"]


def test_nobody_finds_by_what_he_may_not_read(desk: Workspace) -> None:
    agent, boss = person(desk, "agent", "desk.agent"), person(desk, "boss", "desk.boss")

    def clients(actor: Actor, text: str) -> list[str]:
        with desk.reading(actor) as transaction:
            return [each.title for each in search_everywhere(transaction, text, entities=["desk.client"])]

    assert clients(boss, "白金") == ["海尔智家"]
    assert clients(agent, "白金") == []
    assert clients(agent, "海尔") == ["海尔智家"]
    assert clients(SYSTEM, "hidden") == ["Hidden Ltd"]
    assert clients(agent, "hidden") == []
    assert subjects(desk, agent, "hidden") == []
    assert subjects(desk, SYSTEM, "hidden") == ["A quiet day"]
    # The diary is for the one who keeps the record.
    mine = {"name": "Kept", "keeper": agent.id, "diary": "golf on Sunday"}
    commands.create_record(desk, SYSTEM, "desk.client", mine)
    commands.create_record(desk, SYSTEM, "desk.client", {**mine, "name": "Other", "keeper": boss.id})
    assert clients(agent, "golf") == ["Kept"]
    assert clients(boss, "golf") == ["Other"]


def test_the_index_follows_every_change(desk: Workspace) -> None:
    made = commands.create_record(desk, SYSTEM, "desk.ticket", {"subject": "Zebra"})
    assert subjects(desk, SYSTEM, "zebra") == ["Zebra"]
    commands.update_record(desk, SYSTEM, "desk.ticket", made["id"], {"subject": "Yak", "body": "stripes"})
    assert subjects(desk, SYSTEM, "zebra") == []
    assert subjects(desk, SYSTEM, "stripes") == ["Yak"]
    commands.delete_record(desk, SYSTEM, "desk.ticket", made["id"])
    assert subjects(desk, SYSTEM, "yak") == []
    with pytest.raises(NotFound):
        _write_and_fail(desk)
    assert subjects(desk, SYSTEM, "undone") == []


def _write_and_fail(desk: Workspace) -> None:
    with desk.writing(SYSTEM) as transaction:
        insert_many(transaction, "desk.ticket", [{"subject": "Undone"}])
        read.get(transaction, "desk.ticket", 10_000)


def test_the_best_title_comes_first_across_entities(desk: Workspace) -> None:
    commands.create_record(desk, SYSTEM, "desk.client", {"name": "Printer"})
    with desk.reading(SYSTEM) as transaction:
        found = [each.title for each in search_everywhere(transaction, "printer")]
    assert found == ["Printer", "Printer on fire", "请假单打印不出来"]


def test_a_link_field_finds_its_records_by_words(desk: Workspace) -> None:
    with desk.reading(SYSTEM) as transaction:
        found = read.choices(transaction, "desk.ticket", "client", "智家", {})
        assert [link.title for link in found] == ["海尔智家"]
        everything = read.choices(transaction, "desk.ticket", "client", "", {})
        assert {link.title for link in everything} == {"Café Zürich", "Hidden Ltd", "海尔智家"}


def test_child_rows_are_searched_without_an_index(desk: Workspace) -> None:
    lines = [{"text": "Plug it in"}, {"text": "Turn it on"}]
    commands.create_record(desk, SYSTEM, "desk.ticket", {"subject": "Help", "steps": lines})
    with desk.reading(SYSTEM) as transaction:
        found = read.page(transaction, "desk.step", Query(search="lug"))
        assert [record["text"] for record in found.records] == ["Plug it in"]


def test_with_very_many_hits_the_order_of_the_list_stays(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    common_from(monkeypatch, 1)
    assert subjects(desk, SYSTEM, "printer") == ["Printer on fire", "请假单打印不出来"]
    assert subjects(desk, SYSTEM, "打印", sort=(("subject", True),)) == ["请假单打印不出来", "打印机"]
