"""Ways to round a number."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.formula.construct import add, divide, multiply, operand, rounded, subtract
from engine.formula.decide import choose, compare
from engine.formula.functions.allocation import allocate, allocate_sql
from engine.formula.functions.function import (
    NUMBER,
    Function,
    Parameter,
    table,
    words,
    written_number,
)
from engine.formula.kinds import constant
from engine.formula.nodes import Call, Constant, Node

X = Parameter("number", NUMBER, "zero")


def _rounding(mode: str) -> Callable[[Sequence[Node], int], Node]:
    def build(arguments: Sequence[Node], at: int) -> Node:
        return rounded(arguments[0], mode, written_number(arguments[1], -18, 18), at)

    return build


def _to_multiple(mode: str) -> Callable[[Sequence[Node], int], Node]:
    def build(arguments: Sequence[Node], at: int) -> Node:
        value, step = arguments
        if isinstance(step, Constant) and step.value == 1:
            return rounded(value, mode, 0, at)
        return multiply(rounded(divide(value, step, at), mode, 0, at), step, at)

    return build


def _int(arguments: Sequence[Node], at: int) -> Node:
    return rounded(arguments[0], "floor", 0, at)


def _even(arguments: Sequence[Node], at: int) -> Node:
    two = constant(2, at)
    return multiply(rounded(divide(arguments[0], two, at), "away", 0, at), two, at)


def _odd(arguments: Sequence[Node], at: int) -> Node:
    value, one, two = operand(arguments[0]), constant(1, at), constant(2, at)
    below = rounded(divide(add(value, one, at), two, at), "floor", 0, at)
    above = rounded(divide(subtract(value, one, at), two, at), "ceiling", 0, at)
    negative = compare("less", value, constant(0, at), at)
    return choose(
        negative, subtract(multiply(below, two, at), one, at), add(multiply(above, two, at), one, at), at
    )


def _allocate(arguments: Sequence[Node], at: int) -> Node:
    total, place, *weights = (operand(each) for each in arguments)
    units = constant(total.type.decimals, at)
    return Call(total.type, at, "allocated", (units, total, place, *weights))


D = Decimal
DIGITS = Parameter("digits", NUMBER, default=0)
STEP = Parameter("step", NUMBER, "zero", default=1)


def _rounds(name: str, mode: str, en: str, zh: str, *examples: tuple[str, Any]) -> Function:
    return Function(
        name,
        "rounding",
        (X, DIGITS),
        words(en, zh),
        examples,
        build=_rounding(mode),
    )


ROUNDING: Mapping[str, Function] = table(
    _rounds(
        "round",
        "half",
        "Rounds to a number of decimals, halves away from zero.",
        "四舍五入到指定小数位（一半时远离零）。",
        ("round(2.345, 2)", D("2.35")),
        ("round(-2.345, 2)", D("-2.35")),
        ("round(2.5)", 3),
        ("round(1250, -2)", 1300),
        ("round(10 / 3, 4)", D("3.3333")),
        ("round(blank, 2)", D("0.00")),
        ("round(1 / 0, 2)", None),
        ("round(-1 / 8, 2)", D("-0.13")),
    ),
    _rounds(
        "roundup",
        "away",
        "Rounds away from zero.",
        "向远离零的方向舍入。",
        ("roundup(2.341, 2)", D("2.35")),
        ("roundup(-2.341, 2)", D("-2.35")),
        ("roundup(7 / 2)", 4),
        ("roundup(120, -2)", 200),
    ),
    _rounds(
        "rounddown",
        "toward",
        "Rounds towards zero.",
        "向零的方向舍入。",
        ("rounddown(2.349, 2)", D("2.34")),
        ("rounddown(-2.349, 2)", D("-2.34")),
        ("rounddown(-7 / 2)", -3),
    ),
    _rounds(
        "trunc",
        "toward",
        "Cuts decimals off.",
        "截去小数。",
        ("trunc(8.9)", 8),
        ("trunc(-8.9)", -8),
        ("trunc(8.96, 1)", D("8.9")),
    ),
    Function(
        "int",
        "rounding",
        (X,),
        words("The next lower whole number.", "不大于该数的最大整数。"),
        (("int(8.9)", 8), ("int(-8.1)", -9), ("int(-7 / 2)", -4)),
        build=_int,
    ),
    Function(
        "ceiling",
        "rounding",
        (X, STEP),
        words("The next higher multiple of a step.", "向上取到步长的倍数。"),
        (
            ("ceiling(2.1)", 3),
            ("ceiling(-2.1)", -2),
            ("ceiling(12, 5)", 15),
            ("ceiling(0.21, 0.05)", D("0.25")),
        ),
        build=_to_multiple("ceiling"),
    ),
    Function(
        "floor",
        "rounding",
        (X, STEP),
        words("The next lower multiple of a step.", "向下取到步长的倍数。"),
        (("floor(2.9)", 2), ("floor(-2.1)", -3), ("floor(14, 5)", 10), ("floor(0.29, 0.05)", D("0.25"))),
        build=_to_multiple("floor"),
    ),
    Function(
        "mround",
        "rounding",
        (X, STEP),
        words("The nearest multiple of a step.", "最接近的步长倍数。"),
        (("mround(13, 5)", 15), ("mround(12.4, 5)", 10), ("mround(1.25, 0.5)", D("1.5"))),
        build=_to_multiple("half"),
    ),
    _rounds(
        "roundhalfeven",
        "even",
        "Rounds to a number of decimals, halves to the even neighbour.",
        "四舍六入五成双，舍入到指定小数位。",
        ("roundhalfeven(2.5)", 2),
        ("roundhalfeven(3.5)", 4),
        ("roundhalfeven(-2.5)", -2),
        ("roundhalfeven(2.345, 2)", D("2.34")),
        ("roundhalfeven(2.3451, 2)", D("2.35")),
        ("roundhalfeven(-7 / 2)", -4),
        ("roundhalfeven(blank, 1)", D("0.0")),
    ),
    Function(
        "even",
        "rounding",
        (X,),
        words("The next even whole number, away from zero.", "远离零方向的下一个偶数。"),
        (("even(1.5)", 2), ("even(3)", 4), ("even(-1)", -2), ("even(2)", 2), ("even(blank)", 0)),
        build=_even,
    ),
    Function(
        "odd",
        "rounding",
        (X,),
        words("The next odd whole number, away from zero.", "远离零方向的下一个奇数。"),
        (("odd(1.5)", 3), ("odd(3)", 3), ("odd(-2)", -3), ("odd(0)", 1), ("odd(blank)", 1)),
        build=_odd,
    ),
    Function(
        "allocate",
        "rounding",
        (X, Parameter("place", NUMBER), Parameter("weight", NUMBER, "zero", many=True)),
        words(
            "One part of a number that is divided by weights without a remainder; the place says which part. "
            "What is over goes to the largest fractions.",
            "按权重无余额地分配一个数时第几份的数额；零头归小数部分最大的份。",
        ),
        (
            ("allocate(100.00, 1, 1, 1, 1)", D("33.34")),
            ("allocate(100.00, 3, 1, 1, 1)", D("33.33")),
            ("allocate(10, 2, 1, 4, 1)", 7),
            ("allocate(-100.00, 1, 1, 1, 1)", D("-33.34")),
            ("allocate(100, 4, 1, 1, 1)", None),
            ("allocate(100, 1, 0, blank)", None),
            ("allocate(100, 1, -1, 2)", None),
            ("allocate(blank, 1, 1, 2)", 0),
        ),
        build=_allocate,
    ),
)
ALLOCATED = Parameter("number", NUMBER, "zero")
ROUNDING_STEPS: Mapping[str, Function] = table(
    Function(
        "allocated",
        "",
        (ALLOCATED,),
        words("", ""),
        (),
        result=lambda arguments: arguments[1].type,
        plain=allocate,
        postgresql=allocate_sql,
    ),
)
