"""Records as cards: their title, some of their fields, their colour, and what moving them needs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from blueprints import visitor
from blueprints.escaping import filled
from blueprints.titles import titles_of
from blueprints.values import HUES, entity_url, is_number, label, look_of, masked_look
from engine.access.field_policy import partly_readable, record_dependent, writable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
from engine.records.select import MASKED
from engine.transaction import Transaction

TERM = '<div%s><dt class="unseen">%s</dt><dd>'
TERM_END = "</dd></div>"
AT_THE_END = Markup(' class="card-number"')


class Card(NamedTuple):
    """A record as a card. `place` is the value by which it stands where it stands."""

    id: int
    url: str
    title: str
    revision: int | None
    hue: str
    values: tuple[Markup, ...]
    terms: Markup
    """The values with the labels of their fields, as the items of a list of terms."""
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
    named = titles_of(transaction, entity, records)
    base = entity_url(entity.key)
    looks = [(each.name, look_of(each), _before(each)) for each in fields]

    def card(record: dict[str, Any]) -> Card:
        masked = record.get(MASKED, ())
        shown = [
            (before, masked_look() if name in masked else look(record.get(name)))
            for name, look, before in looks
        ]
        return Card(
            id=record["id"],
            url=f"{base}/{record['id']}",
            title=named.get(record["id"], "") or f"#{record['id']}",
            revision=record.get("revision"),
            hue=hue(entity, color, record),
            values=tuple(value for _, value in shown if value),
            terms=Markup("".join(f"{before}{value}{TERM_END}" for before, value in shown if value)),  # noqa: S704
            place=address_of(record.get(place)) if place else "",
        )

    return [card(record) for record in records]


def _before(each: CompiledField) -> Markup:
    """What stands before each value of a field in a list of terms."""
    return filled(TERM, AT_THE_END if is_number(each) else "", label(each.definition.label))


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
