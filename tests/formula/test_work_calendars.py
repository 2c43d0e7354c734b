"""Working days by a calendar: in memory, on SQLite and on PostgreSQL, beside counting them one by one."""

from datetime import date, timedelta
from typing import Any

from engine.working_time import add_working_days, is_working_day
from tests.formula.conftest import CALENDARS

CASES = [
    ('networkdays(date(2026, 9, 21), date(2026, 10, 11), "office")', 10),
    ('networkdays(date(2026, 10, 11), date(2026, 9, 21), "office")', -10),
    ('networkdays(date(2026, 9, 20), date(2026, 9, 20), "office")', 1),
    ('networkdays(date(2026, 10, 1), date(2026, 10, 7), "crm.office")', 0),
    ('networkdays(date(2026, 10, 1), date(2026, 10, 31), "sundays")', 4),
    ('networkdays(date(2026, 10, 1), date(2026, 10, 31), "hrm.always")', 30),
    ('networkdays(date(1, 1, 1), date(1, 1, 7), "office")', 5),
    ('networkdays(blank, date(2026, 10, 1), "office")', None),
    ('workday(date(2026, 9, 30), 1, "office")', date(2026, 10, 8)),
    ('workday(date(2026, 10, 9), 1, "office")', date(2026, 10, 10)),
    ('workday(date(2026, 10, 8), -1, "office")', date(2026, 9, 30)),
    ('workday(date(2026, 9, 21), -1, "office")', date(2026, 9, 20)),
    ('workday(date(2026, 10, 4), 0, "office")', date(2026, 10, 4)),
    ('workday(date(2026, 10, 4), blank, "office")', date(2026, 10, 4)),
    ('workday(date(2026, 9, 1), 3, "sundays")', date(2026, 9, 20)),
    ('workday(date(2026, 9, 30), 1, "hrm.always")', date(2026, 10, 2)),
    ('workday(date(2026, 1, 1), 10000, "office")', date(2064, 5, 7)),
    ('workday(date(2026, 1, 1), 10001, "office")', None),
    ('workday(date(2026, 1, 1), quantity * 10 ** 8, "office")', None),
    ('workday(date(9999, 12, 31), 1, "office")', None),
    ('workday(date(1, 1, 2), -2, "office")', None),
    ('workday(blank, 1, "office")', None),
    ("networkdays(date(2026, 10, 1), date(2026, 10, 7), blank)", 5),
]


def test_both_answers_are_the_expected_one(company: Any) -> None:
    wrong = [(text, found, expected) for text, expected in CASES if (found := company.both(text)) != expected]
    assert wrong == []


def test_every_day_around_the_holidays(company: Any) -> None:
    for name in ("office", "sundays"):
        calendar = CALENDARS[f"crm.{name}"]
        for number in range(0, 60, 7):
            start = date(2026, 9, 1) + timedelta(days=number)
            days = [start + timedelta(days=each) for each in range(30)]
            written = f"date({start.year}, {start.month}, {start.day})"
            counted = sum(is_working_day(calendar, day) for day in days)
            assert company.both(f'networkdays({written}, {written} + 29, "{name}")') == counted
            for count in (-9, 4):
                expected = add_working_days(calendar, start, count)
                assert company.both(f'workday({written}, {count}, "{name}")') == expected


def test_days_of_records(company: Any) -> None:
    named, usual = (
        company.both(f"sum(networkdays(date(2026, 1, 1), d.won_on{calendar}) for d in deal)")
        for calendar in (', "office"', "")
    )
    # One deal was won in the year 9999: after six holidays and two make-up days; one was never won.
    assert usual - named == 4


def test_the_calendar_is_named_and_known(problems: Any) -> None:
    begin = "networkdays(won_on, won_on, "
    assert problems(f'{begin}"offise")') == ["29: There is no calendar 'offise'. Did you mean 'office'?"]
    assert problems(f'{begin}"always")') == ["29: There is no calendar 'always'. Did you mean 'hrm.always'?"]
    assert problems(f"{begin}name)") == ['29: Write the name of a calendar here, such as "office".']
    assert problems(f"{begin}5)") == ['29: Write the name of a calendar here, such as "office".']


def test_a_formula_knows_its_calendars(company: Any) -> None:
    assert company.check('workday(won_on, 1, "office")').calendars == {"crm.office"}
    assert company.check("workday(won_on, 1)").calendars == frozenset()
