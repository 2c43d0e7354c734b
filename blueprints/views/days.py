"""Records that have days: where they begin and end, and the part of the calendar that is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date

from blueprints import visitor
from blueprints.views.cards import Card, cards, day_of, may_set
from blueprints.views.drawing import Asking, both, find
from engine.catalog import CompiledEntity
from engine.definition.model import Calendar
from engine.formula.types import Kind
from engine.working_time import is_working_day

DAY = timedelta(days=1)
FORMS: Mapping[str, tuple[str, str]] = {
    "day": ("d MMM y", "y年M月d日"),
    "day of the year": ("d MMM", "M月d日"),
    "day with weekday": ("EEEE, d MMMM", "M月d日 EEEE"),
    "month": ("LLLL y", "y年M月"),
    "weekday": ("EEEE", "EEEE"),
    "short weekday": ("EEE", "EEE"),
}
"""How days are written, in English and in Chinese."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A record with its first and last day. `start` and `end` are its values as the API takes them."""

    card: Card
    first: date
    last: date
    start: str
    end: str
    group: Any


def read_day(text: str | None) -> date | None:
    """The day that an address names; None for none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def today() -> date:
    """What day it is for the visitor."""
    return datetime.now(visitor.time_zone()).date()


def lasting(
    asking: Asking,
    start: str,
    end: str | None,
    first: date,
    last: date,
    group: str | None = None,
) -> tuple[list[Lasting], bool, str | None]:
    """The records with a day from first to last, whether there are more than fit, and a problem."""
    begins, ends = _as_day(asking.entity, start), _as_day(asking.entity, end or start)
    within = both(
        f"{begins} <= {_literal(last)}",
        f"{ends} >= {_literal(first)} or isblank({end}) and {begins} >= {_literal(first)}"
        if end
        else f"{ends} >= {_literal(first)}",
    )
    color = asking.options.get("color")
    names = frozenset(name for name in (start, end, color, group) if name)
    found, problem = find(asking, names, within)
    entity = asking.entity
    shown = cards(asking.transaction, entity, found.records, (), color)
    lasts = []
    for card, record in zip(shown, found.records, strict=True):
        begun = day_of(record.get(start))
        if begun is None:
            continue
        over = (day_of(record.get(end)) if end else None) or begun
        lasts.append(
            Lasting(
                card,
                begun,
                max(begun, over),
                _as_sent(entity, start, record),
                _as_sent(entity, end, record) if end else "",
                record.get(group) if group else None,
            )
        )
    return lasts, found.next is not None, problem


def movable(asking: Asking, *names: str | None) -> bool:
    """Whether the visitor may move records by setting these fields."""
    return may_set(asking.transaction, asking.entity, *names)


def holidays_of(asking: Asking) -> Calendar | None:
    """The working calendar whose holidays are marked: the one that the view names, or the app's first."""
    apps = asking.transaction.catalog.apps
    app, _, name = str(asking.options.get("holidays") or "").rpartition(".")
    calendars = apps[app or asking.entity.definition.app].calendars
    return calendars.get(name) or next(iter(calendars.values()), None)


def day_kind(calendar: Calendar | None, day: date) -> str:
    """Whether a day is off although its weekday is worked, or worked although it is not."""
    if calendar is None:
        return ""
    usual = bool(calendar.time.week[day.weekday()])
    works = is_working_day(calendar.time, day)
    if usual == works:
        return ""
    return "extra" if works else "off"


def in_words(day: date, form: str) -> str:
    """A day in one of `FORMS`, in the visitor's language."""
    english, chinese = FORMS[form]
    locale = visitor.locale()
    return format_date(day, chinese if locale == "zh" else english, locale=locale)


def _as_day(entity: CompiledEntity, name: str) -> str:
    each = entity.fields[name]
    kind = each.type.formula_type(each.definition.options).kind
    return f"date({name})" if kind is Kind.DATETIME else name


def _as_sent(entity: CompiledEntity, name: str, record: dict[str, Any]) -> str:
    value = record.get(name)
    each = entity.fields[name]
    return "" if value is None else str(each.type.to_json(each.definition.options, value))


def _literal(day: date) -> str:
    return f"date({day.year}, {day.month}, {day.day})"
