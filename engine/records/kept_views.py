"""Lists as people keep them: for themselves, or shared with everybody who sees the records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, or_, select, update

from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.problems import InputRefused, NotAllowed, NotFound, Problem
from engine.schema.prepared import Prepared
from engine.schema.system_tables import view, view_choice
from engine.text import say
from engine.transaction import Transaction

LONGEST_NAME = 60
LARGEST = 8_000
KEPT_AT_MOST = 100

Settings = Mapping[str, Sequence[str]]
"""Parameter of a list's address → its values."""


@dataclass(frozen=True, slots=True)
class KeptView:
    """A list that somebody keeps."""

    id: int
    entity: str
    name: str
    settings: Settings
    shared: bool
    mine: bool


def kept_views(transaction: Transaction, entity: CompiledEntity) -> list[KeptView]:
    """The actor's own views of an entity, and those that others share, by name."""
    person = transaction.actor.id

    def make() -> Prepared:
        columns = (view.c.id, view.c.entity, view.c.name, view.c.settings, view.c.shared, view.c.owner)
        found = (
            select(*columns)
            .where(view.c.entity == bindparam("of"), or_(view.c.owner == bindparam("person"), view.c.shared))
            .order_by(view.c.shared.desc(), view.c.name, view.c.id)
        )
        return Prepared(found, transaction.connection.dialect)

    statement = transaction.catalog.once(("kept views",), make)
    rows = statement.rows(transaction.connection, {"of": entity.key, "person": person})
    return [
        KeptView(identity, of, name, settings, shared, mine=owner == person)
        for identity, of, name, settings, shared, owner in rows
    ]


def may_share(transaction: Transaction, entity: CompiledEntity) -> bool:
    """Whether the actor may share views: administrators, and whoever may change every record."""
    if transaction.actor.administrator:
        return True
    roles = {f"role:{role}" for role in transaction.actor.roles}
    return any(rule.update is True and rule.principal in roles for rule in entity.definition.access.rules)


def keep_view(transaction: Transaction, key: str, name: str, settings: Settings, shared: bool = False) -> int:
    """Keeps a list under a name; gives its number. Raises NotAllowed, InputRefused."""
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "read", entity)
    if not decision.allowed or transaction.actor.id is None:
        raise NotAllowed(decision.reason)
    if shared:
        _refuse_sharing(transaction, entity)
    _refuse_invalid(transaction, entity, name, settings, None)
    row = {
        "entity": key, "owner": transaction.actor.id, "shared": shared, "name": name.strip(),
        "settings": _plain(settings), "changed_at": transaction.now,
    }  # fmt: skip
    made = transaction.connection.execute(insert(view).values(**row))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def change_view(
    transaction: Transaction,
    identity: int,
    name: str | None = None,
    settings: Settings | None = None,
    shared: bool | None = None,
) -> None:
    """Renames a view, keeps other settings, shares it or not. Raises NotFound, NotAllowed, InputRefused."""
    found = _changeable(transaction, identity)
    entity = transaction.catalog.entity(found.entity)
    if shared and not found.shared:
        _refuse_sharing(transaction, entity)
    if shared is False and not found.mine:
        raise NotAllowed(say("The view belongs to somebody else, so it stays shared; delete it instead."))
    wanted = found.name if name is None else name
    kept = found.settings if settings is None else settings
    _refuse_invalid(transaction, entity, wanted, kept, identity)
    changes = {
        "name": wanted.strip(),
        "settings": _plain(kept),
        "shared": found.shared if shared is None else shared,
        "changed_at": transaction.now,
    }
    transaction.connection.execute(update(view).where(view.c.id == identity).values(**changes))


def delete_view(transaction: Transaction, identity: int) -> None:
    """Deletes a view; records stay as they are."""
    _changeable(transaction, identity)
    transaction.connection.execute(delete(view).where(view.c.id == identity))
    transaction.connection.execute(delete(view_choice).where(view_choice.c.view == str(identity)))


def first_view(transaction: Transaction, entity: CompiledEntity) -> str | None:
    """With which view the actor wants to begin; None for the definition's first."""

    def make() -> Prepared:
        mine = (view_choice.c.user_id == bindparam("person"), view_choice.c.entity == bindparam("of"))
        return Prepared(select(view_choice.c.view).where(*mine), transaction.connection.dialect)

    statement = transaction.catalog.once(("first view",), make)
    rows = statement.rows(transaction.connection, {"of": entity.key, "person": transaction.actor.id})
    return rows[0][0] if rows else None


def begin_with(transaction: Transaction, entity: CompiledEntity, name: str) -> None:
    """Has the actor begin with a view: its name, or the number of a kept one."""
    mine = (view_choice.c.user_id == transaction.actor.id, view_choice.c.entity == entity.key)
    transaction.connection.execute(delete(view_choice).where(*mine))
    row = {"user_id": transaction.actor.id, "entity": entity.key, "view": name}
    transaction.connection.execute(insert(view_choice).values(**row))


def _changeable(transaction: Transaction, identity: int) -> KeptView:
    row = transaction.connection.execute(select(view).where(view.c.id == identity)).first()
    actor = transaction.actor
    if row is None or not (row.shared or row.owner == actor.id):
        raise NotFound(say("There is no view {id}.", id=identity))
    found = KeptView(row.id, row.entity, row.name, row.settings, row.shared, row.owner == actor.id)
    if not found.mine and not may_share(transaction, transaction.catalog.entity(found.entity)):
        raise NotAllowed(say("Only who made “{name}”, or may share views, can change it.", name=found.name))
    return found


def _refuse_sharing(transaction: Transaction, entity: CompiledEntity) -> None:
    if not may_share(transaction, entity):
        sentence = "Views of {entity} are shared by people who may change every record of it."
        raise NotAllowed(say(sentence, entity=entity.definition.label))


def _refuse_invalid(
    transaction: Transaction, entity: CompiledEntity, name: str, settings: Settings, identity: int | None
) -> None:
    problems = []
    if not name.strip():
        problems.append(Problem("name", say("Give the view a name.")))
    elif len(name.strip()) > LONGEST_NAME:
        problems.append(Problem("name", say("A name has at most {most} characters.", most=LONGEST_NAME)))
    others = [each for each in kept_views(transaction, entity) if each.id != identity]
    if any(each.mine and each.name.casefold() == name.strip().casefold() for each in others):
        problems.append(Problem("name", say("You have a view “{name}” already.", name=name.strip())))
    if sum(each.mine for each in others) >= KEPT_AT_MOST:
        problems.append(Problem("name", say("You keep {most} views already; delete one.", most=KEPT_AT_MOST)))
    if sum(len(one) for each in settings.values() for one in each) > LARGEST:
        problems.append(Problem("settings", say("These filters are too long to be kept.")))
    if problems:
        raise InputRefused(problems)


def _plain(settings: Settings) -> dict[str, list[str]]:
    return {name: list(values) for name, values in sorted(settings.items()) if values}
