"""What was deleted lately: those find it who may bring it back, and nobody else learns of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update

from engine import batches, commands
from engine.problems import Malformed, NotAllowed
from engine.records import deletions
from engine.records.deletions import Deletion, lately_deleted
from engine.schema.system_tables import history
from engine.transaction import SYSTEM, Actor, Transaction
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish, person

ATTIC = """
app: attic
roles:
  keeper: {}
  looker: {}
entities:
  person:
    title: name
    fields: {name: {type: text}}
    access: {everyone: {read: true}}
  box:
    title: name & " in " & place.name
    fields:
      name: {type: text, required: true}
      place: {type: link, to: place}
      owner: {type: user, default: =user}
      helpers: {type: links, to: system.user}
      things: {type: table, of: thing}
    workflow:
      stages: {here: {}, gone: {final: true}}
      transitions: {send: {from: here, to: gone, by: [everyone]}}
    access:
      role:keeper: {read: true, create: true, update: true, delete: stage != "gone"}
      everyone: {read: user in helpers, delete: user in helpers}
      role:looker: {read: true}
  place:
    title: name
    fields: {name: {type: text}, box: {type: link, to: box}}
    access: {everyone: {read: true}, role:keeper: {create: true, delete: true}}
  thing:
    parent: box
    title: name
    fields: {name: {type: text}, parts: {type: table, of: part}}
  part:
    parent: thing
    title: name
    fields: {name: {type: text}}
  patient:
    title: name
    fields:
      name: {type: text, personal: true}
      ward: {type: text}
    access:
      role:keeper: {read: true, delete: true}
      fields: {name: {read: [role:looker]}}
  note:
    keep_history: false
    fields: {name: {type: text}}
    access: {role:keeper: {read: true, delete: true}}
"""
BOX, THING = "attic.box", "attic.thing"
Found = Callable[..., list[Deletion]]


@pytest.fixture
def attic(publish: Publish) -> Workspace:
    return publish(ATTIC)


@pytest.fixture
def keeper(attic: Workspace) -> Actor:
    return person(attic, "keeper", "attic.keeper")


@pytest.fixture
def found(attic: Workspace) -> Found:
    def find(actor: Actor, key: str = BOX, limit: int = 50, after: str | None = None) -> list[Deletion]:
        with attic.reading(actor) as transaction:
            return lately_deleted(transaction, key, limit, after).records

    return find


def made(attic: Workspace, actor: Actor, key: str = BOX, **values: Any) -> int:
    identity: int = commands.create_record(attic, actor, key, values)["id"]
    return identity


def deleted(attic: Workspace, actor: Actor, identity: int, key: str = BOX) -> int:
    change = commands.delete_record(attic, actor, key, identity)
    assert change is not None
    return change


def test_the_latest_stand_first_with_what_they_were_called(
    attic: Workspace, keeper: Actor, found: Found
) -> None:
    place = made(attic, SYSTEM, "attic.place", name="Loft")
    things = [{"name": "Cup"}, {"name": "Pot"}]
    one, two, three = (made(attic, keeper, name=name, place=place, things=things) for name in "ABC")
    events = [deleted(attic, keeper, each) for each in (one, two, three)]
    commands.undo_change(attic, keeper, BOX, two, events[1])
    # Deleted, brought back and deleted again: it stands there once.
    commands.undo_change(attic, keeper, BOX, one, events[0])
    again = deleted(attic, keeper, one)
    shown = found(keeper)
    assert [(each.id, each.event, each.title) for each in shown] == [
        (one, again, "A in Loft"),
        (three, events[2], "C in Loft"),
    ]
    assert shown[0].by is not None
    assert (shown[0].by.id, shown[0].rows, shown[0].reason) == (keeper.id, (("things", 2),), None)
    assert shown[0].until - shown[0].at == timedelta(days=30)
    assert (
        batches.run_each(
            attic, keeper, BOX, [{"op": "undo", "id": each.id, "event": each.event} for each in shown]
        )[0].refusal
        == ()
    )
    assert found(keeper) == []


def test_everybody_finds_their_own_and_administrators_all(
    attic: Workspace, keeper: Actor, found: Found
) -> None:
    other = person(attic, "other", "attic.keeper")
    mine, theirs = made(attic, keeper, name="mine"), made(attic, other, name="theirs")
    deleted(attic, keeper, mine)
    deleted(attic, other, theirs)
    assert [each.id for each in found(keeper)] == [mine]
    assert [each.id for each in found(other)] == [theirs]
    admin = replace(person(attic, "root"), administrator=True)
    assert [each.id for each in found(admin)] == [theirs, mine]
    assert [each.by and each.by.title for each in found(admin)] == ["Other", "Keeper"]


def test_rights_of_today_decide_over_the_record_as_it_was(
    attic: Workspace, keeper: Actor, found: Found
) -> None:
    sent = made(attic, SYSTEM, name="sent", owner=keeper.id)
    helped = made(attic, SYSTEM, name="helped", helpers=[keeper.id])
    commands.fire_transition(attic, SYSTEM, BOX, sent, "send")
    for each in (sent, helped):
        deleted(attic, replace(SYSTEM, id=keeper.id), each)
    # What is gone could not be deleted by a keeper.
    assert [each.id for each in found(keeper)] == [helped]
    # Who helped with it may do so whatever their roles are: that lay in a table of pairs.
    helper = replace(keeper, roles=frozenset())
    assert [each.title for each in found(helper)] == ["helped in "]
    with pytest.raises(NotAllowed, match="No rule lets you delete this Place"):
        found(helper, "attic.place")
    with pytest.raises(NotAllowed, match="scope"):
        found(replace(keeper, scopes=frozenset({"read"})))
    with pytest.raises(NotAllowed, match="No history is kept of Note"):
        found(keeper, "attic.note")
    with pytest.raises(NotAllowed, match="sign-in has gone"):
        found(SYSTEM, "system.user")


def test_a_title_of_closed_values_stays_closed(attic: Workspace, keeper: Actor, found: Found) -> None:
    patient = made(attic, SYSTEM, "attic.patient", name="Ann", ward="B")
    deleted(attic, replace(SYSTEM, id=keeper.id), patient, "attic.patient")
    assert [each.title for each in found(keeper, "attic.patient")] == [f"#{patient}"]
    assert [each.title for each in found(SYSTEM, "attic.patient")] == ["Ann"]


def test_child_rows_come_back_with_their_owner(attic: Workspace, keeper: Actor, found: Found) -> None:
    things = [{"name": "Cup", "parts": [{"name": "Handle"}]}, {"name": "Pot"}]
    box = made(attic, keeper, name="A", things=things)
    with attic.reading(SYSTEM) as transaction:
        rows = select(transaction.catalog.tables.table(THING).c.id).order_by(text("id"))
        cup, pot = transaction.connection.execute(rows).scalars()
    commands.update_record(attic, keeper, BOX, box, {"things": [{"id": cup}]})
    assert [(each.id, each.title, each.reason) for each in found(keeper, THING)] == [(pot, "Pot", None)]
    gone = deleted(attic, keeper, box)
    shown = found(keeper, THING)
    assert {each.id for each in shown} == {cup, pot}
    for each in shown:
        assert str(each.reason) == "The Box that it belongs to is deleted, too: bring that back first."
        assert each.owner == (BOX, box)
    commands.undo_change(attic, keeper, BOX, box, gone)
    assert [(each.id, each.owner) for each in found(keeper, THING)] == [(pot, None)]


def test_pages_follow_each_other_whatever_came_back(
    attic: Workspace, keeper: Actor, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "SCANNED", 3)
    monkeypatch.setattr(deletions, "SCANS", 2)
    ids = [made(attic, keeper, name=str(number)) for number in range(12)]
    events = {each: deleted(attic, keeper, each) for each in ids}
    for each in ids[3:11]:
        commands.undo_change(attic, keeper, BOX, each, events[each])
    pages: list[list[int]] = []
    after = None
    while True:
        with attic.reading(keeper) as transaction:
            page = lately_deleted(transaction, BOX, 2, after)
        pages.append([each.id for each in page.records])
        after = page.next
        if after is None:
            break
    assert [each for some in pages for each in some] == [ids[11], ids[2], ids[1], ids[0]]
    assert len(pages) > 2
    with pytest.raises(Malformed, match="not a cursor of this list: “x”"):
        found(keeper, after="x")
    with pytest.raises(Malformed):
        found(keeper, after="99999999999999999999")


def test_what_is_too_long_ago_is_not_shown(attic: Workspace, keeper: Actor, found: Found) -> None:
    box = made(attic, keeper, name="A")
    gone = deleted(attic, keeper, box)
    with attic.writing(SYSTEM) as transaction:
        long_ago = transaction.now - timedelta(days=30, seconds=1)
        transaction.connection.execute(update(history).where(history.c.id == gone).values(at=long_ago))
    assert found(keeper) == []


def test_deletions_are_found_by_their_index(attic: Workspace, keeper: Actor, found: Found) -> None:
    """However long the history is: neither database goes through it."""
    row = {"entity": BOX, "kind": "deleted", "changes": {}, "release": 1}
    with attic.writing(SYSTEM) as transaction:
        at, people = transaction.now, (keeper.id, *range(2_000, 2_019))
        rows = [
            row | {"record_id": each, "at": at, "by": people[each % 20]} for each in range(10_000, 12_000)
        ]
        others = [each | {"kind": "updated"} for each in rows for _ in range(3)]
        transaction.connection.execute(insert(history), [*rows, *others])
    with attic.writing(SYSTEM) as transaction:
        transaction.connection.execute(text("ANALYZE"))
    for actor, index in ((keeper, "ix_dougong_history__deleted_by"), (SYSTEM, "ix_dougong_history__deleted")):
        with attic.reading(actor) as transaction:
            plan = _plan_of_the_scan(transaction)
        assert f"{index} " in plan
    assert len(found(keeper)) == 50


def _plan_of_the_scan(transaction: Transaction) -> str:
    connection, sent = transaction.connection, list[tuple[str, Any]]()

    def keep(*call: Any) -> None:
        sent.append((call[2], call[3]))

    event.listen(connection, "before_cursor_execute", keep)
    lately_deleted(transaction, BOX, 50)
    event.remove(connection, "before_cursor_execute", keep)
    (scan,) = (each for each in sent if "LIMIT" in each[0])
    explain = "EXPLAIN QUERY PLAN" if transaction.dialect == "sqlite" else "EXPLAIN"
    return "\n".join(map(str, connection.exec_driver_sql(f"{explain} {scan[0]}", scan[1])))
