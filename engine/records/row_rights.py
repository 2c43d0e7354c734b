"""What somebody may do with the child rows of a record, and whether a new record is one they may create.

Rows without rules of their own follow their owner: who may change it may change them. Where the entity of the
rows has rules, these hold as well, whichever way the rows are written.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, true

from engine.access.field_policy import record_dependent, writable
from engine.access.policy import may, refusal, rights_key, row_condition
from engine.access.rights import Rights, owner_open, read_rights, right_columns
from engine.catalog import CompiledEntity
from engine.fields.field_type import ValueRefused
from engine.formula.compile_sql import moment_parameters
from engine.problems import NotAllowed
from engine.records.compute import bare
from engine.schema.prepared import Prepared
from engine.text import say
from engine.transaction import Transaction


def row_rights(transaction: Transaction, child: CompiledEntity, owner: int | None) -> dict[int, Rights]:
    """Id → what may be done with each of the owner's rows that the actor may see."""
    if owner is None:
        return {}
    statement = transaction.catalog.once(
        ("row rights", child.key, rights_key(transaction)), lambda: _statement(transaction, child)
    )
    parameters = {**moment_parameters(transaction.moment), "owner": owner}
    found = {}
    for row in statement.rows(transaction.connection, parameters):
        rights = read_rights(transaction, child, named := dict(zip(statement.names, row, strict=True)))
        if not has_rules(child):
            # Whoever came here may change the owner, by a rule or because a move asks for it.
            rights = Rights(update=True, delete=True, in_stage=True, fields=rights.fields)
        found[named["id"]] = rights
    return found


def _statement(transaction: Transaction, child: CompiledEntity) -> Prepared:
    table = child.table
    columns: list[Any] = [table.c.id, *right_columns(transaction, child)]
    if child.definition.workflow:
        columns.append(table.c.stage)
    owned = table.c[child.parent_link or ""] == bindparam("owner")
    conditions = [owned, row_condition(transaction, "read", child)] if has_rules(child) else [owned]
    return Prepared(select(*columns).where(*conditions), transaction.connection.dialect)


def has_rules(child: CompiledEntity) -> bool:
    """Whether rows do not simply follow their owner."""
    return bool(child.definition.access.rules)


def fields_of_new_row(transaction: Transaction, child: CompiledEntity) -> frozenset[str]:
    """The fields that may be filled in a new row; none where no row may be created."""
    if has_rules(child) and not may(transaction, "create", child).allowed:
        return frozenset()
    return writable(transaction, child) | record_dependent(child)


def refuse_new_row(transaction: Transaction, child: CompiledEntity) -> None:
    """NotAllowed when no rule lets the actor create rows of this kind."""
    if has_rules(child) and not may(transaction, "create", child).allowed:
        raise NotAllowed(refusal(transaction, "create", child))


def check_new_row(transaction: Transaction, child: CompiledEntity, identity: int) -> None:
    """NotAllowed when no rule lets the actor create a row with the values of this one."""
    if has_rules(child) and not transaction.actor.administrator:
        check_rule(transaction, "create", child, identity)


def check_rule(transaction: Transaction, action: str, entity: CompiledEntity, identity: int) -> None:
    """Refuses a record that its creator could not create by any rule about its values."""
    rule = row_condition(transaction, action, entity)
    if rule is true():
        return

    def make() -> Prepared:
        statement = select(entity.table.c.id).where(entity.table.c.id == bindparam("identity"), rule)
        return Prepared(statement, transaction.connection.dialect)

    check = transaction.catalog.once(("rule", action, entity.key, rights_key(transaction)), make)
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    if not check.rows(transaction.connection, parameters):
        raise NotAllowed(
            say("No rule lets you create this {entity} with these values.", entity=entity.definition.label)
        )


def check_owner(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    """Refuses a new row of an owner that its stage closes."""
    if not entity.definition.parent or (open_ := owner_open(transaction, entity)) is true():
        return
    found = select(entity.table.c.id).where(entity.table.c.id == identity, open_)
    if transaction.connection.execute(found, moment_parameters(transaction.moment)).first() is None:
        sentence = "What this {entity} belongs to cannot be edited at present."
        raise NotAllowed(say(sentence, entity=entity.definition.label))


def without_echoes(
    child: CompiledEntity, sent: Mapping[str, Any], before: Mapping[str, Any], open_: frozenset[str]
) -> dict[str, Any]:
    """What was sent of a row, less the closed fields that came back as they were."""
    return {
        name: value
        for name, value in sent.items()
        if name in open_ or name not in child.fields or not _same(child, name, value, before)
    }


def _same(child: CompiledEntity, name: str, value: Any, before: Mapping[str, Any]) -> bool:
    each = child.fields[name]
    try:
        return name in before and bare(each.type.accept(each.definition.options, value)) == before[name]
    except ValueRefused:
        return False
