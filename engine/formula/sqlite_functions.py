"""The Python functions that formulas call from SQLite.

They are arithmetic beyond 64 bits, and every function that SQLite has no exact form for; they run the same
code as the evaluation in memory. Values pass as INTEGER or TEXT, never as REAL: a number of any size is its
digits, scaled by decimals that both sides know.
"""

import ast
import operator
import sqlite3
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from engine.formula.evaluate import run
from engine.formula.exact import rounded_quotient
from engine.formula.functions.table import FUNCTIONS
from engine.formula.sqlite_depth import names_of
from engine.formula.storage import decode, encode, read_signature

LARGEST = 2**63 - 1


def passable(value: int | None) -> int | str | None:
    """A whole number as SQLite can hold it: INTEGER within 64 bits, else its digits."""
    return value if value is None or -LARGEST <= value <= LARGEST else str(value)


def _operation(operate: Callable[[int, int], int | None]) -> Callable[[Any, Any], int | str | None]:
    def exactly(left: int | str | None, right: int | str | None) -> int | str | None:
        if left is None or right is None:
            return None
        return passable(operate(int(left), int(right)))

    return exactly


OPERATORS: Mapping[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _exact(steps: str, *operands: Any) -> int | str | None:
    """A calculation in postfix order, such as `0 1 + k100 *`; its last step may be a mode of rounding."""
    if None in operands:
        return None
    stack: list[int] = []
    for step in _read_steps(steps):
        if isinstance(step, int):
            stack.append(int(operands[step]))
        elif step[0] == "k":
            stack.append(int(step[1:]))
        else:
            right, left = stack.pop(), stack.pop()
            if step in OPERATORS:
                stack.append(OPERATORS[step](left, right))
            elif right == 0:
                return None
            else:
                stack.append(rounded_quotient(step, left, right))
    return passable(stack.pop())


@lru_cache(maxsize=2_000)
def _read_steps(steps: str) -> tuple[int | str, ...]:
    return tuple(int(step) if step.isdigit() else step for step in steps.split())


def _within(value: Any, bound: int) -> int | None:
    return int(value) if value is not None and abs(int(value)) <= bound else None


def _least(left: Any, right: Any) -> Any:
    return _chosen(left, right, min)


def _greatest(left: Any, right: Any) -> Any:
    return _chosen(left, right, max)


def _chosen(left: Any, right: Any, pick: Callable[[int, int], int]) -> Any:
    if left is None or right is None:
        return right if left is None else left
    return passable(pick(int(left), int(right)))


def _call(signature: str, *values: Any) -> Any:
    """A function of the table on stored values; `signature` names it and how its values are stored."""
    name, kinds, result = _read_signature(signature)
    arguments = [decode(kind, value) for kind, value in zip(kinds, values, strict=True)]
    return encode(result, FUNCTIONS[name].python(*arguments))


def _formula(written: str, signature: str, *values: Any) -> Any:
    """A part of a formula as text, on the stored values of its leaves."""
    kinds, result = _read_kinds(signature)
    decoded = [decode(kind, value) for kind, value in zip(kinds, values, strict=True)]
    return encode(result, run(_read_program(written), names_of(decoded)))


@lru_cache(maxsize=2_000)
def _read_program(written: str) -> ast.expr:
    return ast.parse(written, mode="eval").body


@lru_cache(maxsize=2_000)
def _read_kinds(signature: str) -> tuple[list[str], str]:
    kinds, result = signature.split(":")
    return kinds.split(",") if kinds else [], result


_read_signature = lru_cache(maxsize=2_000)(read_signature)


class _Total:
    """sum() without a limit."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, value: Any) -> None:
        if value is not None:
            self.total += int(value)

    def finalize(self) -> int | str | None:
        return passable(self.total)


class _Least:
    """min() that also reads the digits of large numbers."""

    def __init__(self) -> None:
        self.found: int | None = None

    def step(self, value: Any) -> None:
        if value is not None and (self.found is None or int(value) < self.found):
            self.found = int(value)

    def finalize(self) -> int | str | None:
        return passable(self.found)


class _Greatest:
    """max() that also reads the digits of large numbers."""

    def __init__(self) -> None:
        self.found: int | None = None

    def step(self, value: Any) -> None:
        if value is not None and (self.found is None or int(value) > self.found):
            self.found = int(value)

    def finalize(self) -> int | str | None:
        return passable(self.found)


SCALARS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "dg_modulo": (2, _operation(lambda left, right: left % right if right else None)),
    "dg_compare": (2, _operation(lambda left, right: (left > right) - (left < right))),
    "dg_least": (2, _least),
    "dg_greatest": (2, _greatest),
    "dg_exact": (-1, _exact),
    "dg_within": (2, _within),
    "dg_call": (-1, _call),
    "dg_formula": (-1, _formula),
}
AGGREGATES: Mapping[str, type[Any]] = {"dg_sum": _Total, "dg_min": _Least, "dg_max": _Greatest}


def register_functions(dbapi_connection: sqlite3.Connection) -> None:
    """Makes the functions known to a connection; call it once for every new SQLite connection."""
    for name, (arguments, function) in SCALARS.items():
        dbapi_connection.create_function(name, arguments, function, deterministic=True)
    for name, aggregate in AGGREGATES.items():
        dbapi_connection.create_aggregate(name, 1, aggregate)
