"""What formulas can name: the entities and fields that exist, and where a formula stands among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formula.types import Type
from engine.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class World:
    """All entities (`crm.deal`) with the types of their fields, system.user and system.department included.

    A field of child rows or of many links has the type SET with `element` a link to the records' entity.
    `live` holds the fields whose value is computed when it is read; `parents` maps an entity of child rows
    to its field that links to the owner; `calendars` are working calendars by their names in full;
    `encrypted` holds the fields that no formula reads.
    """

    entities: Mapping[str, Mapping[str, Type]]
    live: frozenset[tuple[str, str]] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict)
    calendars: Mapping[str, WorkingCalendar] = field(default_factory=dict)
    encrypted: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a formula stands: its app, the entity whose record bare names belong to, and who `user` is.

    `candidate` is for `only`: the field that is being chosen and its entity; there the field's own name
    stands for the record that might be chosen. `user` is False where nobody asks, as in computed fields.
    `changes`: a record is being written there, so that it can be compared with what was saved before.
    """

    app: str
    entity: str | None
    candidate: tuple[str, str] | None = None
    user: bool = True
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A field that a formula reads.

    `frozen`: of other records of the formula's own entity, whose frozen values count.
    """

    entity: str
    field: str
    frozen: bool = False
