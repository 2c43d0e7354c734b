"""The matrix of rights, writing: what everybody may change, beside the model of the policy."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from engine.access.policy import may
from engine.access.reasons import reasons_on
from engine.access.rights import rights_on
from engine.batches import run_batch
from engine.importing import import_rows
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible
from engine.records.deletions import lately_deleted, may_bring_back
from engine.records.exchange import import_csv
from engine.records.sheet import write_row
from engine.records.write import create, delete, update
from engine.transaction import SYSTEM, Transaction
from engine.workflow.firing import fire
from tests.access.matrix_world import PEOPLE, Office
from tests.access.policy_model import (
    Person,
    Row,
    allowed,
    definitions,
    field_allowed,
    in_stage,
    is_among,
    plain_fields,
    transitions,
)

ENTITIES = tuple(definitions())
CLOSED = (NotFound, NotAllowed)

pytestmark = pytest.mark.parametrize("username", PEOPLE)


class Undone(Exception):
    """Ends a trial."""


class Inside:
    """A workspace whose transactions are all the one that is tried in, and end with it."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction

    def writing(self, _actor: Any) -> "Inside":
        return self

    def __enter__(self) -> Transaction:
        return self.transaction

    def __exit__(self, *_error: object) -> None:
        pass


def _outcome(transaction: Transaction, do: Callable[[], Any]) -> str:
    """What became of a trial, which is undone: done, refused, or the name of what was raised."""
    outcome = "done"
    with suppress(Undone), transaction.connection.begin_nested():
        try:
            do()
        except CLOSED as error:
            outcome = type(error).__name__
        except (InputRefused, NotPossible):
            outcome = "refused"
        raise Undone
    return outcome


def _expected(office: Office, who: Person, action: str, key: str, row: Row) -> str:
    world = office.world
    if not allowed(world, who, "read", key, row):
        return "NotFound"
    if not allowed(world, who, action, key, row):
        return "NotAllowed"
    by_stage = action == "update" or "parent" in world.entity(key)
    if by_stage and not in_stage(world, who, key, row):
        return "NotAllowed"
    return "done"


def _touched(office: Office, who: Person, key: str, row: Row) -> tuple[str, Any] | None:
    """A field that somebody may set, with a new value."""
    for name in plain_fields(office.world, key):
        each = office.world.entity(key)["fields"][name]
        long = each["type"] in {"text", "long_text"} and each.get("max_length", 99) > 8
        if long and not each.get("read_only") and field_allowed(office.world, who, "update", key, name, row):
            return name, "changed"
    for name, value in (("score", 3), ("quantity", 3), ("rate", "4%"), ("overtime_hours", 3), ("year", 2027)):
        if name in office.world.entity(key)["fields"]:
            return name, value
    return None


def _trying(office: Office, username: str) -> Any:
    return office.workspace.writing(office.actors[username])


def test_changing(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    with _trying(furnished, username) as transaction:
        inside: Any = Inside(transaction)
        for key, row in furnished.world.every():
            if key not in ENTITIES or (touched := _touched(furnished, who, key, row)) is None:
                continue
            values, identity = dict([touched]), row["id"]
            expected = _expected(furnished, who, "update", key, row)
            operation = {"op": "update", "id": identity, "values": values}
            doors: Mapping[str, Callable[[], Any]] = {
                "page and API": lambda k=key, i=identity, v=values: update(transaction, k, i, v),
                "batch": lambda k=key, o=operation: run_batch(inside, transaction.actor, k, [o]),
                "rows": lambda k=key, i=identity, v=values: import_rows(
                    inside, transaction.actor, k, [(1, {"id": i, **v})]
                ),
            }
            for door, do in doors.items():
                assert _outcome(transaction, do) == expected, (door, key, row)
            imported = _import(transaction, key, {"id": identity, **values})
            assert imported == (expected == "done"), ("import", key, row)


def _import(transaction: Transaction, key: str, values: Mapping[str, Any]) -> bool:
    """Whether a CSV file with one row was taken; it is undone."""
    content = (write_row(list(values)) + write_row([str(each) for each in values.values()])).encode()
    taken = False
    with suppress(Undone), transaction.connection.begin_nested():
        try:
            taken = not import_csv(transaction, key, content).refused
        except (InputRefused, NotFound):
            return False
        raise Undone
    return taken


def test_what_was_deleted_is_found_by_those_who_could_delete_it(furnished: Office, username: str) -> None:
    """One record after the other is deleted in somebody's name, and is gone only while they look for it."""
    who, them = furnished.people[username], furnished.actors[username]
    with furnished.workspace.writing(replace(SYSTEM, id=them.id)) as transaction:
        looking = replace(transaction, actor=them)
        for key, row in furnished.world.every():
            if key not in ENTITIES:
                continue
            with suppress(Undone, NotPossible), transaction.connection.begin_nested():
                delete(transaction, key, row["id"])
                offered = may_bring_back(looking, looking.catalog.entity(key)).allowed
                found = [each.id for each in lately_deleted(looking, key, 5).records] if offered else []
                could = all(allowed(furnished.world, who, action, key, row) for action in ("read", "delete"))
                assert found == ([row["id"]] if could else []), (key, row)
                raise Undone


def test_fields_that_may_not_be_set(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    with _trying(furnished, username) as transaction:
        for key, row in furnished.world.every():
            if key not in ENTITIES or _expected(furnished, who, "update", key, row) != "done":
                continue
            entity = furnished.workspace.catalog.entity(key)
            writable = rights_on(transaction, entity, row["id"]).writable
            for name, each in entity.fields.items():
                closed = (
                    each.definition.system
                    or each.computed
                    or each.definition.read_only
                    or not field_allowed(furnished.world, who, "update", key, name, row)
                )
                if name == entity.parent_link:
                    continue
                if not (each.definition.read_only or closed):
                    assert name in writable, (key, name)
                if closed:
                    do = lambda k=key, r=row, n=name: update(transaction, k, r["id"], {n: r.get(n)})  # noqa: E731
                    assert _outcome(transaction, do) == "refused", (key, name)


def test_deleting(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    with _trying(furnished, username) as transaction:
        inside: Any = Inside(transaction)
        for key, row in furnished.world.every():
            if key not in ENTITIES:
                continue
            expected = _expected(furnished, who, "delete", key, row)
            operation = {"op": "delete", "id": row["id"]}
            for do in (
                lambda k=key, r=row: delete(transaction, k, r["id"]),
                lambda k=key, o=operation: run_batch(inside, transaction.actor, k, [o]),
            ):
                outcome = _outcome(transaction, do)
                # What others refer to stays, whoever asks.
                assert outcome == expected or (expected, outcome) == ("done", "refused"), (key, row)


def test_creating(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    with _trying(furnished, username) as transaction:
        for key, row in furnished.world.every():
            if key not in ENTITIES:
                continue
            entity = furnished.workspace.catalog.entity(key)
            given = {name: row[name] for name in plain_fields(furnished.world, key) if name in row}
            if entity.parent_link:
                given[entity.parent_link] = row[entity.parent_link]
            outcome = _outcome(transaction, lambda k=key, g=given: create(transaction, k, g))
            if allowed(furnished.world, who, "create", key, None):
                assert may(transaction, "create", entity).allowed, key
                mine = allowed(furnished.world, who, "create", key, {**row, "stage": None})
                if "parent" in furnished.world.entity(key):
                    mine = mine and in_stage(furnished.world, who, key, row)
                assert mine or outcome != "done", (key, row)
            else:
                assert outcome == "NotAllowed", (key, outcome)


def test_moving(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    with _trying(furnished, username) as transaction:
        inside: Any = Inside(transaction)
        for key, row in furnished.world.every():
            if key not in ENTITIES:
                continue
            for name, move in transitions(furnished.world, key).items():
                sources = move["from"] if isinstance(move["from"], list) else [move["from"]]
                expected = {"done", "refused"}
                if not allowed(furnished.world, who, "read", key, row):
                    expected = {"NotFound"}
                elif row["stage"] not in sources:
                    expected = {"refused"}
                elif not is_among(furnished.world, who, move["by"], key, row):
                    expected = {"NotAllowed"}
                operation = {"op": "transition", "id": row["id"], "name": name, "comment": "why"}
                for do in (
                    lambda k=key, r=row, n=name: fire(transaction, k, r["id"], n, {}, "why"),
                    lambda k=key, o=operation: run_batch(inside, transaction.actor, k, [o]),
                ):
                    assert _outcome(transaction, do) in expected, (key, name, row)


def test_reasons_say_what_is_so(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    with _trying(furnished, username) as transaction:
        for key, row in furnished.world.every():
            if key not in ENTITIES:
                continue
            entity = furnished.workspace.catalog.entity(key)
            if not allowed(furnished.world, who, "read", key, row):
                with pytest.raises(NotFound):
                    reasons_on(transaction, entity, row["id"])
                continue
            found = reasons_on(transaction, entity, row["id"])
            for action, decision in found.actions.items():
                expected = allowed(furnished.world, who, action, key, row)
                if action == "update":
                    expected = expected and in_stage(furnished.world, who, key, row)
                assert decision.allowed == expected, (key, action, row)
            for each in found.fields:
                expected = field_allowed(furnished.world, who, "read", key, each.name, row)
                assert each.read.allowed == expected, (key, each.name)


def test_an_administrator_may_do_everything_that_the_stage_lets_anybody_do(
    furnished: Office, username: str
) -> None:
    actor = replace(furnished.actors[username], administrator=True)
    with furnished.workspace.reading(actor) as transaction:
        for key in ENTITIES:
            entity = furnished.workspace.catalog.entity(key)
            assert all(may(transaction, action, entity).allowed for action in ("read", "create", "export"))
