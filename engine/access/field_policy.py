"""Who may read and set which fields: on all records, or on those where a condition holds."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, false, or_, true

from engine.access.policy import USER, concerns, principals_condition, rights_key, ruled, rules_of_actor
from engine.catalog import CompiledEntity
from engine.definition.model import FieldRule
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.row_sources import RowSources
from engine.transaction import Transaction


def readable(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """The names of the fields the actor may read on all records that may be seen.

    Fields that depend on the record (`read: [owner]`) are in `field_conditions` instead.
    """
    return transaction.catalog.once(
        ("readable", entity.key, rights_key(transaction)),
        lambda: _open_fields(transaction, entity, "read"),
    )


def writable(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """The names of the fields the actor may set on all records that may be changed."""
    return transaction.catalog.once(
        ("writable", entity.key, rights_key(transaction)),
        lambda: frozenset(
            name
            for name in _open_fields(transaction, entity, "update")
            if not entity.fields[name].definition.system and not entity.fields[name].computed
        ),
    )


def field_conditions(
    transaction: Transaction, action: str, entity: CompiledEntity, source: FromClause
) -> dict[str, ColumnElement[bool]]:
    """Fields whose right depends on the record: name → condition. `action` is read or update."""
    found = {
        name: principals_condition(transaction, field_principals(rule, action) or (), entity, source)
        for name, rule in entity.definition.access.fields.items()
        if name in entity.fields and field_right(transaction, entity, name, action) is None
    }
    if action == "read":
        found |= {name: _in_full(transaction, entity, name, source) for name in masked(transaction, entity)}
    return found


def masked(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """Personal fields that the actor sees in full on some records only; on the others they ask to be shown.

    In full they are for the person whom the record is about, for those who may change them, and for those
    whom the definition names as their readers.
    """
    return transaction.catalog.once(
        ("masked", entity.key, rights_key(transaction)),
        lambda: frozenset(
            name
            for name, each in entity.fields.items()
            if each.definition.personal and _masks(transaction, entity, name)
        ),
    )


def partly_readable(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """The names of the fields the actor may read on some records at least."""
    return frozenset(
        name for name in entity.fields if field_right(transaction, entity, name, "read") is not False
    )


def record_dependent(entity: CompiledEntity) -> frozenset[str]:
    """Fields whose right depends on the record: on a new one its author may fill them."""
    return frozenset(
        name
        for name, rule in entity.definition.access.fields.items()
        if any(":" not in each and each != "everyone" for each in field_principals(rule, "update") or ())
    )


def reads_open(
    transaction: Transaction, entity: CompiledEntity, formula: Formula, rows: FromClause
) -> ColumnElement[bool]:
    """The condition for records of which the actor may read every field that a formula about them reads.

    Fields of other records count as closed where the right to read them depends on the record.
    """
    conditions: list[ColumnElement[bool]] = []
    own = field_conditions(transaction, "read", entity, rows)
    for read in sorted(formula.reads, key=lambda each: (each.entity, each.field)):
        other = transaction.catalog.entities[read.entity]
        right = field_right(transaction, other, read.field, "read")
        if right is None and other.key == entity.key and read.field in formula.own:
            conditions.append(own[read.field])
        elif not right:
            return false()
    return and_(*conditions) if conditions else true()


def field_principals(rule: FieldRule, action: str) -> tuple[str, ...] | None:
    """Who may read or set a field; None: whoever may do so with the record.

    What is narrowed for reading alone is as narrow for writing: nobody sets what they may not see.
    """
    if action == "update" and rule.update is None:
        return rule.read
    principals: tuple[str, ...] | None = getattr(rule, action)
    return principals


def _open_fields(transaction: Transaction, entity: CompiledEntity, action: str) -> frozenset[str]:
    return frozenset(name for name in entity.fields if field_right(transaction, entity, name, action))


def field_right(transaction: Transaction, entity: CompiledEntity, name: str, action: str) -> bool | None:
    """True or False whatever the record; None when it depends on the record."""
    rule = entity.definition.access.fields.get(name)
    principals = field_principals(rule, action) if rule else None
    if transaction.actor.administrator:
        return True
    if principals is None:
        return None if action == "read" and name in masked(transaction, entity) else True
    answers = [concerns(transaction, principal) for principal in principals]
    if True in answers:
        return True
    return None if None in answers else False


def _masks(transaction: Transaction, entity: CompiledEntity, name: str) -> bool:
    """Whether a personal field may be seen by the actor on records where it is not for them."""
    rule = entity.definition.access.fields.get(name)
    if transaction.actor.administrator or (rule and rule.read is not None):
        return False
    principals = rule.update if rule else None
    sets = principals is None or any(concerns(transaction, each) for each in principals)
    return not (sets and _changes_what_is_seen(transaction, entity))


def _changes_what_is_seen(transaction: Transaction, entity: CompiledEntity) -> bool:
    """Whether the actor may change every record that they see, as far as the rules alone can tell."""
    definition = entity.definition
    if definition.ruled_by:
        return _changes_what_is_seen(transaction, transaction.catalog.entity(definition.ruled_by))
    seeing = [rule for rule in rules_of_actor(transaction, entity) if rule.read is not False]
    if any(
        rule.read is True and rule.update is True and concerns(transaction, rule.principal) for rule in seeing
    ):
        return True
    same = all(_text_of(rule.update) in (True, _text_of(rule.read)) for rule in seeing)
    return bool(seeing) and same and not entity.definition.has_approvals


def _text_of(given: bool | Expression) -> bool | str:
    return given.text if isinstance(given, Expression) else given


def _in_full(
    transaction: Transaction, entity: CompiledEntity, name: str, source: FromClause
) -> ColumnElement[bool]:
    """The condition for records on which a personal field is for the actor."""
    rule = entity.definition.access.fields.get(name)
    changes = ruled(transaction, "update", entity, source, RowSources(transaction.catalog))
    if rule and rule.update is not None:
        changes = changes & principals_condition(transaction, rule.update, entity, source)
    return or_(changes, *about_oneself(transaction, entity, source))


def about_oneself(
    transaction: Transaction, entity: CompiledEntity, source: FromClause
) -> Iterator[ColumnElement[bool]]:
    """The conditions for records about the actor: whom a unique field holds, here or where a link leads."""
    catalog = transaction.catalog
    if entity.key == USER:
        yield source.c.id == bindparam("dg_user")
    for name, each in entity.fields.items():
        target = catalog.world.entities[entity.key][name].entity
        if target is None or not each.column:
            continue
        paths = [name] if target == USER and each.definition.unique else []
        if target != USER:
            linked = catalog.entity(target)
            paths = [f"{name}.{path}" for path in _unique_people(transaction, linked)]
        for path in paths:
            yield RowSources(catalog).holds(catalog.path_is_user(entity.key, path), source)


def _unique_people(transaction: Transaction, entity: CompiledEntity) -> list[str]:
    fields = transaction.catalog.world.entities[entity.key]
    return [
        name for name, each in entity.fields.items() if fields[name].entity == USER and each.definition.unique
    ]
