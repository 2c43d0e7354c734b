"""What a fetched record says about its computed values: every part with its value, as JSON.

A breakdown is complete, whoever asks; what somebody may see of it is decided when it is shown (`explain.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.catalog import CompiledEntity
from engine.formula import exact
from engine.formula.construct import settle
from engine.formula.evaluate import Moment, evaluate
from engine.formula.explain import Part, hops
from engine.formula.nodes import OWN, Collect, Column, Hop, Node, outside_key, walk

Breakdown = dict[str, Any]
Fetched = Mapping[Any, Any]
"""One record as `breakdown.py` fetches it: own fields and what parts read outside, by their columns."""
Records = Mapping[str, Sequence[Fetched]]
"""Text of a set function → its records, each with `record`, `title`, `count` and perhaps `value`, `limit`."""


def own_column(name: str) -> str:
    """Under which name a fetched record holds a field."""
    return f"value_{name}"


def through_column(hop: Hop) -> str:
    """Under which name it holds the record that a step of a path leads through."""
    return f"through_{outside_key(hop.base)}"


def amount_column(node: Collect) -> str:
    """Under which name it holds the amount that a table of limits is asked about."""
    return f"amount_{outside_key(node)}"


def is_record_itself(node: Node) -> bool:
    """Whether a set function is over the records and not over a value of each: `count(d for d in deal)`."""
    return isinstance(node, Column) and node.name == "id"


@dataclass(frozen=True, slots=True)
class Described:
    """The breakdowns of one record as of a moment."""

    entity: CompiledEntity
    moment: Moment
    row: Fetched
    records: Records

    def field(self, name: str, part: Part) -> Breakdown:
        """How the value of a field comes about."""
        formula = self.entity.fields[name].formula
        assert formula is not None
        described = self.part(part)
        # A frozen or live value is what the row holds; it is not computed a second time.
        value = self.row[own_column(name)]
        return {
            "formula": formula.expression.text,
            "kind": formula.type.kind.value,
            "decimals": formula.type.decimals,
            "value": plain_json(value),
            "part": described,
        }

    def part(self, part: Part) -> Breakdown:
        """A part with its value, and those below it; what is blank or empty is left out."""
        found: Breakdown = {
            "text": part.text, "at": part.at, "role": part.role, "operator": part.operator,
            "function": part.function, "parts": [self.part(each) for each in part.parts],
        }  # fmt: skip
        formula = part.formula
        if formula is not None:
            value = evaluate(formula, self._own(formula.own), self.row, self.moment)
            found |= {
                "kind": formula.type.kind.value,
                "decimals": formula.type.decimals,
                "entity": formula.type.entity,
                "value": plain_json(value),
                "field": _field_of(formula.tree),
                "own": sorted(formula.own),
            }
            if part.role == "path":
                through = [
                    [each.entity, each.name, self.row[through_column(each)]] for each in hops(formula.tree)
                ]
                found["through"] = through
        if part.collect is not None:
            found["records"] = self._records(part, part.collect)
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    def _own(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: self.row[own_column(name)] for name in names if own_column(name) in self.row}

    def _records(self, part: Part, node: Collect) -> Breakdown:
        """The records that a set function used; `value` is what each contributes."""
        rows = self.records.get(part.text, ())
        listed = [{"id": row["record"], "title": str(row["title"] or "")} for row in rows]
        given: Iterable[Any] = [row.get("value") for row in rows]
        type_ = settle(node.value).type
        if node.function == "bracket":
            given, type_ = _slices(rows, self.row[amount_column(node)]), node.type
        if not is_record_itself(node.value):
            for each, value in zip(listed, given, strict=True):
                each["value"] = plain_json(value)
        return {
            "entity": node.rows.entity,
            "kind": type_.kind.value,
            "decimals": type_.decimals,
            "field": _field_of(node.value) if node.function != "bracket" else None,
            "reads": _reads(node),
            "count": rows[0]["count"] if rows else 0,
            "listed": listed,
        }


def _slices(rows: Iterable[Mapping[Any, Any]], amount: Any) -> Iterator[Any]:
    """What each slice of a table of limits gives: that part of the amount times its rate."""
    lower = 0
    for row in rows:
        upper = amount if row["limit"] is None else min(amount, row["limit"])
        width = exact.subtract(upper, lower) if upper > lower else 0
        yield exact.multiply(width, row["value"] or 0)
        lower = lower if row["limit"] is None else row["limit"]


def _reads(node: Collect) -> list[list[str]]:
    """The fields that decide which records count and what they give, as [entity, field]."""
    found = set()
    below = [each for each in (node.condition, node.value, *(each for _, each in node.further)) if each]
    for part in (each for start in below for each in walk(start)):
        if isinstance(part, (Column, Hop)) and not _is_own(part):
            found.add((part.entity, part.name))
    return sorted([entity, name] for entity, name in found)


def _is_own(node: Node) -> bool:
    """Whether the value is one of the record itself, or of a record that it leads to."""
    while isinstance(node, Hop):
        node = node.base
    return isinstance(node, Column) and node.source == OWN


def _field_of(node: Node) -> list[str] | None:
    """The field whose value the part is, as [entity, field]; None for what is calculated."""
    return [node.entity, node.name] if isinstance(node, (Column, Hop)) else None


def plain_json(value: Any) -> Any:
    """A value as JSON: numbers as exact text, days and times in their ISO form, durations in seconds."""
    return PLAIN[type(value)](value)


def _as_it_is(value: Any) -> Any:
    return value


PLAIN: Mapping[type, Callable[[Any], Any]] = {
    **dict.fromkeys((type(None), bool, int, str), _as_it_is),
    **dict.fromkeys((date, datetime, time), lambda value: value.isoformat()),
    Decimal: lambda value: format(value, "f"),
    Fraction: exact.plain_text,
    timedelta: lambda value: value.days * 86_400 + value.seconds,
}
