"""Who may do what: rules of the definition, compiled to SQL conditions and to decisions with a reason.

Rules only add rights: what no rule gives, nobody has. Child rows follow their owner. Administrators may do
everything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, false, or_, select, true

from engine.access.scopes import scope_refusal
from engine.catalog import CompiledEntity
from engine.definition.model import FieldRule, Rule
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.row_sources import RowSources
from engine.schema.workflow_tables import workflow_task
from engine.text import Message, say
from engine.transaction import Transaction

USER = "system.user"
ACTIONS = ("read", "create", "update", "delete", "export")

_SENTENCES = {
    "read": "No rule lets you see {entity}.",
    "create": "No rule lets you create {entity}.",
    "update": "No rule lets you change this {entity}.",
    "delete": "No rule lets you delete this {entity}.",
    "export": "No rule lets you export {entity}.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reason; the reason of a refusal can be shown to the person."""

    allowed: bool
    reason: Message


def may(transaction: Transaction, action: str, entity: CompiledEntity) -> Decision:
    """Whether some rule gives the actor this action for at least some records of the entity."""
    label = entity.definition.label
    beyond = scope_refusal(transaction, action, entity)
    if beyond is not None:
        return Decision(False, beyond)
    if transaction.actor.administrator:
        return Decision(True, say("Administrators may do everything."))
    owner = entity.definition.ruled_by
    if owner:
        as_owner = "update" if action in {"create", "delete"} else action
        return may(transaction, as_owner, transaction.catalog.entity(owner))
    for rule in rules_of_actor(transaction, entity):
        if getattr(rule, action) is not False:
            return Decision(
                True, say("The rule of '{principal}' for {entity}.", principal=rule.principal, entity=label)
            )
    return Decision(False, say(_SENTENCES[action], entity=label))


def refusal(transaction: Transaction, action: str, entity: CompiledEntity) -> Message:
    """The sentence for a record on which no rule, or no scope of the token, allows the action."""
    return scope_refusal(transaction, action, entity) or say(
        _SENTENCES[action], entity=entity.definition.label
    )


def row_condition(
    transaction: Transaction,
    action: str,
    entity: CompiledEntity,
    source: FromClause | None = None,
    sources: RowSources | None = None,
) -> ColumnElement[bool]:
    """The SQL condition for records on which the actor may do this; over the entity's own table by default.

    Its bind parameters are those of `engine.formula.compile_sql.moment_parameters`. What the rows of a
    `source` link to is looked up in `sources`.
    """
    sources = sources or RowSources(transaction.catalog)
    if source is not None:
        return _within_scope(transaction, action, entity, source, sources)
    return transaction.catalog.once(
        ("row condition", entity.key, action, rights_key(transaction)),
        lambda: _within_scope(transaction, action, entity, entity.table, sources),
    )


def rows_condition(transaction: Transaction, action: str, entity: CompiledEntity) -> ColumnElement[bool]:
    """The same condition over the entity's own table, for a statement that goes through many records."""
    return transaction.catalog.once(
        ("rows condition", entity.key, action, rights_key(transaction)),
        lambda: _within_scope(
            transaction, action, entity, entity.table, RowSources(transaction.catalog, of_many=True)
        ),
    )


def rights_key(transaction: Transaction) -> tuple[bool, frozenset[str], str, frozenset[str] | None]:
    """What rights depend on besides the record: actors with equal keys share what is prepared.

    Who they are matters only where a definition names them: `user:NAME`.
    """
    actor = transaction.actor
    name = actor.username if actor.username in transaction.catalog.named_people else ""
    return actor.administrator, actor.roles, name, actor.scopes


def visible(transaction: Transaction, entity: str, source: FromClause) -> ColumnElement[bool]:
    """The condition for the records of `entity` in `source` that the actor may see."""
    return row_condition(transaction, "read", transaction.catalog.entity(entity), source)


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


def concerns(transaction: Transaction, principal: str) -> bool | None:
    """Whether a principal is the actor, whatever the record; None when it depends on the record."""
    actor = transaction.actor
    if principal == "everyone":
        return True
    kind, _, name = principal.partition(":")
    if kind == "role" and name:
        return name in actor.roles
    if kind == "user" and name:
        return name == actor.username
    return None


def principals_condition(
    transaction: Transaction,
    principals: Iterable[str],
    entity: CompiledEntity,
    source: FromClause,
    sources: RowSources | None = None,
) -> ColumnElement[bool]:
    """The SQL condition for records on which the actor is one of the principals.

    `sources` are where the paths find their rows, by default each row's own.
    """
    sources = sources or RowSources(transaction.catalog)
    parts = []
    for principal in principals:
        concerned = concerns(transaction, principal)
        if concerned:
            return true()
        if concerned is None:
            path = transaction.catalog.path_is_user(entity.key, principal)
            parts.append(sources.holds(path, source))
    return or_(*parts) if parts else false()


def rules_of_actor(transaction: Transaction, entity: CompiledEntity) -> tuple[Rule, ...]:
    """The rules that may concern the actor: theirs, and those of people whom a record names."""
    return tuple(
        rule for rule in entity.definition.access.rules if concerns(transaction, rule.principal) is not False
    )


def _within_scope(
    transaction: Transaction, action: str, entity: CompiledEntity, source: FromClause, sources: RowSources
) -> ColumnElement[bool]:
    if scope_refusal(transaction, action, entity) is not None:
        return false()
    if transaction.actor.administrator:
        return true()
    return _row_condition(transaction, action, entity, source, sources)


def _row_condition(
    transaction: Transaction, action: str, entity: CompiledEntity, source: FromClause, sources: RowSources
) -> ColumnElement[bool]:
    catalog, definition = transaction.catalog, entity.definition
    if definition.ruled_by:
        owner = catalog.entity(definition.ruled_by)
        as_owner = "update" if action in {"create", "delete"} else action
        rows = owner.table.alias()
        allowed = _within_scope(transaction, as_owner, owner, rows, sources)
        if allowed is true():
            return allowed
        # Asked of the one owner: a list of all owners that are allowed would be made for every record.
        return exists().where(rows.c.id == source.c[entity.parent_link], allowed)  # type: ignore[index]
    parts: list[ColumnElement[bool]] = []
    for rule in rules_of_actor(transaction, entity):
        given = getattr(rule, action)
        if given is False:
            continue
        met: ColumnElement[bool] = true()
        if isinstance(given, Expression):
            met = sources.holds(catalog.formula(given), source)
        if concerns(transaction, rule.principal) is None:
            met = met & principals_condition(transaction, [rule.principal], entity, source, sources)
        if met is true():
            return met
        parts.append(met)
    if action == "read" and entity.definition.has_approvals:
        parts.append(_is_asked(entity, source))
    return or_(*parts) if parts else false()


def _is_asked(entity: CompiledEntity, source: FromClause) -> ColumnElement[bool]:
    """Records about which the actor was asked, or of which they got a copy: they stay readable for them."""
    table = workflow_task
    asked = select(table.c.record_id).where(
        table.c.entity == entity.key, table.c.person == bindparam("dg_user"), table.c.opened_at.is_not(None)
    )
    seen: ColumnElement[bool] = source.c.id.in_(asked)
    return seen


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
    changes = _row_condition(transaction, "update", entity, source, RowSources(transaction.catalog))
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
