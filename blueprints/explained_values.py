"""Values of an explanation, which are JSON, as a page shows them; and what its parts are called."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from markupsafe import Markup, escape

from blueprints import visitor
from blueprints.values import label, show
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
from engine.transaction import Transaction

READERS: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "money": Decimal,
    "date": date.fromisoformat,
    "month": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda seconds: timedelta(seconds=seconds),
}
"""Kind → what makes its JSON a value again."""


def shown(
    transaction: Transaction, place: Sequence[str] | None, found: Mapping[str, Any], title: str = ""
) -> Markup:
    """A value as the field at `place` shows its own, or plainly where nothing but its kind is known."""
    value, kind = found.get("value"), found.get("kind", "")
    if value is None:
        return Markup("")
    each = field_of(transaction, place)
    if kind == "link":
        return show(each, Link(value, title)) if each else escape(title)
    read = READERS.get(kind, lambda same: same)(value)
    if each is not None:
        return show(each, read)
    if isinstance(read, bool):
        return escape(visitor.translated("Yes") if read else visitor.translated("No"))
    if found.get("function") == "year":
        return escape(str(read))
    if isinstance(read, (int, Decimal)):
        return Markup('<span class="number">{}</span>').format(exact_number(str(read), kind == "money"))
    return escape(str(read))


def exact_number(text: str, money: bool = False) -> str:
    """A number with all its places, and at least two of an amount."""
    pattern = "#,##0.00########" if money else "#,##0.##########"
    return format_decimal(Decimal(text), format=pattern, locale=visitor.locale(), decimal_quantization=False)


def field_of(transaction: Transaction, place: Sequence[str] | None) -> CompiledField | None:
    """The field of [entity, field], while there is one."""
    if place is None:
        return None
    key, name = place
    entity = transaction.catalog.entities.get(key)
    return entity.fields.get(name) if entity else None


def label_of(transaction: Transaction, entity: CompiledEntity, path: str) -> str:
    """What people call a path: `employee.commission_rate` is “Employee · Commission rate”."""
    words, at = [], entity.key
    for word in path.replace(" ", "").split("."):
        each = field_of(transaction, [at, word]) if at else None
        words.append(label(each.definition.label) if each else word)
        at = (transaction.catalog.world.entities[at][word].entity or "") if each else ""
    return " · ".join(words)
