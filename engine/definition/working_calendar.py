"""The working time of an app: its own calendar, another app's, or the usual office hours."""

from collections.abc import Mapping

from engine.definition.model import App
from engine.working_time import WorkingCalendar, make_calendar

# Monday to Friday, 9 to 12 and 13 to 18 o'clock.
OFFICE_HOURS = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
USUAL_WEEK = (*((OFFICE_HOURS,) * 5), (), ())


def working_calendar(apps: Mapping[str, App], app: str) -> WorkingCalendar:
    """The first calendar of `app`, else that of another app, else the usual week."""
    own = [apps[app], *apps.values()] if app in apps else [*apps.values()]
    named = [calendar.time for each in own for calendar in each.calendars.values()]
    return named[0] if named else make_calendar(USUAL_WEEK)
