"""Who may do what: rules of the definition, compiled to SQL conditions and to decisions with a reason.

Rules only add rights: what no rule gives, nobody has. Child rows follow their owner. Administrators may do
everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, bindparam, exists, false, or_, select, true

from engine.access.scopes import scope_refusal
from engine.catalog import CompiledEntity
from engine.definition.model import Rule
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
    return ruled(transaction, action, entity, source, sources)


def ruled(
    transaction: Transaction, action: str, entity: CompiledEntity, source: FromClause, sources: RowSources
) -> ColumnElement[bool]:
    """The condition for records to which the rules give the actor an action, whoever calls for them."""
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
