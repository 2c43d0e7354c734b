"""Undoing deletions and moves: what was there is there again, or a sentence says why not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine import batches, commands
from engine.access.accounts import grant_roles
from engine.files.kept import of_record
from engine.problems import InputRefused, NotAllowed, NotFound, Refused
from engine.records.best_hits import search_everywhere
from engine.records.history import timeline
from engine.records.read import get
from engine.schema.system_tables import file, history
from engine.schema.workflow_tables import workflow_event, workflow_timer
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish, person

DEPOT = """
app: depot
roles:
  keeper: {}
  looker: {}
entities:
  tag:
    title: name
    fields: {name: {type: text}}
    access: {everyone: {read: true}}
  shelf:
    title: name
    fields:
      name: {type: text}
      holds: {type: links, to: box}
  box:
    title: name
    fields:
      name: {type: text, unique: true}
      number: {type: sequence, format: "B-{0000}"}
      weight: {type: decimal}
      doubled: {type: decimal, formula: weight * 2}
      tags: {type: links, to: tag}
      inside: {type: link, to: box}
      left_on: {type: date, read_only_when: stage == "gone"}
      note: {type: text}
      paper: {type: file}
      things: {type: table, of: thing}
      heavy: {type: decimal, formula: sum(t.weight for t in things), freeze: gone}
    workflow:
      stages: {here: {}, checked: {}, gone: {final: true}, lost: {final: true}}
      transitions:
        check: {from: here, to: checked, by: [everyone], set: {note: seen}, do: [{set: {left_on: =today()}}]}
        send: {from: [here, checked], to: gone, by: [everyone], set: {left_on: =today()}}
        lose:
          from: here
          to: lost
          by: [everyone]
          do: [{notify: {to: ["role:looker"], message: {en: Lost}}}]
        copy: {from: here, to: checked, by: [everyone], do: [{create: {entity: tag, values: {name: =name}}}]}
        ask:
          from: here
          to: checked
          by: [everyone]
          approval: {steps: {look: {approvers: ["role:looker"]}}}
        forget: {from: here, to: lost, after: 3 days}
    access:
      role:keeper: {read: true, create: true, update: true, delete: stage != "gone"}
      role:looker: {read: true, update: true}
  thing:
    parent: box
    title: name
    fields:
      name: {type: text}
      weight: {type: decimal}
"""
BOX = "depot.box"


@pytest.fixture
def depot(publish: Publish) -> Workspace:
    return publish(DEPOT)


@pytest.fixture
def keeper(depot: Workspace) -> Actor:
    return person(depot, "keeper", "depot.keeper")


@pytest.fixture
def looker(depot: Workspace) -> Actor:
    made = person(depot, "looker", "depot.looker")
    with depot.writing(SYSTEM) as transaction:
        grant_roles(transaction, made.id or 0, ["depot.looker"])
    return made


def box(depot: Workspace, actor: Actor, name: str = "A", **values: Any) -> dict[str, Any]:
    rows = [{"name": "Cup", "weight": "1.5"}, {"name": "Pot", "weight": "2"}]
    return commands.create_record(depot, actor, BOX, {"name": name, "weight": "3", "things": rows, **values})


def read(depot: Workspace, identity: int) -> dict[str, Any]:
    with depot.reading(SYSTEM) as transaction:
        return get(transaction, BOX, identity)


def to_the_second(record: dict[str, Any]) -> dict[str, Any]:
    """Moments as history keeps them; child rows as well."""
    return {
        name: value.replace(microsecond=0)
        if isinstance(value, datetime)
        else [to_the_second(row) for row in value]
        if isinstance(value, list)
        else value
        for name, value in record.items()
    }


def kinds(depot: Workspace, identity: int) -> list[str]:
    with depot.reading(SYSTEM) as transaction:
        return [each.kind for each in timeline(transaction, BOX, identity)]


def moved(depot: Workspace, actor: Actor, name: str, *ids: int, comment: str = "") -> list[batches.Outcome]:
    operations = [{"op": "transition", "id": each, "name": name, "comment": comment} for each in ids]
    return batches.run_each(depot, actor, BOX, operations)


def undone(depot: Workspace, actor: Actor, *pairs: tuple[int, int | None]) -> list[str]:
    operations = [{"op": "undo", "id": identity, "event": event} for identity, event in pairs]
    outcomes = batches.run_each(depot, actor, BOX, operations)
    return [" ".join(str(each) for each in outcome.refusal) for outcome in outcomes]


def deleted(depot: Workspace, actor: Actor, identity: int) -> int:
    event = commands.delete_record(depot, actor, BOX, identity)
    assert event is not None
    return event


def uploaded(depot: Workspace, actor: Actor, **belongs: Any) -> int:
    """The row of a file, as an upload or an attachment leaves it."""
    row = {
        "sha256": "0" * 64, "size": 10, "media_type": "application/pdf", "name": "a.pdf", "by": actor.id,
        "entity": None, "record_id": None, "field": None, **belongs,
    }  # fmt: skip
    with depot.writing(SYSTEM) as transaction:
        made = transaction.connection.execute(insert(file), row | {"at": transaction.now})
        return int(made.inserted_primary_key[0])  # type: ignore[index]


def test_a_deleted_record_comes_back_with_everything_that_hung_on_it(depot: Workspace, keeper: Actor) -> None:
    tags = [commands.create_record(depot, SYSTEM, "depot.tag", {"name": each})["id"] for each in "xyz"]
    paper = uploaded(depot, keeper)
    made = box(depot, keeper, "Teapot", tags=tags, paper=str(paper))
    identity = made["id"]
    attached = uploaded(depot, keeper, entity=BOX, record_id=identity, field="")
    shelf = commands.create_record(depot, SYSTEM, "depot.shelf", {"name": "S", "holds": [identity]})
    commands.update_record(depot, keeper, BOX, identity, {"note": "fragile"})
    before = read(depot, identity)
    event = deleted(depot, keeper, identity)
    with pytest.raises(NotFound):
        read(depot, identity)
    commands.delete_record(depot, SYSTEM, "depot.tag", tags[1])
    commands.undo_change(depot, keeper, BOX, identity, event)
    after = read(depot, identity)
    assert [each.id for each in after.pop("tags")] == [tags[0], tags[2]]
    assert len(before.pop("tags")) == 3
    assert to_the_second(after) == to_the_second(before)
    assert kinds(depot, identity) == ["restored", "deleted", "updated", "created"]
    with depot.reading(SYSTEM) as transaction:
        kept = transaction.connection.execute(
            select(file.c.removed_at).where(file.c.id.in_([paper, attached]))
        )
        assert kept.scalars().all() == [None, None]
        assert [each.id for each in of_record(transaction, BOX, identity)] == [attached]
        assert [each.id for each in get(transaction, "depot.shelf", shelf["id"])["holds"]] == [identity]
        assert [each.id for each in search_everywhere(transaction, "teapot")] == [identity]
        timers = select(workflow_timer.c.outcome).where(workflow_timer.c.record_id == identity)
        assert transaction.connection.execute(timers).scalars().all() == [None]
    assert box(depot, keeper, "Next")["number"] == "B-0002"


def test_what_cannot_come_back_says_why_and_the_rest_does(
    depot: Workspace, keeper: Actor, looker: Actor
) -> None:
    inner = box(depot, keeper, "inner")["id"]
    outer, plain, dear = (box(depot, keeper, name, inside=inner)["id"] for name in ("outer", "plain", "dear"))
    events = {each: deleted(depot, keeper, each) for each in (outer, plain, dear, inner)}
    box(depot, keeper, "plain")
    assert undone(depot, looker, (dear, events[dear])) == [
        "Only who deleted this Box, or an administrator, brings it back."
    ]
    refused = undone(depot, keeper, *((each, events[each]) for each in (dear, plain, inner, outer, inner)))
    assert refused[0] == f"There is no Box {inner}."
    assert refused[1] == f"There is no Box {inner}. Another Box has this Name already."
    assert refused[2:4] == ["", ""]
    assert "There is no change" in refused[4] or "is there already" in refused[4]
    assert undone(depot, SYSTEM, (dear, events[dear])) == [""]
    again = deleted(depot, keeper, dear)
    assert undone(depot, keeper, (dear, events[dear]))[0].startswith("There is no change")
    with depot.writing(SYSTEM) as transaction:
        long_ago = transaction.now - timedelta(days=31)
        transaction.connection.execute(update(history).where(history.c.id == again).values(at=long_ago))
    assert undone(depot, keeper, (dear, again))[0].startswith("This Box was deleted more than 30 days ago")


def test_who_may_not_delete_any_more_brings_nothing_back(depot: Workspace, keeper: Actor) -> None:
    identity = box(depot, keeper)["id"]
    event = deleted(depot, keeper, identity)
    visitor = replace(keeper, roles=frozenset())
    with pytest.raises(NotAllowed):
        commands.undo_change(depot, visitor, BOX, identity, event)
    scoped = replace(keeper, scopes=frozenset({"read"}))
    with pytest.raises(NotAllowed, match="scope"):
        commands.undo_change(depot, scoped, BOX, identity, event)


def test_a_move_is_taken_back_with_what_it_set(depot: Workspace, keeper: Actor) -> None:
    one, two = (box(depot, keeper, name, note="mine")["id"] for name in "AB")
    outcomes = moved(depot, keeper, "check", one, two)
    assert (read(depot, one)["stage"], read(depot, one)["note"]) == ("checked", "seen")
    commands.update_record(depot, keeper, BOX, two, {"weight": "9"})
    pairs = [(each, outcome.event) for each, outcome in zip((one, two), outcomes, strict=True)]
    assert undone(depot, keeper, *pairs) == [
        "",
        "This Box was changed again since; the move was not taken back.",
    ]
    back = read(depot, one)
    assert (back["stage"], back["note"], back["left_on"]) == ("here", "mine", None)
    assert read(depot, two)["stage"] == "checked"
    assert kinds(depot, one)[0] == "moved_back"
    with depot.reading(SYSTEM) as transaction:
        timers = select(workflow_timer.c.outcome).where(workflow_timer.c.record_id == one)
        assert transaction.connection.execute(timers).scalars().all() == [None]
    assert undone(depot, keeper, pairs[0])[0].startswith("This Box was changed again since")


def test_what_a_stage_froze_follows_again_and_read_only_fields_are_put_back(
    depot: Workspace, keeper: Actor
) -> None:
    identity = box(depot, keeper)["id"]
    (outcome,) = moved(depot, keeper, "send", identity)
    assert str(read(depot, identity)["heavy"]) == "3.50"
    assert undone(depot, keeper, (identity, outcome.event)) == [""]
    back = read(depot, identity)
    assert (back["stage"], back["left_on"]) == ("here", None)
    rows = [{"id": back["things"][0]["id"], "weight": "4"}]
    assert str(commands.update_record(depot, keeper, BOX, identity, {"things": rows})["heavy"]) == "4.00"


@pytest.mark.parametrize(
    ("name", "comment", "sentence"),
    [
        ("lose", "", "“Lose” told people about it; that cannot be taken back."),
        ("copy", "", "“Copy” made another record; that cannot be taken back with it."),
        ("send", "@looker look", "People were told by the comment of this move; that cannot be taken back."),
    ],
)
def test_moves_that_reached_beyond_their_record_stay(
    depot: Workspace, keeper: Actor, looker: Actor, name: str, comment: str, sentence: str
) -> None:
    identity = box(depot, keeper)["id"]
    (outcome,) = moved(depot, keeper, name, identity, comment=comment)
    assert outcome.refusal == ()
    assert undone(depot, keeper, (identity, outcome.event)) == [sentence]
    assert read(depot, identity)["stage"] != "here"


def test_moves_of_others_of_long_ago_and_into_approvals_stay(
    depot: Workspace, keeper: Actor, looker: Actor
) -> None:
    one, two, three = (box(depot, keeper, name)["id"] for name in "ABC")
    first, second = moved(depot, keeper, "send", one, two)
    assert undone(depot, looker, (one, first.event)) == ["Only who moved this Box takes that back."]
    (asked,) = moved(depot, keeper, "ask", three)
    assert (asked.refusal, asked.event, read(depot, three)["stage"]) == ((), None, "here")
    with depot.writing(SYSTEM) as transaction:
        earlier = transaction.now - timedelta(hours=2)
        for table in (history, workflow_event):
            transaction.connection.execute(update(table).where(table.c.record_id == two).values(at=earlier))
    assert undone(depot, keeper, (two, second.event))[0].startswith("A move can be taken back for 60")


def test_the_last_own_change_is_undone_when_none_is_named(depot: Workspace, keeper: Actor) -> None:
    identity = box(depot, keeper)["id"]
    commands.update_record(depot, keeper, BOX, identity, {"note": "x"})
    deleted(depot, keeper, identity)
    operation = {"op": "undo", "id": identity}
    batches.run_batch(depot, keeper, BOX, [operation])
    assert read(depot, identity)["note"] == "x"
    with pytest.raises(NotFound, match="no change of yours"):
        batches.run_batch(depot, SYSTEM, BOX, [operation])


def test_an_act_that_changed_nothing_undoes_nothing_older(depot: Workspace, keeper: Actor) -> None:
    identity = box(depot, keeper)["id"]
    commands.update_record(depot, keeper, BOX, identity, {"note": "x"})
    operation = {"op": "update", "id": identity, "values": {"note": "x"}}
    (outcome,) = batches.run_each(depot, keeper, BOX, [operation])
    assert (outcome.refusal, outcome.event) == ((), None)


def together(*calls: Callable[[], Any]) -> list[str]:
    """What came of calls that begin at the same moment: nothing, or the sentence of the refusal."""
    barrier, found = Barrier(len(calls)), [""] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            calls[number]()
        except Refused as refused:
            found[number] = str(refused)
        except InputRefused as refused:
            found[number] = str(refused.problems[0].message)

    threads = [Thread(target=run, args=(number,)) for number in range(len(calls))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def test_two_who_undo_at_once_and_one_who_changes_meanwhile(depot: Workspace, keeper: Actor) -> None:
    gone, there = box(depot, keeper, "gone")["id"], box(depot, keeper, "there")["id"]
    event = deleted(depot, keeper, gone)
    (outcome,) = moved(depot, keeper, "send", there)
    assert outcome.event is not None
    number = outcome.event
    back = together(*[lambda: commands.undo_change(depot, keeper, BOX, gone, event)] * 2)
    assert min(back) == ""
    assert max(back) in {
        "This Box is there already.",
        f"There is no change {event} that could be undone.",
    }
    assert len(read(depot, gone)["things"]) == 2
    assert kinds(depot, gone).count("restored") == 1
    results = together(
        lambda: commands.undo_change(depot, keeper, BOX, there, number),
        lambda: commands.update_record(depot, SYSTEM, BOX, there, {"note": "later"}),
    )
    now = read(depot, there)
    assert results[1] == ""
    assert now["note"] == "later"
    assert now["stage"] == ("gone" if results[0] else "here")
