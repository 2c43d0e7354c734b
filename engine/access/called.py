"""What people call those whom a rule names: labels of roles, of fields that lead to a person."""

from collections.abc import Iterable

from engine.catalog import CompiledEntity
from engine.definition.approval import SUBMITTER
from engine.text import Message, Text, say
from engine.transaction import Transaction


def called(
    transaction: Transaction, entity: CompiledEntity, principals: Iterable[str]
) -> tuple[Text | Message | str, ...]:
    """Principals of an entity as people call them; “nobody” where there are none."""
    return tuple(_principal(transaction, entity, each) for each in principals) or (say("nobody"),)


def _principal(transaction: Transaction, entity: CompiledEntity, principal: str) -> Text | Message | str:
    if principal in WORDS:
        return WORDS[principal]
    kind, _, name = principal.partition(":")
    if kind == "role" and name:
        app, _, role = name.partition(".")
        known = transaction.catalog.apps.get(app)
        return known.roles[role].label if known and role in known.roles else name
    if name:
        return name
    return _path(transaction, entity, principal)


def _path(transaction: Transaction, entity: CompiledEntity, path: str) -> Text | Message | str:
    """`owner.manager` as the labels of its fields: Owner → Manager."""
    first, _, further = path.partition(".")
    each = entity.fields.get(first)
    if each is None:
        return path
    if not further:
        return each.definition.label
    target = transaction.catalog.world.entities[entity.key][first].entity
    following = _path(transaction, transaction.catalog.entity(target), further) if target else further
    return say("{field} → {further}", field=each.definition.label, further=following)


WORDS = {"everyone": say("everyone"), SUBMITTER: say("who submitted it")}
"""Principals that are words of the language."""
