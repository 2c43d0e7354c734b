"""A list in groups: a heading with totals for each value, and the rows of those groups that are open."""

from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.list_address import Asked
from blueprints.list_columns import Column
from blueprints.list_rows import Cell, shown_rows, shown_totals
from blueprints.values import label, number, show
from engine.catalog import CompiledEntity
from engine.fields.types.link import Link
from engine.records.groups import Group, groups
from engine.records.query import Query
from engine.records.read import page
from engine.transaction import Transaction

OPEN_AT_FIRST = 3
ROWS_IN_GROUP = 20


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group of the list; `toggle_url` opens or closes it, `all_url` lists nothing but it."""

    key: str
    shown: Any
    count: str
    totals: tuple[Cell, ...]
    open: bool
    rows: tuple[Markup, ...]
    toggle_url: str
    all_url: str | None


def shown_groups(
    transaction: Transaction,
    entity: CompiledEntity,
    asked: Asked,
    base: str,
    columns: list[Column],
    query: Query,
) -> tuple[list[ShownGroup], bool]:
    """The groups, and whether there are more than can be shown."""
    assert asked.group
    found = groups(transaction, entity.key, query, asked.group)
    visitor.disclosures().groups(transaction, [(entity.key, asked.group)], len(found.groups), query)
    keys = [group_key(group.value) for group in found.groups]
    opened = asked.open if asked.open is not None else tuple(keys[:OPEN_AT_FIRST])
    return [
        _shown(transaction, entity, asked, base, columns, query, group, opened) for group in found.groups
    ], found.more


def group_key(value: Any) -> str:
    """How a group stands in an address."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.id) if isinstance(value, Link) else str(value)


def _shown(
    transaction: Transaction,
    entity: CompiledEntity,
    asked: Asked,
    base: str,
    columns: list[Column],
    query: Query,
    group: Group,
    opened: tuple[str, ...],
) -> ShownGroup:
    key = group_key(group.value)
    each = entity.fields[asked.group or ""]
    is_open = key in opened
    others = [one for one in opened if one != key]
    rows: tuple[Markup, ...] = ()
    if is_open:
        narrowed = replace(
            query, filter=_narrowed(asked, each, group.value), limit=ROWS_IN_GROUP, count="none"
        )
        found = page(transaction, entity.key, narrowed).records
        visitor.disclosures().records(transaction, entity, found, narrowed)
        rows = shown_rows(entity, columns, found)
    where = f"{asked.group}~blank~" if group.value is None else f"{asked.group}~eq~{key}"
    conditions = [*(one.address for one in asked.conditions), where]
    # A list without open groups still says so.
    toggled = others if is_open else [*opened, key]
    return ShownGroup(
        key=key,
        shown=show(each, group.value) or visitor.translated("No {field}", field=label(each.definition.label)),
        count=number(group.count),
        totals=tuple(shown_totals(columns, asked.view, group.totals)),
        open=is_open,
        rows=rows,
        toggle_url=asked.url(base, open=toggled or ["-"], whole="1" if asked.whole else None),
        all_url=asked.url(base, group=None, where=conditions) if group.count > ROWS_IN_GROUP else None,
    )


def _narrowed(asked: Asked, each: Any, value: Any) -> str:
    """The filter of the list and of one group, as a formula."""
    bare = value.id if isinstance(value, Link) else value
    held = (
        f"isblank({each.name})"
        if bare is None
        else f"{each.name} == {each.type.formula_literal(each.definition.options, bare)}"
    )
    return f"({asked.filter}) and {held}" if asked.filter else held
