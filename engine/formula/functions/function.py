"""What the table of functions holds for each function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, literal_column

from engine.formula.kinds import Mismatch
from engine.formula.nodes import Constant, Node
from engine.formula.types import NUMBERS, Kind, Type
from engine.text import Text, say

ANY = frozenset(Kind)
NUMBER = NUMBERS | {Kind.BLANK}
WORDS = frozenset({Kind.TEXT, Kind.CHOICE, Kind.BLANK})
DAY = frozenset({Kind.DATE, Kind.MONTH, Kind.BLANK})
INSTANT = frozenset({Kind.DATETIME, Kind.BLANK})
CLOCK = frozenset({Kind.TIME, Kind.BLANK})
TRUTH = frozenset({Kind.BOOLEAN, Kind.BLANK})
REQUIRED = object()

Expression = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument: its possible kinds, and what a blank means (`pass`: the result is blank; `zero`; `empty`).

    With `many` it stands for any number of arguments, at least one. `names` says what its text, which has to
    be written out, is the name of: `calendar`.
    """

    name: str
    kinds: frozenset[Kind] = ANY
    blank: str = "pass"
    default: Any = REQUIRED
    many: bool = False
    names: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language.

    Either `build` expands it into other parts of the language (`build(arguments, at)`), or `plain` computes
    it in memory and `postgresql` writes it as SQL; `sqlite` does where SQLite has an exact form (elsewhere
    `plain` is called from SQLite). A set function is only named here; `sets.py` says what it does.
    """

    name: str
    group: str
    parameters: tuple[Parameter, ...]
    sentence: Text
    examples: tuple[tuple[str, Any], ...]
    build: Callable[[Sequence[Node], int], Node] | None = None
    result: Callable[[Sequence[Node]], Type] | None = None
    plain: Callable[..., Any] | None = None
    postgresql: Callable[..., Expression] | None = None
    sqlite: Callable[..., Expression] | None = None
    over_records: str | None = None
    """For set functions, how they are written: `sum(value for record in records if condition)`."""

    @property
    def signature(self) -> str:
        """How it is written: `round(number, digits=0)`."""
        if self.over_records and not self.parameters:
            return self.over_records
        written = ", ".join(_written(each) for each in self.parameters)
        return f"{self.name}({written})"

    def python(self, *values: Any) -> Any:
        """The value in memory; blank when an argument is blank."""
        assert self.plain is not None
        return None if None in values else self.plain(*values)


def _written(parameter: Parameter) -> str:
    if parameter.many:
        return f"{parameter.name}, …"
    if parameter.default is REQUIRED:
        return parameter.name
    return f"{parameter.name}={'blank' if parameter.default is None else repr(parameter.default)}"


def table(*functions: Function) -> Mapping[str, Function]:
    """The functions by name."""
    return {each.name: each for each in functions}


def words(en: str, zh: str) -> Text:
    """A sentence in both languages."""
    return Text({"en": en, "zh": zh})


def always(type_: Type) -> Callable[[Sequence[Node]], Type]:
    """The result type of a function that has but one."""
    return lambda _arguments: type_


def written_number(node: Node, least: int, most: int) -> int:
    """A whole number that has to be written out, such as the decimals of `round`."""
    value = node.value if isinstance(node, Constant) else None
    if value is None or isinstance(value, (bool, str)) or value != int(value) or not least <= value <= most:
        raise Mismatch(
            say("Write a whole number from {least} to {most} here.", least=least, most=most), node.at
        )
    return int(value)


def whole(expression: Expression, least: int = 0, most: int = 100_000) -> Expression:
    """A NUMERIC as a database integer within bounds, as positions and lengths are."""
    bounded = func.least(func.greatest(expression, literal_column(str(least))), literal_column(str(most)))
    return cast(func.trunc(bounded), Integer)
