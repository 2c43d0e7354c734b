"""What a formula needs from outside its record: in one statement, for saved and unsaved records alike."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from engine.formula.compile_sql import compile_sql, condition, moment_parameters
from engine.formula.evaluate import evaluate
from engine.formula.outside import outside_parameters, outside_select


class Link(NamedTuple):
    id: int
    title: str


def computed(company: Any, text: str, own: dict[str, Any]) -> Any:
    formula = company.check(text)
    statement = outside_select([formula], company, company.dialect)
    parameters = outside_parameters([formula], own, company.moment)
    outside = company.connection.execute(statement, parameters).mappings().one()
    return evaluate(formula, own, outside, company.moment)


def test_nothing_is_fetched_for_a_formula_of_its_own_record(company: Any) -> None:
    assert outside_select([company.check("amount * 2")], company, company.dialect) is None


def test_several_formulas_share_one_statement_and_equal_parts(company: Any) -> None:
    formulas = [
        company.check(text) for text in ("owner.name & 1", "owner.name & 2", "sum(d.amount for d in deal)")
    ]
    statement = outside_select(formulas, company, company.dialect)
    assert statement is not None
    assert len(statement.selected_columns) == 2


@pytest.mark.parametrize("link", [2, Link(2, "Bo"), {"id": 2}])
def test_a_link_may_be_given_in_any_form(company: Any, link: Any) -> None:
    assert computed(company, "owner.name", {"owner": link}) == "Bo"
    assert computed(company, "count(d for d in deal if d.owner == owner)", {"owner": link}) == 2


ROWS = [
    {"product": Link(1, "Bolt"), "quantity": 4, "price": Decimal("0.35"), "amount": Decimal("1.40")},
    {"product": 2, "quantity": None, "price": None},
    {"id": 7, "product": None, "quantity": 1, "price": Decimal("9999999999999999.99")},
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(l.amount for l in lines)", Decimal("1.40")),
        ("sum(lines.price)", Decimal("10000000000000000.34")),
        ("sum(l.quantity * l.product.price for l in lines)", Decimal("1.40")),
        ("count(l for l in lines if isblank(l.quantity))", 1),
        ("join(l.product.name for l in lines)", "Nut, Bolt"),
        ("any(l.product.name == 'Nut' for l in lines)", True),
        ("count(lines)", 3),
    ],
)
def test_child_rows_that_are_not_saved(company: Any, text: str, expected: Any) -> None:
    assert computed(company, text, {"lines": ROWS}) == expected


def test_many_links_that_are_not_saved(company: Any) -> None:
    own = {"watchers": (Link(1, "Ann"), 2)}
    assert computed(company, "join(w.name for w in watchers)", own) == "Ann, Bo"
    assert computed(company, "user in watchers", own) is True
    assert computed(company, "count(watchers)", {}) == 0


def test_a_record_that_is_not_saved_equals_no_link(company: Any) -> None:
    assert computed(company, "count(d for d in deal if d.account == id)", {"id": None}) == 0


def test_options_may_be_a_tuple(company: Any) -> None:
    formula = company.check('"vip" in tags')
    assert evaluate(formula, {"tags": ("big", "vip")}, {}, company.moment) is True
    assert evaluate(formula, {"tags": ()}, {}, company.moment) is False


def test_candidates_are_rows_and_the_record_is_parameters(company: Any) -> None:
    text = "account.owner == owner and account.credit > amount and account.owner.name == owner.name"
    formula = company.check(text, candidate=("account", "crm.account"))
    source = company.source("crm.account")
    statement = select(source.c.id).where(condition(formula, company, source, company.dialect))
    for amount, expected in ((Decimal(999), [1]), (Decimal(1001), [])):
        own = {"owner": Link(2, "Bo"), "amount": amount}
        parameters = outside_parameters([formula], own, company.moment)
        assert list(company.connection.execute(statement, parameters).scalars()) == expected


def test_who_asks_is_a_parameter(company: Any) -> None:
    formula = company.check('owner == user or has_role("crm.boss")')
    source = company.source("crm.deal")
    statement = select(source.c.id).where(condition(formula, company, source, company.dialect)).order_by("id")
    for moment, expected in (
        (replace(company.moment, user=3), [2]),
        (replace(company.moment, user=None), [3]),
        (replace(company.moment, roles=frozenset({"crm.boss", "x"})), [1, 2, 3, 4]),
    ):
        found = company.connection.execute(statement, moment_parameters(moment)).scalars()
        assert list(found) == expected


def test_other_records_of_the_own_entity_count_with_their_frozen_values(company: Any) -> None:
    """March: two months are frozen. April: March is not, so only two count, until it is."""
    formula = company.live["hrm.payslip", "tax"]
    source = company.source("hrm.payslip")
    value = compile_sql(formula, company, source, company.dialect)
    statement = select(source.c.id, value).order_by(source.c.id)
    found = dict(company.connection.execute(statement, moment_parameters(company.moment)).all())
    assert found[4] == Decimal("1850.00")
    assert found[5] == Decimal("1850.00")
    assert found[6] == Decimal("592.04")
