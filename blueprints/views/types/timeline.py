"""The timeline: bars from the first to the last day of each record, in rows of what they are grouped by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.values import label, show
from blueprints.views.days import (
    DAY,
    Lasting,
    day_kind,
    holidays_of,
    in_words,
    lasting,
    movable,
    read_day,
    today,
)
from blueprints.views.drawing import Asking, Drawn

SCALES = {"month": 35, "quarter": 91}
"""How many days each scale shows; they begin on a Monday."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A record, so many days after the first one shown, so many days long; `first` and `last` are on it."""

    lasting: Lasting
    before: int
    length: int
    first: bool
    last: bool
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """A row with its lanes; in a lane no bar covers another. `spans` are gaps and bars in order."""

    label: Markup | str
    lanes: tuple[tuple[tuple[int, Bar | None], ...], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A month in the head of the table, so many days wide."""

    label: str
    days: int


def draw(asking: Asking) -> Drawn:
    """The weeks from the one that the address names, or from the last one."""
    scale = asking.arguments.get("scale", "")
    scale = scale if scale in SCALES else "month"
    length = SCALES[scale]
    at = read_day(asking.arguments.get("at")) or today() - 7 * DAY
    first = at - timedelta(days=at.weekday())
    last = first + (length - 1) * DAY
    start, end, by = asking.options["start"], asking.options.get("end"), asking.options.get("group_by")
    found, capped, problem = lasting(asking, start, end, first, last, by)
    calendar = holidays_of(asking)
    days = [first + number * DAY for number in range(length)]
    now = today()
    context = {
        "scale": scale,
        "scales": [
            {"name": each, "url": asking.url(scale=each, at=first), "current": each == scale}
            for each in SCALES
        ],
        "months": list(_months(days)),
        "days": [
            {
                "number": day.day,
                "words": in_words(day, "day"),
                "free": (day.weekday() > 4 and day_kind(calendar, day) != "extra")
                or day_kind(calendar, day) == "off",
                "today": day == now,
                "monday": day.weekday() == 0,
            }
            for day in days
        ],
        "groups": list(_groups(asking, found, first, last, by)),
        "length": length,
        "first_day": first,
        "heading": f"{in_words(first, 'day')} – {in_words(last, 'day')}",
        "group_label": label(asking.entity.fields[by].definition.label) if by else "",
        "previous_url": asking.url(scale=scale, at=first - length * DAY),
        "following_url": asking.url(scale=scale, at=first + length * DAY),
        "today_url": asking.url(scale=scale),
        "capped": capped,
        "movable": movable(asking, start, end),
        "api_url": f"/api/v1/{asking.entity.key.replace('.', '/')}",
        "start_field": start,
        "end_field": end or "",
    }
    return Drawn("views/timeline.html", context, problem)


def _months(days: Sequence[date]) -> Iterator[Head]:
    at = 0
    while at < len(days):
        same = [day for day in days[at:] if (day.year, day.month) == (days[at].year, days[at].month)]
        words = in_words(days[at], "month")
        yield Head(words if len(same) > 3 else "", len(same))
        at += len(same)


def _groups(
    asking: Asking, found: Sequence[Lasting], first: date, last: date, by: str | None
) -> Iterator[Group]:
    rows: dict[Any, list[Lasting]] = {}
    for each in found:
        rows.setdefault(each.group, []).append(each)
    field = asking.entity.fields[by] if by else None
    named = [(_words(field, value), of_row) for value, of_row in rows.items()]
    for words, of_row in sorted(named, key=lambda pair: str(pair[0].striptags())):
        yield Group(words, tuple(_lanes(of_row, first, last)))


def _words(field: Any, value: Any) -> Markup:
    if field is None:
        return Markup("")
    return show(field, value) or Markup('<span class="faint">{}</span>').format(
        visitor.translated("Without {field}", field=label(field.definition.label))
    )


def _lanes(found: Sequence[Lasting], first: date, last: date) -> Iterator[tuple[tuple[int, Bar | None], ...]]:
    """Bars one after another wherever there is room; what is left over begins a lane of its own."""
    length = (last - first).days + 1
    lanes: list[list[Bar]] = []
    for each in sorted(found, key=lambda one: (one.first, one.last)):
        before = max(0, (each.first - first).days)
        until = min(length, (each.last - first).days + 1)
        words = " – ".join(dict.fromkeys(in_words(day, "day of the year") for day in (each.first, each.last)))
        bar = Bar(each, before, until - before, each.first >= first, each.last <= last, words)
        free = next((lane for lane in lanes if lane[-1].before + lane[-1].length <= before), None)
        if free is None:
            lanes.append([bar])
        else:
            free.append(bar)
    for lane in lanes:
        yield tuple(_spans(lane, length))


def _spans(lane: Sequence[Bar], length: int) -> Iterator[tuple[int, Bar | None]]:
    at = 0
    for bar in lane:
        if bar.before > at:
            yield bar.before - at, None
        yield bar.length, bar
        at = bar.before + bar.length
    if at < length:
        yield length - at, None
