"""What the address of a list asks for: view, search, filters, order, page."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from blueprints.conditions import Condition, read_condition
from engine.catalog import CompiledEntity
from engine.definition.model import View
from engine.fields.field_type import ValueRefused
from engine.transaction import Transaction

KEPT = ("view", "q", "filter", "where", "sort")
"""Parameters of the address that hold while turning pages."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    view: View
    search: str
    formula: str
    conditions: tuple[Condition, ...]
    sort: tuple[tuple[str, bool], ...]
    after: str | None
    back: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...] = field(default=())

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.formula or self.conditions)

    @property
    def filter(self) -> str:
        parts = [
            f"({text})"
            for text in [*(each.formula for each in self.conditions), self.formula]
            if text.strip()
        ]
        return " and ".join(parts)

    def url(self, base: str, **changes: Any) -> str:
        """The address with some parameters replaced (a value, a list of values, or None to leave it out)."""
        kept = [(name, value) for name, value in self.parameters if name not in changes]
        for name, value in changes.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            kept += [(name, str(each)) for each in values if each is not None]
        return f"{base}?{urlencode(kept)}" if kept else base

    def without(self, *names: str) -> list[tuple[str, str]]:
        """The parameters for a form that sends `names` itself."""
        return [(name, value) for name, value in self.parameters if name not in names]


def read_address(transaction: Transaction, entity: CompiledEntity, arguments: MultiDict[str, str]) -> Asked:
    """What an address asks for; conditions that no longer fit are left out."""
    views = entity.definition.views
    view = views.get(arguments.get("view", "")) or next(iter(views.values()))
    conditions = []
    for address in arguments.getlist("where"):
        try:
            conditions.append(read_condition(transaction, entity, address))
        except ValueRefused:
            continue
    sort = tuple(
        (key.removeprefix("-"), key.startswith("-")) for key in arguments.get("sort", "").split(",") if key
    )
    return Asked(
        view=view,
        search=arguments.get("q", "").strip(),
        formula=arguments.get("filter", "").strip(),
        conditions=tuple(conditions),
        sort=sort,
        after=arguments.get("after") or None,
        back=tuple(arguments.getlist("back")),
        parameters=tuple((name, value) for name in KEPT for value in arguments.getlist(name) if value),
    )
