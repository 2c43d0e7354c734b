"""Periods: what they hold, and what comes before them."""

from datetime import date
from itertools import pairwise

import pytest

from engine.definition.language_views import PERIOD_CHOICES
from engine.figures.periods import LENGTHS, every, first_day, following, last_day
from engine.figures.spans import SPANS, Span, before, condition, span_of

TODAY = date(2026, 5, 31)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("this_month", date(2026, 5, 1), date(2026, 5, 31)),
        ("last_month", date(2026, 4, 1), date(2026, 4, 30)),
        ("this_quarter", date(2026, 4, 1), date(2026, 6, 30)),
        ("last_quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("last_12_months", date(2025, 6, 1), date(2026, 5, 31)),
        ("next_12_months", date(2026, 5, 1), date(2027, 4, 30)),
    ],
)
def test_periods_are_whole(period: str, first: date, last: date) -> None:
    assert span_of(period, TODAY) == Span(first, last)


def test_every_period_of_the_language_is_known() -> None:
    assert {*SPANS, "all"} == set(PERIOD_CHOICES)
    assert span_of("all", TODAY) is None


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (Span(date(2026, 3, 1), date(2026, 3, 31)), Span(date(2026, 2, 1), date(2026, 2, 28))),
        (Span(date(2026, 1, 1), date(2026, 12, 31)), Span(date(2025, 1, 1), date(2025, 12, 31))),
        (Span(date(2026, 1, 5), date(2026, 1, 11)), Span(date(2025, 12, 29), date(2026, 1, 4))),
    ],
)
def test_the_span_before_is_as_long(span: Span, found: Span) -> None:
    assert before(span) == found


@pytest.mark.parametrize("period", LENGTHS)
def test_periods_follow_one_another_without_a_gap(period: str) -> None:
    starts = list(every(period, date(2023, 12, 30), date(2026, 3, 2)))
    for start, after in pairwise(starts):
        assert following(period, start) == after
        assert first_day(period, last_day(period, start)) == start
        assert (after - last_day(period, start)).days == 1


def test_a_span_as_a_formula() -> None:
    span = Span(date(2026, 1, 1), date(2026, 1, 31))
    assert condition("day", span) == "day >= date(2026, 1, 1) and day <= date(2026, 1, 31)"
