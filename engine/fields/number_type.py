"""Numbers: exact, with a fixed number of decimals, never a float."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    type_coerce,
)

from engine.fields.field_type import (
    TIME_ZONE,
    Converted,
    FieldType,
    JsonSchema,
    Options,
    TakeOver,
    ValueRefused,
    quoted,
)
from engine.fields.option_reading import raw_number
from engine.fields.ordered_type import OrderedType
from engine.fields.writing import plain_number
from engine.formula.types import Kind
from engine.text import Message, say

DIGITS = 18
"""Digits of a number in all: what a 64-bit integer holds, which is how SQLite keeps it."""

_DIGITS_ALONE: Mapping[str, Callable[[ColumnElement[Any], int], ColumnElement[bool]]] = {
    "sqlite": lambda column, most: and_(
        column.op("NOT GLOB")("*[^0-9]*"), func.length(column).between(1, most)
    ),
    "postgresql": lambda column, most: column.op("~")(f"^[0-9]{{1,{most}}}$"),
}
"""Whether a text consists of digits, of at most so many."""

BOUND_SCHEMAS: dict[str, JsonSchema] = {
    "min": {"type": ["number", "string"], "description": "The smallest value that is accepted."},
    "max": {"type": ["number", "string"], "description": "The largest value that is accepted."},
}


def exact_number(value: Any) -> Decimal | None:
    """The number that a program or a person sent; None when it is none (a float is none: it is not exact)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, str):
        digits = plain_number(value)
        return None if digits is None else Decimal(digits)
    return None


def shifted(number: Decimal, places: int) -> Decimal:
    """The number times 10^places, with all its digits (`scaleb` rounds to the context's precision)."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    return Decimal((sign, digits, exponent + places))


def places_of(number: Decimal) -> int:
    """How many decimals a number needs: 2 for 1.50 is 1."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    written = "".join(map(str, digits))
    zeros = len(written) - len(written.rstrip("0"))
    return 0 if number == 0 else max(0, -exponent - zeros)


def grouped(number: Decimal | int, decimals: int, locale: str) -> str:
    """`1,234.50`."""
    exact = number if isinstance(number, Decimal) else Decimal(number)
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    places = decimals if -exponent <= decimals else max(decimals, places_of(exact))
    written = f"{exact:,.{places}f}"
    others = separators(locale)
    return written.translate(others) if others else written


@cache
def separators(locale: str) -> Mapping[int, str]:
    """How a locale writes the commas and points of Python's numbers; they are few and never change."""
    symbols = {",": get_group_symbol(locale), ".": get_decimal_symbol(locale)}
    return {ord(mark): symbol for mark, symbol in symbols.items() if mark != symbol}


class NumberType(OrderedType):
    """What integer, decimal, money and percent have in common."""

    group = "number"
    input_mode = "decimal"
    summable = True

    @abstractmethod
    def refusal(self, value: str) -> Message:
        """The sentence for what is not a number."""

    def places(self, options: Options) -> int:
        """How many decimals are stored."""
        places: int = options["decimals"]
        return places

    def largest(self, options: Options) -> Decimal:
        """The greatest number that can be stored."""
        places = self.places(options)
        return Decimal(10) ** (DIGITS - places) - Decimal(1).scaleb(-places)

    def number_of(self, value: Any) -> Decimal | None:
        """The number for what was sent, or None."""
        return exact_number(value)

    def read_unbound(self, options: Options, value: Any) -> Any:
        number = self.number_of(value)
        if number is None:
            raise ValueRefused(self.refusal(quoted(value)))
        places = self.places(options)
        if number.adjusted() >= DIGITS - places and number != 0:
            sentence = say(
                "“{value}” is too large: at most {digits} digits can stand before the decimal point.",
                value=quoted(value),
                digits=DIGITS - places,
            )
            raise ValueRefused(sentence)
        if places_of(number) > places:
            raise ValueRefused(self.too_fine(quoted(value), places))
        # Zero has no sign here: -0 would show as a loss.
        return Decimal(0).quantize(Decimal(1).scaleb(-places)) if number == 0 else self.fixed(number, places)

    def too_fine(self, value: str, places: int) -> Message:
        """The sentence for more decimals than are stored."""
        return say("“{value}” has more than {decimals} decimals.", value=value, decimals=places)

    def fixed(self, number: Decimal, places: int) -> Decimal:
        return number.quantize(Decimal(1).scaleb(-places))

    def convert(self, options: Options, source: FieldType, given: Options, value: Any) -> Converted:
        """Numbers are rounded into fewer decimals, half up; yes is 1 and no is 0."""
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < DIGITS:
            return Converted(self.accept(options, int(value)))
        kind = source.formula_type(given)
        if kind.kind is Kind.BOOLEAN:
            return Converted(self.accept(options, int(value)))
        if not kind.is_number:
            return super().convert(options, source, given, value)
        number = Decimal(value)
        places = self.places(options)
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return Converted(self.accept(options, rounded), exact=rounded == number)

    def take_over(
        self, options: Options, source: FieldType, given: Options, column: ColumnElement[Any], dialect: str
    ) -> TakeOver | None:
        """A number with at least as many decimals, as long as it is within the limits; a text of digits."""
        if isinstance(column.type, String) and source.formula_type(given).kind is Kind.TEXT:
            return self._of_digits(options, column, dialect)
        if not (isinstance(source, NumberType) and source.places(given) <= self.places(options)):
            return None
        fewer, more = source.places(given), self.places(options)
        step = Decimal(1).scaleb(-fewer)
        largest = self.largest(options).quantize(step, ROUND_FLOOR)
        low, high = options.get("min"), options.get("max")
        lowest = -largest if low is None else max(-largest, Decimal(low).quantize(step, ROUND_CEILING))
        highest = largest if high is None else min(largest, Decimal(high).quantize(step, ROUND_FLOOR))
        least, most = (literal(each if fewer else int(each), column.type) for each in (lowest, highest))
        fits = column.between(least, most)
        if dialect == "sqlite":
            return TakeOver(fits, type_coerce(column, BigInteger) * literal_column(str(10 ** (more - fewer))))
        target = self.column(options)
        assert target is not None
        return TakeOver(fits, cast(column, target))

    def _of_digits(self, options: Options, column: ColumnElement[Any], dialect: str) -> TakeOver:
        """Texts that are nothing but a few digits, as `convert` reads them."""
        places = self.places(options)
        low, high = options.get("min"), options.get("max")
        number = cast(column, BigInteger)
        lowest = Decimal(0 if low is None else low).to_integral_value(ROUND_CEILING)
        highest = Decimal(10) ** DIGITS if high is None else Decimal(high).to_integral_value(ROUND_FLOOR)
        # One after the other: what is no number must not be read as one.
        fits = case(
            (_DIGITS_ALONE[dialect](column, DIGITS - places - 3), number.between(int(lowest), int(highest))),
            else_=false(),
        )
        if dialect == "sqlite":
            return TakeOver(fits, number * literal_column(str(10**places)))
        target = self.column(options)
        assert target is not None
        return TakeOver(fits, cast(number, target))

    def to_json(self, options: Options, value: Any) -> Any:
        return None if value is None else f"{self.fixed(Decimal(value), self.places(options)):f}"

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else grouped(value, self.places(options), locale)

    def formula_literal(self, options: Options, value: Any) -> str:
        return f"{value:f}" if isinstance(value, Decimal) else str(value)

    def json_schema(self, options: Options) -> JsonSchema:
        places = self.places(options)
        fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        keywords: JsonSchema = {
            "type": ["string", "number"],
            "multipleOf": raw_number(Decimal(1).scaleb(-places)),
            "pattern": rf"^-?[0-9]{{1,{DIGITS - places}}}{fraction}$",
        }
        names = {"min": "minimum", "max": "maximum"}
        limits = {names[key]: raw_number(options[key]) for key in names if options.get(key) is not None}
        return self.extended(options, {**keywords, **limits})
