"""Roots, powers and logarithms: ten decimals, rounded half up; blank where there is no such number."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Numeric, case, cast, func, literal_column

from engine.formula import construct
from engine.formula.exact import ESCAPE_DECIMALS, rounded
from engine.formula.functions.function import (
    NUMBER,
    Expression,
    Function,
    Parameter,
    always,
    table,
    words,
)
from engine.formula.nodes import Call, Constant, Node
from engine.formula.sql_value import bind
from engine.formula.types import decimal

Settled = int | Decimal
"""A number that is no quotient any more, as functions are given it."""
MOST_WHOLE = 18
"""Results have so many digits before the point at most."""
RESULT = decimal(ESCAPE_DECIMALS, MOST_WHOLE + ESCAPE_DECIMALS)
PRECISE = Context(prec=100, rounding=ROUND_HALF_UP)
MOST_EXPONENT = 1_000
FINE = Numeric(500, 60)
"""Enough decimals on the way that the tenth of the result is right."""


def shown(value: Decimal | Fraction) -> Decimal | None:
    """The result with ten decimals; None when it is too large."""
    found = rounded("half", value, ESCAPE_DECIMALS)
    return found if found is not None and abs(found) < 10**MOST_WHOLE else None


def shown_sql(value: Expression) -> Expression:
    """`shown` on PostgreSQL."""

    def body(each: Expression) -> Expression:
        return case((func.abs(each) < literal_column("1" + "0" * MOST_WHOLE), each))

    return bind([func.round(value, literal_column(str(ESCAPE_DECIMALS)))], body, Numeric())


def _root(value: Settled) -> Decimal | None:
    return shown(PRECISE.sqrt(Decimal(value))) if value >= 0 else None


def _exponential(value: Settled) -> Decimal | None:
    return shown(PRECISE.exp(Decimal(value))) if -50 < value < 50 else Decimal(0) if value < 0 else None


def _logarithm(value: Settled) -> Decimal | None:
    return shown(PRECISE.ln(Decimal(value))) if value > 0 else None


def _logarithm_of_ten(value: Settled) -> Decimal | None:
    return shown(PRECISE.log10(Decimal(value))) if value > 0 else None


def raised(base: Settled, exponent: Settled) -> Decimal | None:
    """Base ** exponent for a whole exponent, calculated exactly."""
    if (
        exponent != int(exponent)
        or not -MOST_EXPONENT <= exponent <= MOST_EXPONENT
        or (base == 0 and exponent < 0)
    ):
        return None
    return shown(Fraction(base) ** int(exponent))


def raised_sql(base: Expression, exponent: Expression) -> Expression:
    """`raised` on PostgreSQL."""

    def body(one: Expression, other: Expression) -> Expression:
        zero: Expression = literal_column("0")
        possible = (other == func.trunc(other)) & (func.abs(other) <= literal_column(str(MOST_EXPONENT)))
        # CASE alone decides what is computed: zero has no negative power.
        return case((possible & ((one != zero) | (other >= zero)), shown_sql(func.power(one, other))))

    return bind([cast(base, FINE), exponent], body, Numeric())


def _above(least: str, compute: Callable[[Expression], Expression], reaches: bool) -> Any:
    def build(value: Expression) -> Expression:
        bound: Expression = literal_column(least)

        def body(each: Expression) -> Expression:
            return case((each >= bound if reaches else each > bound, shown_sql(compute(each))))

        return bind([cast(value, FINE)], body, Numeric())

    return build


def _exponential_sql(value: Expression) -> Expression:
    bound: Expression = literal_column("50")
    zero: Expression = literal_column("0")
    return bind(
        [cast(value, FINE)],
        lambda each: case((func.abs(each) < bound, shown_sql(func.exp(each))), (each < zero, zero)),
        Numeric(),
    )


def _power(arguments: Sequence[Node], at: int) -> Node:
    base, exponent = arguments
    value = exponent.value if isinstance(exponent, Constant) else None
    if isinstance(exponent, Constant) and (value is None or -8 <= value <= 8):
        return construct.power(base, exponent, at)
    return Call(RESULT, at, "raised", (construct.operand(base), construct.settle(exponent)))


X = Parameter("number", NUMBER, "zero")
D = Decimal


def _function(
    name: str, en: str, zh: str, plain: Any, postgresql: Any, *examples: tuple[str, Any]
) -> Function:
    return Function(
        name, "math", (X,), words(en, zh), examples, result=always(RESULT), plain=plain, postgresql=postgresql
    )


ROOTS: Mapping[str, Function] = table(
    _function(
        "sqrt",
        "The square root; blank for a negative number.",
        "平方根，负数为空。",
        _root,
        _above("0", func.sqrt, reaches=True),
        ("sqrt(9)", D("3.0000000000")),
        ("sqrt(2)", D("1.4142135624")),
        ("sqrt(0.0001)", D("0.0100000000")),
        ("sqrt(999999999999999999)", D("999999999.9999999995")),
        ("sqrt(-1)", None),
        ("sqrt(blank)", D("0.0000000000")),
    ),
    _function(
        "exp",
        "The number e to a power; blank from 10^18 on.",
        "e 的若干次方，达到 10^18 时为空。",
        _exponential,
        _exponential_sql,
        ("exp(1)", D("2.7182818285")),
        ("exp(0)", D("1.0000000000")),
        ("exp(-2.5)", D("0.0820849986")),
        ("exp(41)", D("639843493530054949.2226634035")),
        ("exp(100)", None),
        ("exp(-100)", D("0.0000000000")),
        ("exp(blank)", D("1.0000000000")),
    ),
    _function(
        "ln",
        "The natural logarithm; blank for 0 and negative numbers.",
        "自然对数，0 与负数为空。",
        _logarithm,
        _above("0", func.ln, reaches=False),
        ("ln(2)", D("0.6931471806")),
        ("ln(1)", D("0.0000000000")),
        ("ln(0.0000000001)", D("-23.0258509299")),
        ("ln(0)", None),
        ("ln(blank)", None),
    ),
    _function(
        "log10",
        "The logarithm to the base 10; blank for 0 and negative numbers.",
        "以 10 为底的对数，0 与负数为空。",
        _logarithm_of_ten,
        _above("0", func.log, reaches=False),
        ("log10(1000)", D("3.0000000000")),
        ("log10(2)", D("0.3010299957")),
        ("log10(-5)", None),
    ),
    Function(
        "power",
        "math",
        (X, Parameter("exponent", NUMBER)),
        words(
            "The number multiplied by itself: exact where the exponent is written out and from -8 to 8, "
            "else to ten decimals. The exponent is a whole number up to 1000; any other gives a blank.",
            "乘方：直接写出的 -8 到 8 的指数精确计算，"
            "其余保留十位小数；指数须为绝对值不超过 1000 的整数，否则为空。",
        ),
        (
            ("power(3, 4)", 81),
            ("power(0.5, 2)", D("0.25")),
            ("round(power(4, -1), 2)", D("0.25")),
            ("power(1.05, 10)", D("1.6288946268")),
            ('power(2, len("abc"))', D("8.0000000000")),
            ("power(0.5, 11)", D("0.0004882813")),
            ("power(10, 18)", None),
            ('power(0, 0 - len("a"))', None),
            ('power(2, len("abc") + 0.5)', None),
        ),
        build=_power,
    ),
)
ROOT_STEPS: Mapping[str, Function] = table(
    Function(
        "raised", "", (X,), words("", ""), (), result=always(RESULT), plain=raised, postgresql=raised_sql
    )
)
