"""What a person changed last comes from their part of the history, whatever else happened."""

import pytest
from sqlalchemy import text

from engine.commands import create_record, delete_record, update_record
from engine.records import changed_lately as module
from engine.records.bulk import insert_many
from engine.records.changed_lately import changed_lately
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish, person

DESK = """
app: desk
roles: {clerk: {}}
entities:
  ticket:
    title: subject
    fields: {subject: {type: text}}
    access: {role:clerk: {read: true, create: true, update: true, delete: true}}
  memo:
    title: subject
    fields: {subject: {type: text}}
    access: {role:clerk: {read: true, create: true}}
"""


@pytest.fixture
def desk(publish: Publish) -> tuple[Workspace, Actor, Actor]:
    workspace = publish(DESK)
    return workspace, person(workspace, "ann", "desk.clerk"), person(workspace, "bo", "desk.clerk")


def lately(workspace: Workspace, actor: Actor, most: int = 5) -> list[tuple[str, int]]:
    with workspace.reading(actor) as transaction:
        return [(each.entity, each.id) for each in changed_lately(transaction, most)]


def test_the_latest_comes_first_each_once_and_only_ones_own(desk: tuple[Workspace, Actor, Actor]) -> None:
    workspace, ann, bo = desk
    one = create_record(workspace, ann, "desk.ticket", {"subject": "one"})["id"]
    two = create_record(workspace, ann, "desk.memo", {"subject": "two"})["id"]
    create_record(workspace, bo, "desk.ticket", {"subject": "three"})
    update_record(workspace, ann, "desk.ticket", one, {"subject": "One"})
    assert lately(workspace, ann) == [("desk.ticket", one), ("desk.memo", two)]
    delete_record(workspace, bo, "desk.ticket", one)
    assert ("desk.ticket", one) in lately(workspace, ann)


def test_an_import_does_not_hide_what_was_changed_before_it(
    desk: tuple[Workspace, Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, ann, _ = desk
    monkeypatch.setattr(module, "READ_AT_ONCE", 4)
    monkeypatch.setattr(module, "READ_AT_MOST", 20)
    first = create_record(workspace, ann, "desk.memo", {"subject": "first"})["id"]
    again = create_record(workspace, ann, "desk.ticket", {"subject": "0"})["id"]
    for number in range(1, 10):
        update_record(workspace, ann, "desk.ticket", again, {"subject": str(number)})
    assert lately(workspace, ann, 2) == [("desk.ticket", again), ("desk.memo", first)]


def test_the_history_is_not_gone_through(desk: tuple[Workspace, Actor, Actor]) -> None:
    workspace, ann, _ = desk
    with workspace.writing(SYSTEM) as transaction:
        insert_many(transaction, "desk.ticket", [{"subject": str(number)} for number in range(5_000)])
        connection = transaction.connection
        connection.execute(text("ANALYZE"))
        statement = f'SELECT record_id FROM dougong_history WHERE "by" = {ann.id} ORDER BY id DESC LIMIT 30'
        explain = "EXPLAIN QUERY PLAN" if transaction.dialect == "sqlite" else "EXPLAIN"
        plan = " ".join(str(row) for row in connection.execute(text(f"{explain} {statement}")))
    assert "ix_dougong_history__by_id" in plan
    assert "B-TREE" not in plan
    assert "Sort" not in plan
