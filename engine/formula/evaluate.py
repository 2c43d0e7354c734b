"""Computes a formula in memory, for one record that may not be saved yet.

What lies outside the record was fetched before (`outside.py`) and comes in as names.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from simpleeval import SimpleEval

from engine.formula import exact
from engine.formula.check import Formula
from engine.formula.exact import Number
from engine.formula.functions.characters import MOST_CHARACTERS
from engine.formula.functions.sets import bracket_total, tier_value
from engine.formula.functions.table import FUNCTIONS
from engine.formula.lower import MOMENT_PREFIX, OWN_PREFIX, PRIOR_PREFIX
from engine.formula.types import Kind, Type


@dataclass(frozen=True, slots=True)
class Moment:
    """Who asks and when: what `user`, has_role(…), now() and today() mean."""

    user: int | None
    roles: frozenset[str]
    now: datetime
    time_zone: str
    today: date = field(init=False)
    """The day in that time zone."""
    names: Mapping[str, Any] = field(init=False, repr=False, compare=False)
    """What formulas read of the moment, as names of the program."""

    def __post_init__(self) -> None:
        today = self.now.astimezone(ZoneInfo(self.time_zone)).date()
        object.__setattr__(self, "today", today)
        read = {
            "user": self.user,
            "now": self.now.astimezone(UTC),
            "today": today,
            "roles": role_list(self.roles),
            "time_zone": self.time_zone,
        }
        object.__setattr__(self, "names", {MOMENT_PREFIX + name: value for name, value in read.items()})


def evaluate(
    formula: Formula,
    own: Mapping[str, Any],
    outside: Mapping[str, Any],
    moment: Moment,
    prior: Mapping[str, Any] | None = None,
) -> Any:
    """The value of the formula: that of `formula.type`, None for blank.

    `own` holds the record's fields (a missing one is blank), `outside` a row of `outside_select`, `prior` the
    fields as they were saved before the record was changed (empty for a new one; None: nothing changed).
    """
    names = dict(moment.names)
    for name, type_ in formula.own_types.items():
        names[OWN_PREFIX + name] = plain_value(own.get(name), type_)
    saved = own if prior is None else prior
    for name, type_ in formula.prior_types.items():
        names[PRIOR_PREFIX + name] = plain_value(saved.get(name), type_)
    for key in formula.outside_keys:
        names[key] = outside.get(key)
    return fit(run(formula.program, names), formula.type)


def run(program: ast.expr, names: dict[str, Any]) -> Any:
    """The value of a lowered tree, given the values of its names."""
    return _Evaluation(names).eval("", program)


def fit(value: Any, type_: Type) -> Any:
    """The value as one of `type_`: numbers rounded half up to its decimals, blank when they do not fit in."""
    if value is None:
        return None
    if type_.is_number:
        fitted = exact.rounded("half", value, type_.decimals)
        assert fitted is not None
        if abs(exact.unscaled(fitted, type_.decimals)) >= 10**type_.digits:
            return None
        return int(fitted) if type_.kind is Kind.INTEGER else fitted
    if type_.kind in {Kind.TEXT, Kind.CHOICE}:
        return value[:MOST_CHARACTERS] or None
    return value


def plain_value(value: Any, type_: Type) -> Any:
    """A field's value as formulas know it: a link as the record's id, options as one text."""
    if value is None:
        return None
    if type_.kind is Kind.LINK:
        return link_id(value)
    if type_.kind is Kind.SET and type_.element is not None and type_.element.kind is not Kind.LINK:
        return option_list(value)
    return value


def link_id(value: Any) -> int | None:
    """The id of a linked record, however the link is given: as a number, a Link, or {"id": …}."""
    if isinstance(value, Mapping):
        value = value.get("id")
    found = getattr(value, "id", value)
    return None if found is None else int(found)


def option_list(options: Any) -> str | None:
    """Several options as they are stored: `,a,b,`."""
    if isinstance(options, str):
        return options
    return f",{','.join(options)}," if options else None


def role_list(roles: frozenset[str]) -> str:
    """Roles as one text in which each stands between commas."""
    return f",{','.join(sorted(roles))},"


def _equal(left: Any, right: Any) -> bool:
    return bool(left == right)


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: left is not None and right is not None and holds(left, right)


def _least(*values: Any) -> Any:
    return min((each for each in values if each is not None), default=None)


def _greatest(*values: Any) -> Any:
    return max((each for each in values if each is not None), default=None)


def _coalesce(*values: Any) -> Any:
    return next((each for each in values if each is not None and each != ""), None)


def _or_zero(value: Number | None) -> Number:
    return 0 if value is None else value


def _join_text(*parts: str) -> str:
    return "".join(parts)


def _join_present(separator: str, *parts: str | None) -> str:
    return separator.join(each for each in parts if each)


def _round(mode: str) -> Callable[[Number | None, int], Decimal | None]:
    return lambda value, decimals: exact.rounded(mode, value, decimals)


CALLS: Mapping[str, Callable[..., Any]] = {
    **{name: function.python for name, function in FUNCTIONS.items() if function.plain is not None},
    **{f"round_{mode}": _round(mode) for mode in exact.MODES},
    "settle": exact.settled,
    "or_zero": _or_zero,
    "or_empty": lambda value: "" if value is None else value,
    "negate": exact.negate,
    "join_text": _join_text,
    "join_present": _join_present,
    "is_blank": lambda value: value is None or value == "",
    "is_in": lambda value, *options: value in options,
    "has": lambda listed, wanted: listed is not None and wanted in listed,
    "coalesce": _coalesce,
    "least": _least,
    "greatest": _greatest,
    "count_values": lambda *values: sum(each is not None for each in values),
    "attribute": lambda option, values: values.get(option),
    "bracket_list": bracket_total,
    "tier_list": tier_value,
}
OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: exact.add,
    ast.Sub: exact.subtract,
    ast.Mult: exact.multiply,
    ast.Div: exact.divide,
    ast.Mod: exact.modulo,
    ast.Not: lambda value: not value,
    ast.Eq: _equal,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: _ordered(lambda left, right: left < right),
    ast.LtE: _ordered(lambda left, right: left <= right),
    ast.Gt: _ordered(lambda left, right: left > right),
    ast.GtE: _ordered(lambda left, right: left >= right),
}


class _Evaluation(SimpleEval):  # type: ignore[misc]
    """simpleeval with nothing but what checked trees hold; its names are one record's values."""

    def __init__(self, names: dict[str, Any]) -> None:
        # Not the base class's own: it copies its tables and switches warnings for all threads.
        self.operators, self.functions, self.names = OPERATORS, CALLS, names
        self.allowed_attrs: dict[type, set[str]] = {}
        self.nodes = {
            ast.Name: self._eval_name,
            ast.Constant: self._eval_constant,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._decided,
            ast.Compare: self._eval_compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
        }

    def _decided(self, node: ast.BoolOp) -> bool:
        """`and` and `or`: what cannot be decided is false, as everywhere."""
        return bool(self._eval_boolop(node))
