"""YAML text as a tree of frozen nodes that know where they stand and how they were written.

The tree is built from the parser's events, so nothing of the text is lost or guessed: a decimal is the exact
number that was written, a date stays a text, and what YAML 1.1 would read as something else (`on`, `010`,
`9:30`) is a problem instead of a surprise.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.definition.alignment import aligned
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode, moved
from engine.definition.scalars import not_a_text_key, resolved
from engine.problems import Place, Problem
from engine.text import Message, say

MOST_NODES = 100_000
DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Source:
    """What one file holds: its tree (None when it cannot be read at all) and what is wrong with it."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


def read_source(file: str, text: str) -> Source:
    """The tree of one YAML (or JSON) text; `file` is the name that places carry."""
    reading = _Reading(file, text.removeprefix("\ufeff"))
    try:
        for event in yaml.parse(reading.text, yaml.CSafeLoader):
            if not reading.take(event):
                break
    except yaml.MarkedYAMLError as error:
        reading.refuse(_marked(file, error.problem_mark or error.context_mark), _syntax(error))
    except yaml.reader.ReaderError as error:
        before = reading.text[: error.position] if isinstance(error.position, int) else ""
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        reading.refuse(place, say("The file holds a character that YAML does not allow."))
    if reading.root is None and not reading.problems:
        reading.refuse(Place(file, 1, 1), say("The file is empty."))
    return Source(reading.root, tuple(reading.problems))


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    place: Place
    is_mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    size: int = 1


@dataclass(slots=True)
class _Reading:
    file: str
    text: str
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    size: int = 0
    documents: int = 0

    def refuse(self, place: Place, message: Message) -> None:
        self.problems.append(Problem(place, message))

    def take(self, event: yaml.Event) -> bool:
        """Whether reading can go on after this event."""
        place = _marked(self.file, event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(
                    place, say("A file holds one document; remove the line '---' and what follows it.")
                )
                return False
        elif isinstance(event, yaml.AliasEvent):
            return self._alias(event, place)
        elif isinstance(event, yaml.ScalarEvent):
            self._tag(event, place)
            return self._add(self._scalar(event, place), 1, event.anchor)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._tag(event, place)
            self.stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent), event.anchor))
            if len(self.stack) > DEEPEST:
                self.refuse(place, say("The definition is nested more than {depth} deep.", depth=DEEPEST))
                return False
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            done = self.stack.pop()
            node = self._mapping(done) if done.is_mapping else ListNode(done.place, tuple(done.items))
            return self._add(node, done.size, done.anchor)
        return True

    def _add(self, node: Node, size: int, anchor: str | None) -> bool:
        self.size += 1
        if anchor:
            self.anchors[anchor] = (node, size)
        if self.stack:
            self.stack[-1].items.append(node)
            self.stack[-1].size += size
        else:
            self.root = node
        return self._fits(node.place)

    def _fits(self, place: Place) -> bool:
        if self.size <= MOST_NODES:
            return True
        self.refuse(place, say("The definition has more than {count} values in one file.", count=MOST_NODES))
        return False

    def _alias(self, event: yaml.AliasEvent, place: Place) -> bool:
        if event.anchor not in self.anchors:
            self.refuse(
                place, say("'*{name}' refers to nothing that is finished above it.", name=event.anchor)
            )
            return False
        node, size = self.anchors[event.anchor]
        self.size += size
        # What is used a second time stands where it is used: two formulas never share a place.
        return self._fits(place) and self._add(moved(node, place), size, None)

    def _tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
        if event.tag not in (None, "!"):
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(place, say("The tag '{tag}' is not part of the language; leave it out.", tag=shown))

    def _mapping(self, done: _Open) -> MappingNode:
        seen: dict[str, Place] = {}
        entries = []
        for key, value in zip(done.items[::2], done.items[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self.refuse(key.place, say("A key is a text, not a list or a mapping."))
            elif key.text == "<<" and not isinstance(value, ScalarNode):
                self.refuse(
                    key.place, say("Merging with '<<' is not part of the language; write the keys out.")
                )
            elif not isinstance(key.value, str):
                self.refuse(key.place, not_a_text_key(key.text))
            elif key.text in seen:
                self.refuse(
                    key.place,
                    say(
                        "The key '{key}' is already written in line {line}.",
                        key=key.text,
                        line=seen[key.text].line,
                    ),
                )
            else:
                seen[key.text] = key.place
                entries.append((key, value))
        return MappingNode(done.place, tuple(entries))

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> ScalarNode:
        written: str = event.value
        segments = aligned(self.text, event, self.file)
        begins = segments[0][1] if segments else place
        if event.style:
            return ScalarNode(begins, written, written, segments)
        is_key = self.stack and self.stack[-1].is_mapping and len(self.stack[-1].items) % 2 == 0
        value, message = resolved(written)
        if message is not None and not is_key:
            self.refuse(place, message)
        return ScalarNode(begins, written, value, segments)


def _marked(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)


SYNTAX = (
    ("mapping values are not allowed", say("A text that holds ': ' has to be in quotes.")),
    (
        "found character that cannot start any token",
        say("Nothing can begin with this character; put the text in quotes."),
    ),
    ("found unexpected end of stream", say("A quotation mark or bracket is not closed.")),
    ("could not find expected ':'", say("A ':' is missing after this key.")),
    ("did not find expected key", say("A key was expected here. Is the indentation that of its neighbours?")),
    ("did not find expected ',' or ']'", say("A ',' or ']' is missing in the list.")),
    ("did not find expected ',' or '}'", say("A ',' or '}}' is missing in the braces.")),
    (
        "did not find expected '-' indicator",
        say("A '-' was expected here. Is the indentation that of its neighbours?"),
    ),
    ("found undefined tag handle", say("A text that begins with '!' has to be in quotes.")),
    ("while scanning a directive", say("A text that begins with '%' has to be in quotes.")),
)


def _syntax(error: yaml.MarkedYAMLError) -> Message:
    reason = f"{error.problem or ''} {error.context or ''}"
    for known, message in SYNTAX:
        if known in reason:
            return message
    return say("This cannot be read as YAML: {reason}.", reason=reason.strip())
