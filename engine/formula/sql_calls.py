"""Operators and functions in SQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Interval,
    Numeric,
    Time,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    true,
    type_coerce,
)
from sqlalchemy import Text as SqlText

from engine.formula.functions.table import FUNCTIONS
from engine.formula.nodes import LOGIC, Call, Column, Constant, Node, may_be_blank
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_types import UtcDateTime
from engine.formula.sql_value import Sql, bind, storage_type
from engine.formula.storage import write_signature
from engine.formula.types import Kind, Type

EMPTY = literal_column("''", SqlText())


def compile_call(compiler: Compiling, node: Call, decided: bool = True) -> Sql:
    """An operator or a function. Unless `decided`, a condition that does not hold may be NULL."""
    handler = HANDLERS.get(node.function, _function)
    value = handler(compiler, node)
    if decided and node.function in LOGIC:
        return Sql(func.coalesce(value.expression, false()))
    return value


def constant_sql(compiler: Compiling, node: Constant) -> Sql:
    """A literal value."""
    match node.value:
        case None:
            return Sql(null(), 1, 0)
        case bool():
            return Sql(true() if node.value else false())
        case int() | Decimal():
            return compiler.arithmetic.constant(node.value, node.type.decimals)
        case datetime():
            return Sql(literal(node.value, UtcDateTime()))
        case date():
            return Sql(literal(node.value, Date()))
        case time():
            return Sql(literal(node.value, Time()))
        case timedelta():
            return Sql(literal_column(str(node.value.days * 86_400 + node.value.seconds), BigInteger()))
        case _:
            return Sql(literal(node.value, SqlText()))


def number(compiler: Compiling, node: Node) -> Sql:
    """A part as a number; a blank as no number."""
    return compiler.arithmetic.blank() if node.type.kind is Kind.BLANK else compiler.compile(node)


def pick(compiler: Compiling, base: Expression, values: Mapping[str, Sql], type_: Type) -> Sql:
    """The value for the option that `base` holds; blank for any other."""
    if not values:
        return Sql(null())
    options = [literal(option, SqlText()) for option in values]
    found = list(values.values())
    if type_.is_number:
        found = compiler.arithmetic.align(found)
    cases = [(base == option, value.expression) for option, value in zip(options, found, strict=True)]
    expression = case(*cases)
    return Sql(expression, type_.digits, max(each.decimals for each in found))


# Arithmetic


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
        case((compiler.compile(each).expression.is_not(None), literal_column("1", BigInteger())),
             else_=literal_column("0", BigInteger()))
        for each in node.arguments
    ]  # fmt: skip
    return Sql(reduce(lambda one, other: one + other, present), node.type.digits, 0)


# Conditions


def _comparison(operator: str) -> Callable[[Compiling, Call], Sql]:
    def build(compiler: Compiling, node: Call) -> Sql:
        left, right = _comparable(compiler, node, collate=True)
        comparison: ColumnElement[bool] = getattr(left, operator)(right)
        return Sql(comparison)

    return build


def _comparable(compiler: Compiling, node: Call, collate: bool) -> tuple[Expression, Expression]:
    left, right = (compiler.compile(each) for each in node.arguments)
    if node.arguments[0].type.is_number and node.arguments[1].type.is_number:
        return compiler.arithmetic.compare(left, right)
    texts = node.arguments[0].type.kind in {Kind.TEXT, Kind.CHOICE}
    if texts and collate and compiler.dialect == "postgresql":
        # Texts have the order of their code points, as in memory and on SQLite.
        return left.expression.collate("C"), right.expression.collate("C")
    return left.expression, right.expression


def _equal(compiler: Compiling, node: Call) -> Sql:
    left, right = _comparable(compiler, node, collate=False)
    if not all(may_be_blank(each) for each in node.arguments):
        return Sql(left == right)
    both_blank = and_(*(compiler.compile(each).expression.is_(None) for each in node.arguments))
    by_index = compiler.dialect == "postgresql" and any(isinstance(each, Column) for each in node.arguments)
    if by_index or _is_computed(compiler, node):
        # PostgreSQL uses no index for IS NOT DISTINCT FROM.
        return Sql(or_(left == right, both_blank))
    return Sql(left.is_not_distinct_from(right))


def _unequal(compiler: Compiling, node: Call) -> Sql:
    left, right = _comparable(compiler, node, collate=False)
    if _is_computed(compiler, node):
        return Sql(_equal(compiler, node).expression.is_not(true()))
    return Sql(left.is_distinct_from(right))


def _is_computed(compiler: Compiling, node: Call) -> bool:
    """Whether the numbers are so wide that a function has to compare them."""
    if compiler.dialect != "sqlite" or not node.arguments[0].type.is_number:
        return False
    return not all(
        each.is_narrow
        for each in compiler.arithmetic.align([compiler.compile(one) for one in node.arguments])
    )


def _and(compiler: Compiling, node: Call) -> Sql:
    return Sql(and_(*(compiler.condition(each) for each in node.arguments)))


def _or(compiler: Compiling, node: Call) -> Sql:
    return Sql(or_(*(compiler.condition(each) for each in node.arguments)))


def _not(compiler: Compiling, node: Call) -> Sql:
    return Sql(compiler.condition(node.arguments[0]).is_not(true()))


def _is_blank(compiler: Compiling, node: Call) -> Sql:
    value = compiler.compile(node.arguments[0])
    tests = [value.expression.is_(None)]
    if value.divisor is not None:
        tests += [value.divisor.expression.is_(None), value.divisor.expression == literal_column("0")]
    if node.arguments[0].type.kind is Kind.TEXT:
        tests.append(value.expression == EMPTY)
    return Sql(or_(*tests))


def _is_in(compiler: Compiling, node: Call) -> Sql:
    values = [compiler.compile(each) for each in node.arguments]
    if all(each.type.is_number for each in node.arguments):
        pairs = [compiler.arithmetic.compare(values[0], each) for each in values[1:]]
        return Sql(or_(*(left == right for left, right in pairs)))
    return Sql(values[0].expression.in_([each.expression for each in values[1:]]))


def _has(compiler: Compiling, node: Call) -> Sql:
    listed, wanted = (compiler.compile(each).expression for each in node.arguments)
    position = func.instr if compiler.dialect == "sqlite" else func.strpos
    return Sql(position(listed, wanted) > literal_column("0"))


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


def _or_empty(compiler: Compiling, node: Call) -> Sql:
    return Sql(func.coalesce(compiler.compile(node.arguments[0]).expression, EMPTY, type_=SqlText()))


def _join_text(compiler: Compiling, node: Call) -> Sql:
    parts = [type_coerce(compiler.compile(each).expression, SqlText()) for each in node.arguments]
    return Sql(reduce(lambda one, other: one.concat(other), parts))


def _join_present(compiler: Compiling, node: Call) -> Sql:
    separator, *parts = [type_coerce(compiler.compile(each).expression, SqlText()) for each in node.arguments]
    present = [func.nullif(each, EMPTY, type_=SqlText()) for each in parts]
    if compiler.dialect == "postgresql":
        return Sql(func.concat_ws(separator, *present))
    joined = reduce(
        lambda one, other: one.concat(other),
        [func.coalesce(separator.concat(each), EMPTY, type_=SqlText()) for each in present],
    )
    return Sql(func.substr(joined, func.length(separator) + literal_column("1")))


def _to_text(compiler: Compiling, node: Call) -> Sql:
    value = node.arguments[0]
    if compiler.dialect == "sqlite":
        return _registered(compiler, node)
    compiled = compiler.compile(value)
    if value.type.is_number:
        return Sql(cast(func.trim_scale(cast(compiled.expression, Numeric)), SqlText))
    return Sql(POSTGRESQL_TEXTS[value.type.kind](compiled.expression))


POSTGRESQL_TEXTS: Mapping[Kind, Callable[[Expression], Expression]] = {
    Kind.BOOLEAN: lambda value: case((value, literal_column("'yes'")), (~value, literal_column("'no'"))),
    Kind.DATE: lambda value: func.to_char(value, literal_column("'YYYY-MM-DD'")),
    Kind.MONTH: lambda value: func.to_char(value, literal_column("'YYYY-MM-DD'")),
    Kind.TIME: lambda value: func.to_char(cast(value, Interval), literal_column("'HH24:MI'")),
    Kind.DURATION: lambda value: cast(value, SqlText),
}


def _fixed_text(compiler: Compiling, node: Call) -> Sql:
    if compiler.dialect == "sqlite":
        return _registered(compiler, node)
    value, places = node.arguments
    assert isinstance(places, Constant)
    number_of = cast(compiler.compile(value).expression, Numeric)
    return Sql(cast(func.round(number_of, literal_column(str(places.value))), SqlText))


# Limits written as lists


def _bracket_list(compiler: Compiling, node: Call) -> Sql:
    amount, limits, rates = node.arguments
    assert isinstance(limits, Constant)
    assert isinstance(rates, Constant)
    arithmetic, value = compiler.arithmetic, compiler.compile(amount)
    found: list[Sql] = []

    def body(each: Expression) -> Expression:
        total, lower = arithmetic.constant(0, 0), arithmetic.constant(0, 0)
        for index, rate in enumerate(rates.value):
            inside = replace(value, expression=each, constant=None)
            if index < len(limits.value):
                upper = _written(compiler, limits.value[index])
                inside = arithmetic.extreme([inside, upper], least=True)
            slice_ = arithmetic.extreme(
                [arithmetic.subtract(inside, lower), arithmetic.constant(0, 0)], least=False
            )
            total = arithmetic.add(total, arithmetic.multiply_plain(slice_, _written(compiler, rate)))
            lower = upper if index < len(limits.value) else lower
        found.append(total)
        return total.expression

    expression = bind([value.expression], body, BigInteger() if compiler.dialect == "sqlite" else Numeric())
    return Sql(expression, max(found[-1].digits, node.type.digits), found[-1].decimals)


def _written(compiler: Compiling, value: Decimal | int) -> Sql:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return compiler.arithmetic.constant(value, max(0, -int(exponent)))


def _tier_list(compiler: Compiling, node: Call) -> Sql:
    amount, limits, results = node.arguments
    assert isinstance(limits, Constant)
    assert isinstance(results, Constant)
    value = compiler.compile(amount)
    written = [
        _written(compiler, each)
        if node.type.is_number
        else constant_sql(compiler, Constant(node.type, 0, each))
        for each in results.value
    ]
    aligned = compiler.arithmetic.align(written) if node.type.is_number else written

    def body(each: Expression) -> Expression:
        cases = []
        for limit, result in zip(limits.value, aligned, strict=False):
            left, right = compiler.arithmetic.compare(
                replace(value, expression=each), _written(compiler, limit)
            )
            cases.append((left <= right, result.expression))
        beyond = aligned[len(limits.value)].expression if len(aligned) > len(limits.value) else null()
        return case(*cases, else_=beyond)

    return Sql(
        bind([value.expression], body, storage_for(compiler, node.type)),
        node.type.digits,
        aligned[0].decimals,
    )


def storage_for(compiler: Compiling, type_: Type) -> Any:
    """The SQL type of an intermediate value."""
    if type_.is_number:
        return BigInteger() if compiler.dialect == "sqlite" else Numeric()
    return storage_type(type_)


# Functions of the table


def _function(compiler: Compiling, node: Call) -> Sql:
    function = FUNCTIONS[node.function]
    if any(isinstance(each, Constant) and each.value is None for each in node.arguments):
        # The function of a blank is blank; PostgreSQL could not tell which function is meant.
        return Sql(cast(null(), storage_for(compiler, node.type)), node.type.digits, node.type.decimals)
    if compiler.dialect == "sqlite":
        if function.sqlite is None:
            return _registered(compiler, node)
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


def _registered(compiler: Compiling, node: Call) -> Sql:
    """A call of the Python function from SQLite."""
    types, values = [], []
    for each in node.arguments:
        value = compiler.compile(each)
        types.append(replace(each.type, decimals=value.decimals))
        values.append(value.expression)
    signature = write_signature(node.function, types, node.type)
    written = literal_column(f"'{signature}'")
    type_ = storage_for(compiler, node.type)
    return Sql(func.dg_call(written, *values, type_=type_), node.type.digits, node.type.decimals)


HANDLERS: Mapping[str, Callable[[Compiling, Call], Sql]] = {
    "add": _two("add"),
    "subtract": _two("subtract"),
    "modulo": _two("modulo"),
    "multiply": _multiply,
    "divide": _divide,
    "negate": _negate,
    "settle": _settle,
    "or_zero": _or_zero,
    **{f"round_{mode}": _rounded(mode) for mode in ("half", "away", "toward", "floor", "ceiling")},
    "least": _extreme(least=True),
    "greatest": _extreme(least=False),
    "count_values": _count_values,
    "equal": _equal,
    "unequal": _unequal,
    "less": _comparison("__lt__"),
    "less_equal": _comparison("__le__"),
    "greater": _comparison("__gt__"),
    "greater_equal": _comparison("__ge__"),
    "and": _and,
    "or": _or,
    "not": _not,
    "is_blank": _is_blank,
    "is_in": _is_in,
    "has": _has,
    "choose": _choose,
    "coalesce": _coalesce,
    "or_empty": _or_empty,
    "join_text": _join_text,
    "join_present": _join_present,
    "to_text": _to_text,
    "fixed_text": _fixed_text,
    "bracket_list": _bracket_list,
    "tier_list": _tier_list,
}
