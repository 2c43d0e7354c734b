"""What a transition makes happen besides its move: the entries of `do`, as values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.definition.approval import Approver
from engine.formula.expression import Expression
from engine.problems import Place


@dataclass(frozen=True, slots=True)
class Set:
    """Writes fields of the record itself."""

    place: Place
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Create:
    """Makes a record of `entity`. A value is plain, or an Expression about the record that moves."""

    place: Place
    entity: str
    values: Mapping[str, Any]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Update:
    """Changes the record of `entity` that the formula `record` leads to."""

    place: Place
    record: Expression
    values: Mapping[str, Any]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with formulas in it: texts and Expressions in turn."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Notify:
    """Tells people something; locale → template."""

    place: Place
    to: tuple[Approver, ...]
    message: Mapping[str, Template]


@dataclass(frozen=True, slots=True)
class Fire:
    """Fires a transition of the record itself, or of the one that `record` leads to."""

    place: Place
    name: str
    record: Expression | None = None


Action = Set | Create | Update | Notify | Fire


def action_formulas(action: Action) -> Iterator[Expression]:
    """Formulas of an action whose type is free: those in messages."""
    if isinstance(action, Notify):
        for template in action.message.values():
            yield from (part for part in template.parts if isinstance(part, Expression))
