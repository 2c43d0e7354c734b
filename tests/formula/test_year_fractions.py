"""yearfrac with basis 1: leap years on either side, in memory and in both databases alike."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from engine.formula.functions.year_fractions import days_of_years, years_touched


@pytest.mark.parametrize(
    ("start", "end", "years", "days"),
    [
        ("2023-03-01", "2024-02-28", 1, 365),
        ("2023-03-01", "2024-02-29", 1, 366),
        ("2023-03-01", "2024-03-01", 1, 366),
        ("2023-03-01", "2024-03-02", 2, 731),
        ("2024-02-29", "2025-01-01", 1, 366),
        ("2024-03-01", "2025-02-28", 1, 365),
        ("2024-12-31", "2024-12-31", 1, 366),
        ("1899-07-01", "1900-06-30", 1, 365),
        ("2000-01-01", "2003-12-31", 4, 1461),
        ("0001-01-01", "9999-12-31", 9999, 3652059),
    ],
)
def test_the_length_of_a_year(start: str, end: str, years: int, days: int) -> None:
    between = date.fromisoformat(start), date.fromisoformat(end)
    assert (years_touched(*between), days_of_years(*between)) == (years, days)
    assert (years_touched(*between[::-1]), days_of_years(*between[::-1])) == (years, days)


def test_databases_count_as_memory_does(company: Any) -> None:
    random = Random(7)
    for _ in range(60):
        start = date(1, 1, 1) + timedelta(random.randrange(3_652_058))
        end = min(date.max, start + timedelta(random.choice([1, 59, 364, 365, 366, 367, 800, 40_000])))
        company.both(
            f"yearfrac(if(amount > 0, date({start.year}, {start.month}, {start.day}), blank),"
            f" if(amount > 0, date({end.year}, {end.month}, {end.day}), blank), 1)"
        )
