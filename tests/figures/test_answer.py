"""Figures over records: exact, in one statement, and only over what the asker may read."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from engine.commands import create_record
from engine.figures.answer import answer, can_be_put_together, has_more, put_together
from engine.figures.question import sent_question
from engine.problems import InputRefused, NotAllowed
from engine.records.query import Query
from engine.schema.prepared import Prepared
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish, person

SALES = """
app: sales
roles: {seller: {}, chief: {}}
entities:
  region:
    title: name
    fields: {name: {type: text, required: true}}
    access: {everyone: {read: true}}
  deal:
    title: name
    fields:
      name: {type: text, required: true}
      owner: {type: user}
      region: {type: link, to: region}
      amount: {type: money}
      bonus: {type: money}
      day: {type: date}
      kind: {type: choice, options: [big, small]}
      peers: {type: integer, formula: count(d for d in deal if d.region == region)}
    workflow: {stages: {open: {chance: 10%}, won: {chance: 100%}}, transitions: {win: {from: open, to: won}}}
    access:
      role:seller: {read: owner == user}
      role:chief: {read: true}
      fields:
        bonus: {read: [owner]}
        peers: {read: [role:chief]}
"""
ROWS: list[dict[str, Any]] = [
    {
        "name": "a",
        "amount": "10.10",
        "bonus": "1",
        "day": "2026-01-31",
        "kind": "big",
        "region": 0,
        "owner": 0,
    },
    {
        "name": "b",
        "amount": "20.20",
        "bonus": "2",
        "day": "2026-02-01",
        "kind": "small",
        "region": 0,
        "owner": 1,
    },
    {
        "name": "c",
        "amount": "0.05",
        "bonus": "4",
        "day": "2026-02-28",
        "kind": "big",
        "region": 1,
        "owner": 0,
    },
    {"name": "d", "amount": None, "bonus": None, "day": None, "kind": None, "region": None, "owner": 1},
]


@pytest.fixture
def sales(publish: Publish) -> tuple[Workspace, dict[str, Actor]]:
    workspace = publish(SALES)
    people = {
        "ann": person(workspace, "ann", "sales.seller"),
        "bob": person(workspace, "bob", "sales.seller"),
        "chief": person(workspace, "chief", "sales.chief"),
        "nobody": person(workspace, "nobody"),
    }
    regions = [create_record(workspace, SYSTEM, "sales.region", {"name": name})["id"] for name in ("N", "S")]
    owners = [people["ann"].id, people["bob"].id]
    for row in ROWS:
        region = None if row["region"] is None else regions[row["region"]]
        create_record(
            workspace, SYSTEM, "sales.deal", {**row, "region": region, "owner": owners[row["owner"]]}
        )
    return workspace, people


def asked(
    sales: tuple[Workspace, dict[str, Actor]],
    who: str,
    groups: list[str],
    values: list[str],
    query: Query | None = None,
) -> dict[Any, tuple[Any, ...]]:
    workspace, people = sales
    with workspace.reading(people.get(who, SYSTEM)) as transaction:
        question = sent_question(transaction, transaction.catalog.entity("sales.deal"), groups, values)
        rows = answer(transaction, question, query or Query())
    return {row.keys[0] if len(row.keys) == 1 else row.keys: row.values for row in rows}


def test_sums_are_exact_and_a_group_holds_what_has_its_value(sales: Any) -> None:
    found = asked(sales, "chief", ["kind"], ["sum(amount)", "count()", "avg(amount)"])
    assert found == {
        "big": (Decimal("10.15"), 2, Decimal("5.0750")),
        "small": (Decimal("20.20"), 1, Decimal("20.2000")),
        None: (0, 1, None),
    }


@pytest.mark.parametrize(
    ("group", "found"),
    [
        ("day(day)", {date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), None}),
        ("week(day)", {date(2026, 1, 26), date(2026, 2, 23), None}),
        ("month(day)", {date(2026, 1, 1), date(2026, 2, 1), None}),
        ("quarter(day)", {date(2026, 1, 1), None}),
        ("year(day)", {date(2026, 1, 1), None}),
    ],
)
def test_days_are_put_together(sales: Any, group: str, found: set[date | None]) -> None:
    assert set(asked(sales, "chief", [group], ["count()"])) == found


def test_two_groups_and_a_path(sales: Any) -> None:
    found = asked(sales, "chief", ["region.name", "kind"], ["max(amount)", "min(day)"])
    assert found["N", "big"] == (Decimal("10.10"), date(2026, 1, 31))
    assert found["S", "big"] == (Decimal("0.05"), date(2026, 2, 28))
    assert found[None, None] == (None, None)


def test_an_instant_counts_for_its_day(sales: Any) -> None:
    assert list(asked(sales, "chief", ["month(created_at)"], ["count()"]).values()) == [(4,)]


def test_without_groups_it_is_one_row_even_of_nothing(sales: Any) -> None:
    found = asked(sales, "chief", [], ["sum(amount)", "count()"], Query(filter='name == "zzz"'))
    assert found == {(): (0, 0)}


def test_filter_and_search_narrow(sales: Any) -> None:
    assert asked(sales, "chief", [], ["count()"], Query(filter="amount > 5")) == {(): (2,)}
    assert asked(sales, "chief", [], ["count()"], Query(search="bob")) == {(): (2,)}


def test_rows_that_may_not_be_seen_do_not_count(sales: Any) -> None:
    assert asked(sales, "ann", [], ["sum(amount)", "count()"]) == {(): (Decimal("10.15"), 2)}
    assert asked(sales, "bob", [], ["sum(amount)", "count()"]) == {(): (Decimal("20.20"), 2)}


def test_a_field_of_ones_own_records_counts_on_those_only(sales: Any) -> None:
    assert asked(sales, "chief", [], ["sum(bonus)", "count()"]) == {(): (0, 4)}
    assert asked(sales, "ann", [], ["sum(bonus)", "count()"]) == {(): (Decimal(5), 2)}
    assert set(asked(sales, "chief", ["bonus"], ["count()"])) == {None}


def test_what_may_not_be_read_is_refused(sales: Any) -> None:
    with pytest.raises(NotAllowed, match="You may not read “Peers” of Deal"):
        asked(sales, "ann", [], ["sum(peers)"])
    with pytest.raises(NotAllowed, match="No rule lets you see Deal"):
        asked(sales, "nobody", [], ["count()"])


def test_live_fields_are_added_up_as_well(sales: Any) -> None:
    found = asked(sales, "chief", ["peers"], ["sum(peers)", "count()"])
    assert found == {2: (4, 2), 1: (2, 2)}


@pytest.mark.parametrize(
    ("groups", "values", "sentence"),
    [
        ([], ["amount"], "“amount” is no measure; write sum(amount), for example, or count()."),
        ([], ["sum(name)"], "“sum(name)” is about no number."),
        ([], ["sum(amout)"], "sales.deal has no field 'amout'. Did you mean 'amount'?"),
        (["month(kind)"], ["count()"], "“month(kind)” has no month."),
    ],
)
def test_what_makes_no_sense_is_told(sales: Any, groups: list[str], values: list[str], sentence: str) -> None:
    with pytest.raises(InputRefused) as refused:
        asked(sales, "chief", groups, values)
    assert [str(each.message) for each in refused.value.problems] == [sentence]


def test_it_is_one_statement(sales: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, people = sales
    sent: list[str] = []
    rows = Prepared.rows
    monkeypatch.setattr(Prepared, "rows", lambda self, *given: sent.append(self.text) or rows(self, *given))
    with workspace.reading(people["chief"]) as transaction:
        event.listen(
            transaction.connection, "before_cursor_execute", lambda *given: sent.append(str(given[2]))
        )
        deal = transaction.catalog.entity("sales.deal")
        question = sent_question(transaction, deal, ["region", "month(day)"], ["sum(amount)", "count()"])
        answer(transaction, question, Query())
    assert len([text for text in sent if "sales__deal" in text]) == 1


@pytest.mark.parametrize(
    ("values", "adds_up"),
    [
        (["sum(amount)", "avg(amount)", "min(amount)", "max(day)", "count()", "count(bonus)"], True),
        (["count_distinct(region)"], False),
        (["max(name)"], False),
    ],
)
def test_totals_of_groups_are_those_of_their_records(
    sales: tuple[Workspace, dict[str, Actor]], values: list[str], *, adds_up: bool
) -> None:
    workspace, people = sales
    for actor in (SYSTEM, people["ann"], people["chief"]):
        with workspace.reading(actor) as transaction:
            entity = transaction.catalog.entity("sales.deal")
            cells = sent_question(transaction, entity, ["kind", "month(day)"], values)
            rows = answer(transaction, cells, Query())
            assert can_be_put_together(cells, rows) == adds_up
            for places, groups in (((0,), ["kind"]), ((1,), ["month(day)"]), ((), [])):
                if adds_up:
                    whole = answer(transaction, sent_question(transaction, entity, groups, values), Query())
                    together = put_together(cells, rows, places)
                    assert {each.keys: each for each in together} == {each.keys: each for each in whole}


def test_of_more_records_than_asked_for_no_more_are_looked_at(
    sales: tuple[Workspace, dict[str, Actor]],
) -> None:
    with sales[0].reading(SYSTEM) as transaction:
        question = sent_question(transaction, transaction.catalog.entity("sales.deal"), [], ["count()"])
        count = answer(transaction, question, Query())[0].count
        assert has_more(transaction, question, Query(), count - 1)
        assert not has_more(transaction, question, Query(), count)
        assert not has_more(transaction, question, Query(filter='name == "a"'), 1)
