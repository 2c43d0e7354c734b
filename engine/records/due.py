"""Due times are instants, computed with the working calendar when something begins (rule 12)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.definition.working_calendar import working_calendar
from engine.transaction import Transaction
from engine.working_time import Wait, WorkingCalendar, wait_until


def due_at(transaction: Transaction, wait: Wait, app: str) -> datetime:
    """When a wait that begins now is over."""
    zone = ZoneInfo(transaction.actor.time_zone)
    return wait_until(wait, transaction.now, _calendar(transaction, app), zone)


def _calendar(transaction: Transaction, app: str) -> WorkingCalendar:
    catalog = transaction.catalog
    return catalog.once(("calendar", app), lambda: working_calendar(catalog.apps, app))
