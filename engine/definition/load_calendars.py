"""Calendars: the hours of a week, holidays and make-up days, written here or in files of their own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.definition.files import holiday_files, is_beside
from engine.definition.loading import Loading, entries, items, label, scalar
from engine.definition.model import Calendar
from engine.definition.nodes import MappingNode, Node, ScalarNode
from engine.definition.shape import check_shape
from engine.definition.source import read_source
from engine.definition.terms import DAYS
from engine.problems import Problem
from engine.text import say
from engine.working_time import Span, make_calendar

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_HOLIDAY = timedelta(days=366)


@dataclass(slots=True)
class _Days:
    """The days that a calendar names, each with where it is written first."""

    holidays: dict[date, ScalarNode] = field(default_factory=dict)
    working: dict[date, ScalarNode] = field(default_factory=dict)


def load_calendars(loading: Loading, node: Node | None, texts: Mapping[str, str]) -> dict[str, Calendar]:
    """The calendars of an app; a file of holidays is one of its `texts`."""
    found = {}
    for key, each in entries(node):
        week = _week(loading, each)
        days = _Days()
        _holidays(loading, each, days, texts)
        _take(loading, items(each.get("working")), days.working)
        for day, written in days.working.items():
            if day in days.holidays:
                message = say("{day} is a holiday of this calendar; it cannot be worked as well.", day=day)
                loading.refuse(written.place, message)
        if any(week):
            time = make_calendar(week, days.holidays, days.working)
            found[key.text] = Calendar(loading.app, key.text, label(key, each), key.place, time)
    return found


def _week(loading: Loading, node: MappingNode) -> list[list[Span]]:
    week: list[list[Span]] = [[] for _ in WEEK]
    written = node.get("week")
    assert isinstance(written, MappingNode)
    for key, spans in written.entries:
        hours = _hours(loading, spans)
        for number in _weekdays(key.text):
            if week[number]:
                loading.refuse(key.place, say("'{day}' has its hours already.", day=WEEK[number]))
            week[number] = hours
    return week


def _weekdays(text: str) -> list[int]:
    """The numbers of `mon-fri`; `sat-mon` goes over the end of the week."""
    first, _, last = text.partition("-")
    begin, end = WEEK.index(first), WEEK.index(last or first)
    return [(begin + number) % 7 for number in range((end - begin) % 7 + 1)]


def _hours(loading: Loading, node: Node) -> list[Span]:
    found: list[Span] = []
    for each in items(node):
        begin, end = (_minutes(clock) for clock in each.text.split("-"))
        if begin >= end:
            message = say(
                '\'{hours}\' ends before it begins; write a night as "22:00-24:00" and "00:00-06:00" of the '
                "next day.",
                hours=each.text,
            )
            loading.refuse(each.place, message)
        elif found and begin < found[-1][1]:
            loading.refuse(
                each.place, say("'{hours}' begins before the hours before it end.", hours=each.text)
            )
        else:
            found.append((begin, end))
    return found


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _holidays(loading: Loading, node: MappingNode, days: _Days, texts: Mapping[str, str]) -> None:
    written = scalar(node, "holidays")
    listed = (written,) if written else items(node.get("holidays"))
    files = tuple(holiday_files(node))
    _take(loading, (each for each in listed if each not in files), days.holidays)
    for each in files:
        if not is_beside(each.text):
            loading.refuse(
                each.place, say("'{name}' is not beside this file or in a folder below it.", name=each.text)
            )
        elif each.text not in texts:
            loading.refuse(each.place, say("There is no file '{name}'.", name=each.text))
        else:
            _from_file(loading, each.text, texts[each.text], days)


def _from_file(loading: Loading, name: str, text: str, days: _Days) -> None:
    source = read_source(name, text)
    shaped = check_shape(source.root, "holiday_list") if source.root else None
    problems: tuple[Problem, ...] = (*source.problems, *(shaped.problems if shaped else ()))
    # Two calendars may take their holidays from one file; its problems are told once.
    loading.problems += [each for each in problems if each not in loading.problems]
    if shaped and isinstance(shaped.node, MappingNode):
        for _, each in entries(shaped.node.get("holidays")):
            _take(loading, items(each.get("days")), days.holidays)
            _take(loading, items(each.get("working")), days.working)


def _take(loading: Loading, nodes: Iterable[ScalarNode], days: dict[date, ScalarNode]) -> None:
    """Notes the days that are written as single ones or as `first to last`."""
    for node in nodes:
        try:
            first, last = _first_and_last(node.text)
        except ValueError:
            loading.refuse(node.place, say("'{day}' is not a day of the calendar.", day=node.text))
            continue
        if first > last or last - first > LONGEST_HOLIDAY:
            message = say(
                "'{days}' is no span of days: it begins on its first and lasts a year at most.",
                days=node.text,
            )
            loading.refuse(node.place, message)
            continue
        for number in range((last - first).days + 1):
            days.setdefault(first + timedelta(days=number), node)


def _first_and_last(text: str) -> tuple[date, date]:
    assert re.match(DAYS, text)
    first, _, last = text.partition(" to ")
    return date.fromisoformat(first), date.fromisoformat(last or first)
