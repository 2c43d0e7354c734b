"""Records as cards: their title, some of their fields, their colour, and what moving them needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.values import HUES, entity_url, is_number, label, masked_look, show
from engine.access.policy import partly_readable, record_dependent, writable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
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
    named = titles(transaction, entity.key, [record["id"] for record in records])
    base = entity_url(entity.key)
    labelled = [(each, label(each.definition.label), is_number(each)) for each in fields]
    return [
        Card(
            id=record["id"],
            url=f"{base}/{record['id']}",
            title=named.get(record["id"], "") or f"#{record['id']}",
            revision=record.get("revision"),
            hue=hue(entity, color, record),
            fields=tuple(
                CardField(words, shown, end)
                for each, words, end in labelled
                if (shown := _shown(each, record))
            ),
            place=address_of(record.get(place)) if place else "",
        )
        for record in records
    ]


def _shown(each: CompiledField, record: dict[str, Any]) -> Markup:
    return masked_look() if each.name in record.get(MASKED, ()) else show(each, record.get(each.name))


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
