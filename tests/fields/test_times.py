"""Days, instants and lengths of time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields.field_type import ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.fields.types.datetime import EARLIEST, LATEST

DATE, DATETIME, DURATION, MONTH, TIME = (
    FIELD_TYPES[name] for name in ("date", "datetime", "duration", "month", "time")
)
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kathmandu"]


@settings(deadline=None)
@given(day=st.dates())
def test_dates_are_read_as_they_are_shown(day: date) -> None:
    shown = f"{day.year:04}年{day.month}月{day.day}日"
    assert DATE.parse({}, shown, "zh") == DATE.parse({}, day.isoformat(), "en") == day
    assert DATE.parse({}, f"{day.year:04}/{day.month}/{day.day}", "zh") == day
    assert DATE.accept({}, DATE.to_json({}, day)) == day
    assert DATE.format({}, day, "zh") == f"{day.year}年{day.month}月{day.day}日"
    month = day.replace(day=1)
    assert MONTH.parse({}, MONTH.edit({}, month, "en"), "en") == month
    assert MONTH.format({}, month, "zh") == f"{day.year}年{day.month}月"


instants = st.datetimes(
    EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC)
).map(lambda instant: instant.replace(microsecond=instant.microsecond // 1000 * 1000))


@settings(deadline=None)
@given(instant=instants, zone=st.sampled_from(ZONES))
def test_instants_are_read_as_they_are_edited(instant: datetime, zone: str) -> None:
    assert DATETIME.parse({}, DATETIME.edit({}, instant, "zh", zone), "zh", zone) == instant
    assert DATETIME.accept({}, DATETIME.to_json({}, instant)) == instant


def test_an_hour_that_clocks_skip_is_refused() -> None:
    with pytest.raises(ValueRefused) as refused:
        DATETIME.parse({}, "2026-03-08 02:30", "en", "America/New_York")
    assert str(refused.value) == (
        "There is no 2026-03-08 02:30:00 in America/New_York: the clocks are put forward over it."
    )


def test_an_hour_that_clocks_show_twice_is_told_apart() -> None:
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
    texts = [DATETIME.edit({}, each, "en", "America/New_York") for each in (first, second)]
    assert texts == ["2026-11-01T01:30", "2026-11-01T01:30-05:00"]
    assert [DATETIME.parse({}, each, "en", "America/New_York") for each in texts] == [first, second]


def test_an_instant_is_shown_where_the_person_is() -> None:
    instant = datetime(2026, 11, 21, 18, 5, 9, tzinfo=UTC)
    assert DATETIME.format({}, instant, "zh", "Asia/Shanghai") == "2026年11月22日 02:05"
    assert DATETIME.format({}, instant, "en", "America/New_York") == "Nov 21, 2026 13:05"


@pytest.mark.parametrize(
    "edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00+99:00"]
)
def test_instants_outside_of_the_calendar_are_refused(edge: str) -> None:
    with pytest.raises(ValueRefused):
        DATETIME.accept({}, edge)


@settings(deadline=None)
@given(seconds=st.integers(-999_999 * 86_400, 999_999 * 86_400))
def test_durations_are_read_as_they_are_shown(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    for locale in ("en", "zh"):
        assert DURATION.parse({}, DURATION.format({}, length, locale), locale) == length
    assert DURATION.accept({}, DURATION.to_json({}, length)) == length


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2 weeks", 14 * 86_400),
        ("1 hour, 30 minutes and 5 seconds", 5_405),
        ("90min", 5_400),
        ("0.5天", 43_200),
        ("2个小时", 7_200),
        ("1周", 7 * 86_400),
        ("PT90M", 5_400),
        ("-P1DT1S", -86_401),
    ],
)
def test_ways_of_writing_a_duration(written: str, seconds: int) -> None:
    assert DURATION.parse({}, written, "zh") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["1.5 seconds", "3 3 days", "1 day 1 day", "9999999 days", "PT", "P1M", "3 dayss", "d"]
)
def test_what_is_no_duration(written: str) -> None:
    with pytest.raises(ValueRefused):
        DURATION.parse({}, written, "en")


@pytest.mark.parametrize(
    ("field_type", "value", "locale", "shown"),
    [
        (DATE, date(2026, 11, 1), "en", "Nov 1, 2026"),
        (MONTH, date(2026, 11, 1), "en", "November 2026"),
        (DURATION, timedelta(days=1, hours=2), "en", "1 day 2 hours"),
        (DURATION, timedelta(days=1, hours=2), "zh", "1天2小时"),
    ],
)
def test_what_people_read(field_type: Any, value: Any, locale: str, shown: str) -> None:
    assert field_type.format({}, value, locale) == shown
