"""The columns of a list: which are shown, which could be, how the list is ordered by them."""

from dataclasses import dataclass, replace

from blueprints import visitor
from blueprints.list_acts import editable_fields
from blueprints.list_address import Asked
from blueprints.values import is_number, label
from engine.access.field_policy import partly_readable
from engine.access.policy import rights_key
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.field_type import Relation
from engine.records.groups import groupable
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `head` is the one that leads to the record; `end` stands at the right.

    In the fields of `editable` columns a value can be edited where it stands.
    `sort_url` orders by it alone, `add_url` by it after what the list is ordered by already; `place` is where
    it stands among several.
    """

    field: CompiledField
    label: str
    end: bool
    head: bool
    editable: bool
    direction: str | None
    sort_url: str | None
    add_url: str | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A field that can be a column, a key of the order, or group the list."""

    name: str
    label: str
    shown: bool
    sortable: bool
    groupable: bool


def shown_columns(transaction: Transaction, entity: CompiledEntity, asked: Asked, base: str) -> list[Column]:
    """The columns of the list, those left out that the visitor may not read."""
    allowed = partly_readable(transaction, entity)
    order, editable = dict(asked.order), editable_fields(transaction, entity)
    columns: list[Column] = []
    for name in asked.columns:
        each = entity.fields.get(name)
        if each is None or name not in allowed:
            continue
        descending = order.get(name)
        columns.append(
            Column(
                field=each,
                label=label(each.definition.label),
                end=is_number(each),
                head=not columns,
                editable=name in editable,
                direction=None if descending is None else "descending" if descending else "ascending",
                sort_url=asked.url(base, sort=f"-{name}" if descending is False else name)
                if each.sortable
                else None,
                add_url=asked.url(base, sort=_with(asked, name)) if each.sortable else None,
                place=list(order).index(name) + 1 if name in order and len(order) > 1 else None,
            )
        )
    return columns


def _with(asked: Asked, name: str) -> str:
    """The order with one key more, or that key turned round."""
    keys = dict(asked.order)
    keys[name] = not keys[name] if name in keys else False
    return ",".join(f"-{key}" if descending else key for key, descending in keys.items())


def offered_columns(transaction: Transaction, entity: CompiledEntity, asked: Asked) -> list[Offered]:
    """All fields that can be columns: those that are shown in their order, then the others."""
    fit = transaction.catalog.once(
        ("columns", entity.key, rights_key(transaction), visitor.locale()),
        lambda: _possible_columns(transaction, entity),
    )
    shown = [name for name in asked.columns if name in fit]
    return [
        *(replace(fit[name], shown=True) for name in shown),
        *(each for name, each in fit.items() if name not in shown),
    ]


def _possible_columns(transaction: Transaction, entity: CompiledEntity) -> dict[str, Offered]:
    allowed = partly_readable(transaction, entity)
    return {
        name: Offered(
            name=name,
            label=label(each.definition.label),
            shown=False,
            sortable=each.sortable and (each.column or each.live),
            groupable=groupable(entity, each),
        )
        for name, each in entity.fields.items()
        if name in allowed and not each.definition.hidden and each.type.relation is not Relation.ROWS
    }
