"""What operators mean for the types of their operands."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.formula import construct, decide, kinds, literals, texts
from engine.formula.check_names import member_rows
from engine.formula.checking import Checking
from engine.formula.decide import compare
from engine.formula.functions.steps import SPAN
from engine.formula.kinds import Mismatch, broken, capital, kind_name
from engine.formula.nodes import Broken, Call, Collect, Column, Constant, Node, is_number
from engine.formula.types import BOOLEAN, DATE, DATETIME, DURATION, INTEGER, MONTH, Kind, Type, link
from engine.text import say

COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "unequal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
SYMBOLS: Mapping[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
}
ARITHMETIC: Mapping[type[ast.operator], Callable[[Node, Node, int], Node]] = {
    ast.Add: construct.add,
    ast.Sub: construct.subtract,
    ast.Mult: construct.multiply,
    ast.Div: construct.divide,
    ast.Mod: construct.modulo,
    ast.Pow: construct.power,
}


def literal(checking: Checking, syntax: ast.AST) -> Node:
    """A number, a text, true, false or blank."""
    assert isinstance(syntax, ast.Constant)
    at = checking.parsed.offset_of(syntax)
    if isinstance(syntax.value, int) and not isinstance(syntax.value, bool):
        number = checking.parsed.number_of(syntax)
        return kinds.constant(
            int(number) if number == int(number) and number.as_tuple().exponent == 0 else number, at
        )
    if syntax.value is None or isinstance(syntax.value, (bool, str)):
        return kinds.constant(syntax.value, at)
    raise Mismatch(say("This is not part of the formula language."))


def binary(checking: Checking, syntax: ast.AST) -> Node:
    """`left operator right`."""
    assert isinstance(syntax, ast.BinOp)
    (left, right), wrong = checking.visit_all([syntax.left, syntax.right])
    at = checking.parsed.offset_of(syntax)
    if wrong:
        return wrong
    operator = type(syntax.op)
    if operator is ast.BitAnd:
        return texts.join_text([left, right], at)
    if operator not in ARITHMETIC:
        raise Mismatch(say("This operator is not part of the formula language."))
    if is_number(left) and is_number(right):
        return ARITHMETIC[operator](left, right, at)
    found = TIME_ARITHMETIC.get((operator, _kind(left), _kind(right)))
    if found is None:
        raise _no_arithmetic(operator, left, right)
    return found(left, right, at)


def _kind(node: Node) -> Kind:
    return Kind.INTEGER if is_number(node) else node.type.kind


def _no_arithmetic(operator: type[ast.operator], left: Node, right: Node) -> Mismatch:
    texts = {Kind.TEXT, Kind.CHOICE}
    if operator is ast.Add and (left.type.kind in texts or right.type.kind in texts):
        return Mismatch(
            say(
                "{left} and {right} cannot be added; join texts with & or concat(…).",
                left=capital(left.type),
                right=kind_name(right.type),
            ),
        )
    return Mismatch(
        say(
            "{left} {operator} {right} has no meaning.",
            left=capital(left.type),
            operator=SYMBOLS[operator],
            right=kind_name(right.type),
        ),
    )


def _step(function: str, result: Type) -> Callable[[Node, Node, int], Node]:
    return lambda left, right, at: Call(result, at, function, (left, right))


def _counted(function: str, result: Type) -> Callable[[Node, Node, int], Node]:
    return lambda left, right, at: Call(result, at, function, (left, construct.days_of(right)))


def _turned(operation: Callable[[Node, Node, int], Node]) -> Callable[[Node, Node, int], Node]:
    return lambda left, right, at: operation(right, left, at)


def _times(left: Node, right: Node, at: int) -> Node:
    seconds = construct.rounded(construct.multiply(_seconds(left), right, at), "half", 0, at)
    return Call(DURATION, at, "duration_of", (seconds,))


def _shared(left: Node, right: Node, at: int) -> Node:
    seconds = construct.rounded(construct.divide(_seconds(left), right, at), "half", 0, at)
    return Call(DURATION, at, "duration_of", (seconds,))


def _ratio(left: Node, right: Node, at: int) -> Node:
    return construct.divide(_seconds(left), _seconds(right), at)


def _seconds(node: Node) -> Node:
    return Call(replace(INTEGER, digits=12), node.at, "seconds_of", (node,))


N = Kind.INTEGER
TIME_ARITHMETIC: Mapping[tuple[type[ast.operator], Kind, Kind], Callable[[Node, Node, int], Node]] = {
    (ast.Add, Kind.DATE, N): _counted("add_days", DATE),
    (ast.Add, N, Kind.DATE): _turned(_counted("add_days", DATE)),
    (ast.Sub, Kind.DATE, N): _counted("subtract_days", DATE),
    (ast.Sub, Kind.DATE, Kind.DATE): _step("days_between", SPAN),
    (ast.Sub, Kind.DATE, Kind.MONTH): _step("days_between", SPAN),
    (ast.Sub, Kind.MONTH, Kind.DATE): _step("days_between", SPAN),
    (ast.Add, Kind.MONTH, N): _counted("add_months", MONTH),
    (ast.Add, N, Kind.MONTH): _turned(_counted("add_months", MONTH)),
    (ast.Sub, Kind.MONTH, N): _counted("subtract_months", MONTH),
    (ast.Sub, Kind.MONTH, Kind.MONTH): _step("months_between", SPAN),
    (ast.Add, Kind.DATETIME, Kind.DURATION): _step("add_duration", DATETIME),
    (ast.Add, Kind.DURATION, Kind.DATETIME): _turned(_step("add_duration", DATETIME)),
    (ast.Sub, Kind.DATETIME, Kind.DURATION): _step("subtract_duration", DATETIME),
    (ast.Sub, Kind.DATETIME, Kind.DATETIME): _step("duration_between", DURATION),
    (ast.Add, Kind.DURATION, Kind.DURATION): _step("add_durations", DURATION),
    (ast.Sub, Kind.DURATION, Kind.DURATION): _step("subtract_durations", DURATION),
    (ast.Mult, Kind.DURATION, N): _times,
    (ast.Mult, N, Kind.DURATION): _turned(_times),
    (ast.Div, Kind.DURATION, N): _shared,
    (ast.Div, Kind.DURATION, Kind.DURATION): _ratio,
}


def unary(checking: Checking, syntax: ast.AST) -> Node:
    """`-x`, `+x`, `not x`."""
    assert isinstance(syntax, ast.UnaryOp)
    node, at = checking.visit(syntax.operand), checking.parsed.offset_of(syntax)
    if isinstance(node, Broken):
        return node
    if isinstance(syntax.op, ast.Not):
        return decide.logic("not", [node], at)
    if not isinstance(syntax.op, (ast.USub, ast.UAdd)):
        raise Mismatch(say("This operator is not part of the formula language."))
    if not is_number(node):
        raise Mismatch(say("Only numbers have a sign, not {kind}.", kind=kind_name(node.type)), node.at)
    return construct.negate(node, at) if isinstance(syntax.op, ast.USub) else construct.factor(node)


def logical(checking: Checking, syntax: ast.AST) -> Node:
    """`a and b`, `a or b`."""
    assert isinstance(syntax, ast.BoolOp)
    nodes, wrong = checking.visit_all(syntax.values)
    function = "and" if isinstance(syntax.op, ast.And) else "or"
    return wrong or decide.logic(function, nodes, checking.parsed.offset_of(syntax))


def conditional(checking: Checking, syntax: ast.AST) -> Node:
    """`yes if condition else no`."""
    assert isinstance(syntax, ast.IfExp)
    (condition, yes, no), wrong = checking.visit_all([syntax.test, syntax.body, syntax.orelse])
    return wrong or decide.choose(condition, yes, no, checking.parsed.offset_of(syntax))


def comparison(checking: Checking, syntax: ast.AST) -> Node:
    """`a < b`, chained `a <= b <= c`, `a in [b, c]`, `a in links`."""
    assert isinstance(syntax, ast.Compare)
    at = checking.parsed.offset_of(syntax)
    left = checking.visit(syntax.left)
    parts: list[Node] = []
    for operator, right_syntax in zip(syntax.ops, syntax.comparators, strict=True):
        if isinstance(operator, (ast.In, ast.NotIn)):
            found = _membership(checking, left, right_syntax, at)
            parts.append(found if isinstance(operator, ast.In) else _not(found, at))
            left = Broken(BOOLEAN, at)
            continue
        if type(operator) not in COMPARISONS:
            raise Mismatch(say("This comparison is not part of the formula language; use ==."))
        right = checking.visit(right_syntax)
        wrong = broken([left, right], at)
        parts.append(wrong or compare(COMPARISONS[type(operator)], left, right, left.at))
        left = right
    if len(parts) == 1:
        return parts[0]
    return broken(parts, at) or decide.logic("and", parts, at)


def _not(node: Node, at: int) -> Node:
    return node if isinstance(node, Broken) else decide.logic("not", [node], at)


def _membership(checking: Checking, left: Node, syntax: ast.expr, at: int) -> Node:
    if isinstance(syntax, ast.List):
        items, wrong = checking.visit_all(syntax.elts)
        wrong = wrong or broken([left], at)
        if wrong:
            return wrong
        equals = [compare("equal", left, each, each.at) for each in items]
        constants = [
            each.arguments[1] for each in equals if isinstance(each, Call) and each.function == "equal"
        ]
        if len(constants) == len(equals) > 1 and all(isinstance(each, Constant) for each in constants):
            first = equals[0]
            assert isinstance(first, Call)
            return Call(BOOLEAN, at, "is_in", (first.arguments[0], *constants))
        return decide.logic("or", equals, at) if equals else Constant(BOOLEAN, at, False)
    right = checking.visit(syntax)
    wrong = broken([left, right], at)
    if wrong:
        return wrong
    element = right.type.element
    if right.type.kind is Kind.SET and element is not None and element.kind is not Kind.LINK:
        return _has_option(left, right, element, at)
    if right.type.kind is Kind.SET:
        rows = member_rows(right)
        with checking.bound("member", rows.entity) as source:
            record = Column(link(rows.entity), at, source, rows.entity, "id")
            return Collect(BOOLEAN, at, "any", source, rows, None, compare("equal", record, left, at))
    raise Mismatch(say("After `in` comes a list such as [1, 2], or a field with several values."), right.at)


def _has_option(left: Node, right: Node, element: Type, at: int) -> Node:
    left = literals.aligned_literal(left, replace(right, type=element))
    if left.type.kind not in {Kind.TEXT, Kind.CHOICE}:
        raise Mismatch(say("An option is a text, not {kind}.", kind=kind_name(left.type)), left.at)
    comma = kinds.constant(",", at)
    return Call(BOOLEAN, at, "has", (right, texts.join_text([comma, left, comma], at)))


def no_list(checking: Checking, syntax: ast.AST) -> Node:
    """A list that does not follow `in`."""
    raise Mismatch(say("A list can only follow `in`, or be an argument of bracket(…) and tier(…)."))


def no_generator(checking: Checking, syntax: ast.AST) -> Node:
    """A generator that is not the argument of a set function."""
    raise Mismatch(say("`for` can only stand in a set function, such as sum(d.amount for d in deal)."))
