"""The people, deals and payslips of benchmarks/payroll.py, made by SQL, and their taxes in fractions.

Every value follows from the number of its row, so that the model in Python knows it without reading it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Connection, text

FIRST_DAY = date(2026, 1, 1)
DAYS = 59
PERIODS = ((1, date(2026, 1, 1), date(2026, 1, 31)), (2, date(2026, 2, 1), date(2026, 2, 28)))
LIMITS = (36_000, 144_000, 300_000, 420_000, 660_000, 960_000, None)
RATES = (3, 10, 20, 25, 30, 35, 45)


def fill(connection: Connection, people: int, deals: int) -> None:
    """Everything but payslips."""
    _insert(connection, "person", people, {"name": "'Person ' || n"})
    rate = _decimal(connection, "n % 400", 4)
    _insert(connection, "employee", people, {"person": "n", "commission_rate": rate})
    values = {
        "owner": f"(n * 48271) % {people} + 1",
        "amount": _decimal(connection, "(n * 7919) % 499979 + 1000", 2),
        "status": "CASE n % 4 WHEN 0 THEN 'lost' ELSE 'won' END",
        "won_on": _day(connection, f"(n * 31) % {DAYS}"),
    }
    _insert(connection, "deal", deals, values)
    for number, start, end in PERIODS:
        days = (f"{(start - FIRST_DAY).days}", f"{(end - FIRST_DAY).days}")
        values = {"id": str(number), "start": _day(connection, days[0]), "end": _day(connection, days[1])}
        _insert(connection, "period", 1, values)
    for limit, percent in zip(LIMITS, RATES, strict=True):
        up_to = "NULL" if limit is None else _decimal(connection, f"{limit * 100}", 2)
        rate = _decimal(connection, f"{percent * 100}", 4)
        _insert(connection, "bracket", 1, {"year": "2026", "up_to": up_to, "rate": rate})


def add_payslips(connection: Connection, people: int, period: int) -> None:
    """Draft payslips of everybody for a period; stored formulas are left to be recomputed."""
    values = {
        "employee": "n",
        "period": f"{period}",
        "base": _decimal(connection, f"(n * 7907 + {period} * 977) % 6000000 + 300000", 2),
        "overtime_hours": _decimal(connection, f"(n * 13 + {period}) % 4000", 2),
        "special_deductions": _decimal(connection, "(n % 5) * 100000", 2),
        "stage": "'draft'",
    }
    _insert(connection, "payslip", people, values)


def _insert(connection: Connection, entity: str, rows: int, values: dict[str, str]) -> None:
    given = {**values, "created_at": "CURRENT_TIMESTAMP", "updated_at": "CURRENT_TIMESTAMP", "revision": "1"}
    columns = ", ".join(f'"{name}"' for name in given)
    if connection.dialect.name == "sqlite":
        numbers = (
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})"
        )
        source = "numbers"
    else:
        numbers, source = "", f"generate_series(1::bigint, {rows}) AS numbers(n)"
    # Names and expressions of this file only.
    statement = (
        f"INSERT INTO pay__{entity} ({columns}) {numbers} SELECT {', '.join(given.values())} FROM {source}"
    )
    connection.execute(text(statement.replace("::", r"\:\:")))


def _decimal(connection: Connection, whole: str, decimals: int) -> str:
    sqlite = connection.dialect.name == "sqlite"
    return f"({whole})" if sqlite else f"(({whole})::numeric / {10**decimals})"


def _day(connection: Connection, number: str) -> str:
    if connection.dialect.name == "sqlite":
        return f"date('{FIRST_DAY}', ({number}) || ' days')"
    return f"(date '{FIRST_DAY}' + ({number})::integer)"


def cents(value: Fraction) -> int:
    """Rounded half up to whole cents, away from zero."""
    size = int(abs(value) * 100 + Fraction(1, 2))
    return size if value >= 0 else -size


def expected(people: int, deals: int) -> list[list[tuple[int, int]]]:
    """For each period, for each person: net pay and tax in cents, computed with fractions only."""
    sales = [[[0, 0] for _ in range(people + 1)] for _ in PERIODS]
    days = [FIRST_DAY + timedelta(days=each) for each in range(DAYS)]
    for n in range(1, deals + 1):
        if n % 4:
            day = days[n * 31 % DAYS]
            found = sales[0 if day <= PERIODS[0][2] else 1][n * 48271 % people + 1]
            found[0] += n * 7919 % 499979 + 1000
            found[1] += 1
    answers: list[list[tuple[int, int]]] = [[] for _ in PERIODS]
    for person in range(1, people + 1):
        to_date = withheld = Fraction(0)
        for index, (period, _, _) in enumerate(PERIODS):
            net, tax, to_date = _payslip(person, period, sales[index][person], to_date, withheld)
            withheld += Fraction(tax, 100)
            answers[index].append((net, tax))
    return answers


def _payslip(
    person: int, period: int, sales: Sequence[int], before: Fraction, withheld: Fraction
) -> tuple[int, int, Fraction]:
    base = Fraction((person * 7907 + period * 977) % 6_000_000 + 300_000, 100)
    hours = Fraction((person * 13 + period) % 4000, 100)
    overtime = Fraction(cents(base / Fraction("21.75") / 8 * Fraction(3, 2) * hours), 100)
    won = Fraction(sales[0], 100)
    commission = Fraction(cents(won * Fraction(person % 400, 10_000)), 100)
    bonus = Fraction(cents(won / sales[1] / 100), 100) if sales[1] > 3 else Fraction(0)
    gross = base + overtime + commission + bonus
    insurance = Fraction(cents(min(max(base, 7162), 35811) * Fraction("0.105")), 100)
    insurance += Fraction(cents(min(max(base, 2690), 35811) * Fraction("0.07")), 100)
    to_date = before + gross - 5000 - insurance - person % 5 * 1000
    total, lower = Fraction(0), 0
    for limit, percent in zip(LIMITS, RATES, strict=True):
        upper = to_date if limit is None else min(to_date, Fraction(limit))
        total += max(Fraction(0), upper - lower) * Fraction(percent, 100)
        lower = limit or 0
    tax = max(Fraction(0), Fraction(cents(total), 100) - withheld)
    return cents(gross - insurance - tax), cents(tax), to_date
