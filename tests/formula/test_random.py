"""Random typed formulas over random rows: one answer in memory, on SQLite and on PostgreSQL."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import FromClause, select

from engine.formula.check import Formula
from engine.formula.compile_sql import compile_sql, moment_parameters
from engine.formula.evaluate import evaluate
from engine.formula.gather import gather, is_gathered
from engine.formula.nodes import Collect, Node, walk
from engine.formula.outside import outside_parameters, outside_select
from engine.formula.sql_value import Sql
from tests.formula.random_formulas import random_deal, random_formula, random_lines

FIRST = 1000
DEALS = 12
FORMULAS = 25


@settings(
    max_examples=15,
    # The same formulas in every run; `benchmarks/soak.py` looks for new ones.
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # The differences are told shortest first; shrinking numbers of formulas would not make them shorter.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    formulas=st.lists(st.integers(0, 2**40), min_size=1, max_size=FORMULAS),
    rows=st.integers(0, 2**40),
    many=st.booleans(),
)
def test_random_formulas_have_one_answer(company: Any, formulas: list[int], rows: int, many: bool) -> None:
    numbers = [*formulas, *(formulas[0] + each for each in range(FORMULAS if many else 0))]
    assert not differences(company, numbers, rows)


def differences(company: Any, formulas: Sequence[int], rows: int) -> list[str]:
    """What is not the same in memory and in the database, shortest formula first."""
    compiled = [random_formula(company, number) for number in formulas]
    with company.connection.begin_nested() as transaction:
        deals = add_deals(company, rows)
        expected = in_memory(company, compiled, deals)
        ways = {
            "in the database": in_database(company, compiled),
            "gathered for all rows": gathered(company, compiled),
        }
        transaction.rollback()
    wrong = [
        f"{formula.expression.text}: {in_rows!r} {way}, {own!r} in memory, for {deal}"
        for way, found in ways.items()
        for formula, answers, others in zip(compiled, found, expected, strict=True)
        for deal, in_rows, own in zip(deals, answers, others, strict=True)
        if (in_rows, type(in_rows), str(in_rows)) != (own, type(own), str(own))
    ]
    return sorted(wrong, key=len)


def add_deals(company: Any, number: int) -> list[dict[str, Any]]:
    """Random deals with their lines and watchers, saved."""
    chance = Random(number)
    deals, lines, watchers = [], [], []
    for identity in range(FIRST, FIRST + DEALS):
        deal = random_deal(chance, identity)
        own = random_lines(chance, identity)
        watching = chance.choice(((), (2,), (1, 3)))
        lines += own
        watchers += [{"record_id": identity, "target_id": each} for each in watching]
        deals.append({**deal, "lines": own, "watchers": watching})
    saved = [{name: deal[name] for name in deal if name not in {"lines", "watchers"}} for deal in deals]
    company.connection.execute(company.tables["crm.deal"].insert(), saved)
    if lines:
        company.connection.execute(company.tables["crm.deal_line"].insert(), lines)
    if watchers:
        company.connection.execute(company.watchers.insert(), watchers)
    return [with_live_fields(deal) for deal in deals]


def with_live_fields(deal: Mapping[str, Any]) -> dict[str, Any]:
    """A deal and its lines as the engine hands them to formulas: with what is computed of them."""
    lines = [
        {**line, "amount": (line["quantity"] or 0) * (line["price"] or Decimal("0.00"))}
        for line in deal["lines"]
    ]
    return {**deal, "lines": lines, "total": sum((line["amount"] for line in lines), Decimal("0.00"))}


def in_database(company: Any, formulas: Sequence[Formula]) -> list[list[Any]]:
    """The answers of each formula, of all deals, by one statement."""
    source = company.source("crm.deal")
    return _answers(company, formulas, source, {})


def gathered(company: Any, formulas: Sequence[Formula]) -> list[list[Any]]:
    """The same, with sums, counts and slices had for all deals together."""
    source = company.source("crm.deal")
    nodes = {
        node: formula
        for formula in formulas
        for node in walk(formula.tree)
        if isinstance(node, Collect) and is_gathered(node)
    }
    found = gather(nodes, lambda *_: company, source, {}, company.dialect)
    joined = source
    for query in found.queries:
        joined = joined.outerjoin(query, query.c.id == source.c.id)
    # As columns of a query of their own, like the levels of live fields.
    values = [value.expression.label(f"set_{place}") for place, value in enumerate(found.values.values())]
    rows = select(*source.c, *values).select_from(joined).cte().prefix_with("MATERIALIZED")
    known = {
        node: value.moved(rows.c[f"set_{place}"]) for place, (node, value) in enumerate(found.values.items())
    }
    return _answers(company, formulas, rows, known)


def _answers(
    company: Any, formulas: Sequence[Formula], source: FromClause, known: Mapping[Node, Sql]
) -> list[list[Any]]:
    values = [compile_sql(formula, company, source, company.dialect, known) for formula in formulas]
    labelled = [value.label(f"answer_{number}") for number, value in enumerate(values)]
    statement = select(*labelled).select_from(source).where(source.c.id >= FIRST).order_by(source.c.id)
    found = company.connection.execute(statement, moment_parameters(company.moment)).all()
    return [[row[number] for row in found] for number in range(len(formulas))]


def in_memory(
    company: Any, formulas: Sequence[Formula], deals: Sequence[Mapping[str, Any]]
) -> list[list[Any]]:
    """The answers of each formula, of each deal as if it were not saved yet."""
    statement = outside_select(formulas, company, company.dialect)
    answers: list[list[Any]] = [[] for _ in formulas]
    for deal in deals:
        outside: Mapping[str, Any] = {}
        if statement is not None:
            parameters = outside_parameters(formulas, deal, company.moment)
            outside = company.connection.execute(statement, parameters).mappings().one()
        for found, formula in zip(answers, formulas, strict=True):
            found.append(evaluate(formula, deal, outside, company.moment))
    return answers
