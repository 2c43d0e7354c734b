"""Builds conditions of a checked tree, and results that depend on them."""

from collections.abc import Sequence

from engine.formula.construct import number, number_kind, settle, whole_digits
from engine.formula.kinds import Mismatch, capital, family_of, kind_name
from engine.formula.literals import aligned_literal
from engine.formula.nodes import Call, Constant, Node, divisor_of
from engine.formula.types import BLANK, BOOLEAN, DATE, TEXT, Kind, Type
from engine.text import say


def truth(node: Node) -> Node:
    """A condition; anything that is neither yes nor no is refused."""
    if node.type.kind is Kind.BLANK:
        return Constant(BOOLEAN, node.at, False)
    if node.type.kind is not Kind.BOOLEAN:
        raise Mismatch(say("A condition must be yes or no, not {kind}.", kind=kind_name(node.type)), node.at)
    return node


def logic(function: str, parts: Sequence[Node], at: int) -> Node:
    """`and`, `or` or `not` over conditions."""
    return Call(BOOLEAN, at, function, tuple(truth(each) for each in parts))


def is_blank(node: Node, at: int) -> Node:
    """Whether a part has no value."""
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
            say(
                "A link to {left} cannot be compared with a link to {right}.",
                left=left.type.entity,
                right=right.type.entity,
            ),
            at,
        )
    if left.type.kind in {Kind.LINK, Kind.BOOLEAN} and function not in {"equal", "unequal"}:
        raise Mismatch(say("{kind} has no order; use == or !=.", kind=capital(left.type)), at)


def common_type(nodes: Sequence[Node], at: int) -> Type:
    """The one type of several possible results, such as the branches of `if`."""
    known = [each.type for each in nodes if each.type.kind is not Kind.BLANK]
    if not known:
        return BLANK
    families = {family_of(each) for each in known}
    other = next((each for each in known if family_of(each) != family_of(known[0])), None)
    if other is not None:
        raise Mismatch(
            say(
                "All results must be of one type; here are {left} and {right}.",
                left=kind_name(known[0]),
                right=kind_name(other),
            ),
            at,
        )
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
    if type_.kind is Kind.BLANK:
        return Constant(BLANK, at, None)
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
    type_ = common_type(parts, at)
    return (
        Constant(BLANK, at, None) if type_.kind is Kind.BLANK else Call(type_, at, "coalesce", tuple(parts))
    )
