"""Due times are instants, computed with the working calendar when something begins (rule 12)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.transaction import Transaction
from engine.working_time import Wait, WorkingCalendar, make_calendar, wait_until

# Monday to Friday, 9 to 12 and 13 to 18 o'clock.
OFFICE_HOURS = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
USUAL_WEEK = (*((OFFICE_HOURS,) * 5), (), ())


def due_at(transaction: Transaction, wait: Wait, app: str) -> datetime:
    """When a wait that begins now is over."""
    zone = ZoneInfo(transaction.actor.time_zone)
    return wait_until(wait, transaction.now, calendar_of(transaction, app), zone)


def calendar_of(transaction: Transaction, app: str) -> WorkingCalendar:
    """The working time of an app: its first calendar, else that of another app, else the usual one."""
    return transaction.catalog.once(("calendar", app), lambda: _calendar(transaction, app))


def _calendar(transaction: Transaction, app: str) -> WorkingCalendar:
    apps = transaction.catalog.apps
    own = [apps[app], *apps.values()] if app in apps else [*apps.values()]
    named = [calendar.time for each in own for calendar in each.calendars.values()]
    return named[0] if named else make_calendar(USUAL_WEEK)
