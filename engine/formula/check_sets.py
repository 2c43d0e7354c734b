"""What set functions mean: over which records, under which condition, with which type."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.formula import construct, decide, kinds, literals, texts
from engine.formula.check_limits import bracket_type, numeric
from engine.formula.check_names import member, member_rows, resolve, rows_of
from engine.formula.checking import Checking
from engine.formula.construct import number
from engine.formula.decide import compare
from engine.formula.functions.function import Function
from engine.formula.kinds import Mismatch, broken, kind_name
from engine.formula.nodes import Broken, Collect, Node, Parameter, Rows
from engine.formula.parse import plain_name
from engine.formula.types import BOOLEAN, DATE, DATETIME, INTEGER, TEXT, Kind, Type
from engine.text import say

COUNT = replace(INTEGER, digits=15)


ROWS_DIGITS = 10


"""A sum over records may need so many digits more than one value: ten thousand million records."""


@dataclass(slots=True)
class _Set:
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


def takes_records(checking: Checking, function: Function, syntax: ast.Call) -> bool:
    """Whether this call is over records: it has a generator, or its argument is a set field."""
    if function.over_records is None:
        return any(isinstance(each, ast.GeneratorExp) for each in syntax.args) and _refuse_generator(function)
    return any(isinstance(each, ast.GeneratorExp) for each in syntax.args) or (
        bool(syntax.args) and _set_path(checking, syntax.args[0]) is not None
    )


def _refuse_generator(function: Function) -> bool:
    raise Mismatch(
        say(
            "{name}(…) is not a set function; write {signature}.",
            name=function.name,
            signature=function.signature,
        )
    )


def collect(checking: Checking, function: Function, syntax: ast.Call) -> Node:
    """A set function over a generator, or over a set field such as `lines.amount`."""
    generators = [each for each in syntax.args if isinstance(each, ast.GeneratorExp)]
    if not generators:
        return _collect_path(checking, function, syntax)
    if len(generators) > 1 or len(generators[0].generators) > 1:
        raise Mismatch(say("A set function goes over one set of records: one `for`."))
    generator = generators[0].generators[0]
    if not isinstance(generator.target, ast.Name):
        raise Mismatch(say("After `for` comes one name."), checking.parsed.offset_of(generator.target))
    rows = rows_of(checking, generator.iter)
    if rows is None:
        return Broken(BOOLEAN, checking.parsed.offset_of(syntax))
    place = syntax.args.index(generators[0])
    # bracket(x, b.up_to, b.rate for b in …): the first argument is outside, the second one inside.
    outside = syntax.args[: min(place, 1)] if place else []
    before, wrong_before = checking.visit_all(outside)
    with checking.bound(plain_name(generator.target.id), rows.entity) as source:
        inside, wrong_inside = checking.visit_all(syntax.args[len(outside) : place])
        value = checking.visit(generators[0].elt)
        conditions, wrong_condition = checking.visit_all(generator.ifs)
        named = _named(checking, function, syntax)
    after, wrong_after = checking.visit_all(syntax.args[place + 1 :])
    at = checking.parsed.offset_of(syntax)
    wrong = wrong_before or wrong_inside or wrong_condition or wrong_after
    wrong = wrong or broken([value, *named.values()], at)
    if wrong:
        return wrong
    condition = decide.logic("and", conditions, at) if conditions else None
    parts = _Set(at, source, rows, condition, [*before, *inside], value, after, named)
    return MEANINGS[function.name](parts)


def _named(checking: Checking, function: Function, syntax: ast.Call) -> dict[str, Node]:
    possible = NAMED.get(function.name, ())
    found = {}
    for each in syntax.keywords:
        if each.arg not in possible:
            raise Mismatch(
                say(
                    "{name}(…) has no argument '{argument}'; write {signature}.",
                    name=function.name,
                    argument=each.arg,
                    signature=function.over_records,
                ),
                checking.parsed.offset_of(each),
            )
        found[each.arg] = checking.visit(each.value)
    return found


def _set_path(checking: Checking, syntax: ast.expr) -> tuple[Rows, list[str]] | None:
    """The set field at the beginning of a dotted path, and the names after it."""
    words: list[str] = []
    node: ast.expr = syntax
    while isinstance(node, ast.Attribute):
        words.insert(0, plain_name(node.attr))
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    at = checking.parsed.offset_of(syntax)
    found = resolve(checking, plain_name(node.id), at)
    while found is not None:
        element = found.type.element
        if found.type.kind is Kind.SET and element is not None and element.kind is Kind.LINK:
            return member_rows(found), words
        if not words:
            return None
        try:
            found = member(checking, found, words.pop(0), at)
        except Mismatch:
            return None
    return None


def _collect_path(checking: Checking, function: Function, syntax: ast.Call) -> Node:
    path = _set_path(checking, syntax.args[0])
    assert path is not None
    rows, words = path
    at = checking.parsed.offset_of(syntax)
    with checking.bound("record", rows.entity) as source:
        value = checking.record(source, rows.entity, at)
        for word in words:
            value = member(checking, value, word, at)
        named = _named(checking, function, syntax)
    after, wrong = checking.visit_all(syntax.args[1:])
    wrong = wrong or broken(list(named.values()), at)
    return wrong or MEANINGS[function.name](_Set(at, source, rows, None, [], value, after, named))


def _plain(parts: _Set, more: int = 0) -> None:
    """Refuses arguments that the function does not have."""
    if parts.before or len(parts.after) > more:
        raise Mismatch(say("Only one value can stand before `for` here."))


def _sum(parts: _Set) -> Node:
    _plain(parts)
    value = numeric(parts.value)
    type_ = number(value.type.kind, value.type.digits + ROWS_DIGITS, value.type.decimals)
    return parts.collect("sum", type_, value)


def _count(parts: _Set) -> Node:
    _plain(parts)
    return parts.collect("count", COUNT, _countable(parts.value))


def _count_distinct(parts: _Set) -> Node:
    _plain(parts)
    return parts.collect("count_distinct", COUNT, _countable(parts.value))


def _countable(value: Node) -> Node:
    return construct.settle(value) if value.type.is_number else value


def _avg(parts: _Set) -> Node:
    total = _sum(parts)
    return construct.divide(total, parts.collect("count", COUNT, numeric(parts.value)), parts.at)


def _extreme(function: str) -> Callable[[_Set], Node]:
    def build(parts: _Set) -> Node:
        _plain(parts)
        value = _countable(parts.value)
        if value.type.kind in {Kind.BOOLEAN, Kind.LINK, Kind.SET}:
            raise Mismatch(say("{kind} has no order.", kind=kind_name(value.type)), value.at)
        return parts.collect(function, value.type, value)

    return build


def _logical(function: str) -> Callable[[_Set], Node]:
    def build(parts: _Set) -> Node:
        _plain(parts)
        return parts.collect(function, BOOLEAN, decide.truth(parts.value))

    return build


def _end(function: str) -> Callable[[_Set], Node]:
    def build(parts: _Set) -> Node:
        _plain(parts)
        by = parts.named.get("by")
        return parts.collect(
            function, _countable(parts.value).type, _countable(parts.value), by=by and _countable(by)
        )

    return build


def _join(parts: _Set) -> Node:
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


def _latest(parts: _Set) -> Node:
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


def _bracket(parts: _Set) -> Node:
    amount, limit = _amount_and_limit(parts)
    rate = construct.or_zero(numeric(parts.value))
    type_ = bracket_type(amount.type, limit.type, rate.type, ROWS_DIGITS)
    return parts.collect("bracket", type_, rate, amount=amount, limit=limit)


def _tier(parts: _Set) -> Node:
    amount, limit = _amount_and_limit(parts)
    value = _countable(parts.value)
    return parts.collect("tier", value.type, value, amount=amount, limit=limit)


def _amount_and_limit(parts: _Set) -> tuple[Node, Node]:
    if len(parts.before) != 2 or parts.after:
        raise Mismatch(
            say("Write the number, then each record's limit and result: bracket(x, b.up_to, b.rate for …).")
        )
    amount, limit = parts.before
    return construct.or_zero(numeric(amount)), numeric(limit)


MEANINGS: Mapping[str, Callable[[_Set], Node]] = {
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
    "bracket": _bracket,
    "tier": _tier,
}


NAMED: Mapping[str, tuple[str, ...]] = {
    "first": ("by",),
    "last": ("by",),
    "join": ("by",),
    "latest": ("on", "at"),
}
