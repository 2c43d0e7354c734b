"""A YAML text as a tree of what stands from which character to which: what an edit of the text cuts along."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.definition.scalars import resolved


@dataclass(frozen=True, slots=True)
class ScalarSpan:
    """One value. `style` is its quotation mark, `|` or `>`; `alias` when it only refers to another node."""

    begin: int
    end: int
    text: str
    style: str = ""
    alias: bool = False


@dataclass(frozen=True, slots=True)
class ListSpan:
    """Items. `flow` says that they stand in brackets; without, `begin` is that of the first dash."""

    begin: int
    end: int
    flow: bool
    items: tuple["Span", ...]


@dataclass(frozen=True, slots=True)
class MappingSpan:
    """Keys with their values. `flow` says that they stand in braces."""

    begin: int
    end: int
    flow: bool
    entries: tuple[tuple[ScalarSpan, "Span"], ...]

    def position(self, key: str) -> int | None:
        """Which of the entries has this key."""
        return next((at for at, (name, _) in enumerate(self.entries) if name.text == key), None)


Span = ScalarSpan | ListSpan | MappingSpan


def read_spans(text: str) -> Span | None:
    """The tree of a text that `read_source` reads without problems; None for an empty one.

    Positions count characters of `text`; the end of a value does not take in what is blank after it.
    """
    begins_at = len(text) - len(text.removeprefix("\ufeff"))
    reading = _Reading(text, begins_at, yaml.parse(text[begins_at:], yaml.CSafeLoader))
    return reading.root()


def outline(span: Span | None) -> Any:
    """What the text means: dict, list, text, number, true or false, None; ("*", name) for an alias."""
    if isinstance(span, MappingSpan):
        return {key.text: outline(value) for key, value in span.entries}
    if isinstance(span, ListSpan):
        return [outline(item) for item in span.items]
    if span is None:
        return None
    return ("*", span.text) if span.alias else meaning_of(span)


def meaning_of(span: ScalarSpan) -> Any:
    """The value of a scalar."""
    return span.text if span.style else resolved(span.text)[0]


@dataclass(slots=True)
class _Reading:
    text: str
    offset: int
    events: Iterator[yaml.Event]
    anchors: set[str] = field(default_factory=set)

    def root(self) -> Span | None:
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                return self._node(event)
        return None

    def _node(self, event: yaml.Event) -> Span:
        begin = _index(event.start_mark) + self.offset
        if isinstance(event, yaml.AliasEvent) and event.anchor not in self.anchors:
            raise yaml.YAMLError
        if anchor := getattr(event, "anchor", None):
            self.anchors.add(str(anchor))
        if isinstance(event, yaml.ScalarEvent):
            style: str = event.style or ""
            return ScalarSpan(begin, self._end(begin, event.end_mark), event.value, style)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(begin, bool(event.flow_style))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(begin, bool(event.flow_style))
        assert isinstance(event, yaml.AliasEvent)
        return ScalarSpan(begin, self._end(begin, event.end_mark), str(event.anchor), alias=True)

    def _list(self, begin: int, flow: bool) -> ListSpan:
        items: list[Span] = []
        end = begin
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                end = self._end(begin, event.end_mark) if flow else end
                return ListSpan(begin, end, flow, tuple(items))
            items.append(self._node(event))
            end = items[-1].end
        raise AssertionError("a list that does not end is no YAML")

    def _mapping(self, begin: int, flow: bool) -> MappingSpan:
        entries: list[tuple[ScalarSpan, Span]] = []
        end = begin
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                end = self._end(begin, event.end_mark) if flow else end
                return MappingSpan(begin, end, flow, tuple(entries))
            key = self._node(event)
            if not isinstance(key, ScalarSpan):
                raise yaml.YAMLError
            value = self._node(next(self.events))
            entries.append((key, value))
            end = max(key.end, value.end)
        raise AssertionError("a mapping that does not end is no YAML")

    def _end(self, begin: int, mark: Any) -> int:
        written = self.text[begin : _index(mark) + self.offset]
        return begin + len(written.rstrip())


def _index(mark: Any) -> int:
    return int(mark.index)
