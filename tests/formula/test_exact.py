"""Numbers are exact: chains of * and / against Fraction, ties and negatives included, in every back end."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.formula.check import Scope, check_formula
from engine.formula.compile_sql import compile_sql
from engine.formula.evaluate import Moment, evaluate
from engine.formula.exact import plain_text, rounded, unscaled
from engine.formula.types import money
from tests.formula.expressions import NOW, at_start

ROUNDING = [
    ("half", "2.345", 2, "2.35"),
    ("half", "-2.345", 2, "-2.35"),
    ("half", "2.5", 0, "3"),
    ("half", "-2.5", 0, "-3"),
    ("half", "1250", -2, "1300"),
    ("away", "2.341", 2, "2.35"),
    ("away", "-2.341", 2, "-2.35"),
    ("away", "2.34", 2, "2.34"),
    ("toward", "2.349", 2, "2.34"),
    ("toward", "-2.349", 2, "-2.34"),
    ("floor", "-2.341", 2, "-2.35"),
    ("floor", "2.349", 2, "2.34"),
    ("ceiling", "-2.349", 2, "-2.34"),
    ("ceiling", "2.341", 2, "2.35"),
    ("half", "-0.004", 2, "0.00"),
]


@pytest.mark.parametrize(("mode", "value", "decimals", "expected"), ROUNDING)
def test_rounding(mode: str, value: str, decimals: int, expected: str) -> None:
    assert str(rounded(mode, Decimal(value), decimals)) == expected


@given(
    numerator=st.integers(-(10**20), 10**20), denominator=st.integers(1, 10**9), decimals=st.integers(0, 6)
)
def test_rounding_half_up_is_that_of_fractions(numerator: int, denominator: int, decimals: int) -> None:
    exact = Fraction(numerator, denominator)
    found = rounded("half", exact, decimals)
    assert found is not None
    assert abs(Fraction(found) - exact) * 2 <= Fraction(1, 10**decimals)
    assert unscaled(found, decimals) == found.scaleb(decimals)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Decimal("1234.50"), "1234.5"), (Decimal("1E+3"), "1000"), (-7, "-7"), (Decimal("0.00"), "0")],
)
def test_plain_text(value: Any, expected: str) -> None:
    assert plain_text(value) == expected


def half_up(value: Fraction, decimals: int) -> Decimal:
    """Rounds half away from zero with nothing but whole numbers."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)


CENTS = st.integers(-(10**9), 10**9) | st.sampled_from([0, 1, -1, 5, 50, 100, 10**18 - 1, -(10**18 - 1)])
SMALL = st.integers(-9_999, 9_999).filter(bool)
FORMULAS = (
    "amount * {b} / {c}",
    "amount / {c} * {b}",
    "{b} / {c} * amount",
    "amount / ({c} / {b})",
    "-(-amount * {b}) / {c}",
    "amount * ({b} / {c})",
    "if(amount > 0, amount / {c}, amount * 1 / {c}) * {b}",
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cents=st.lists(CENTS, min_size=40, max_size=40), b=SMALL, c=SMALL, decimals=st.integers(0, 4))
def test_quotients_are_exact_in_the_database(
    company: Any, cents: list[int], b: int, c: int, decimals: int
) -> None:
    deal = company.tables["crm.deal"]
    numbers = range(1000, 1000 + len(cents))
    with company.connection.begin_nested() as transaction:
        rows = [
            {"id": n, "amount": Decimal(value).scaleb(-2)} for n, value in zip(numbers, cents, strict=True)
        ]
        company.connection.execute(deal.insert(), rows)
        for template in FORMULAS:
            text = f"round({template.format(b=Decimal(b).scaleb(-1), c=Decimal(c).scaleb(-2))}, {decimals})"
            formula = company.check(text)
            value = compile_sql(formula, company, deal, company.dialect)
            found = company.connection.execute(
                select(deal.c.id, value).where(deal.c.id >= 1000).order_by(deal.c.id)
            ).all()
            expected = [
                half_up(Fraction(cent, 100) * Fraction(b, 10) / Fraction(c, 100), decimals) for cent in cents
            ]
            assert [row[1] for row in found] == expected, text
        transaction.rollback()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cent=CENTS, b=SMALL, c=SMALL, decimals=st.integers(0, 4))
def test_quotients_are_exact_in_memory(world: Any, cent: int, b: int, c: int, decimals: int) -> None:
    expected = half_up(Fraction(cent, 100) * Fraction(b, 10) / Fraction(c, 100), decimals)
    for template in FORMULAS:
        text = f"round({template.format(b=Decimal(b).scaleb(-1), c=Decimal(c).scaleb(-2))}, {decimals})"
        formula = check_formula(at_start(text), world, Scope("crm", "crm.deal"))
        moment = Moment(None, frozenset(), NOW, "Asia/Shanghai")
        assert evaluate(formula, {"amount": Decimal(cent).scaleb(-2)}, {}, moment) == expected, text


def test_no_number_passes_through_a_float(company: Any) -> None:
    assert company.both("amount * 3 / 3", 4, money()) == Decimal("9999999999999999.99")
    assert company.both("sum(d.amount for d in deal if d.id == this.id) + 0.01", 4) == Decimal(
        "10000000000000000.00"
    )


SALARY = Decimal(30000) - 4500 - 2000 - 5000


@pytest.mark.parametrize(
    ("month", "tax"),
    [(1, "555.00"), (2, "625.00"), (3, "1850.00"), (4, "1850.00"), (8, "2250.00"), (12, "3700.00")],
)
def test_cumulative_withholding(company: Any, month: int, tax: str) -> None:
    """The tax authority's published example: 30,000 a month, 4,500 insurance, 2,000 special deductions."""
    total = [
        f"bracket({SALARY * months}, b.up_to, b.rate for b in hrm.tax_bracket if b.year == 2026)"
        for months in (month - 1, month)
    ]
    assert company.both(f"round({total[1]} - {total[0]}, 2)") == Decimal(tax)


def test_listed_brackets_equal_brackets_in_rows(company: Any) -> None:
    listed = "[36000, 144000, 300000, 420000, 660000, 960000], [3%, 10%, 20%, 25%, 30%, 35%, 45%]"
    rows = "b.up_to, b.rate for b in hrm.tax_bracket if b.year == 2026"
    for value in (0, -1, 36000, 36000.01, 144000, 300000.5, 959999.99, 960001, 12345678.9):
        assert company.both(f"bracket({value}, {listed}) == bracket({value}, {rows})") is True
