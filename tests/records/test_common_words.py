"""Searching for words that very many records have finds what searching for rare ones finds, as they stand."""

import random
from dataclasses import replace

import pytest

from engine.records import common_words
from engine.records.bulk import insert_many
from engine.records.query import Query
from engine.records.read import page
from engine.records.sought import seek
from engine.records.whole import are_more_than, takes_long
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.common_words import common_from
from tests.fixtures.workspaces import Publish, person

LETTERS = """
app: letters
roles: {reader: {}, clerk: {}}
entities:
  place:
    title: name
    fields: {name: {type: text}, hidden: {type: boolean, default: false}}
    access: {role:reader: {read: not hidden}, role:clerk: {read: true}}
  letter:
    title: name
    indexes: [[weight], [sent]]
    fields:
      name: {type: text}
      text: {type: long_text}
      secret: {type: text}
      mine: {type: text}
      keeper: {type: user}
      place: {type: link, to: place}
      weight: {type: decimal}
      sent: {type: date, required: true}
      sum: {type: decimal, formula: weight * 2}
    access:
      role:reader: {read: weight < 80}
      role:clerk: {read: true}
      fields:
        secret: {read: [role:clerk]}
        mine: {read: [keeper]}
    views:
      all: {type: list, columns: [name, weight, sum], sort: [-weight], totals: {weight: sum, sum: max}}
      late: {type: list, columns: [name], sort: [sent], filter: weight > 10}
"""
LETTER = "letters.letter"
WORDS = ("上海自动化", "北京", "oslo", "Oslo fjord", "café", "plan 7")
QUESTIONS = (
    "oslo",
    "自动",
    "海",
    "osl",
    "oslo 自动",
    "oslo cafe",
    "fjord plan",
    "zebra",
    "oslo zebra",
    "plan",
)


@pytest.fixture
def letters(publish: Publish) -> Workspace:
    workspace = publish(LETTERS)
    chance = random.Random(4)
    people = [person(workspace, name).id for name in ("ann", "bo")]
    with workspace.writing(SYSTEM) as transaction:
        places = [{"name": chance.choice(WORDS), "hidden": number % 3 == 0} for number in range(6)]
        ids = insert_many(transaction, "letters.place", places)
        rows = [
            {
                "name": " ".join(chance.sample(WORDS, 2)),
                "text": chance.choice(WORDS),
                "secret": chance.choice([None, "oslo", "zebra"]),
                "mine": chance.choice([None, "fjord", "zebra"]),
                "keeper": chance.choice(people),
                "place": chance.choice([None, *ids]),
                "weight": chance.randrange(100),
                "sent": f"2026-0{chance.randrange(1, 9)}-11",
            }
            for _ in range(150)
        ]
        insert_many(transaction, LETTER, rows)
    return workspace


def found(workspace: Workspace, actor: Actor, query: Query) -> list[int]:
    """All ids, page by page."""
    ids: list[int] = []
    with workspace.reading(actor) as transaction:
        while True:
            some = page(transaction, LETTER, query)
            ids += [record["id"] for record in some.records]
            if some.next is None:
                return ids
            query = replace(query, after=some.next)


def test_common_words_find_what_rare_ones_find(letters: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    actors = [SYSTEM]
    for name, role in (("reader", "letters.reader"), ("clerk", "letters.clerk")):
        actors.append(person(letters, name, role))
    queries = [
        Query(search=question, sort=sort, view=view, limit=20)
        for question in QUESTIONS
        for view, sort in (("all", (("id", True),)), ("late", (("weight", False),)))
    ]
    rare = [[found(letters, actor, query) for query in queries] for actor in actors]
    for common, looked_at in ((5, (10, 40)), (20, (200, 400))):
        common_from(monkeypatch, common)
        monkeypatch.setattr(common_words, "LOOKED_AT", looked_at)
        with letters.writing(SYSTEM) as transaction:
            transaction.catalog.prepared.clear()
        with letters.reading(SYSTEM) as transaction:
            entity = transaction.catalog.entity(LETTER)
            assert seek(transaction, entity, "oslo").all_common
            mixed = seek(transaction, entity, "oslo nowhere")
            assert (mixed.common, mixed.titles_first) == ((True, False), True)
        for actor, expected in zip(actors, rare, strict=True):
            for query, ids in zip(queries, expected, strict=True):
                assert found(letters, actor, query) == ids, (actor.name, query)


def test_many_hits_are_counted_up_to_the_cap_and_summed_exactly(
    letters: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.records.whole.COUNTED_AT_MOST", 9)
    common_from(monkeypatch, 20)
    with letters.writing(SYSTEM) as transaction:
        transaction.catalog.prepared.clear()
    with letters.reading(SYSTEM) as transaction:
        query = Query(search="oslo", view="all", count="capped", totals={"weight": "sum", "sum": "max"})
        shown = page(transaction, LETTER, query)
        assert (shown.count, shown.count_capped) == (9, True)
        every = page(transaction, LETTER, Query(search="oslo", count="exact", limit=1_000))
        exact = page(transaction, LETTER, replace(query, count="exact"))
        assert exact.count == every.count == len(every.records)
        assert not exact.count_capped
        assert exact.totals == shown.totals
        # That there are more than are counted suffices: whether they are few enough would have to be counted.
        left_out = page(transaction, LETTER, replace(query, totals_up_to=exact.count))
        assert (left_out.totals, left_out.totals_left_out) == ({}, True)
        assert exact.totals == {
            "weight": sum(record["weight"] for record in every.records),
            "sum": max(record["sum"] for record in every.records),
        }
        assert takes_long(transaction, LETTER, query, exact.count)
        common_from(monkeypatch, 10_000)
        for is_more in (are_more_than, takes_long):
            assert is_more(transaction, LETTER, query, exact.count - 1)
            assert not is_more(transaction, LETTER, query, exact.count)
        few = page(transaction, LETTER, replace(query, totals_up_to=exact.count))
        assert (few.totals, few.totals_left_out) == (exact.totals, False)
