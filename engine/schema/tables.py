"""Entity → SQLAlchemy Table: real columns, foreign keys, unique indexes and checks, one table an entity.

Uniqueness is a unique index rather than a constraint, since SQLite can add and drop only that later on;
both databases let any number of blanks stand in it. Every name follows names.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    literal,
)
from sqlalchemy.types import TypeEngine

from engine.definition.check import CHECKED_KEPT, Checked
from engine.definition.model import Entity, Field
from engine.fields.encrypted_column import EncryptedColumn
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.formula.types import Kind, Type
from engine.schema import names
from engine.schema.sought import sought_fields
from engine.schema.system_tables import BIG_ID

Formulas = Mapping[Expression, Formula]


@dataclass(frozen=True, slots=True)
class EntityTables:
    """The tables of all entities; `links` are the many-to-many tables by (entity, field)."""

    metadata: MetaData
    tables: Mapping[str, Table]
    links: Mapping[tuple[str, str], Table]

    def table(self, entity: str) -> Table:
        """The table of `app.entity`."""
        return self.tables[entity]

    def links_table(self, entity: str, field: str) -> Table:
        """The table (record_id, target_id) of a many-to-many field."""
        return self.links[entity, field]

    def stored(self, entity: str, field: str) -> bool:
        """Whether the entity's table has a column for the field."""
        return field in self.tables[entity].c


@lru_cache(CHECKED_KEPT)
def entity_tables(checked: Checked) -> EntityTables:
    """The tables that these definitions need; everybody has the same ones, and nobody changes them."""
    return own_entity_tables(checked)


def own_entity_tables(checked: Checked) -> EntityTables:
    """The same for a caller who changes them: a plan that keeps a column that no definition names."""
    metadata = MetaData()
    formulas = checked.formulas
    entities = {entity.key: entity for app in checked.apps.values() for entity in app.entities.values()}
    sought = sought_fields(formulas.values())
    tables = {
        key: _entity_table(entity, metadata, live_fields(entity, formulas), sought)
        for key, entity in entities.items()
    }
    links = {
        (key, each.name): _links_table(key, each, metadata)
        for key, entity in entities.items()
        for each in entity.fields.values()
        if is_many_to_many(each)
    }
    return EntityTables(metadata, tables, links)


def value_type(each: Field) -> Type:
    """What formulas see of the field."""
    return FIELD_TYPES[each.type].formula_type(each.options)


def column_type(each: Field) -> TypeEngine[Any] | None:
    """The type of the field's column; None when its values live in another table."""
    found = FIELD_TYPES[each.type].column(each.options)
    return EncryptedColumn(found) if each.encrypted and found is not None else found


def is_many_to_many(each: Field) -> bool:
    """Whether the field's values are rows of a table of pairs."""
    return FIELD_TYPES[each.type].relation == Relation.MANY


def live_fields(entity: Entity, formulas: Formulas) -> frozenset[str]:
    """The computed fields that are not stored: they read other records, or a field that does."""
    own = {each.name: formulas[each.formula] for each in entity.fields.values() if each.formula}
    live = {name for name, formula in own.items() if not formula.is_own}
    while more := {name for name, formula in own.items() if formula.own & live} - live:
        live |= more
    return frozenset(live)


def freezing_stages(entity: Entity) -> tuple[str, ...]:
    """The stages at which values of a record are stored for good, in the order of the workflow."""
    named = {each.freeze for each in entity.fields.values() if each.freeze}
    stages = entity.workflow.stages.values() if entity.workflow else ()
    return tuple(stage.name for stage in stages if stage.freeze or stage.name in named)


def stages_that_freeze(entity: Entity, each: Field) -> tuple[str, ...]:
    """The stages at which the value of a computed field is stored for good."""
    stages = entity.workflow.stages.values() if entity.workflow else ()
    return tuple(stage.name for stage in stages if stage.freeze or stage.name == each.freeze)


def column_fields(entity: Entity, live: frozenset[str]) -> Iterator[Field]:
    """The fields that have a column, in order, without `id`."""
    for each in entity.fields.values():
        if each.name == "id" or FIELD_TYPES[each.type].column(each.options) is None:
            continue
        if each.name not in live or stages_that_freeze(entity, each):
            yield each


def is_always_filled(entity: Entity, each: Field) -> bool:
    """Whether a record can never be without a value, so that the column is NOT NULL.

    A computed value can be blank, and a field that is asked for only sometimes is empty at other times.
    """
    if each.system:
        # Who made a record is unknown when the product itself did.
        return value_type(each).kind != Kind.LINK or each.name == parent_link(entity)
    conditional = each.show_when or each.required_when or each.formula
    return each.required and not each.retired and conditional is None


def parent_link(entity: Entity) -> str | None:
    """The field of a child row that links to its owner."""
    return entity.parent.partition(".")[2] if entity.parent else None


def _entity_table(
    entity: Entity, metadata: MetaData, live: frozenset[str], sought: frozenset[tuple[str, str]]
) -> Table:
    name = names.table_name(entity.key)
    fields = list(column_fields(entity, live))
    columns: list[Column[Any]] = [Column("id", BIG_ID, Identity(), nullable=False)]
    constraints: list[Any] = [PrimaryKeyConstraint("id", name=names.primary_key_name(name))]
    for each in fields:
        column: Column[Any] = Column(
            each.name,
            column_type(each),
            nullable=each.name in live or not is_always_filled(entity, each),
        )
        columns.append(column)
        constraints += _foreign_keys(entity, each, name)
        constraints += _limits(each, column, name)
    columns += [Column(names.frozen_marker(stage), BigInteger) for stage in freezing_stages(entity)]
    indexes = _indexes(entity, fields, name, sought)
    return Table(name, metadata, *columns, *constraints, *indexes, sqlite_autoincrement=True)


def _foreign_keys(entity: Entity, each: Field, table: str) -> Iterator[ForeignKeyConstraint]:
    """Records that others link to cannot be deleted; child rows go with their owner."""
    target = value_type(each)
    if target.kind == Kind.LINK and target.entity:
        yield ForeignKeyConstraint(
            [each.name],
            [f"{names.table_name(target.entity)}.id"],
            name=names.foreign_key_name(table, each.name),
            ondelete="CASCADE" if each.system and each.name == parent_link(entity) else "RESTRICT",
        )


def _limits(each: Field, column: Column[Any], table: str) -> Iterator[CheckConstraint]:
    """`min` and `max` of plain numbers, as a check that also holds for whoever writes with other tools."""
    if each.encrypted or each.formula is not None or not value_type(each).is_number:
        return
    lowest, highest = _limits_of(each)
    conditions = [] if lowest is None else [column >= literal(lowest, column.type)]
    conditions += [] if highest is None else [column <= literal(highest, column.type)]
    if conditions:
        condition = conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]
        yield CheckConstraint(condition, name=limits_name(table, each))


def limits_name(table: str, each: Field) -> str:
    """The name of the check for `min` and `max`."""
    lowest, highest = _limits_of(each)
    return names.check_name(table, each.name, f"{lowest}..{highest}")


def _limits_of(each: Field) -> tuple[Any, Any]:
    return each.options.get("min"), each.options.get("max")


def _indexes(
    entity: Entity, fields: list[Field], table: str, sought: frozenset[tuple[str, str]]
) -> Iterator[Index]:
    """Unique ones first; a column that leads one of them needs no index of its own."""
    stored = {each.name for each in fields}
    unique = [(each.name,) for each in fields if each.unique and not each.retired] + list(entity.unique)
    plain = [columns for columns in entity.indexes if columns not in unique]
    for columns in dict.fromkeys(unique):
        if stored.issuperset(columns):
            yield Index(names.unique_name(table, columns), *columns, unique=True)
    for columns in dict.fromkeys(plain):
        if stored.issuperset(columns):
            yield Index(names.index_name(table, columns), *columns)
    leading = {columns[0] for columns in (*unique, *plain)}
    for each in fields:
        wanted = each.index or (entity.key, each.name) in sought or _is_usually_sought(each)
        if wanted and each.name not in leading:
            yield Index(names.index_name(table, (each.name,)), each.name)


def _is_usually_sought(each: Field) -> bool:
    """Whether records are looked up by the field without anybody saying so.

    Links are followed from both ends, and lists and boards are cut by the stage. Who changed a record last
    is asked of one record only, and changes at every write.
    """
    if each.name == "updated_by":
        return False
    return value_type(each).kind == Kind.LINK or (each.system and each.name == "stage")


def _links_table(entity: str, each: Field, metadata: MetaData) -> Table:
    name = names.links_table_name(entity, each.name)
    element = value_type(each).element
    assert element is not None
    assert element.entity is not None
    ends = {"record_id": entity, "target_id": element.entity}
    return Table(
        name,
        metadata,
        *(Column(column, BigInteger, nullable=False) for column in ends),
        PrimaryKeyConstraint(*ends, name=names.primary_key_name(name)),
        *(
            ForeignKeyConstraint(
                [column],
                [f"{names.table_name(target)}.id"],
                name=names.foreign_key_name(name, column),
                ondelete="CASCADE",
            )
            for column, target in ends.items()
        ),
        Index(names.index_name(name, ("target_id",)), "target_id"),
    )
