"""Due times are instants, computed with the working calendar when something begins (rule 12)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.transaction import Transaction
from engine.working_time import Wait, WorkingCalendar, make_calendar, wait_until

OFFICE_HOURS = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
USUAL_WEEK = (*((OFFICE_HOURS,) * 5), (), ())


def due_at(transaction: Transaction, wait: Wait, app: str) -> datetime:
    """When a wait that begins now is over."""
    zone = ZoneInfo(transaction.actor.time_zone)
    return wait_until(wait, transaction.now, calendar_of(transaction, app), zone)


def calendar_of(transaction: Transaction, app: str) -> WorkingCalendar:
    """The working time of an app: Monday to Friday, 9 to 12 and 13 to 18 o'clock."""
    return transaction.catalog.once(("calendar", app), lambda: make_calendar(USUAL_WEEK))
