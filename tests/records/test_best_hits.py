"""Searching everywhere for common words: the same rights, sensible hits, and never all records read."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Connection

from engine.records import best_hits
from engine.records.best_hits import search_everywhere
from engine.records.bulk import insert_many
from engine.records.query import Query
from engine.records.read import Page, choices, page
from engine.records.sought import seek
from engine.schema.prepared import Prepared
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.common_words import common_from
from tests.fixtures.workspaces import Publish, person

FLEET = """
app: fleet
roles: {driver: {}, chief: {}}
entities:
  depot:
    title: name
    fields: {name: {type: text}}
    access: {role:driver: {read: true}, role:chief: {read: true}}
  trip:
    title: name
    fields:
      name: {type: text}
      text: {type: text}
      secret: {type: text}
      driver: {type: user, index: true}
      depot: {type: link, to: depot}
      replaced: {type: boolean, default: false}
      instead: {type: link, to: trip, only: not instead.replaced}
    access:
      role:driver: {read: driver == user}
      role:chief: {read: true}
      fields: {secret: {read: [role:chief]}}
"""
TRIPS = 600
LOOKED_AT = (30, 100)


@pytest.fixture
def people(publish: Publish) -> tuple[Workspace, dict[str, Actor]]:
    """600 trips: every second one is `sure`, the first 50 are `ancient`; every third links to Oslo."""
    workspace = publish(FLEET)
    actors = {
        "system": SYSTEM,
        "chief": person(workspace, "chief", "fleet.chief"),
        "driver": person(workspace, "driver", "fleet.driver"),
    }
    with workspace.writing(SYSTEM) as transaction:
        names = ("奥斯陆有限公司", "Bergen", "Bodø")
        depots = insert_many(transaction, "fleet.depot", [{"name": name} for name in names])
        rows = [
            {
                "name": f"trip t{number} {'even' if number % 2 == 0 else 'odd'}",
                "text": f"{'sure' if number % 2 else 'perhaps'} {'ancient' if number < 50 else ''}",
                "secret": "gold" if number % 3 else None,
                "driver": actors["driver" if number % 60 == 7 else "chief"].id,
                "depot": depots[number % 3],
                "replaced": number % 5 == 0,
            }
            for number in range(TRIPS)
        ]
        insert_many(transaction, "fleet.trip", rows)
    return workspace, actors


@pytest.fixture
def read(people: tuple[Workspace, Any], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each statement gave that was kept prepared; very few are many here."""
    common_from(monkeypatch, 20)
    monkeypatch.setattr(best_hits, "NEWEST", LOOKED_AT)
    with people[0].writing(SYSTEM) as transaction:
        transaction.catalog.prepared.clear()
    counts: list[int] = []
    rows_of = Prepared.rows

    def rows(self: Prepared, connection: Connection, parameters: Mapping[str, Any]) -> list[list[Any]]:
        found = rows_of(self, connection, parameters)
        counts.append(len(found))
        return found

    monkeypatch.setattr(Prepared, "rows", rows)
    return counts


def found(workspace: Workspace, actor: Actor, text: str) -> list[str]:
    with workspace.reading(actor) as transaction:
        return [each.title for each in search_everywhere(transaction, text, 10)]


@pytest.mark.parametrize("text", ["trip", "t", "sure", "sur", "有限公司", "司", "odd sure", "有限公司 tri"])
def test_common_words_are_found_among_the_newest_and_no_more_is_read(
    people: tuple[Workspace, dict[str, Actor]], read: list[int], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, actors = people

    def gathered(*_: object) -> None:
        raise AssertionError("All hits were gathered.")

    with workspace.reading(SYSTEM) as transaction:
        assert seek(transaction, transaction.catalog.entity("fleet.trip"), text).all_common
    with monkeypatch.context() as context:
        # Of depots there are three, whose hits may well be gathered.
        context.setattr(best_hits, "_out_of_index", gathered)
        titles = found(workspace, actors["chief"], text)
    assert len(titles) == 10
    assert max(read) <= LOOKED_AT[1]
    newest = [int(title.split()[1][1:]) for title in titles if title.startswith("trip")]
    assert min(newest) >= TRIPS - sum(LOOKED_AT)


def test_rows_that_may_not_be_seen_are_not_found(
    people: tuple[Workspace, dict[str, Actor]], read: list[int]
) -> None:
    workspace, actors = people
    own = {f"trip t{number} odd" for number in range(7, TRIPS, 60)}
    assert set(found(workspace, actors["driver"], "sure")) == own
    assert set(found(workspace, actors["driver"], "trip odd")) == own
    assert found(workspace, actors["driver"], "even") == []
    assert max(read) <= LOOKED_AT[1]


def test_texts_that_may_not_be_read_are_not_searched(
    people: tuple[Workspace, dict[str, Actor]], read: list[int]
) -> None:
    workspace, actors = people
    assert len(found(workspace, actors["chief"], "gold")) == 10
    assert found(workspace, actors["driver"], "gold") == []
    assert read


def test_common_words_that_only_old_records_have_come_out_of_the_index(
    people: tuple[Workspace, dict[str, Actor]], read: list[int]
) -> None:
    workspace, actors = people
    titles = found(workspace, actors["chief"], "ancient sure")
    assert len(titles) == 10
    assert all(int(title.split()[1][1:]) < 50 for title in titles)
    assert found(workspace, actors["chief"], "perhaps odd") == []
    assert found(workspace, actors["driver"], "ancient sure") == ["trip t7 odd"]
    assert max(read) <= best_hits.LOOKED_AT


def test_a_rare_word_beside_common_ones_is_found_wherever_it_is(
    people: tuple[Workspace, dict[str, Actor]], read: list[int]
) -> None:
    workspace, actors = people
    expected = [f"trip t13{end} odd" for end in (9, 7, 5, 3, 1, "")]
    assert found(workspace, actors["chief"], "sure t13 trip") == expected
    expected = [f"trip t9{end}" for end in ("9 odd", "6 even", "3 odd", "0 even", " odd")]
    assert found(workspace, actors["chief"], "有限公司 t9") == expected
    assert read


def test_a_link_field_offers_what_it_may_hold_of_common_words(
    people: tuple[Workspace, dict[str, Actor]], read: list[int]
) -> None:
    workspace, actors = people
    with workspace.reading(actors["chief"]) as transaction:
        offered = choices(transaction, "fleet.trip", "instead", "trip", {}, 20)
    assert len(offered) == 20
    assert not [link.title for link in offered if int(link.title.split()[1][1:]) % 5 == 0]
    assert max(read) <= LOOKED_AT[1]


@pytest.mark.parametrize("text", ["有限公司", "t", "有限公司 sur", "perhaps odd", "bodo even"])
def test_a_list_finds_the_same_when_words_are_common(
    people: tuple[Workspace, dict[str, Actor]], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, actors = people
    query = Query(search=text, sort=(("id", True),), count="capped", limit=20)

    def shown() -> list[Page]:
        listed = []
        for actor in actors.values():
            with workspace.reading(actor) as transaction:
                listed.append(page(transaction, "fleet.trip", query))
        return listed

    rare = shown()
    common_from(monkeypatch, 20)
    with workspace.writing(SYSTEM) as transaction:
        transaction.catalog.prepared.clear()
    for before, after in zip(rare, shown(), strict=True):
        assert [record["id"] for record in after.records] == [record["id"] for record in before.records]
        assert before.count is not None
        assert after.count is not None
        # Common words are counted as far as they are found without looking for all.
        assert after.count == before.count or (after.count_capped and after.count < before.count)
