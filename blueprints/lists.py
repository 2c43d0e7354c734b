"""The list page of an entity: what stands on it for one address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.conditions import (
    Draft,
    FilterField,
    filter_fields,
    offered_operators,
)
from blueprints.list_address import Asked
from blueprints.navigation import plural
from blueprints.values import as_text, entity_url, is_number, label, number, show
from engine.access.policy import may, readable
from engine.catalog import CompiledEntity, CompiledField
from engine.definition.model import View
from engine.definition.view_type_registry import VIEW_TYPES
from engine.problems import InputRefused
from engine.records.query import Query
from engine.records.read import Page, page
from engine.transaction import Transaction

ROWS = 50
PAGES_BACK = 40
"""How many pages the address remembers for going back."""


TOTAL_LABELS = {
    "sum": "Sum of {field}",
    "avg": "Average of {field}",
    "min": "Smallest {field}",
    "max": "Largest {field}",
    "count": "Filled: {field}",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `head` is the one that leads to the record; `end` stands at the right."""

    field: CompiledField
    label: str
    end: bool
    head: bool
    direction: str | None
    sort_url: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a column; `label` tells what a total is."""

    column: Column
    shown: Markup | str
    blank: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A record in the table."""

    url: str
    title: str
    cells: tuple[Cell, ...]


def list_page(
    transaction: Transaction,
    entity: CompiledEntity,
    asked: Asked,
    draft: Draft | None = None,
    draft_problem: str | None = None,
) -> tuple[dict[str, Any], int]:
    """What the template list.html shows, and the HTTP status."""
    base = entity_url(entity.key)
    found, problem = _find(transaction, entity, asked)
    columns = _columns(transaction, entity, asked, base)
    context = {
        **frame(transaction, entity, asked, draft, draft_problem, problem),
        "columns": columns,
        "rows": [_row(entity, columns, record) for record in found.records],
        "totals": _totals(columns, asked.view, found),
        "count_text": _count(found, len(asked.back) * ROWS),
        **paging(asked, base, found),
    }
    return context, 422 if problem or draft_problem else 200


def frame(
    transaction: Transaction,
    entity: CompiledEntity,
    asked: Asked,
    draft: Draft | None,
    draft_problem: str | None,
    problem: str | None,
) -> dict[str, Any]:
    """What stands around every type of view: tabs, search, filters. `problem` is that of the formula."""
    base = entity_url(entity.key)
    locale = visitor.locale()
    fields = filter_fields(transaction, entity)
    creatable = may(transaction, "create", entity).allowed
    return {
        "entity_icon": entity.definition.icon or "file",
        "app_label": label(transaction.catalog.apps[entity.definition.app].label),
        "plural": plural(entity, locale),
        "singular": label(entity.definition.label),
        "entity_key": entity.key,
        "base_url": base,
        "new_url": f"{base}/new" if creatable else None,
        "views": _views(entity, asked, base),
        "several_types": len({view.kind for view in entity.definition.views.values()}) > 1,
        "search": asked.search,
        "formula": asked.formula,
        "formula_example": _example(fields),
        "filter_problem": problem,
        "draft": draft or Draft(),
        "draft_problem": draft_problem,
        "filter_fields": fields,
        "operators": [
            {
                "name": each.name,
                "label": label(each.label),
                "takes": "many" if each.values is None else each.values,
            }
            for each in offered_operators(fields)
        ],
        "chips": _chips(asked, base),
        "kept_for_search": asked.without("q"),
        "kept_for_filter": asked.without(),
        "kept_for_formula": asked.without("filter"),
        "filtered": asked.narrowed,
        "clear_url": asked.url(base, q=None, filter=None, where=None),
    }


def _find(transaction: Transaction, entity: CompiledEntity, asked: Asked) -> tuple[Page, str | None]:
    """The page, and what is wrong with the formula or order that was sent, in which case nothing is found."""
    query = Query(
        filter=asked.filter,
        search=asked.search,
        sort=asked.sort,
        limit=ROWS,
        after=asked.after,
        count="capped",
        view=asked.view.name,
        totals=asked.view.totals,
        fields=frozenset(asked.view.columns),
    )
    try:
        return page(transaction, entity.key, query), None
    except InputRefused as refused:
        problem = refused.problems[0]
        return Page([], None), problem.message.to(visitor.locale())


def _columns(transaction: Transaction, entity: CompiledEntity, asked: Asked, base: str) -> list[Column]:
    allowed = readable(transaction, entity) | set(entity.definition.access.fields)
    sort = dict(asked.sort or asked.view.sort[:1])
    columns: list[Column] = []
    for name in asked.view.columns:
        each = entity.fields.get(name)
        if each is None or name not in allowed:
            continue
        descending = sort.get(name)
        columns.append(
            Column(
                field=each,
                label=label(each.definition.label),
                end=is_number(each),
                head=not columns,
                direction=None if descending is None else "descending" if descending else "ascending",
                sort_url=asked.url(base, sort=f"-{name}" if descending is False else name)
                if each.type.sortable
                else None,
            )
        )
    return columns


def _row(entity: CompiledEntity, columns: Sequence[Column], record: dict[str, Any]) -> Row:
    cells = []
    for column in columns:
        value = record.get(column.field.name)
        shown = (
            as_text(column.field, value) if column.head and value is not None else show(column.field, value)
        )
        cells.append(Cell(column, shown, blank=not shown))
    return Row(entity_url(entity.key, record["id"]), f"#{record['id']}", tuple(cells))


def _totals(columns: Sequence[Column], view: View, found: Page) -> list[Cell] | None:
    if not found.totals or not found.records:
        return None
    cells = []
    for column in columns:
        name = column.field.name
        value = found.totals.get(name)
        kind = view.totals.get(name, "")
        words = visitor.translated(TOTAL_LABELS[kind], field=column.label) if kind else ""
        shown: Markup | str = ""
        if value is not None:
            shown = number(value) if kind == "count" else show(column.field, value)
        cells.append(Cell(column, shown, not shown, words))
    return cells


def _views(entity: CompiledEntity, asked: Asked, base: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label(view.label),
            "url": asked.url(base, view=view.name, sort=None),
            "icon": VIEW_TYPES[view.kind].icon,
            "current": view.name == asked.view.name,
        }
        for view in entity.definition.views.values()
    ]


def _chips(asked: Asked, base: str) -> list[dict[str, str]]:
    addresses = [each.address for each in asked.conditions]
    chips = [
        {"text": each.words, "url": asked.url(base, where=[one for one in addresses if one != each.address])}
        for each in asked.conditions
    ]
    if asked.formula:
        chips.append({"text": asked.formula, "url": asked.url(base, filter=None)})
    return chips


def _count(found: Page, before: int) -> str:
    if found.count is None:
        return ""
    total = number(found.count) + ("+" if found.count_capped else "")
    first, last = number(before + 1), number(before + len(found.records))
    return visitor.translated("{first}–{last} of {total}", first=first, last=last, total=total)


def paging(asked: Asked, base: str, found: Page) -> dict[str, str | None]:
    """Where “previous” and “next” lead; the address carries the cursors of the pages before."""
    previous, following = None, None
    if asked.back:
        *earlier, last = asked.back
        previous = asked.url(base, back=earlier, after=last if last != FIRST else None)
    elif asked.after:
        previous = asked.url(base)
    if found.next:
        back = [*asked.back, asked.after or FIRST][-PAGES_BACK:]
        following = asked.url(base, back=back, after=found.next)
    return {"previous_url": previous, "next_url": following}


FIRST = "first"
"""Stands for the first page, which has no cursor."""


def _example(fields: Sequence[FilterField]) -> str:
    numeric = next((each.name for each in fields if "ge" in each.operators), None)
    chosen = next((each for each in fields if each.choices and each.choices[0][0] != "yes"), None)
    parts = [f"{numeric} >= 1000"] if numeric else []
    parts += [f'{chosen.name} == "{chosen.choices[0][0]}"'] if chosen else []
    return " and ".join(parts) or "id > 100"
