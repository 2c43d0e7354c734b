"""Functions of numbers, and ways to round."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import func

from engine.formula import construct, decide
from engine.formula.construct import add, divide, multiply, number, operand, rounded
from engine.formula.exact import Number, compared, negate
from engine.formula.functions.function import (
    DAY,
    INSTANT,
    NUMBER,
    Function,
    Parameter,
    always,
    table,
    words,
)
from engine.formula.kinds import Mismatch, constant
from engine.formula.nodes import Call, Node
from engine.formula.types import INTEGER, Kind, Type
from engine.text import say

X = Parameter("number", NUMBER, "zero")
ORDERED = NUMBER | DAY | INSTANT | {Kind.TIME, Kind.DURATION}


def _mod(arguments: Sequence[Node], at: int) -> Node:
    return construct.modulo(arguments[0], arguments[1], at)


def _quotient(arguments: Sequence[Node], at: int) -> Node:
    return rounded(divide(arguments[0], arguments[1], at), "toward", 0, at)


def _sum(arguments: Sequence[Node], at: int) -> Node:
    total = operand(arguments[0])
    for each in arguments[1:]:
        total = add(total, each, at)
    return total


def _product(arguments: Sequence[Node], at: int) -> Node:
    product = construct.factor(arguments[0])
    for each in arguments[1:]:
        product = multiply(product, each, at)
    return product


def _average(arguments: Sequence[Node], at: int) -> Node:
    settled = [construct.settle(each) for each in arguments]
    count = Call(replace(INTEGER, digits=3), at, "count_values", tuple(settled))
    return divide(_sum(settled, at), count, at)


def _extreme(function: str) -> Callable[[Sequence[Node], int], Node]:
    def build(arguments: Sequence[Node], at: int) -> Node:
        parts = [construct.settle(each) for each in arguments if each.type.kind is not Kind.BLANK]
        if not parts:
            return constant(None, at)
        return Call(decide.common_type(parts, at), at, function, tuple(parts))

    return build


_least, _greatest = _extreme("least"), _extreme("greatest")


def _clamp(arguments: Sequence[Node], at: int) -> Node:
    value, low, high = arguments
    return _least([_greatest([value, low], at), high], at)


def _absolute(value: Number) -> Number | None:
    return negate(value) if value < 0 else value


def _same(arguments: Sequence[Node]) -> Type:
    return arguments[0].type


def _whole_result(arguments: Sequence[Node]) -> Type:
    return number(Kind.INTEGER, max(construct.whole_digits(each.type) for each in arguments), 0)


def _gcd(left: Number, right: Number) -> int:
    if left != int(left) or right != int(right):
        return 0
    return math.gcd(int(left), int(right))


def _needs_whole(arguments: Sequence[Node]) -> Type:
    for each in arguments:
        if each.type.decimals:
            raise Mismatch(say("This must be a whole number; use int(…) or round(…)."), each.at)
    return _whole_result(arguments)


D = Decimal


NUMBERS: Mapping[str, Function] = table(
    Function(
        "abs",
        "math",
        (X,),
        words("The number without its sign.", "绝对值。"),
        (("abs(-3.5)", D("3.5")), ("abs(2)", 2), ("abs(blank)", 0)),
        result=_same,
        plain=_absolute,
        postgresql=func.abs,
    ),
    Function(
        "sign",
        "math",
        (X,),
        words("1, 0 or -1: the sign of the number.", "数的符号：1、0 或 -1。"),
        (("sign(-0.5)", -1), ("sign(0)", 0), ("sign(7)", 1)),
        result=always(replace(INTEGER, digits=1)),
        plain=lambda value: compared(value, 0),
        postgresql=func.sign,
    ),
    Function(
        "mod",
        "math",
        (X, Parameter("divisor", NUMBER, "zero")),
        words("The remainder of a division, with the sign of the divisor.", "除法余数，符号与除数相同。"),
        (
            ("mod(7, 3)", 1),
            ("mod(-7, 3)", 2),
            ("mod(7, -3)", -2),
            ("mod(5.5, 2)", D("1.5")),
            ("mod(1, 0)", None),
        ),
        build=_mod,
    ),
    Function(
        "quotient",
        "math",
        (X, Parameter("divisor", NUMBER, "zero")),
        words("The whole part of a division.", "除法的整数部分。"),
        (("quotient(7, 2)", 3), ("quotient(-7, 2)", -3), ("quotient(1, 0)", None)),
        build=_quotient,
    ),
    Function(
        "product",
        "math",
        (Parameter("number", NUMBER, "zero", many=True),),
        words("All numbers multiplied.", "所有数相乘。"),
        (("product(2, 3, 4)", 24), ("product(0.5, 3)", D("1.5")), ("product(2, blank, 3)", 0)),
        build=_product,
    ),
    Function(
        "average",
        "math",
        (Parameter("number", NUMBER, many=True),),
        words("The mean; blanks do not count.", "平均值，空值不计。"),
        (("average(1, 2, 6)", D(3)), ("average(1, blank, 2)", D("1.5")), ("average(blank, blank)", None)),
        build=_average,
    ),
    Function(
        "sum",
        "math",
        (Parameter("number", NUMBER, "zero", many=True),),
        words("The sum, of several numbers or over records.", "求和：多个数，或一组记录。"),
        (("sum(1, 2.5, blank)", D("3.5")),),
        build=_sum,
        over_records="sum(value for record in records if condition)",
    ),
    Function(
        "min",
        "math",
        (Parameter("value", ORDERED, many=True),),
        words("The least value; blanks do not count.", "最小值，空值不计。"),
        (("min(3, 1, 2)", 1), ("min(blank, 4)", 4), ("min(1.5, 10 / 4)", D("1.5"))),
        build=_least,
        over_records="min(value for record in records if condition)",
    ),
    Function(
        "max",
        "math",
        (Parameter("value", ORDERED, many=True),),
        words("The greatest value; blanks do not count.", "最大值，空值不计。"),
        (("max(3, 1, 2)", 3), ("max(blank, -4)", -4), ("max(0, 12.5 - 20)", D(0))),
        build=_greatest,
        over_records="max(value for record in records if condition)",
    ),
    Function(
        "clamp",
        "math",
        (X, Parameter("least", NUMBER), Parameter("most", NUMBER)),
        words("The number, but not below the least nor above the most.", "把数限制在上下限之间。"),
        (("clamp(15, 0, 10)", 10), ("clamp(-5, 0, 10)", 0), ("clamp(5, 0, 10)", 5)),
        build=_clamp,
    ),
    Function(
        "gcd",
        "math",
        (X, Parameter("other", NUMBER, "zero")),
        words("The greatest common divisor of two whole numbers.", "两个整数的最大公约数。"),
        (("gcd(12, 18)", 6), ("gcd(0, 5)", 5), ("gcd(0, 5)", 5), ("gcd(blank, 5)", 5)),
        result=_needs_whole,
        plain=_gcd,
        postgresql=func.gcd,
    ),
)
