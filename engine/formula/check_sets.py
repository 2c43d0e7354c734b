"""Reads set functions: over which records, under which condition, with which arguments."""

import ast

from engine.formula import decide
from engine.formula.check_names import member, member_rows, resolve, rows_of
from engine.formula.checking import Checking
from engine.formula.functions.function import Function
from engine.formula.kinds import Mismatch, broken
from engine.formula.nodes import Broken, Node, Rows
from engine.formula.parse import plain_name
from engine.formula.set_meanings import MEANINGS, NAMED, SetParts
from engine.formula.types import BOOLEAN, Kind
from engine.text import say


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
    parts = SetParts(at, source, rows, condition, [*before, *inside], value, after, named)
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
    _name_path(checking, syntax.args[0])
    after, wrong = checking.visit_all(syntax.args[1:])
    wrong = wrong or broken(list(named.values()), at)
    return wrong or MEANINGS[function.name](SetParts(at, source, rows, None, [], value, after, named))


def _name_path(checking: Checking, syntax: ast.expr) -> Node:
    """Notes the names in a path through a set field; gives what the path leads to."""
    if isinstance(syntax, ast.Name):
        at = checking.parsed.offset_of(syntax)
        found = resolve(checking, plain_name(syntax.id), at)
        assert found is not None
        return checking.named(at, found)
    assert isinstance(syntax, ast.Attribute)
    base, at = _name_path(checking, syntax.value), checking.parsed.offset_of_attribute(syntax)
    if base.type.kind is Kind.SET:
        rows = member_rows(base)
        base = checking.record("record", rows.entity, at)
    return checking.named(at, member(checking, base, plain_name(syntax.attr), at))
