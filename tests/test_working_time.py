"""Working time against examples and against counting by the minute and by the day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.working_time import (
    WorkingCalendar,
    add_working,
    add_working_days,
    is_working,
    is_working_day,
    make_calendar,
    read_wait,
    wait_until,
    working_between,
    working_days,
)

OFFICE_DAY = ((540, 720), (780, 1080))
SHANGHAI, BERLIN, CAIRO = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "Africa/Cairo"))
HOLIDAYS = [date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))]
OFFICE = make_calendar([OFFICE_DAY] * 5 + [()] * 2, HOLIDAYS, [date(2026, 9, 20), date(2026, 10, 10)])
ALWAYS = make_calendar([((0, 1440),)] * 7)
NIGHTS = make_calendar([((0, 360), (1320, 1440))] * 7)


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-09-21 09:00", 8, "2026-09-21 18:00"),  # a full day ends when the day does
        ("2026-09-21 09:00", 8.5, "2026-09-22 09:30"),
        ("2026-09-21 12:30", 1, "2026-09-21 14:00"),  # at noon
        ("2026-09-21 11:30", 1, "2026-09-21 13:30"),  # over noon
        ("2026-09-21 03:00", 1, "2026-09-21 10:00"),
        ("2026-09-24 17:00", 2, "2026-09-28 10:00"),  # Mid-Autumn: Friday is a holiday
        ("2026-09-18 17:00", 2, "2026-09-20 10:00"),  # the Sunday is worked
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # the National Day holidays
        ("2026-10-09 18:00", 8, "2026-10-10 18:00"),  # the Saturday is worked
        ("2026-10-10 17:00", 2, "2026-10-12 10:00"),
        ("2026-12-31 17:30", 1, "2027-01-01 09:30"),  # no holiday is known of 2027
        ("2026-09-21 23:59", 0, "2026-09-21 23:59"),
    ],
)
def test_when_working_time_has_passed(start: str, hours: float, end: str) -> None:
    found = add_working(OFFICE, at(SHANGHAI, start), timedelta(hours=hours), SHANGHAI)
    assert found.astimezone(SHANGHAI).replace(tzinfo=None) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-09-21 08:59", False),
        ("2026-09-21 09:00", True),
        ("2026-09-21 11:59", True),
        ("2026-09-21 12:00", False),
        ("2026-09-21 18:00", False),
        ("2026-09-20 09:00", True),
        ("2026-09-25 10:00", False),
        ("2026-09-26 10:00", False),
    ],
)
def test_is_working(instant: str, expected: bool) -> None:
    assert is_working(OFFICE, at(SHANGHAI, instant), SHANGHAI) is expected


def test_the_zone_of_the_office_decides() -> None:
    noon_in_berlin = at(BERLIN, "2026-09-21 12:30")
    assert is_working(OFFICE, noon_in_berlin.astimezone(SHANGHAI), BERLIN) is False
    assert is_working(OFFICE, noon_in_berlin, ZoneInfo("Africa/Abidjan")) is True


@pytest.mark.parametrize(
    ("zone", "calendar", "start", "hours", "end"),
    [
        # Berlin: 29 March 2026 has 23 hours, 25 October 25
        (BERLIN, ALWAYS, "2026-03-28 12:00", 24, "2026-03-29 13:00"),
        (BERLIN, ALWAYS, "2026-10-24 12:00", 24, "2026-10-25 11:00"),
        (BERLIN, NIGHTS, "2026-03-28 22:00", 8, "2026-03-29 23:00"),  # the night has 7 hours
        (BERLIN, NIGHTS, "2026-10-24 22:00", 8, "2026-10-25 05:00"),  # the night has 9 hours
        # Cairo leaves out midnight to one o'clock on 24 April 2026
        (CAIRO, ALWAYS, "2026-04-23 23:00", 2, "2026-04-24 02:00"),
    ],
)
def test_where_the_clock_is_changed(
    zone: ZoneInfo, calendar: WorkingCalendar, start: str, hours: float, end: str
) -> None:
    found = add_working(calendar, at(zone, start), timedelta(hours=hours), zone)
    assert found == at(zone, end).astimezone(UTC)


def test_spans_that_the_clock_leaves_out_do_not_overlap() -> None:
    halves = make_calendar([((0, 150), (150, 180), (180, 1440))] * 7)
    start = at(BERLIN, "2026-03-29 00:00")
    assert add_working(halves, start, timedelta(hours=23), BERLIN) == at(BERLIN, "2026-03-30 00:00")
    assert working_between(halves, start, at(BERLIN, "2026-03-30 00:00"), BERLIN) == timedelta(hours=23)


def test_the_end_of_time() -> None:
    with pytest.raises(OverflowError):
        add_working(OFFICE, datetime(9999, 12, 30, tzinfo=UTC), timedelta(days=9), UTC_ZONE)
    assert add_working_days(OFFICE, date(9999, 12, 31), 1) is None
    assert add_working_days(OFFICE, date(1, 1, 1), -1) is None


UTC_ZONE = ZoneInfo("UTC")
DAYS = st.dates(date(2026, 8, 1), date(2026, 12, 1))
CALENDARS = st.sampled_from([OFFICE, ALWAYS, NIGHTS, make_calendar([()] * 6 + [OFFICE_DAY], HOLIDAYS)])


@given(CALENDARS, DAYS, DAYS)
def test_working_days_are_those_one_counts(calendar: WorkingCalendar, start: date, end: date) -> None:
    low, high = sorted((start, end))
    days = [low + timedelta(days=number) for number in range((high - low).days + 1)]
    counted = sum(is_working_day(calendar, day) for day in days)
    assert working_days(calendar, start, end) == (counted if start <= end else -counted)


@given(CALENDARS, DAYS, st.integers(-40, 40))
def test_the_working_day_one_counts_to(calendar: WorkingCalendar, start: date, count: int) -> None:
    day, left = start, abs(count)
    while left:
        day += timedelta(days=1 if count > 0 else -1)
        left -= is_working_day(calendar, day)
    assert add_working_days(calendar, start, count) == day


@given(
    CALENDARS,
    st.sampled_from([SHANGHAI, BERLIN, CAIRO]),
    st.integers(0, 5_500).map(lambda hours: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(hours=hours)),
    st.integers(0, 5_000),
)
@settings(max_examples=60)
def test_adding_and_measuring_agree(
    calendar: WorkingCalendar, zone: ZoneInfo, begin: datetime, minutes: int
) -> None:
    length = timedelta(minutes=minutes)
    end = add_working(calendar, begin, length, zone)
    assert working_between(calendar, begin, end, zone) == length
    if minutes:
        assert working_between(calendar, begin, end - timedelta(seconds=1), zone) < length
        assert is_working(calendar, end - timedelta(microseconds=1), zone)


@pytest.mark.parametrize(
    ("wait", "end"),
    [
        ("90 minutes", "2026-09-24 18:30"),
        ("36 hours", "2026-09-26 05:00"),
        ("2 days", "2026-09-26 17:00"),
        ("1 week", "2026-10-01 17:00"),
        ("1 working hour", "2026-09-24 18:00"),
        ("90 working minutes", "2026-09-28 09:30"),
        ("1 working day", "2026-09-28 17:00"),
        ("4 working days", "2026-10-08 17:00"),
    ],
)
def test_waits(wait: str, end: str) -> None:
    read = read_wait(wait)
    assert read is not None
    found = wait_until(read, at(SHANGHAI, "2026-09-24 17:00"), OFFICE, SHANGHAI)
    assert found == at(SHANGHAI, end)


def test_a_day_is_a_day_where_the_clock_is_changed() -> None:
    day, hours = read_wait("1 day"), read_wait("24 hours")
    assert day is not None
    assert hours is not None
    start = at(BERLIN, "2026-03-28 12:00")
    assert wait_until(day, start, None, BERLIN) == at(BERLIN, "2026-03-29 12:00")
    assert wait_until(hours, start, None, BERLIN) == at(BERLIN, "2026-03-29 13:00")


@pytest.mark.parametrize(
    "text", ["", "0 days", "1.5 hours", "days", "1 year", "3 working weeks", "3  days", "-1 day"]
)
def test_what_is_no_wait(text: str) -> None:
    assert read_wait(text) is None
