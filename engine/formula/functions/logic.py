"""Functions that decide."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from engine.formula import construct, decide
from engine.formula.decide import choose, compare, logic
from engine.formula.functions.function import ANY, NUMBER, TRUTH, Function, Parameter, table, words
from engine.formula.kinds import WORDS, Mismatch, constant
from engine.formula.nodes import Constant, Node
from engine.formula.types import BOOLEAN, NUMBERS, Kind
from engine.text import say


def _if(arguments: Sequence[Node], at: int) -> Node:
    condition, yes, no = arguments
    return choose(condition, yes, no, at)


def _ifs(arguments: Sequence[Node], at: int) -> Node:
    if len(arguments) < 2:
        raise Mismatch(say("ifs(…) needs a condition and a result, several times."), at)
    condition, result, *rest = arguments
    otherwise = constant(None, at) if not rest else rest[0] if len(rest) == 1 else _ifs(rest, at)
    return choose(condition, result, otherwise, at)


def _switch(arguments: Sequence[Node], at: int) -> Node:
    value, *rest = arguments
    if len(rest) < 2:
        raise Mismatch(say("switch(…) needs a value, then cases and results."), at)
    case, result, *further = rest
    otherwise: Node
    if not further:
        otherwise = constant(None, at)
    elif len(further) == 1:
        otherwise = further[0]
    else:
        otherwise = _switch([value, *further], at)
    return choose(compare("equal", value, case, case.at), result, otherwise, at)


def _and(arguments: Sequence[Node], at: int) -> Node:
    return logic("and", arguments, at)


def _or(arguments: Sequence[Node], at: int) -> Node:
    return logic("or", arguments, at)


def _not(arguments: Sequence[Node], at: int) -> Node:
    return logic("not", arguments, at)


def _xor(arguments: Sequence[Node], at: int) -> Node:
    first, *others = (decide.truth(each) for each in arguments)
    for each in others:
        first = decide.compare("unequal", first, each, at)
    return first


def _isblank(arguments: Sequence[Node], at: int) -> Node:
    return decide.is_blank(arguments[0], at)


def _nullif(arguments: Sequence[Node], at: int) -> Node:
    value, unwanted = arguments
    return choose(compare("equal", value, unwanted, at), constant(None, at), value, at)


def _between(arguments: Sequence[Node], at: int) -> Node:
    value, least, most = arguments
    return logic(
        "and", [compare("greater_equal", value, least, at), compare("less_equal", value, most, at)], at
    )


def _choose(arguments: Sequence[Node], at: int) -> Node:
    index, *values = arguments
    found: Node = constant(None, at)
    for place in range(len(values), 0, -1):
        found = choose(compare("equal", index, constant(place, at), at), values[place - 1], found, at)
    return found


def _divisible(remainder: int) -> Callable[[Sequence[Node], int], Node]:
    def build(arguments: Sequence[Node], at: int) -> Node:
        whole = construct.rounded(construct.operand(arguments[0]), "toward", 0, at)
        rest = construct.modulo(whole, constant(2, at), at)
        return compare("equal", rest, constant(remainder, at), at)

    return build


def _is_one_of(kinds: frozenset[Kind]) -> Callable[[Sequence[Node], int], Node]:
    def build(arguments: Sequence[Node], at: int) -> Node:
        if arguments[0].type.kind not in kinds:
            return Constant(BOOLEAN, at, False)
        return logic("not", [decide.is_blank(arguments[0], at)], at)

    return build


VALUE = Parameter("value", ANY)
CONDITION = Parameter("condition", TRUTH)
NUMBER_OR_ZERO = Parameter("number", NUMBER, "zero")

LOGIC: Mapping[str, Function] = table(
    Function(
        "if",
        "logic",
        (CONDITION, Parameter("then", ANY), Parameter("otherwise", ANY, default=None)),
        words(
            "The first result when the condition holds, else the second.",
            "条件成立时取第一个结果，否则取第二个。",
        ),
        (
            ('if(3 > 2, "yes", "no")', "yes"),
            ("if(blank > 2, 1, 2)", 2),
            ("if(1 > 2, 5)", None),
            ("round(if(1 > 0, 10 / 3, 0) * 3, 2)", Decimal("10.00")),
        ),
        build=_if,
    ),
    Function(
        "ifs",
        "logic",
        (Parameter("condition, result", ANY, many=True),),
        words(
            "The result of the first condition that holds; a last argument alone counts otherwise.",
            "取第一个成立的条件所对应的结果；末尾单独的参数为其他情况。",
        ),
        (('ifs(1 > 2, "a", 2 > 1, "b")', "b"), ("ifs(1 > 2, 1, 7)", 7), ("ifs(1 > 2, 1)", None)),
        build=_ifs,
    ),
    Function(
        "switch",
        "logic",
        (VALUE, Parameter("case, result", ANY, many=True)),
        words(
            "The result whose case equals the value; a last argument alone counts otherwise.",
            "取与值相等的情形所对应的结果；末尾单独的参数为其他情况。",
        ),
        (
            ('switch(2, 1, "one", 2, "two")', "two"),
            ('switch("x", "y", 1, 0)', 0),
            ('switch(3, 1, "one")', None),
        ),
        build=_switch,
    ),
    Function(
        "and",
        "logic",
        (Parameter("condition", TRUTH, many=True),),
        words("Whether all conditions hold.", "是否所有条件都成立。"),
        (
            ("and(1 < 2, 2 < 3)", True),
            ("and(1 < 2, blank)", False),
            ("and(blank, 1 = 1)", False),
            ("and(1 = 1)", True),
        ),
        build=_and,
    ),
    Function(
        "or",
        "logic",
        (Parameter("condition", TRUTH, many=True),),
        words("Whether at least one condition holds.", "是否至少一个条件成立。"),
        (
            ("or(1 > 2, 2 < 3)", True),
            ("or(blank, blank)", False),
            ("or(blank, 1 = 1)", True),
            ("or(blank, blank)", False),
        ),
        build=_or,
    ),
    Function(
        "not",
        "logic",
        (CONDITION,),
        words("Whether the condition does not hold.", "条件是否不成立。"),
        (("not(1 > 2)", True), ("not(blank > 1)", True), ("not(blank)", True)),
        build=_not,
    ),
    Function(
        "xor",
        "logic",
        (Parameter("condition", TRUTH, many=True),),
        words(
            "Whether an odd number of conditions holds; of two: exactly one.",
            "成立的条件是否为奇数个；两个条件时即恰好一个成立。",
        ),
        (
            ("xor(1 < 2, 2 < 1)", True),
            ("xor(1 < 2, 1 < 2)", False),
            ("xor(1 = 1, blank)", True),
            ("xor(1 = 1, 1 = 1, 1 = 1)", True),
        ),
        build=_xor,
    ),
    Function(
        "coalesce",
        "logic",
        (Parameter("value", ANY, many=True),),
        words("The first value that is not blank.", "第一个非空的值。"),
        (("coalesce(blank, 3, 4)", 3), ('coalesce(blank, "x")', "x"), ("coalesce(5 / 0, 1)", Decimal(1))),
        build=decide.coalesce,
    ),
    Function(
        "ifblank",
        "logic",
        (VALUE, Parameter("instead", ANY)),
        words("The value, or something else where it is blank.", "取该值，为空时取另一个值。"),
        (("ifblank(blank, 7)", 7), ('ifblank("a", "b")', "a"), ("ifblank(1 / 0, 2)", Decimal(2))),
        build=decide.coalesce,
    ),
    Function(
        "nullif",
        "logic",
        (VALUE, Parameter("unwanted", ANY)),
        words("The value, but blank where it equals the other one.", "取该值，与另一个值相等时为空。"),
        (("nullif(3, 3)", None), ("nullif(3, 4)", 3), ("nullif(blank, 1)", None)),
        build=_nullif,
    ),
    Function(
        "isblank",
        "logic",
        (VALUE,),
        words("Whether there is no value; an empty text counts as none.", "是否没有值；空文本视为没有。"),
        (("isblank(blank)", True), ('isblank("")', True), ("isblank(0)", False), ("isblank(1 / 0)", True)),
        build=_isblank,
    ),
    Function(
        "between",
        "logic",
        (VALUE, Parameter("least", ANY), Parameter("most", ANY)),
        words("Whether the value lies between two others, both included.", "值是否在两个值之间（含两端）。"),
        (("between(5, 1, 5)", True), ("between(6, 1, 5)", False), ("between(blank, 1, 5)", False)),
        build=_between,
    ),
    Function(
        "iferror",
        "logic",
        (VALUE, Parameter("instead", ANY)),
        words(
            "The value, or something else where it cannot be computed; what cannot be computed is blank.",
            "取该值，无法计算（即为空）时取另一个值。",
        ),
        (("iferror(1 / 0, 2)", Decimal(2)), ("iferror(6 / 4, 2)", Decimal("1.5")), ("iferror(blank, 7)", 7)),
        build=decide.coalesce,
    ),
    Function(
        "choose",
        "logic",
        (Parameter("place", NUMBER), Parameter("value", ANY, many=True)),
        words("The value at a place, counted from 1.", "取第几个值（从 1 数起）。"),
        (
            ('choose(2, "a", "b", "c")', "b"),
            ('choose(4, "a", "b", "c")', None),
            ('choose(blank, "a")', None),
            ("choose(1.5, 7, 8)", None),
        ),
        build=_choose,
    ),
    Function(
        "iseven",
        "logic",
        (NUMBER_OR_ZERO,),
        words("Whether the whole part of a number is even.", "整数部分是否为偶数。"),
        (("iseven(4)", True), ("iseven(-3)", False), ("iseven(2.9)", True), ("iseven(blank)", True)),
        build=_divisible(0),
    ),
    Function(
        "isodd",
        "logic",
        (NUMBER_OR_ZERO,),
        words("Whether the whole part of a number is odd.", "整数部分是否为奇数。"),
        (("isodd(3)", True), ("isodd(-3)", True), ("isodd(7 / 2)", True), ("isodd(blank)", False)),
        build=_divisible(1),
    ),
    Function(
        "isnumber",
        "logic",
        (VALUE,),
        words("Whether there is a value and it is a number.", "是否有值且为数字。"),
        (("isnumber(1.5)", True), ('isnumber("1")', False), ("isnumber(1 / 0)", False)),
        build=_is_one_of(NUMBERS),
    ),
    Function(
        "istext",
        "logic",
        (VALUE,),
        words("Whether there is a value and it is a text.", "是否有值且为文本。"),
        (('istext("a")', True), ("istext(1)", False), ('istext("")', False), ("istext(blank)", False)),
        build=_is_one_of(WORDS),
    ),
)
