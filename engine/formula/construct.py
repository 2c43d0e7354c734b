"""Builds the parts of a checked tree: works out the type of every operation and writes its conversions out
(a blank as 0, a quotient rounded where it leaves its chain, a value as text).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.formula.exact import ESCAPE_DECIMALS, MOST_DIGITS
from engine.formula.exact import multiply as exact_product
from engine.formula.exact import negate as exact_negative
from engine.formula.nodes import Broken, Call, Constant, Node, Parameter, divisor_of, may_be_blank
from engine.formula.types import BLANK, BOOLEAN, DATE, INTEGER, TEXT, Kind, Type, decimal
from engine.problems import unknown
from engine.text import Message, Text, say

KIND_NAMES: Mapping[Kind, Text] = {
    Kind.BOOLEAN: Text({"en": "yes or no", "zh": "是否值"}),
    Kind.INTEGER: Text({"en": "a whole number", "zh": "整数"}),
    Kind.DECIMAL: Text({"en": "a number", "zh": "数字"}),
    Kind.MONEY: Text({"en": "an amount of money", "zh": "金额"}),
    Kind.TEXT: Text({"en": "a text", "zh": "文本"}),
    Kind.DATE: Text({"en": "a date", "zh": "日期"}),
    Kind.DATETIME: Text({"en": "a date with time", "zh": "日期时间"}),
    Kind.TIME: Text({"en": "a time of day", "zh": "时间"}),
    Kind.MONTH: Text({"en": "a month", "zh": "月份"}),
    Kind.DURATION: Text({"en": "a duration", "zh": "时长"}),
    Kind.CHOICE: Text({"en": "a choice", "zh": "选项"}),
    Kind.LINK: Text({"en": "a link", "zh": "关联"}),
    Kind.SET: Text({"en": "a set of records", "zh": "记录集合"}),
    Kind.BLANK: Text({"en": "a blank", "zh": "空值"}),
}
DAYS = frozenset({Kind.DATE, Kind.MONTH})
WORDS = frozenset({Kind.TEXT, Kind.CHOICE})


class Mismatch(Exception):
    """Parts that do not go together; the message says what would be right."""

    def __init__(self, message: Message, at: int | None = None) -> None:
        self.message, self.at = message, at
        super().__init__(str(message))


def kind_name(type_: Type) -> Text:
    return KIND_NAMES[type_.kind]


def constant(value: Any, at: int) -> Constant:
    """A constant with the narrowest type that holds it."""
    return Constant(constant_type(value), at, value)


def constant_type(value: Any) -> Type:
    """The type of a value in memory; numbers with exactly the digits they need."""
    match value:
        case None:
            return BLANK
        case bool():
            return BOOLEAN
        case int():
            return replace(INTEGER, digits=len(str(abs(value))))
        case Decimal():
            _, digits, exponent = value.as_tuple()
            assert isinstance(exponent, int)
            decimals = max(0, -exponent)
            return decimal(decimals, max(len(digits) + max(0, exponent), decimals + 1))
        case datetime():
            return Type(Kind.DATETIME)
        case date():
            return DATE
        case time():
            return Type(Kind.TIME)
        case _:
            return TEXT


def broken(parts: Sequence[Node], at: int) -> Broken | None:
    """A Broken part when one of `parts` is broken."""
    return Broken(BLANK, at) if any(isinstance(each, Broken) for each in parts) else None


# Numbers


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
    return _sum("add", left, right, at)


def subtract(left: Node, right: Node, at: int) -> Node:
    return _sum("subtract", left, right, at)


def _sum(function: str, left: Node, right: Node, at: int) -> Node:
    left, right = operand(left), operand(right)
    decimals = max(left.type.decimals, right.type.decimals)
    digits = max(whole_digits(left.type), whole_digits(right.type)) + 1 + decimals
    kind = number_kind(left.type, right.type)
    return Call(number(kind, digits, decimals, left, right), at, function, (left, right))


def multiply(left: Node, right: Node, at: int) -> Node:
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
    if isinstance(node, Constant) and node.type.is_number:
        return constant(exact_negative(node.value), at)
    node = factor(node)
    return Call(node.type, at, "negate", (node,), divisor=divisor_of(node))


def modulo(left: Node, right: Node, at: int) -> Node:
    left, right = operand(left), operand(right)
    decimals = max(left.type.decimals, right.type.decimals)
    type_ = number(number_kind(left.type, right.type), whole_digits(right.type) + decimals, decimals)
    return Call(type_, at, "modulo", (left, right))


def power(base: Node, exponent: Node, at: int) -> Node:
    """Base ** exponent as repeated multiplication; the exponent is written out, from -8 to 8."""
    value = exponent.value if isinstance(exponent, Constant) else None
    if not isinstance(value, (int, Decimal)) or value != int(value) or abs(value) > 8:
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


def written_as(node: Node, kind: Kind, read: Callable[[str], Any]) -> Node:
    """A literal text as a constant of the type that it is compared with or given for."""
    assert isinstance(node, Constant)
    try:
        return Constant(Type(kind), node.at, read(node.value))
    except ValueError as error:
        raise Mismatch(
            say("“{value}” is not {kind}; write it as {right}.", value=node.value, kind=KIND_NAMES[kind],
                right=LITERALS[kind][1]),
            node.at,
        ) from error  # fmt: skip


def _month(text: str) -> date:
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant


def _day(text: str) -> date:
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


LITERALS: Mapping[Kind, tuple[Callable[[str], Any], str]] = {
    Kind.DATE: (_day, "2026-11-21"),
    Kind.MONTH: (_month, "2026-11"),
    Kind.DATETIME: (_instant, "2026-11-21T09:30:00+08:00"),
    Kind.TIME: (time.fromisoformat, "09:30"),
}
"""How a text literal is read where a value of the kind is expected."""


def aligned_literal(node: Node, other: Node) -> Node:
    """`node`, read as a value of the kind of `other` when it is a literal text."""
    if isinstance(node, Constant) and node.type.kind is Kind.TEXT and other.type.kind in LITERALS:
        return written_as(node, other.type.kind, LITERALS[other.type.kind][0])
    if isinstance(node, Constant) and node.type.kind is Kind.TEXT and other.type.kind is Kind.CHOICE:
        check_option(node, other.type)
    return node


def check_option(node: Constant, choice: Type) -> None:
    """Refuses a literal that is no option of the choice."""
    if choice.options and node.value not in choice.options and node.value:
        sentence = say("There is no option '{value}' here.", value=node.value)
        raise Mismatch(unknown(sentence, node.value, choice.options), node.at)


# Texts


def as_text(node: Node, at: int) -> Node:
    """The value as text, "" for a blank: what `&` and `concat` join."""
    if node.type.kind is Kind.BLANK:
        return Constant(TEXT, at, "")
    if node.type.kind in {Kind.SET, Kind.LINK}:
        raise Mismatch(say("{kind} has no text; name a field of it.", kind=capital(node.type)), node.at)
    if node.type.kind is Kind.DATETIME:
        zone = Parameter(TEXT, at, "time_zone")
        day = Call(DATE, at, "local_day", (node, zone))
        clock = Call(Type(Kind.TIME), at, "local_time", (node, zone))
        written = join_text([day, constant(" ", at), clock], at)
        return choose(is_blank(node, at), Constant(TEXT, at, ""), written, at)
    if node.type.kind not in WORDS:
        node = Call(TEXT, node.at, "to_text", (settle(node),))
    if not may_be_blank(node):
        return node
    return Call(TEXT, node.at, "or_empty", (node,))


def join_text(parts: Sequence[Node], at: int) -> Node:
    flat: list[Node] = []
    for part in parts:
        text = as_text(part, part.at)
        flat.extend(text.arguments if isinstance(text, Call) and text.function == "join_text" else [text])
    return Call(TEXT, at, "join_text", tuple(flat))


def capital(type_: Type) -> Text:
    """The name of a type at the beginning of a sentence."""
    words = kind_name(type_).words
    return Text({locale: text[0].upper() + text[1:] for locale, text in words.items()})


# Yes or no


def truth(node: Node) -> Node:
    """A condition; anything that is neither yes nor no is refused."""
    if node.type.kind is Kind.BLANK:
        return Constant(BOOLEAN, node.at, False)
    if node.type.kind is not Kind.BOOLEAN:
        raise Mismatch(say("A condition must be yes or no, not {kind}.", kind=kind_name(node.type)), node.at)
    return node


def logic(function: str, parts: Sequence[Node], at: int) -> Node:
    return Call(BOOLEAN, at, function, tuple(truth(each) for each in parts))


def is_blank(node: Node, at: int) -> Node:
    if isinstance(node, Constant):
        return Constant(BOOLEAN, at, node.value is None or node.value == "")
    return Call(BOOLEAN, at, "is_blank", (node,))


COMPARISONS = frozenset({"equal", "unequal", "less", "less_equal", "greater", "greater_equal"})


def compare(function: str, left: Node, right: Node, at: int) -> Node:
    """A comparison; == and != are two-valued, the others are false where a blank takes part."""
    for one, other in ((left, right), (right, left)):
        if one.type.kind is Kind.BLANK or (isinstance(one, Constant) and one.value == ""):
            if function in {"equal", "unequal"}:
                blank = is_blank(other, at)
                return blank if function == "equal" else logic("not", [blank], at)
            if one.type.kind is Kind.BLANK:
                return Constant(BOOLEAN, at, False)
    left, right = aligned_literal(left, right), aligned_literal(right, left)
    _check_comparable(function, left, right, at)
    if left.type.is_number:
        left, right = settle(left), settle(right)
    return Call(BOOLEAN, at, function, (left, right))


def _check_comparable(function: str, left: Node, right: Node, at: int) -> None:
    families = [family_of(left.type), family_of(right.type)]
    if families[0] != families[1] and {left.type.kind, right.type.kind} != {Kind.LINK, Kind.INTEGER}:
        hint = {Kind.DATE, Kind.DATETIME} == {left.type.kind, right.type.kind}
        sentence = say(
            "{left} cannot be compared with {right}.", left=capital(left.type), right=kind_name(right.type)
        )
        if hint:
            sentence = say("{sentence} Write date(…) to take its day.", sentence=sentence)
        raise Mismatch(sentence, at)
    if left.type.kind is Kind.SET:
        raise Mismatch(say("Sets cannot be compared; use `in`, any(…) or count(…)."), at)
    if left.type.kind is Kind.LINK and right.type.kind is Kind.LINK and left.type.entity != right.type.entity:
        raise Mismatch(
            say("A link to {left} cannot be compared with a link to {right}.",
                left=left.type.entity, right=right.type.entity),
            at,
        )  # fmt: skip
    if left.type.kind in {Kind.LINK, Kind.BOOLEAN} and function not in {"equal", "unequal"}:
        raise Mismatch(say("{kind} has no order; use == or !=.", kind=capital(left.type)), at)


def family_of(type_: Type) -> str:
    """Kinds that can be compared with each other and stand in one result have the same family."""
    if type_.is_number:
        return "number"
    if type_.kind in WORDS:
        return "text"
    return "date" if type_.kind in DAYS else type_.kind.value


# Several results


def common_type(nodes: Sequence[Node], at: int) -> Type:
    """The one type of several possible results, such as the branches of `if`."""
    known = [each.type for each in nodes if each.type.kind is not Kind.BLANK]
    if not known:
        return BLANK
    families = {family_of(each) for each in known}
    other = next((each for each in known if family_of(each) != family_of(known[0])), None)
    if other is not None:
        raise Mismatch(
            say("All results must be of one type; here are {left} and {right}.",
                left=kind_name(known[0]), right=kind_name(other)),
            at,
        )  # fmt: skip
    if families == {"number"}:
        decimals = max(each.decimals for each in known)
        digits = max(whole_digits(each) for each in known) + decimals
        return number(number_kind(*known), digits, decimals, *nodes)
    if families == {"text"}:
        return known[0] if all(each == known[0] for each in known) else TEXT
    if families == {"date"}:
        return known[0] if all(each.kind is known[0].kind for each in known) else DATE
    if len({each.entity for each in known}) > 1:
        raise Mismatch(say("All results must be links to one entity."), at)
    return known[0]


def choose(condition: Node, yes: Node, no: Node, at: int) -> Node:
    """`yes` where the condition holds, else `no`. A quotient stays a quotient."""
    condition = truth(condition)
    type_ = common_type([yes, no], at)
    divisors = [each for each in (divisor_of(yes), divisor_of(no)) if each]
    if not divisors:
        return Call(type_, at, "choose", (condition, yes, no))
    decimals = max(each.decimals for each in divisors)
    digits = max(whole_digits(each) for each in divisors) + decimals
    return Call(type_, at, "choose", (condition, yes, no), divisor=number(Kind.DECIMAL, digits, decimals))


def coalesce(parts: Sequence[Node], at: int) -> Node:
    """The first part that is not blank."""
    if len(parts) == 1:
        return parts[0]
    if any(divisor_of(each) for each in parts):
        first, *rest = parts
        return choose(is_blank(first, at), coalesce(rest, at), first, at)
    return Call(common_type(parts, at), at, "coalesce", tuple(parts))
