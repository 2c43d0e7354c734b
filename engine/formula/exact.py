"""Exact numbers: Decimals and, until a rounding point, quotients kept as Fractions.

A number is an int, a Decimal or a Fraction; None is blank and makes every result blank. Only `rounded`
gives up digits, and it says how.
"""

from collections.abc import Callable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

Number = int | Decimal | Fraction

MOST_DIGITS = 400
"""No formula may make numbers with more digits than this; the check bounds them before anything runs."""
ESCAPE_DECIMALS = 10
"""A quotient that leaves its chain of * and / is rounded to this many decimals, in every back end."""
EXACT = Context(prec=4 * MOST_DIGITS, rounding=ROUND_HALF_UP, Emin=MIN_EMIN, Emax=MAX_EMAX)


def add(left: Number | None, right: Number | None) -> Number | None:
    """The sum of two numbers; neither is a quotient any more."""
    if left is None or right is None:
        return None
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return EXACT.add(_decimal(left), _decimal(right))


def subtract(left: Number | None, right: Number | None) -> Number | None:
    """The difference of two numbers; neither is a quotient any more."""
    if left is None or right is None:
        return None
    if isinstance(left, int) and isinstance(right, int):
        return left - right
    return EXACT.subtract(_decimal(left), _decimal(right))


def multiply(left: Number | None, right: Number | None) -> Number | None:
    """The product of two numbers; a quotient stays one."""
    if left is None or right is None:
        return None
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        return Fraction(left) * Fraction(right)
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    product = EXACT.multiply(_decimal(left), _decimal(right))
    # 0 × -1 is 0: a Decimal would keep the sign.
    return product or EXACT.plus(product)


def divide(left: Number | None, right: Number | None) -> Number | None:
    """The quotient, kept exact; blank when `right` is zero."""
    if left is None or right is None or right == 0:
        return None
    return Fraction(left) / Fraction(right)


def negate(value: Number | None) -> Number | None:
    """-value."""
    if isinstance(value, Decimal):
        return EXACT.minus(value)
    return None if value is None else -value


def modulo(left: Number | None, right: Number | None) -> Number | None:
    """The remainder with the sign of the divisor, as spreadsheets have it; blank for a zero divisor."""
    if left is None or right is None or right == 0:
        return None
    remainder = Fraction(left) % Fraction(right)
    return exact_decimal(remainder)


def settled(value: Number | None) -> Decimal | None:
    """A quotient that leaves its chain: rounded half up to ten decimals."""
    return rounded("half", value, ESCAPE_DECIMALS)


def compared(left: Number, right: Number) -> int:
    """-1, 0 or 1."""
    return (left > right) - (left < right)


def rounded(mode: str, value: Number | None, decimals: int) -> Decimal | None:
    """`value` with `decimals` places (negative: tens, hundreds …), rounded by one of the MODES."""
    if value is None:
        return None
    numerator, denominator = value.as_integer_ratio()
    if decimals >= 0:
        numerator *= 10**decimals
    else:
        denominator *= 10**-decimals
    return scaled(rounded_quotient(mode, numerator, denominator), decimals)


def rounded_quotient(mode: str, numerator: int, denominator: int) -> int:
    """The whole number that `numerator / denominator` is rounded to. The denominator is not zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    size, remainder = divmod(abs(numerator), denominator)
    sign = -1 if numerator < 0 else 1
    return sign * (size + MODES[mode](sign, size, remainder, denominator))


def scaled(unscaled: int, decimals: int) -> Decimal:
    """Unscaled × 10^-decimals."""
    if decimals < 0:
        return Decimal(unscaled * 10**-decimals)
    return EXACT.scaleb(Decimal(unscaled), -decimals)


def unscaled(value: Number, decimals: int) -> int:
    """Value × 10^decimals as a whole number, rounded half up where there are further places."""
    numerator, denominator = value.as_integer_ratio()
    return rounded_quotient("half", numerator * 10**decimals, denominator)


def exact_decimal(value: Fraction) -> Decimal:
    """The Decimal that equals a Fraction whose denominator divides a power of ten."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return scaled(int(value * 10**places), places)


def plain_text(value: Number) -> str:
    """The shortest way to write it: no exponent, no zeros at the end, no point without places."""
    written = format(_decimal(value), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _decimal(value: Number) -> Decimal:
    if isinstance(value, Fraction):
        return exact_decimal(value)
    return value if isinstance(value, Decimal) else Decimal(value)


def _half(_sign: int, _size: int, remainder: int, denominator: int) -> int:
    return 1 if 2 * remainder >= denominator else 0


def _away(_sign: int, _size: int, remainder: int, _denominator: int) -> int:
    return 1 if remainder else 0


def _toward(_sign: int, _size: int, _remainder: int, _denominator: int) -> int:
    return 0


def _floor(sign: int, _size: int, remainder: int, _denominator: int) -> int:
    return 1 if remainder and sign < 0 else 0


def _ceiling(sign: int, _size: int, remainder: int, _denominator: int) -> int:
    return 1 if remainder and sign > 0 else 0


def _even(_sign: int, size: int, remainder: int, denominator: int) -> int:
    return size % 2 if 2 * remainder == denominator else int(2 * remainder > denominator)


MODES: Mapping[str, Callable[[int, int, int, int], int]] = {
    "half": _half,
    "even": _even,
    "away": _away,
    "toward": _toward,
    "floor": _floor,
    "ceiling": _ceiling,
}
"""How to round: 1 when the size of the truncated result grows by one."""


def whole_places(value: int | Decimal) -> tuple[int, int]:
    """How many digits a number needs before and after the point."""
    written = plain_text(value).lstrip("-")
    whole, _, decimals = written.partition(".")
    return len(whole), len(decimals)
