"""Operators and functions in SQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    case,
    cast,
    false,
    func,
    literal_column,
    null,
)

from engine.formula.exact import MODES
from engine.formula.functions.table import FUNCTIONS
from engine.formula.nodes import LOGIC, Call, Constant
from engine.formula.sql_conditions import (
    all_hold,
    any_holds,
    comparison,
    does_not_hold,
    equal,
    has,
    is_blank,
    is_in,
    unequal,
)
from engine.formula.sql_constants import number
from engine.formula.sql_limits import bracket_list, tier_list
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_texts import (
    EMPTY,
    fixed_text,
    join_present,
    join_text,
    or_empty,
    registered,
    storage_for,
    to_text,
)
from engine.formula.sql_value import Sql
from engine.formula.sqlite_depth import within_parser
from engine.formula.types import Kind


def compile_call(compiler: Compiling, node: Call, decided: bool = True) -> Sql:
    """An operator or a function. Unless `decided`, a condition that does not hold may be NULL."""
    handler = HANDLERS.get(node.function, _function)
    value = handler(compiler, node)
    if compiler.dialect == "sqlite":
        value = within_parser(compiler, node, value)
    if decided and node.function in LOGIC:
        return Sql(func.coalesce(value.expression, false()))
    return value


def _two(operation: str) -> Callable[[Compiling, Call], Sql]:
    def build(compiler: Compiling, node: Call) -> Sql:
        left, right = (number(compiler, each) for each in node.arguments)
        found: Sql = getattr(compiler.arithmetic, operation)(left, right)
        return found

    return build


def _multiply(compiler: Compiling, node: Call) -> Sql:
    left, right = (compiler.compile(each) for each in node.arguments)
    numerator = compiler.arithmetic.multiply_plain(_numerator(left), _numerator(right))
    return replace(numerator, divisor=_product(compiler, [left.divisor, right.divisor]))


def _divide(compiler: Compiling, node: Call) -> Sql:
    left, right = (compiler.compile(each) for each in node.arguments)
    numerator = _product(compiler, [_numerator(left), right.divisor])
    divisor = _product(compiler, [left.divisor, _numerator(right)])
    assert numerator is not None
    assert divisor is not None
    if right.divisor is not None and not right.divisor.constant:
        # The right side is blank where its own divisor is zero, and then so is all of it.
        present = right.divisor.expression != literal_column("0")
        divisor = Sql(case((present, divisor.expression)), divisor.digits, divisor.decimals)
    return replace(numerator, divisor=divisor)


def _numerator(value: Sql) -> Sql:
    return replace(value, divisor=None)


def _product(compiler: Compiling, factors: Sequence[Sql | None]) -> Sql | None:
    given = [each for each in factors if each is not None]
    return reduce(compiler.arithmetic.multiply_plain, given) if given else None


def _negate(compiler: Compiling, node: Call) -> Sql:
    value = compiler.compile(node.arguments[0])
    return replace(compiler.arithmetic.negate(_numerator(value)), divisor=value.divisor)


def _settle(compiler: Compiling, node: Call) -> Sql:
    return compiler.arithmetic.rounded(compiler.compile(node.arguments[0]), "half", node.type.decimals)


def _rounded(mode: str) -> Callable[[Compiling, Call], Sql]:
    def build(compiler: Compiling, node: Call) -> Sql:
        value, decimals = node.arguments
        assert isinstance(decimals, Constant)
        return compiler.arithmetic.rounded(compiler.compile(value), mode, decimals.value)

    return build


def _or_zero(compiler: Compiling, node: Call) -> Sql:
    return compiler.arithmetic.or_zero(number(compiler, node.arguments[0]))


def _extreme(least: bool) -> Callable[[Compiling, Call], Sql]:
    def build(compiler: Compiling, node: Call) -> Sql:
        if node.type.is_number:
            return compiler.arithmetic.extreme([compiler.compile(each) for each in node.arguments], least)
        values = [compiler.compile(each).expression for each in node.arguments]
        if compiler.dialect == "postgresql":
            return Sql((func.least if least else func.greatest)(*values, type_=values[0].type))
        # SQLite's min() of several values is NULL when one of them is.
        chosen = func.min if least else func.max

        def two(one: Expression, other: Expression) -> Expression:
            return func.coalesce(chosen(one, other), one, other)

        return Sql(reduce(two, values))

    return build


def _count_values(compiler: Compiling, node: Call) -> Sql:
    present = [
        case(
            (compiler.compile(each).expression.is_not(None), literal_column("1", BigInteger())),
            else_=literal_column("0", BigInteger()),
        )
        for each in node.arguments
    ]
    return Sql(reduce(lambda one, other: one + other, present), node.type.digits, 0)


# Conditions


def _choose(compiler: Compiling, node: Call) -> Sql:
    condition = compiler.condition(node.arguments[0])
    if not node.type.is_number:
        yes, no = (compiler.compile(each).expression for each in node.arguments[1:])
        return Sql(case((condition, yes), else_=no))
    yes_value, no_value = (number(compiler, each) for each in node.arguments[1:])
    chosen = _chosen(compiler, condition, _numerator(yes_value), _numerator(no_value))
    if node.divisor is None:
        return chosen
    one = compiler.arithmetic.constant(1, 0)
    return replace(
        chosen, divisor=_chosen(compiler, condition, yes_value.divisor or one, no_value.divisor or one)
    )


def _chosen(compiler: Compiling, condition: ColumnElement[bool], yes: Sql, no: Sql) -> Sql:
    yes, no = compiler.arithmetic.align([yes, no])
    decimals = max(yes.decimals, no.decimals)
    digits = max(yes.digits - yes.decimals, no.digits - no.decimals) + decimals
    return Sql(case((condition, yes.expression), else_=no.expression), digits, decimals)


def _coalesce(compiler: Compiling, node: Call) -> Sql:
    if node.type.is_number:
        values = compiler.arithmetic.align([number(compiler, each) for each in node.arguments])
        decimals = max(each.decimals for each in values)
        return Sql(func.coalesce(*(each.expression for each in values)), node.type.digits, decimals)
    present = [compiler.compile(each).expression for each in node.arguments]
    if node.type.kind is Kind.TEXT:
        present = [func.nullif(each, EMPTY) for each in present]
    return Sql(func.coalesce(*present))


# Texts


def _function(compiler: Compiling, node: Call) -> Sql:
    function = FUNCTIONS[node.function]
    if any(isinstance(each, Constant) and each.value is None for each in node.arguments):
        # The function of a blank is blank; PostgreSQL could not tell which function is meant.
        return Sql(cast(null(), storage_for(compiler, node.type)), node.type.digits, node.type.decimals)
    if compiler.dialect == "sqlite":
        if function.sqlite is None:
            return registered(compiler, node)
        values = [compiler.compile(each).expression for each in node.arguments]
        return Sql(function.sqlite(*values), node.type.digits, node.type.decimals)
    assert function.postgresql is not None
    arguments = []
    for each in node.arguments:
        value = compiler.compile(each)
        arguments.append(cast(value.expression, Numeric) if each.type.is_number else value.expression)
    expression = function.postgresql(*arguments)
    if node.type.is_number:
        return Sql(cast(expression, Numeric), node.type.digits, node.type.decimals)
    return Sql(expression)


HANDLERS: Mapping[str, Callable[[Compiling, Call], Sql]] = {
    "add": _two("add"),
    "subtract": _two("subtract"),
    "modulo": _two("modulo"),
    "multiply": _multiply,
    "divide": _divide,
    "negate": _negate,
    "settle": _settle,
    "or_zero": _or_zero,
    **{f"round_{mode}": _rounded(mode) for mode in MODES},
    "least": _extreme(least=True),
    "greatest": _extreme(least=False),
    "count_values": _count_values,
    "equal": equal,
    "unequal": unequal,
    "less": comparison("__lt__"),
    "less_equal": comparison("__le__"),
    "greater": comparison("__gt__"),
    "greater_equal": comparison("__ge__"),
    "and": all_hold,
    "or": any_holds,
    "not": does_not_hold,
    "is_blank": is_blank,
    "is_in": is_in,
    "has": has,
    "choose": _choose,
    "coalesce": _coalesce,
    "or_empty": or_empty,
    "join_text": join_text,
    "join_present": join_present,
    "to_text": to_text,
    "fixed_text": fixed_text,
    "bracket_list": bracket_list,
    "tier_list": tier_list,
}
