"""bracket(…) and tier(…) with listed limits in SQL."""

from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Numeric,
    case,
    null,
)

from engine.formula.nodes import Call, Constant, Node
from engine.formula.sql_constants import constant_sql
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_texts import storage_for
from engine.formula.sql_value import Sql, bind


def bracket_list(compiler: Compiling, node: Call) -> Sql:
    """The progressive sum over listed limits."""
    amount, limits, rates = node.arguments
    assert isinstance(limits, Constant)
    assert isinstance(rates, Constant)
    arithmetic, value = compiler.arithmetic, compiler.compile(amount)
    found: list[Sql] = []

    def body(each: Expression) -> Expression:
        total, lower = arithmetic.constant(0, 0), arithmetic.constant(0, 0)
        for index, rate in enumerate(rates.value):
            inside = value.moved(each)
            if index < len(limits.value):
                upper = _written(compiler, limits.value[index])
                inside = arithmetic.extreme([inside, upper], least=True)
            slice_ = arithmetic.extreme(
                [arithmetic.subtract(inside, lower), arithmetic.constant(0, 0)], least=False
            )
            total = arithmetic.add(total, arithmetic.multiply_plain(slice_, _written(compiler, rate)))
            lower = upper if index < len(limits.value) else lower
        found.append(total)
        return stays_blank(amount, each, total.expression)

    expression = bind([value.expression], body, BigInteger() if compiler.dialect == "sqlite" else Numeric())
    return Sql(expression, max(found[-1].digits, node.type.digits), found[-1].decimals)


def _written(compiler: Compiling, value: Decimal | int) -> Sql:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return compiler.arithmetic.constant(value, max(0, -int(exponent)))


def tier_list(compiler: Compiling, node: Call) -> Sql:
    """The result of the first listed limit that is not exceeded."""
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
            left, right = compiler.arithmetic.compare(value.moved(each), _written(compiler, limit))
            cases.append((left <= right, result.expression))
        beyond = aligned[len(limits.value)].expression if len(aligned) > len(limits.value) else null()
        return stays_blank(amount, each, case(*cases, else_=beyond))

    return Sql(
        bind([value.expression], body, storage_for(compiler, node.type)),
        node.type.digits,
        max(each.decimals for each in aligned),
    )


def stays_blank(amount: Node, value: Expression, found: Expression) -> Expression:
    """What was found for an amount; blank for a blank one of a field that says so."""
    return case((value.is_not(None), found)) if amount.type.blank_stays else found
