"""What a type of view is given, and what it makes of it. Each file in the folder `types` draws one type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from blueprints import visitor
from blueprints.list_address import Asked
from blueprints.titles import title_field
from engine.catalog import CompiledEntity
from engine.problems import InputRefused
from engine.records.query import Query
from engine.records.read import Page, page
from engine.transaction import Transaction

CARDS_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for which view of which entity, and with what further parameters of the address."""

    transaction: Transaction
    entity: CompiledEntity
    asked: Asked
    base: str
    arguments: MultiDict[str, str]

    @property
    def options(self) -> Mapping[str, Any]:
        return self.asked.view.options

    def url(self, **changes: Any) -> str:
        """The address of the same view with further parameters."""
        return self.asked.url(self.base, **changes)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A template with what it shows. `problem` is what is wrong with the filter that was sent.

    `alone`: a part of the page that is already there, without anything around it.
    """

    template: str
    context: Mapping[str, Any]
    problem: str | None = None
    alone: bool = False


Draw = Callable[[Asking], Drawn]


def both(*formulas: str) -> str:
    """All of these conditions."""
    return " and ".join(f"({each})" for each in formulas if each.strip())


def find(
    asking: Asking,
    fields: frozenset[str],
    also: str = "",
    limit: int = CARDS_AT_MOST,
    after: str | None = None,
) -> tuple[Page, str | None]:
    """The records that the address narrows to and that fulfil `also`; a problem, and then none of them."""
    title = title_field(asking.transaction, asking.entity)
    query = Query(
        filter=both(asking.asked.filter, also),
        search=asking.asked.search,
        sort=asking.asked.sort,
        limit=limit,
        after=after,
        view=asking.asked.view.name,
        fields=fields if title is None else fields | {title},
    )
    try:
        found = page(asking.transaction, asking.entity.key, query)
    except InputRefused as refused:
        return Page([], None), refused.problems[0].message.to(visitor.locale())
    visitor.disclosures().records(asking.transaction, asking.entity, found.records, query)
    return found, None
