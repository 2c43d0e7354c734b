"""A saved record about which formulas are asked: conditions, people, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalog import Catalog
from engine.formula.expression import Expression
from engine.records.compute import evaluate_all
from engine.records.lock import hold
from engine.transaction import SYSTEM, Transaction


@dataclass(slots=True)
class Subject:
    """A record with its stored values, locked in this transaction.

    Formulas are those of `catalog`, which may be an older release than the current one.
    """

    transaction: Transaction
    catalog: Catalog
    entity: str
    identity: int
    values: dict[str, Any]
    asking: Transaction = field(init=False)
    """The transaction in which formulas are computed."""

    def __post_init__(self) -> None:
        self.asking = replace(self.transaction, catalog=self.catalog)

    def value(self, expression: Expression, further: Mapping[str, Any] | None = None) -> Any:
        """What a formula about the record gives; `further` are values by names that only it knows."""
        formulas = {"value": self.catalog.formula(expression)}
        values = {**self.values, **(further or {})}
        return evaluate_all(self.asking, self.catalog.entity(self.entity), formulas, values)["value"]

    def field(self, name: str) -> Any:
        """A stored value; a link as its id."""
        return self.values.get(name)

    def renew(self) -> None:
        """Reads the stored values again, after something was written."""
        whole = replace(self.transaction, actor=SYSTEM)
        self.values = hold(whole, self.transaction.catalog.entity(self.entity), self.identity).values
