"""The published applications, checked and compiled: immutable, made once a release, shared by all requests.

A Catalog holds everything about an entity that does not depend on the request: its table, the types of its
fields, its checked formulas and the order in which they are computed. What is costly to prepare, such as a
statement for a role, is prepared once through `Catalog.once`.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from graphlib import TopologicalSorter
from typing import Any, TypeVar

from sqlalchemy import Table

from engine.definition.check import Checked
from engine.definition.model import App, Entity, Field
from engine.fields.field_type import FieldType, Relation
from engine.fields.registry import FIELD_TYPES
from engine.formula.check import Formula, Scope, World, check_formula
from engine.formula.expression import Expression
from engine.problems import NotFound
from engine.schema.tables import EntityTables, entity_tables
from engine.text import say

Value = TypeVar("Value")
PREPARED_AT_MOST = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class CompiledField:
    """A field with its type and its checked formulas. `live` values are computed when they are read."""

    definition: Field
    type: FieldType
    formula: Formula | None
    live: bool
    column: bool
    """Whether the entity's table has a column for it (of a live field: for its frozen values)."""
    frozen_at: str | None
    """The stage at which its computed value is stored for good."""

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def computed(self) -> bool:
        return self.formula is not None

    @property
    def encrypted(self) -> bool:
        return self.definition.encrypted

    @property
    def sortable(self) -> bool:
        """Whether lists may be sorted by it."""
        return self.type.sortable and not self.encrypted

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators by which lists may be narrowed."""
        return () if self.encrypted else self.type.operators


@dataclass(frozen=True, slots=True)
class CompiledEntity:
    """An entity ready for use."""

    definition: Entity
    table: Table
    fields: Mapping[str, CompiledField]
    stored_formulas: tuple[str, ...]
    """Computed fields that are stored, each after those it reads."""
    live_levels: tuple[tuple[str, ...], ...]
    """Live fields; those of one level read only stored fields and earlier levels."""
    children: Mapping[str, str]
    """Field of child rows → the entity of the rows."""
    many: Mapping[str, str]
    """Field of many-to-many links → the entity of the targets."""
    parent_link: str | None
    """For child rows: the name of the field that links to the owner."""
    freezing_stages: frozenset[str]

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def live(self) -> frozenset[str]:
        return frozenset(name for level in self.live_levels for name in level)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that is published, as of one release (0: nothing but the system's own app)."""

    release: int
    dialect: str
    apps: Mapping[str, App]
    entities: Mapping[str, CompiledEntity]
    formulas: Mapping[Expression, Formula]
    world: World
    tables: EntityTables
    effective_roles: Mapping[str, frozenset[str]]
    """Role → itself and all roles that it includes."""
    named_people: frozenset[str]
    """The user names of people to whom a definition gives something: `user:NAME`."""
    prepared: dict[Hashable, Any] = field(default_factory=dict)

    def entity(self, key: str) -> CompiledEntity:
        """The entity `app.name`; NotFound when nothing of that name is published."""
        found = self.entities.get(key)
        if found is None:
            raise NotFound(say("There is no '{key}' here.", key=key))
        return found

    def formula(self, expression: Expression) -> Formula:
        return self.formulas[expression]

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` gives, made only the first time `key` is asked for in this release."""
        if key in self.prepared:
            found: Value = self.prepared[key]
            return found
        if len(self.prepared) >= PREPARED_AT_MOST:
            self.prepared.clear()
        made = make()
        self.prepared[key] = made
        return made

    def path_is_user(self, entity: str, path: str) -> Formula:
        """The condition that a principal such as `owner.manager` stands for: the path leads to the asker."""

        def make() -> Formula:
            definition = self.entities[entity].definition
            return check_formula(
                Expression(f"this.{path} == user", definition.place),
                self.world,
                Scope(app=definition.app, entity=entity, candidate=None),
            )

        return self.once(("principal", entity, path), make)


def compile_catalog(release: int, dialect: str, checked: Checked) -> Catalog:
    """The catalog of checked definitions for one kind of database (`sqlite` or `postgresql`)."""
    tables = entity_tables(checked)
    entities = {
        entity.key: _compile_entity(entity, checked, tables)
        for app in checked.apps.values()
        for entity in app.entities.values()
    }
    return Catalog(
        release=release,
        dialect=dialect,
        apps=checked.apps,
        entities=entities,
        formulas=checked.formulas,
        world=checked.world,
        tables=tables,
        effective_roles=_effective_roles(checked.apps),
        named_people=frozenset(_named_people(checked.apps)),
    )


def _compile_entity(entity: Entity, checked: Checked, tables: EntityTables) -> CompiledEntity:
    fields = {
        each.name: _compile_field(entity, each, checked, tables)
        for each in entity.fields.values()
        if not each.retired
    }
    order = _computing_order(fields)
    return CompiledEntity(
        definition=entity,
        table=tables.table(entity.key),
        fields=fields,
        stored_formulas=tuple(name for name in order if not fields[name].live),
        live_levels=_live_levels(fields, order),
        children=_members(entity, fields, checked, Relation.ROWS),
        many=_members(entity, fields, checked, Relation.MANY),
        parent_link=checked.world.parents.get(entity.key),
        freezing_stages=frozenset(each.frozen_at for each in fields.values() if each.frozen_at),
    )


def _compile_field(entity: Entity, each: Field, checked: Checked, tables: EntityTables) -> CompiledField:
    formula = checked.formulas[each.formula] if each.formula else None
    return CompiledField(
        definition=each,
        type=FIELD_TYPES[each.type],
        formula=formula,
        live=(entity.key, each.name) in checked.world.live,
        column=tables.stored(entity.key, each.name),
        frozen_at=_freezing_stage(entity, each),
    )


def _members(
    entity: Entity, fields: Mapping[str, CompiledField], checked: Checked, relation: Relation
) -> dict[str, str]:
    found = {}
    for name, each in fields.items():
        element = checked.world.entities[entity.key][name].element
        if each.type.relation is relation and element is not None and element.entity is not None:
            found[name] = element.entity
    return found


def _freezing_stage(entity: Entity, each: Field) -> str | None:
    if each.freeze:
        return each.freeze
    if each.formula and entity.workflow:
        return next((stage.name for stage in entity.workflow.stages.values() if stage.freeze), None)
    return None


def _computing_order(fields: Mapping[str, CompiledField]) -> list[str]:
    """The computed fields, each after the computed fields it reads."""
    graph = {
        name: {read for read in each.formula.own if read in fields and fields[read].computed}
        for name, each in fields.items()
        if each.formula
    }
    return list(TopologicalSorter(graph).static_order())


def _live_levels(fields: Mapping[str, CompiledField], order: list[str]) -> tuple[tuple[str, ...], ...]:
    level_of: dict[str, int] = {}
    for name in order:
        formula = fields[name].formula
        if fields[name].live and formula:
            below = [level_of[read] for read in formula.own if read in level_of and read != name]
            level_of[name] = max(below, default=-1) + 1
    return tuple(
        tuple(name for name in order if level_of.get(name) == level)
        for level in range(max(level_of.values(), default=-1) + 1)
    )


def _named_people(part: Any) -> Iterator[str]:
    """The names in all principals `user:NAME` of a definition, wherever they stand in it."""
    if isinstance(part, str):
        kind, _, name = part.partition(":")
        if kind == "user" and name:
            yield name
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _named_people(key)
            yield from _named_people(value)
    elif isinstance(part, (tuple, list, frozenset)):
        for each in part:
            yield from _named_people(each)
    elif is_dataclass(part):
        for each in fields(part):
            yield from _named_people(getattr(part, each.name))


def _effective_roles(apps: Mapping[str, App]) -> dict[str, frozenset[str]]:
    roles = {role.key: role for app in apps.values() for role in app.roles.values()}

    def reach(key: str, seen: frozenset[str]) -> frozenset[str]:
        if key in seen or key not in roles:
            return seen
        seen |= {key}
        for included in roles[key].includes:
            seen = reach(included, seen)
        return seen

    return {key: reach(key, frozenset()) for key in roles}
