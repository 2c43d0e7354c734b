"""What the address of a list asks for: view, search, filters, order, columns, groups, page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from blueprints.conditions import Condition, read_condition
from blueprints.quick_filters import QuickFilter, chosen_formula, quick_filters
from engine.access.field_policy import partly_readable, readable
from engine.catalog import CompiledEntity
from engine.definition.model import View
from engine.fields.field_type import ValueRefused
from engine.records.groups import groupable
from engine.records.kept_views import KeptView, first_view, kept_views
from engine.transaction import Transaction

SETTINGS = ("q", "filter", "where", "quick", "sort", "columns", "group")
"""Parameters that make a list what it is; a kept view holds them."""
WHOLE = "whole"
"""Asks for what was left out of a page because it takes too long."""
TOLD_AT_ONCE = 20_000
"""Of more records than that, totals, groups and figures come when the rest of the page is shown."""
"""Says that totals and groups of very many records are not left for later."""
EDITED = "edited"
"""Says that the address alone counts, and not what the kept view holds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `kept` are all views that people keep, `current` the one that is shown."""

    view: View
    current: KeptView | None
    kept: tuple[KeptView, ...]
    search: str
    formula: str
    conditions: tuple[Condition, ...]
    quick: tuple[str, ...]
    offered: tuple[QuickFilter, ...]
    sort: tuple[tuple[str, bool], ...]
    columns: tuple[str, ...]
    group: str | None
    open: tuple[str, ...] | None
    after: str | None
    back: tuple[str, ...]
    whole: bool
    """Whether totals and groups are wanted now, however many records there are."""
    parameters: tuple[tuple[str, str], ...] = field(default=())
    encoded: tuple[tuple[str, str], ...] = field(init=False)
    """The same, each as it stands in an address: a page leads to dozens of them."""

    def __post_init__(self) -> None:
        encoded = tuple((name, urlencode([(name, value)])) for name, value in self.parameters)
        object.__setattr__(self, "encoded", encoded)

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.formula or self.conditions or self.quick)

    @property
    def filter(self) -> str:
        """All that narrows the list, as one formula."""
        texts = [*(each.formula for each in self.conditions), chosen_formula(self.offered, self.quick)]
        parts = [f"({text})" for text in [*texts, self.formula] if text.strip()]
        return " and ".join(parts)

    @property
    def order(self) -> tuple[tuple[str, bool], ...]:
        """The order in which the records stand."""
        return self.sort or self.view.sort

    @property
    def settings(self) -> dict[str, list[str]]:
        """What a kept view would hold."""
        found: dict[str, list[str]] = {"view": [self.view.name]}
        for name, value in self.parameters:
            if name in SETTINGS:
                found.setdefault(name, []).append(value)
        return found

    @property
    def changed(self) -> bool:
        """Whether the list is another than its view says."""
        if self.current:
            return {name: list(each) for name, each in self.current.settings.items()} != dict(
                sorted(self.settings.items())
            )
        return len(self.settings) > 1

    def url(self, base: str, **changes: Any) -> str:
        """The address with some parameters replaced (a value, a list of values, or None to leave it out)."""
        changed: list[tuple[str, str]] = []
        for name, value in changes.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            changed += [(name, str(each)) for each in values if each is not None]
        if self.current and EDITED not in changes:
            changed.append((EDITED, "1"))
        parts = [text for name, text in self.encoded if name not in changes]
        parts += [urlencode(changed)] if changed else []
        return f"{base}?{'&'.join(parts)}" if parts else base

    def without(self, *names: str) -> list[tuple[str, str]]:
        """The parameters for a form that sends `names` itself."""
        edited = [(EDITED, "1")] if self.current else []
        return [*((name, value) for name, value in self.parameters if name not in names), *edited]


def read_address(transaction: Transaction, entity: CompiledEntity, arguments: MultiDict[str, str]) -> Asked:
    """What an address asks for; conditions, columns and groups that no longer fit are left out."""
    kept = tuple(kept_views(transaction, entity))
    name = arguments.get("view") or first_view(transaction, entity) or ""
    current = next((each for each in kept if str(each.id) == name), None)
    asked = _effective(current, arguments)
    views = entity.definition.views
    view = views.get((asked.get("view") or "") if current else name) or next(iter(views.values()))
    offered = quick_filters(transaction, entity, view)
    known = {each.name for each in offered}
    shown_as = str(current.id) if current else arguments.get("view", "")
    parameters = [("view", shown_as)] if shown_as else []
    parameters += [(each, value) for each in SETTINGS for value in asked.getlist(each) if value]
    return Asked(
        view=view,
        current=current,
        kept=kept,
        search=asked.get("q", "").strip(),
        formula=asked.get("filter", "").strip(),
        conditions=tuple(_conditions(transaction, entity, asked.getlist("where"))),
        quick=tuple(dict.fromkeys(each for each in asked.getlist("quick") if each in known)),
        offered=offered,
        sort=tuple(_sort_keys(asked.get("sort", ""))),
        columns=_columns(transaction, entity, view, asked.get("columns", "")),
        group=_group(transaction, entity, asked.get("group", "")),
        open=tuple(asked.getlist("open")) if "open" in asked else None,
        after=asked.get("after") or None,
        back=tuple(asked.getlist("back")),
        whole=WHOLE in asked,
        parameters=tuple(parameters),
    )


def chosen_parts(arguments: MultiDict[str, str]) -> dict[str, str | None]:
    """What the panels for columns and order send, as it stands in an address; empty when they did not."""
    if "column" in arguments:
        return {"columns": ",".join(dict.fromkeys(arguments.getlist("column")))}
    if "key" in arguments:
        keys = zip(arguments.getlist("key"), arguments.getlist("direction"), strict=False)
        order = {name: f"-{name}" if direction == "down" else name for name, direction in keys if name}
        return {"sort": ",".join(order.values()) or None}
    return {}


def _effective(current: KeptView | None, arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """What the address says, and the kept view where the address is silent."""
    if current is None:
        return arguments
    held: Mapping[str, Sequence[str]] = current.settings
    found = MultiDict((name, value) for name, values in held.items() for value in values)
    if EDITED in arguments:
        found = MultiDict({"view": found.get("view", "")})
    for name in arguments:
        if name not in {"view", EDITED}:
            found.setlist(name, arguments.getlist(name))
    return found


def _conditions(
    transaction: Transaction, entity: CompiledEntity, addresses: Sequence[str]
) -> list[Condition]:
    found = []
    for address in addresses:
        try:
            found.append(read_condition(transaction, entity, address))
        except ValueRefused:
            continue
    return found


def _sort_keys(text: str) -> list[tuple[str, bool]]:
    keys: dict[str, bool] = {}
    for key in text.split(","):
        if key.removeprefix("-"):
            keys.setdefault(key.removeprefix("-"), key.startswith("-"))
    return list(keys.items())


def _columns(transaction: Transaction, entity: CompiledEntity, view: View, text: str) -> tuple[str, ...]:
    allowed = partly_readable(transaction, entity)
    wanted = [name for name in text.split(",") if name in entity.fields and name in allowed]
    return tuple(dict.fromkeys(wanted)) or view.columns


def _group(transaction: Transaction, entity: CompiledEntity, name: str) -> str | None:
    each = entity.fields.get(name)
    fits = each is not None and name in readable(transaction, entity) and groupable(entity, each)
    return name if fits else None
