"""The list page of an entity: what stands on it for one address."""

from collections.abc import Mapping, Sequence
from typing import Any

from blueprints import visitor
from blueprints.conditions import Draft, FilterField, filter_fields, offered_operators
from blueprints.list_acts import offered_acts
from blueprints.list_address import TOLD_AT_ONCE, Asked
from blueprints.list_columns import Column, offered_columns, shown_columns
from blueprints.list_groups import ShownGroup, shown_groups
from blueprints.list_rows import shown_rows, shown_totals
from blueprints.navigation import plural
from blueprints.values import entity_url, label, number
from engine.access.field_policy import readable
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.definition.view_type_registry import VIEW_TYPES
from engine.problems import InputRefused
from engine.records.deletions import may_bring_back
from engine.records.kept_views import may_share
from engine.records.query import Query, are_in_index, sent_filter, sort_keys
from engine.records.read import Page, page
from engine.records.whole import takes_long
from engine.transaction import Transaction

ROWS = 50
ORDERED_AT_ONCE = 200_000
"""More records than that, which no index holds in their order, come after the page."""
PAGES_BACK = 40
"""How many pages the address remembers for going back."""
FIRST = "first"
"""Stands for the first page, which has no cursor."""


def list_query(asked: Asked) -> Query:
    """What a list asks the engine for."""
    return Query(
        filter=asked.filter,
        search=asked.search,
        sort=asked.sort,
        limit=ROWS,
        after=asked.after,
        count="exact" if asked.whole else "capped",
        view=asked.view.name,
        totals=asked.view.totals,
        totals_up_to=None if asked.whole else TOLD_AT_ONCE,
        fields=frozenset(asked.columns),
    )


def list_page(
    transaction: Transaction,
    entity: CompiledEntity,
    asked: Asked,
    draft: Draft | None = None,
    draft_problem: str | None = None,
) -> tuple[dict[str, Any], int]:
    """What the template list.html shows, and the HTTP status."""
    base = entity_url(entity.key)
    columns = shown_columns(transaction, entity, asked, base)
    unordered = _is_long_to_order(transaction, entity, asked)
    found, groups, more_groups, problem = (
        (Page([], None), [], False, None) if unordered else _find(transaction, entity, asked, base, columns)
    )
    whole_url = asked.url(base, after=asked.after, back=asked.back, open=asked.open, whole="1")
    totals = shown_totals(columns, asked.view, found.totals) if found.totals and found.records else None
    context = {
        **frame(transaction, entity, asked, draft, draft_problem, problem),
        "columns": columns,
        "offered_columns": offered_columns(transaction, entity, asked),
        "order": asked.order,
        "group": asked.group,
        "groups": groups,
        "more_groups": more_groups,
        "rows": shown_rows(entity, columns, found.records),
        "totals": totals,
        "totals_url": whole_url if found.totals_left_out else None,
        "groups_url": whole_url if groups is None else None,
        "order_url": whole_url if unordered else None,
        "unordered": label(entity.fields[unordered].definition.label) if unordered else "",
        "ordered_at_once": number(ORDERED_AT_ONCE),
        "told_at_once": number(TOLD_AT_ONCE),
        "totals_whole": asked.whole,
        "exact_count": None if found.count is None or found.count_capped else number(found.count),
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
    """What stands around every type of view: names, tabs, search, filters. `problem` is the formula's."""
    base = entity_url(entity.key)
    creatable = may(transaction, "create", entity).allowed
    return {
        **_heading(transaction, entity, asked, base),
        **_filtering(transaction, entity, asked, base),
        "new_url": f"{base}/new" if creatable else None,
        "import_url": f"{base}/import" if creatable else None,
        "deleted_url": f"{base}/deleted" if may_bring_back(transaction, entity).allowed else None,
        "acts": offered_acts(transaction, entity),
        "filter_problem": problem,
        "draft": draft or Draft(),
        "draft_problem": draft_problem,
    }


def _find(
    transaction: Transaction, entity: CompiledEntity, asked: Asked, base: str, columns: list[Column]
) -> tuple[Page, list[ShownGroup] | None, bool, str | None]:
    """The rows or groups, and what is wrong with the formula or order that was sent, if something is.

    None for groups that are shown later, because so many records are counted for them.
    """
    query = list_query(asked)
    try:
        if asked.group and not asked.whole and takes_long(transaction, entity.key, query, TOLD_AT_ONCE):
            return Page([], None), None, False, None
        if asked.group:
            groups, more = shown_groups(transaction, entity, asked, base, columns, query)
            return Page([], None), groups, more, None
        found = page(transaction, entity.key, query)
    except InputRefused as refused:
        return Page([], None), [], False, refused.problems[0].message.to(visitor.locale())
    visitor.disclosures().records(transaction, entity, found.records, query)
    return found, [], False, None


def _is_long_to_order(transaction: Transaction, entity: CompiledEntity, asked: Asked) -> str | None:
    """The field by which very many records are to be put in order without an index; the list comes first."""
    query = list_query(asked)
    if asked.whole or asked.group or not (asked.sort or asked.view.sort):
        return None
    try:
        keys = sort_keys(entity, readable(transaction, entity), query)
        formula = sent_filter(transaction, entity, query.filter)
        if are_in_index(transaction, entity, query, formula, keys):
            return None
        many = takes_long(transaction, entity.key, query, ORDERED_AT_ONCE)
    except InputRefused:
        # What is wrong is told where the records are asked for.
        return None
    return keys[0].name if many else None


def _heading(transaction: Transaction, entity: CompiledEntity, asked: Asked, base: str) -> dict[str, Any]:
    """The names, the views and what can be done with them."""
    shareable = may_share(transaction, entity)
    current = asked.current
    return {
        "entity_icon": entity.definition.icon or "file",
        "app_label": label(transaction.catalog.apps[entity.definition.app].label),
        "plural": plural(entity, visitor.locale()),
        "singular": label(entity.definition.label),
        "entity_key": entity.key,
        "base_url": base,
        "views": _views(entity, asked, base),
        "several_types": len({view.kind for view in entity.definition.views.values()}) > 1,
        "view": current,
        "view_lists": VIEW_TYPES[asked.view.kind].lists,
        "view_name": str(current.id) if current else asked.view.name,
        "view_changed": asked.changed,
        "view_changeable": bool(current and (current.mine or shareable)),
        "view_shareable": shareable,
        "view_settings": [(name, value) for name, values in asked.settings.items() for value in values],
        "reset_url": f"{base}?view={current.id if current else asked.view.name}",
    }


def _filtering(transaction: Transaction, entity: CompiledEntity, asked: Asked, base: str) -> dict[str, Any]:
    """Search, filters and what of them is chosen."""
    fields = filter_fields(transaction, entity)
    return {
        "search": asked.search,
        "formula": asked.formula,
        "formula_example": _example(fields),
        "filter_fields": fields,
        "operators": [
            {
                "name": each.name,
                "label": label(each.label),
                "takes": "many" if each.values is None else each.values,
            }
            for each in offered_operators(fields)
        ],
        "quick": _quick(asked, base),
        "chips": _chips(asked, base),
        "kept_for_search": asked.without("q"),
        "kept_for_filter": asked.without(),
        "kept_for_formula": asked.without("filter"),
        "kept_for_columns": asked.without("columns"),
        "kept_for_sort": asked.without("sort"),
        "kept_for_group": asked.without("group"),
        "narrowing": asked.without("view"),
        "filtered": asked.narrowed,
        "clear_url": asked.url(base, q=None, filter=None, where=None, quick=None),
    }


def _views(entity: CompiledEntity, asked: Asked, base: str) -> list[dict[str, Any]]:
    defined = [
        {
            "label": label(view.label),
            "url": f"{base}?view={view.name}",
            "current": asked.current is None and view.name == asked.view.name,
            "kind": "defined",
            "icon": VIEW_TYPES[view.kind].icon,
        }
        for view in entity.definition.views.values()
    ]
    kept = [
        {
            "label": each.name,
            "url": f"{base}?view={each.id}",
            "current": asked.current is not None and asked.current.id == each.id,
            "kind": "shared" if each.shared else "mine",
        }
        for each in asked.kept
    ]
    return [*defined, *kept]


def _quick(asked: Asked, base: str) -> list[dict[str, Any]]:
    """The filters of one click, each with the address that turns it round."""
    found = []
    for each in asked.offered:
        on = each.name in asked.quick
        names = [name for name in asked.quick if name != each.name] if on else [*asked.quick, each.name]
        found.append(
            {"label": each.label, "hue": each.hue, "on": on, "family": each.family,
             "url": asked.url(base, quick=names)}
        )  # fmt: skip
    return found


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
    shown = before + len(found.records)
    # Of common words only some are counted, which may be fewer than stand here.
    total = number(max(found.count, shown)) + ("+" if found.count_capped else "")
    first, last = number(before + 1), number(shown)
    return visitor.translated("{first}–{last} of {total}", first=first, last=last, total=total)


def paging(asked: Asked, base: str, found: Page) -> Mapping[str, Any]:
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
    return {
        "previous_url": previous,
        "next_url": following,
        "count": max(found.count or 0, len(found.records)),
        "count_capped": found.count_capped,
    }


def _example(fields: Sequence[FilterField]) -> str:
    numeric = next((each.name for each in fields if "ge" in each.operators), None)
    chosen = next((each for each in fields if each.choices and each.choices[0][0] != "yes"), None)
    parts = [f"{numeric} >= 1000"] if numeric else []
    parts += [f'{chosen.name} == "{chosen.choices[0][0]}"'] if chosen else []
    return " and ".join(parts) or "id > 100"
