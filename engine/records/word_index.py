"""Keeps the words of records for the search, with every change and in its transaction."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalog import CompiledEntity
from engine.schema import search_index
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Searched:
    """How an entity stands in the index: its number there, and field → class."""

    number: int
    fields: Mapping[str, str]


def searched(transaction: Transaction, key: str) -> Searched | None:
    """How the records of an entity are indexed; None while a publish has not begun it."""

    def read() -> dict[str, Searched]:
        found = search_index.numbers(transaction.connection)
        return {entity: Searched(number, fields) for entity, (number, fields) in found.items()}

    return transaction.catalog.once(("searched",), read).get(key)


def keep_words(transaction: Transaction, entity: CompiledEntity, rows: Iterable[Mapping[str, Any]]) -> None:
    """Indexes records, each with its `id` and all values that are searched."""
    found = searched(transaction, entity.key)
    if found:
        search_index.put_words(transaction.connection, found.number, found.fields, rows)


def keep_changed_words(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any], changed: Collection[str]
) -> None:
    """Indexes a record again when a text of it has changed."""
    found = searched(transaction, entity.key)
    if found and not found.fields.keys().isdisjoint(changed):
        search_index.put_words(transaction.connection, found.number, found.fields, [values])


def forget_words(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    """Takes a record out of the index."""
    found = searched(transaction, entity.key)
    if found:
        search_index.remove_words(transaction.connection, found.number, identity)
