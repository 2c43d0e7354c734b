"""How a value of each kind lies in SQLite: what registered functions read and give back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.formula.exact import scaled, unscaled
from engine.formula.types import Kind, Type

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Stored:
    """A kind's short name in a signature, and the way from and to the stored form."""

    letter: str
    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _stored_instant(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


STORED: Mapping[Kind, Stored] = {
    Kind.BOOLEAN: Stored("b", bool, int),
    Kind.TEXT: Stored("t", _as_it_is, _as_it_is),
    Kind.CHOICE: Stored("t", _as_it_is, _as_it_is),
    Kind.SET: Stored("t", _as_it_is, _as_it_is),
    Kind.BLANK: Stored("t", _as_it_is, _as_it_is),
    Kind.DATE: Stored("d", date.fromisoformat, date.isoformat),
    Kind.MONTH: Stored("d", date.fromisoformat, date.isoformat),
    Kind.DATETIME: Stored("s", _instant, _stored_instant),
    Kind.TIME: Stored("c", time.fromisoformat, lambda value: value.isoformat(timespec="microseconds")),
    Kind.DURATION: Stored(
        "l", lambda value: timedelta(seconds=value), lambda value: value.days * 86_400 + value.seconds
    ),
    Kind.LINK: Stored("i", int, int),
}
BY_LETTER: Mapping[str, Stored] = {each.letter: each for each in STORED.values()}


def letter(type_: Type) -> str:
    """The name of a type in a signature; of a number its decimals."""
    return f"n{type_.decimals}" if type_.is_number else STORED[type_.kind].letter


def write_signature(function: str, arguments: list[Type], result: Type) -> str:
    """`left:t,n0:t`: a function, how its values are stored, how its result is stored."""
    return f"{function}:{','.join(map(letter, arguments))}:{letter(result)}"


def read_signature(signature: str) -> tuple[str, list[str], str]:
    """What `write_signature` wrote."""
    function, arguments, result = signature.split(":")
    return function, arguments.split(",") if arguments else [], result


def decode(kind: str, value: Any) -> Any:
    """A stored value as it is in memory; `kind` is what `letter` gave."""
    if value is None:
        return None
    if kind[0] == "n":
        decimals = int(kind[1:])
        return scaled(int(value), decimals) if decimals else int(value)
    return BY_LETTER[kind].decode(value)


def encode(kind: str, value: Any) -> Any:
    """A value in memory as SQLite stores it."""
    if value is None:
        return None
    if kind[0] == "n":
        whole = unscaled(value, int(kind[1:]))
        return whole if -LARGEST <= whole <= LARGEST else str(whole)
    return BY_LETTER[kind].encode(value)
