"""What bracket(…) and tier(…) mean: limits and results, listed or taken from records."""

import ast
from collections.abc import Sequence

from engine.formula import construct, decide, kinds
from engine.formula.checking import Checking
from engine.formula.construct import number
from engine.formula.functions.function import Function
from engine.formula.kinds import Mismatch, broken, kind_name
from engine.formula.nodes import Call, Constant, Node, is_number
from engine.formula.types import TEXT, Kind, Type
from engine.text import say


def takes_lists(function: Function) -> bool:
    """Whether the function takes limits and results as lists."""
    return function.name in LISTED


def numeric(node: Node) -> Node:
    """A number, settled; anything else is refused."""
    if not is_number(node):
        raise Mismatch(say("This must be a number, not {kind}.", kind=kind_name(node.type)), node.at)
    return construct.settle(kinds.constant(0, node.at) if node.type.kind is Kind.BLANK else node)


def bracket_type(amount: Type, limit: Type, rate: Type, rows: int) -> Type:
    """The type of a progressive sum over `rows` digits worth of slices."""
    decimals = max(amount.decimals, limit.decimals)
    whole = max(construct.whole_digits(amount), construct.whole_digits(limit))
    kind = Kind.MONEY if Kind.MONEY in {amount.kind, limit.kind} else Kind.DECIMAL
    return number(kind, whole + decimals + rate.digits + rows, decimals + rate.decimals)


LISTED = frozenset({"bracket", "tier"})


def limits_listed(checking: Checking, function: Function, syntax: ast.Call) -> Node:
    """bracket(x, [limits], [rates]) and tier(x, [limits], [results])."""
    at = checking.parsed.offset_of(syntax)
    if len(syntax.args) != 3 or not all(isinstance(each, ast.List) for each in syntax.args[1:]):
        raise Mismatch(
            say(
                "Write {name}(number, [limits], [results]), or {signature}.",
                name=function.name,
                signature=function.over_records,
            )
        )
    amount = checking.visit(syntax.args[0])
    lists = [checking.visit_all(each.elts) for each in syntax.args[1:] if isinstance(each, ast.List)]
    (limits, wrong_limit), (results, wrong_result) = lists
    wrong = wrong_limit or wrong_result or broken([amount], at)
    if wrong:
        return wrong
    _check_lists(limits, results, at)
    amount = construct.or_zero(numeric(amount))
    bounds = tuple(each.value for each in limits if isinstance(each, Constant))
    values = tuple(each.value for each in results if isinstance(each, Constant))
    type_ = decide.common_type(results, at)
    if function.name == "bracket":
        if not type_.is_number:
            raise Mismatch(say("Rates must be numbers."), results[0].at)
        type_ = bracket_type(amount.type, decide.common_type(limits, at), type_, len(str(len(limits))))
    return Call(
        type_, at, f"{function.name}_list", (amount, Constant(TEXT, at, bounds), Constant(TEXT, at, values))
    )


def _check_lists(limits: Sequence[Node], results: Sequence[Node], at: int) -> None:
    for each in [*limits, *results]:
        if not isinstance(each, Constant):
            raise Mismatch(
                say("The lists hold written values; take limits from records with `for`."), each.at
            )
    values = [each.value for each in limits if isinstance(each, Constant)]
    if not values or not all(each.type.is_number for each in limits):
        raise Mismatch(say("Limits must be numbers."), limits[0].at if limits else at)
    if values != sorted(values) or len(set(values)) != len(values):
        raise Mismatch(say("Limits must rise from one to the next."), limits[0].at)
    if len(results) not in {len(limits), len(limits) + 1}:
        raise Mismatch(
            say(
                "For {limits} limits there must be {limits} or {more} results.",
                limits=len(limits),
                more=len(limits) + 1,
            ),
            at,
        )
