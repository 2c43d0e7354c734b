"""Records as cards: their title, some of their fields, their colour, and what moving them needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.values import HUES, entity_url, is_number, label, look_of, masked_look
from engine.access.policy import partly_readable, readable, record_dependent, writable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
from engine.formula.types import Kind
from engine.records.read import titles
from engine.records.select import MASKED
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CardField:
    """A value on a card."""

    label: str
    shown: Markup
    end: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A record as a card. `place` is the value by which it stands where it stands."""

    id: int
    url: str
    title: str
    revision: int | None
    hue: str
    fields: tuple[CardField, ...]
    place: str = ""


def seen_fields(
    transaction: Transaction, entity: CompiledEntity, names: Iterable[str]
) -> list[CompiledField]:
    """Those of the fields that the visitor may see, on some records at least."""
    allowed = partly_readable(transaction, entity)
    return [entity.fields[name] for name in names if name in entity.fields and name in allowed]


def may_set(transaction: Transaction, entity: CompiledEntity, *names: str | None) -> bool:
    """Whether the visitor may set these fields, on some records at least."""
    settable = writable(transaction, entity) | record_dependent(entity)
    return all(name in settable for name in names if name)


def cards(
    transaction: Transaction,
    entity: CompiledEntity,
    records: Sequence[dict[str, Any]],
    fields: Sequence[CompiledField],
    color: str | None = None,
    place: str | None = None,
) -> list[Card]:
    """The records as cards."""
    named = _titles(transaction, entity, records)
    base = entity_url(entity.key)
    looks = [(each.name, look_of(each), label(each.definition.label), is_number(each)) for each in fields]
    return [
        Card(
            id=record["id"],
            url=f"{base}/{record['id']}",
            title=named.get(record["id"], "") or f"#{record['id']}",
            revision=record.get("revision"),
            hue=hue(entity, color, record),
            fields=tuple(
                CardField(words, shown, end)
                for name, look, words, end in looks
                if (shown := masked_look() if name in record.get(MASKED, ()) else look(record.get(name)))
            ),
            place=address_of(record.get(place)) if place else "",
        )
        for record in records
    ]


def title_field(transaction: Transaction, entity: CompiledEntity) -> str | None:
    """The field that is the title of every record, where it is stored text that the visitor may read."""
    each = entity.fields.get(entity.definition.title.text)
    if each is None or not each.column or each.live or each.encrypted:
        return None
    if each.name not in readable(transaction, entity):
        return None
    return each.name if transaction.catalog.formula(entity.definition.title).type.kind is Kind.TEXT else None


def _titles(
    transaction: Transaction, entity: CompiledEntity, records: Sequence[dict[str, Any]]
) -> dict[int, str]:
    """The titles of records, asked for only where they were not read with them."""
    name = title_field(transaction, entity)
    if name is not None and all(name in record for record in records):
        return {record["id"]: str(record[name] or "") for record in records}
    return titles(transaction, entity.key, [record["id"] for record in records])


def hue(entity: CompiledEntity, color: str | None, record: dict[str, Any]) -> str:
    """The class of the colour that a choice or the stage gives to a record."""
    each = entity.fields.get(color or "")
    option = each.definition.options["options"].get(record.get(each.name)) if each else None
    return HUES.get((option.color if option else None) or "", "")


def address_of(value: Any) -> str:
    """A value as an address or attribute holds it; blank is an empty text."""
    if isinstance(value, Link):
        return str(value.id)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def day_of(value: Any) -> date | None:
    """The day of a date or of an instant where the visitor is."""
    if isinstance(value, datetime):
        return value.astimezone(visitor.time_zone()).date()
    return value if isinstance(value, date) else None
