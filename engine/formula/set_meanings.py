"""What each set function means: its type, and what it collects of which records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.formula import construct, decide, kinds, literals, texts
from engine.formula.check_limits import bracket_type, numeric
from engine.formula.construct import number
from engine.formula.decide import compare
from engine.formula.kinds import Mismatch, kind_name
from engine.formula.nodes import Collect, Node, Parameter, Rows
from engine.formula.types import BOOLEAN, DATE, DATETIME, INTEGER, TEXT, Kind, Type
from engine.text import say

COUNT = replace(INTEGER, digits=15)


ROWS_DIGITS = 10


"""A sum over records may need so many digits more than one value: ten thousand million records."""


@dataclass(slots=True)
class SetParts:
    """A set function's checked parts. `before` are the arguments before the generator's own value."""

    at: int
    source: str
    rows: Rows
    condition: Node | None
    before: Sequence[Node]
    value: Node
    after: Sequence[Node]
    named: Mapping[str, Node]

    def collect(self, function: str, type_: Type, value: Node, **further: Node | None) -> Collect:
        """The set function itself."""
        given = tuple((name, node) for name, node in further.items() if node is not None)
        return Collect(type_, self.at, function, self.source, self.rows, self.condition, value, given)


def _plain(parts: SetParts, more: int = 0) -> None:
    """Refuses arguments that the function does not have."""
    if parts.before or len(parts.after) > more:
        raise Mismatch(say("Only one value can stand before `for` here."))


def _sum(parts: SetParts) -> Node:
    _plain(parts)
    value = numeric(parts.value)
    type_ = number(value.type.kind, value.type.digits + ROWS_DIGITS, value.type.decimals)
    return parts.collect("sum", type_, value)


def _count(parts: SetParts) -> Node:
    _plain(parts)
    return parts.collect("count", COUNT, _countable(parts.value))


def _count_distinct(parts: SetParts) -> Node:
    _plain(parts)
    return parts.collect("count_distinct", COUNT, _countable(parts.value))


def _countable(value: Node) -> Node:
    return construct.settle(value) if value.type.is_number else value


def _avg(parts: SetParts) -> Node:
    total = _sum(parts)
    return construct.divide(total, parts.collect("count", COUNT, numeric(parts.value)), parts.at)


def _extreme(function: str) -> Callable[[SetParts], Node]:
    def build(parts: SetParts) -> Node:
        _plain(parts)
        value = _countable(parts.value)
        if value.type.kind in {Kind.BOOLEAN, Kind.LINK, Kind.SET}:
            raise Mismatch(say("{kind} has no order.", kind=kind_name(value.type)), value.at)
        return parts.collect(function, value.type, value)

    return build


def _logical(function: str) -> Callable[[SetParts], Node]:
    def build(parts: SetParts) -> Node:
        _plain(parts)
        return parts.collect(function, BOOLEAN, decide.truth(parts.value))

    return build


def _end(function: str) -> Callable[[SetParts], Node]:
    def build(parts: SetParts) -> Node:
        _plain(parts)
        by = parts.named.get("by")
        return parts.collect(
            function, _countable(parts.value).type, _countable(parts.value), by=by and _countable(by)
        )

    return build


def _join(parts: SetParts) -> Node:
    _plain(parts, more=1)
    separator = parts.after[0] if parts.after else kinds.constant(", ", parts.at)
    by = parts.named.get("by")
    return parts.collect(
        "join",
        TEXT,
        texts.as_text(parts.value, parts.value.at),
        separator=texts.as_text(separator, separator.at),
        by=by and _countable(by),
    )


def _latest(parts: SetParts) -> Node:
    _plain(parts)
    day = parts.named.get("on")
    if day is None:
        raise Mismatch(say("latest(…) needs the day from which each value holds: on=…."))
    moment = (
        Parameter(DATETIME, parts.at, "now")
        if day.type.kind is Kind.DATETIME
        else (Parameter(DATE, parts.at, "today"))
    )
    at = literals.aligned_literal(parts.named.get("at", moment), day)
    compare("less_equal", day, at, parts.at)
    return parts.collect("latest", _countable(parts.value).type, _countable(parts.value), on=day, at=at)


def _previous(parts: SetParts) -> Node:
    _plain(parts)
    day = parts.named.get("on")
    if day is None:
        raise Mismatch(say("previous(…) needs the day of each record: on=…."))
    at = literals.aligned_literal(parts.named.get("at", Parameter(DATE, parts.at, "today")), day)
    _narrow(parts, compare("less", day, at, parts.at))
    return parts.collect("last", _countable(parts.value).type, _countable(parts.value), by=day)


def _xlookup(parts: SetParts) -> Node:
    if len(parts.before) != 2 or parts.after:
        raise Mismatch(
            say("Write what is looked for, each record's key and result: xlookup(x, r.key, r.value for …).")
        )
    wanted, key = parts.before
    _narrow(parts, compare("equal", key, wanted, parts.at))
    return parts.collect("first", _countable(parts.value).type, _countable(parts.value))


def _narrow(parts: SetParts, condition: Node) -> None:
    """Only the records for which this holds too."""
    given = [parts.condition, condition] if parts.condition else [condition]
    parts.condition = decide.logic("and", given, parts.at)


def _bracket(parts: SetParts) -> Node:
    amount, limit = _amount_and_limit(parts)
    rate = construct.or_zero(numeric(parts.value))
    type_ = bracket_type(amount.type, limit.type, rate.type, ROWS_DIGITS)
    return parts.collect("bracket", type_, rate, amount=amount, limit=limit)


def _tier(parts: SetParts) -> Node:
    amount, limit = _amount_and_limit(parts)
    value = _countable(parts.value)
    return parts.collect("tier", value.type, value, amount=amount, limit=limit)


def _amount_and_limit(parts: SetParts) -> tuple[Node, Node]:
    if len(parts.before) != 2 or parts.after:
        raise Mismatch(
            say("Write the number, then each record's limit and result: bracket(x, b.up_to, b.rate for …).")
        )
    amount, limit = parts.before
    return construct.or_zero(numeric(amount)), numeric(limit)


MEANINGS: Mapping[str, Callable[[SetParts], Node]] = {
    "sum": _sum,
    "count": _count,
    "count_distinct": _count_distinct,
    "avg": _avg,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "any": _logical("any"),
    "all": _logical("all"),
    "first": _end("first"),
    "last": _end("last"),
    "join": _join,
    "latest": _latest,
    "previous": _previous,
    "xlookup": _xlookup,
    "bracket": _bracket,
    "tier": _tier,
}


NAMED: Mapping[str, tuple[str, ...]] = {
    "first": ("by",),
    "last": ("by",),
    "join": ("by",),
    "latest": ("on", "at"),
    "previous": ("on", "at"),
}
