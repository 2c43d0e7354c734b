"""Which records are about a person: their own, those that link to these, and those that name the person.

A record is a person's own when a unique field of its entity holds them, as `employee.user` does. Records that
link to one of these (payslips, leave requests, child rows) are about the person too, and so on. Records whose
other fields name the person, such as the owner of a deal, are only named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from engine.access.people import USER
from engine.catalog import Catalog, CompiledEntity
from engine.problems import NotAllowed, NotFound
from engine.text import say
from engine.transaction import Transaction

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Belongings:
    """`own`: entity → ids of the records about the person; `named`: (entity, field) → ids."""

    user: int
    own: dict[str, set[int]] = field(default_factory=dict)
    named: dict[tuple[str, str], list[int]] = field(default_factory=dict)


def belongings(transaction: Transaction, user: int) -> Belongings:
    """All records about a person. For administrators; raises NotAllowed, NotFound."""
    if not transaction.actor.administrator:
        raise NotAllowed(say("The personal data of others is for administrators only."))
    catalog, found = transaction.catalog, Belongings(user)
    people = catalog.entity(USER)
    known = select(people.table.c.id).where(people.table.c.id == user)
    if transaction.connection.execute(known).first() is None:
        raise NotFound(say("There is no {entity} {id}.", entity=people.definition.label, id=user))
    waiting: list[tuple[str, set[int]]] = []
    for entity, name in _links_to(catalog, USER):
        ids = _holding(transaction, entity, name, {user})
        if entity.fields[name].definition.unique:
            waiting.append((entity.key, ids))
        elif ids:
            found.named[entity.key, name] = sorted(ids)
    while waiting:
        key, ids = waiting.pop()
        fresh = ids - found.own.get(key, set())
        if not fresh:
            continue
        found.own.setdefault(key, set()).update(fresh)
        for entity, name in _links_to(catalog, key):
            waiting.append((entity.key, _holding(transaction, entity, name, fresh)))
    found.own[USER] = {user}
    return found


def _links_to(catalog: Catalog, key: str) -> Iterator[tuple[CompiledEntity, str]]:
    """The fields of all entities that hold a record of this one; who wrote a record is not meant."""
    for entity in catalog.entities.values():
        for name, each in entity.fields.items():
            system = each.definition.system and name != entity.parent_link
            if each.column and not system and catalog.world.entities[entity.key][name].entity == key:
                yield entity, name


def _holding(transaction: Transaction, entity: CompiledEntity, name: str, ids: set[int]) -> set[int]:
    table, wanted, found = entity.table, sorted(ids), set[int]()
    for start in range(0, len(wanted), AT_ONCE):
        held = select(table.c.id).where(table.c[name].in_(wanted[start : start + AT_ONCE]))
        found |= set(transaction.connection.execute(held).scalars())
    return found
