"""Which fields set functions look records up by, so that an index pays.

In `sum(d.amount for d in crm.deal if d.owner == employee.user and d.stage == "won")` these are `owner` and
`stage` of crm.deal. What stands under `or` or `not` does not narrow the records down.
"""

from collections.abc import Iterable, Iterator

from engine.formula.check import Formula
from engine.formula.nodes import Call, Collect, Column, Node, walk


def sought_fields(formulas: Iterable[Formula]) -> frozenset[tuple[str, str]]:
    """The (entity, field) that some set function compares with `==`."""
    return frozenset(
        (part.rows.entity, name)
        for formula in formulas
        for part in walk(formula.tree)
        if isinstance(part, Collect) and part.condition is not None
        for name in _compared(part.condition, part.source)
    )


def _compared(condition: Node, source: str) -> Iterator[str]:
    if not isinstance(condition, Call):
        return
    if condition.function == "and":
        for each in condition.arguments:
            yield from _compared(each, source)
    if condition.function == "equal":
        for each in condition.arguments:
            if isinstance(each, Column) and each.source == source and each.name != "id":
                yield each.name
