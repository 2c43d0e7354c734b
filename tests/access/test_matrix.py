"""The matrix of rights, reading: what every door shows to everybody, beside a model of the policy."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engine.problems import InputRefused, NotAllowed, NotFound
from engine.records.explain import explain
from engine.records.export import export_csv
from engine.records.history import timeline
from engine.records.json import to_json
from engine.records.preview import preview
from engine.records.query import Query
from engine.records.read import choices, get, page
from engine.records.select import Record
from engine.transaction import Transaction
from tests.access.matrix_world import ENTITIES, PEOPLE, Office, Told, everything_known, own_values
from tests.access.policy_model import (
    allowed,
    field_allowed,
    plain_fields,
    readable_rows,
)

pytestmark = pytest.mark.parametrize("username", PEOPLE)


def _reading(office: Office, username: str) -> Any:
    return office.workspace.reading(office.actors[username])


def _text(transaction: Transaction, key: str, record: Record) -> str:
    return json.dumps(to_json(transaction, key, record), ensure_ascii=False, default=str)


def _with_links(office: Office, shown: set[Told], key: str) -> set[Told]:
    """Those of the values that are of the entity itself."""
    return {told for told in shown if told[0] == key}


def test_lists_and_counts(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    with _reading(furnished, username) as transaction:
        for key in ENTITIES:
            found = page(transaction, key, Query(count="exact", limit=1000))
            expected = readable_rows(furnished.world, who, key)
            assert {record["id"] for record in found.records} == {row["id"] for row in expected}, key
            assert found.count == len(expected), key
            shown = furnished.found_in("\n".join(_text(transaction, key, record) for record in found.records))
            assert shown <= may_know, (key, shown - may_know)
            assert own_values(furnished, who, key) <= shown, key


def test_one_record(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    with _reading(furnished, username) as transaction:
        for key, row in furnished.world.every():
            if key not in ENTITIES:
                continue
            if not allowed(furnished.world, who, "read", key, row):
                for door in (get, timeline, preview_of):
                    with pytest.raises(NotFound):
                        door(transaction, key, row["id"])
                continue
            record = get(transaction, key, row["id"])
            shown = furnished.found_in(_text(transaction, key, record))
            own = {told for told in own_values(furnished, who, key) if told[1] == row["id"]}
            assert own <= shown <= may_know, (key, row["id"], shown - may_know)
            told = furnished.found_in(str(timeline(transaction, key, row["id"])))
            assert told <= may_know, ("history", key, told - may_know)
            told = furnished.found_in(str(preview_of(transaction, key, row["id"])))
            assert told <= may_know, ("preview", key, told - may_know)


def preview_of(transaction: Transaction, key: str, identity: int) -> dict[str, Any]:
    """What a form shows while nothing has been typed."""
    return preview(transaction, key, {}, identity).values


def test_explanations(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    with _reading(furnished, username) as transaction:
        for key, row in _computed(furnished):
            for name in furnished.workspace.catalog.entity(key).fields:
                each = furnished.workspace.catalog.entity(key).fields[name]
                if not each.computed:
                    continue
                seen = allowed(furnished.world, who, "read", key, row)
                if not (seen and field_allowed(furnished.world, who, "read", key, name, row)):
                    with pytest.raises(NotFound):
                        explain(transaction, key, row["id"], name)
                    continue
                told = furnished.found_in(str(explain(transaction, key, row["id"], name)))
                assert told <= may_know, (key, name, told - may_know)


def _computed(office: Office) -> Iterator[tuple[str, dict[str, Any]]]:
    entities = office.workspace.catalog.entities
    for key, row in office.world.every():
        if key in ENTITIES and any(each.computed for each in entities[key].fields.values()):
            yield key, row


def test_exports(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    with _reading(furnished, username) as transaction:
        for key in ENTITIES:
            if not allowed(furnished.world, who, "export", key, None):
                with pytest.raises(NotAllowed):
                    export_csv(transaction, key, Query())
                continue
            text = "".join(export_csv(transaction, key, Query()))
            shown = furnished.found_in(text)
            exportable = {
                row["id"]
                for row in readable_rows(furnished.world, who, key)
                if allowed(furnished.world, who, "export", key, row)
            }
            assert shown <= may_know, (key, shown - may_know)
            own = _with_links(furnished, shown, key)
            assert {identity for _, identity, _ in own} <= exportable, key
            assert len(text.strip().splitlines()) == 1 + len(exportable), key


def test_what_may_not_be_read_is_neither_filtered_nor_sorted_nor_added_up(
    furnished: Office, username: str
) -> None:
    who = furnished.people[username]
    with _reading(furnished, username) as transaction:
        for key in ENTITIES:
            for name in plain_fields(furnished.world, key):
                if field_allowed(furnished.world, who, "read", key, name, None):
                    continue
                for query in (
                    Query(filter=f"not isblank({name})"),
                    Query(filter=f"isblank({name}) or true"),
                    Query(sort=((name, False),)),
                ):
                    with pytest.raises(InputRefused):
                        page(transaction, key, query)
                found = page(transaction, key, Query(totals={name: "count"}, limit=1))
                assert name not in found.totals, (key, name)
                for other, link in _links_to(furnished, key):
                    with pytest.raises(InputRefused):
                        page(transaction, other, Query(filter=f"isblank({link}.{name})"))


def _links_to(office: Office, key: str) -> Iterator[tuple[str, str]]:
    """Entity and field of the links that lead to an entity."""
    for other in ENTITIES:
        for name, each in office.world.entity(other)["fields"].items():
            if each["type"] == "link" and f"{other.partition('.')[0]}.{each['to']}" == key:
                yield other, name


def test_searching_finds_nothing_by_what_may_not_be_read(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    closed = [
        (number, told)
        for number, told in furnished.told.items()
        if told not in may_know
        and furnished.world.entity(told[0])["fields"][told[2]]["type"] in {"text", "long_text"}
    ]
    with _reading(furnished, username) as transaction:
        for number, (key, _, name) in closed:
            for entity in {key, *(other for other, _ in _links_to(furnished, key))}:
                query = Query(search=f"MK{number}Q", count="exact")
                found = page(transaction, entity, query)
                assert (found.records, found.count) == ([], 0), (entity, key, name)


def test_link_pickers(furnished: Office, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    with _reading(furnished, username) as transaction:
        for target in ENTITIES:
            for key, name in _links_to(furnished, target):
                if not field_allowed(furnished.world, who, "read", key, name, None):
                    each = furnished.world.entity(key)["access"]["fields"][name]["read"]
                    if all(principal.startswith("role:") for principal in each):
                        with pytest.raises(NotFound):
                            choices(transaction, key, name, "", {})
                        continue
                found = choices(transaction, key, name, "", {}, limit=100)
                visible = {row["id"] for row in readable_rows(furnished.world, who, target)}
                narrowed = "only" in furnished.world.entity(key)["fields"][name]
                ids = {link.id for link in found}
                assert ids <= visible if narrowed else ids == visible, (key, name)
                assert furnished.found_in(str(found)) <= may_know, (key, name)


def test_sorting_by_a_link_does_not_tell_the_order_of_records_that_are_not_seen(
    furnished: Office, username: str
) -> None:
    who = furnished.people[username]
    with _reading(furnished, username) as transaction:
        for target in ENTITIES:
            visible = {row["id"] for row in readable_rows(furnished.world, who, target)}
            for key, name in _links_to(furnished, target):
                if not field_allowed(furnished.world, who, "read", key, name, None):
                    continue
                found = page(transaction, key, Query(sort=((name, False), ("id", False)), limit=1000))
                closed = [
                    record["id"]
                    for record in found.records
                    if record[name] is not None and record[name].id not in visible
                ]
                assert closed == sorted(closed), (key, name)
                for record in found.records:
                    link = record[name]
                    assert link is None or link.seen == (link.id in visible), (key, name)
