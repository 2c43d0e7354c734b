"""Builds calculations of a checked tree: works out the type of each and writes its conversions out.

A blank counts as 0, a quotient is rounded where it leaves its chain of * and /.
"""

from collections.abc import Sequence
from decimal import Decimal

from engine.formula.exact import ESCAPE_DECIMALS, MOST_DIGITS
from engine.formula.exact import multiply as exact_product
from engine.formula.exact import negate as exact_negative
from engine.formula.kinds import Mismatch, constant
from engine.formula.nodes import Call, Constant, Node, divisor_of, may_be_blank
from engine.formula.types import INTEGER, Kind, Type
from engine.text import say


def number(kind: Kind, digits: int, decimals: int, *parts: Node) -> Type:
    """The type of a calculated number; refuses what could grow beyond all bounds."""
    if digits > MOST_DIGITS:
        raise Mismatch(
            say(
                "This number could have {digits} digits; formulas count with {most} at most.",
                digits=digits,
                most=MOST_DIGITS,
            )
        )
    stays = any(each.type.blank_stays for each in parts)
    return Type(kind, digits=digits, decimals=decimals, blank_stays=stays)


def number_kind(*types: Type) -> Kind:
    """What numbers of these types make together: money wins over decimal, decimal over integer."""
    kinds = {each.kind for each in types}
    return next((kind for kind in (Kind.MONEY, Kind.DECIMAL) if kind in kinds), Kind.INTEGER)


def whole_digits(type_: Type) -> int:
    """How many digits stand before the point."""
    return max(1, type_.digits - type_.decimals)


def settle(node: Node) -> Node:
    """The node, rounded to ten decimals if it is a quotient."""
    divisor = divisor_of(node)
    if divisor is None:
        return node
    digits = whole_digits(node.type) + divisor.decimals + ESCAPE_DECIMALS
    kind = Kind.MONEY if node.type.kind is Kind.MONEY else Kind.DECIMAL
    return Call(number(kind, digits, ESCAPE_DECIMALS, node), node.at, "settle", (node,))


def or_zero(node: Node) -> Node:
    """The number, 0 instead of a blank (unless its field says `blank: stays`)."""
    if node.type.kind is Kind.BLANK:
        return constant(0, node.at)
    if node.type.blank_stays or not may_be_blank(node):
        return node
    return Call(node.type, node.at, "or_zero", (node,))


def operand(node: Node) -> Node:
    """A number ready for + and -, comparison aside: settled, 0 for a blank."""
    return or_zero(settle(node))


def factor(node: Node) -> Node:
    """A number ready for * and /: a quotient stays one, and a zero divisor makes all of it blank."""
    return node if divisor_of(node) else or_zero(node)


def add(left: Node, right: Node, at: int) -> Node:
    """The sum of two numbers."""
    return _sum("add", left, right, at)


def subtract(left: Node, right: Node, at: int) -> Node:
    """The difference of two numbers."""
    return _sum("subtract", left, right, at)


def _sum(function: str, left: Node, right: Node, at: int) -> Node:
    left, right = operand(left), operand(right)
    decimals = max(left.type.decimals, right.type.decimals)
    digits = max(whole_digits(left.type), whole_digits(right.type)) + 1 + decimals
    kind = number_kind(left.type, right.type)
    return Call(number(kind, digits, decimals, left, right), at, function, (left, right))


def multiply(left: Node, right: Node, at: int) -> Node:
    """The product of two numbers; quotients stay quotients, constants are multiplied at once."""
    left, right = factor(left), factor(right)
    type_ = _product(left, right)
    if isinstance(left, Constant) and isinstance(right, Constant):
        return constant(exact_product(left.value, right.value), at)
    divisors = [each for each in (divisor_of(left), divisor_of(right)) if each]
    if not divisors:
        return Call(type_, at, "multiply", (left, right))
    return Call(type_, at, "multiply", (left, right), divisor=_product_type(divisors))


def divide(left: Node, right: Node, at: int) -> Node:
    """Left / right as a quotient: numerators and divisors are multiplied crosswise, nothing is rounded."""
    left, right = factor(left), factor(right)
    numerators = [left.type, *filter(None, [divisor_of(right)])]
    divisors = [right.type, *filter(None, [divisor_of(left)])]
    kind = Kind.MONEY if left.type.kind is Kind.MONEY and right.type.kind is not Kind.MONEY else Kind.DECIMAL
    product = _product_type(numerators)
    type_ = number(kind, product.digits, product.decimals, left, right)
    return Call(type_, at, "divide", (left, right), divisor=_product_type(divisors))


def _product(left: Node, right: Node) -> Type:
    product = _product_type([left.type, right.type])
    return number(number_kind(left.type, right.type), product.digits, product.decimals, left, right)


def _product_type(types: Sequence[Type]) -> Type:
    digits, decimals = sum(each.digits for each in types), sum(each.decimals for each in types)
    return number(Kind.DECIMAL, digits, decimals)


def negate(node: Node, at: int) -> Node:
    """-number."""
    if isinstance(node, Constant) and node.type.is_number:
        return constant(exact_negative(node.value), at)
    node = factor(node)
    return Call(node.type, at, "negate", (node,), divisor=divisor_of(node))


def modulo(left: Node, right: Node, at: int) -> Node:
    """The remainder with the sign of the divisor."""
    left, right = operand(left), operand(right)
    decimals = max(left.type.decimals, right.type.decimals)
    type_ = number(number_kind(left.type, right.type), whole_digits(right.type) + decimals, decimals)
    return Call(type_, at, "modulo", (left, right))


def power(base: Node, exponent: Node, at: int) -> Node:
    """Base ** exponent as repeated multiplication; the exponent is written out, from -8 to 8."""
    value = exponent.value if isinstance(exponent, Constant) else None
    if not isinstance(value, (int, Decimal)) or value != int(value) or not -8 <= value <= 8:
        raise Mismatch(say("The exponent must be a whole number from -8 to 8, written out."), exponent.at)
    result: Node = constant(1, at)
    for _ in range(abs(int(value))):
        result = multiply(result, base, at) if not _is_one(result) else factor(base)
    return divide(constant(1, at), result, at) if value < 0 else result


def _is_one(node: Node) -> bool:
    return isinstance(node, Constant) and node.value == 1


def rounded(node: Node, mode: str, decimals: int, at: int) -> Node:
    """A number rounded to `decimals` places; a quotient is rounded here for the first time."""
    divisor = divisor_of(node)
    node = node if divisor else or_zero(node)
    whole = whole_digits(node.type) + (divisor.decimals if divisor else 0) + 1
    kind = Kind.INTEGER if decimals <= 0 and node.type.kind is not Kind.MONEY else node.type.kind
    if kind is Kind.INTEGER and decimals > 0:
        kind = Kind.DECIMAL
    places = max(0, decimals)
    type_ = number(kind, whole + places, places, node)
    return Call(type_, at, "round_" + mode, (node, Constant(INTEGER, at, decimals)))


# Days and times


def days_of(node: Node) -> Node:
    """A whole number of days or months, ready to be added to a date."""
    if node.type.kind is Kind.BLANK:
        return constant(0, node.at)
    if divisor_of(node) or node.type.decimals:
        raise Mismatch(say("Only whole days can be added to a date; use round(…) or int(…)."), node.at)
    return or_zero(node)
