"""What a person may do with one record: the same answer for showing it and for changing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, or_, select, true

from engine.access.field_policy import field_conditions, record_dependent, writable
from engine.access.policy import concerns, may, principals_condition, rights_key, row_condition
from engine.catalog import CompiledEntity
from engine.definition.model import Stage
from engine.formula.compile_sql import moment_parameters
from engine.schema.prepared import Prepared
from engine.transaction import Transaction

PREFIX = "_may_"
"""How the columns begin that answer about rights."""


@dataclass(frozen=True, slots=True)
class Rights:
    """`update` and `delete`: whether some rule allows it; `in_stage`: whether the stage lets the actor edit.

    `fields` are those that may be set when the record may be changed at all.
    """

    update: bool
    delete: bool
    in_stage: bool
    fields: frozenset[str]

    @property
    def writable(self) -> frozenset[str]:
        """The fields that may be changed at present; empty when nothing may."""
        return self.fields if self.update and self.in_stage else frozenset()


NOTHING = Rights(update=False, delete=False, in_stage=False, fields=frozenset())


def rights_on_new(transaction: Transaction, entity: CompiledEntity) -> Rights:
    """What may be filled in a record that is not there yet; nothing when none may be created."""
    if not may(transaction, "create", entity).allowed:
        return NOTHING
    fields = writable(transaction, entity) | record_dependent(entity)
    return Rights(update=True, delete=False, in_stage=True, fields=fields)


def rights_on(transaction: Transaction, entity: CompiledEntity, identity: int) -> Rights:
    """What may be done with a saved record; nothing when it may not be seen."""

    def make() -> Prepared:
        seen = row_condition(transaction, "read", entity)
        statement = select(entity.table.c.id, *right_columns(transaction, entity))
        if entity.definition.workflow:
            statement = statement.add_columns(entity.table.c.stage)
        statement = statement.where(entity.table.c.id == bindparam("identity"), seen)
        return Prepared(statement, transaction.connection.dialect)

    prepared = transaction.catalog.once(("rights", entity.key, rights_key(transaction)), make)
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    rows = prepared.rows(transaction.connection, parameters)
    if not rows:
        return NOTHING
    return read_rights(transaction, entity, dict(zip(prepared.names, rows[0], strict=True)))


def right_columns(transaction: Transaction, entity: CompiledEntity) -> list[Any]:
    """What to select beside a record for `read_rights`; the names begin with PREFIX."""
    table = entity.table
    columns: list[Any] = [
        row_condition(transaction, action, entity).label(f"{PREFIX}{action}")
        for action in ("update", "delete")
    ]
    for name, condition in field_conditions(transaction, "update", entity, table).items():
        columns.append(condition.label(f"{PREFIX}set_{name}"))
    for stage in _guarded(entity):
        condition = _edits(transaction, entity, stage, table)
        columns.append(condition.label(f"{PREFIX}edit_{stage.name}"))
    if entity.definition.parent:
        columns.append(owner_open(transaction, entity).label(f"{PREFIX}owner"))
    return columns


def _edits(
    transaction: Transaction, entity: CompiledEntity, stage: Stage, rows: FromClause
) -> ColumnElement[bool]:
    """The condition for records that the actor may edit in this stage."""
    principals = [each for each in stage.edit or () if concerns(transaction, each) is not False]
    return principals_condition(transaction, principals, entity, rows)


def owner_open(transaction: Transaction, child: CompiledEntity) -> ColumnElement[bool]:
    """The condition for child rows whose owner is in a stage in which the actor may edit it, and so them."""
    owner = transaction.catalog.entity(child.definition.parent or "")
    guarded = [each for each in _guarded(owner) if not (transaction.actor.administrator and each.edit)]
    if not guarded:
        return true()
    rows = owner.table.alias()
    stages = [and_(rows.c.stage == stage.name, _edits(transaction, owner, stage, rows)) for stage in guarded]
    free = or_(rows.c.stage.not_in([each.name for each in guarded]), *stages)
    link: ColumnElement[int] = child.table.c[child.parent_link or ""]
    return exists().where(rows.c.id == link, free)


def read_rights(transaction: Transaction, entity: CompiledEntity, row: Mapping[str, Any]) -> Rights:
    """The rights that a row with the columns of `right_columns`, and its stage, tells."""
    marks = {name: holds for name, holds in row.items() if name.startswith(f"{PREFIX}set_")}
    given = {name.removeprefix(f"{PREFIX}set_") for name, holds in marks.items() if holds}
    return Rights(
        update=bool(row[f"{PREFIX}update"]),
        delete=bool(row[f"{PREFIX}delete"]),
        in_stage=_in_stage(transaction, entity, row),
        fields=writable(transaction, entity) | given,
    )


def _in_stage(transaction: Transaction, entity: CompiledEntity, row: Mapping[str, Any]) -> bool:
    """Whether the stage, and that of the owner, lets the actor edit; with an empty list nobody may."""
    if not row.get(f"{PREFIX}owner", True):
        return False
    guarded = {each.name: each for each in _guarded(entity)}
    stage = guarded.get(row.get("stage") or "")
    if stage is None:
        return True
    return bool(row[f"{PREFIX}edit_{stage.name}"] or (transaction.actor.administrator and stage.edit))


def _guarded(entity: CompiledEntity) -> list[Stage]:
    """Stages in which not everybody who may change the record may do so."""
    workflow = entity.definition.workflow
    return [stage for stage in workflow.stages.values() if stage.edit is not None] if workflow else []
