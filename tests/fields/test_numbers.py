"""Numbers are exact, whatever they are and however they are written."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields.field_type import OptionRefused, ValueRefused
from engine.fields.number_type import grouped, places_of, shifted
from engine.fields.registry import FIELD_TYPES
from engine.fields.writing import half_width, plain_number

INTEGER, DECIMAL, MONEY, PERCENT = (FIELD_TYPES[name] for name in ("integer", "decimal", "money", "percent"))

FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９。，－")


def numbers_with(decimals: int) -> st.SearchStrategy[Decimal]:
    return st.integers(-(10**18) + 1, 10**18 - 1).map(lambda number: shifted(Decimal(number), -decimals))


@settings(deadline=None)
@given(number=st.integers(-(10**15), 10**15))
def test_whole_numbers_are_read_as_they_are_shown(number: int) -> None:
    options = INTEGER.read_options({})
    for locale in ("en", "zh"):
        assert INTEGER.parse(options, INTEGER.format(options, number, locale), locale) == number
    assert INTEGER.accept(options, number) == INTEGER.accept(options, str(number)) == number


@pytest.mark.parametrize("decimals", [0, 1, 2, 6, 10])
@settings(deadline=None)
@given(data=st.data())
def test_decimals_are_read_as_they_are_shown(decimals: int, data: st.DataObject) -> None:
    number = data.draw(numbers_with(decimals))
    options = DECIMAL.read_options({"decimals": decimals})
    for locale in ("en", "zh"):
        assert DECIMAL.parse(options, DECIMAL.format(options, number, locale), locale) == number
        assert (
            DECIMAL.parse(options, DECIMAL.edit(options, number, locale).translate(FULL_WIDTH), locale)
            == number
        )
    assert DECIMAL.accept(options, DECIMAL.to_json(options, number)) == number
    assert DECIMAL.accept(options, number).as_tuple().exponent == -decimals


@settings(deadline=None)
@given(number=numbers_with(2), currency=st.sampled_from(["CNY", "USD", "EUR"]))
def test_amounts_are_read_as_they_are_shown(number: Decimal, currency: str) -> None:
    options = MONEY.read_options({"currency": currency})
    assert MONEY.parse(options, MONEY.format(options, number, "en"), "en") == number
    assert MONEY.accept(options, MONEY.to_json(options, number)) == number


@settings(deadline=None)
@given(number=numbers_with(4))
def test_percentages_are_read_as_they_are_shown(number: Decimal) -> None:
    options = PERCENT.read_options({})
    for locale in ("en", "zh"):
        assert PERCENT.parse(options, PERCENT.format(options, number, locale), locale) == number
        assert PERCENT.parse(options, PERCENT.edit(options, number, locale), locale) == number


@pytest.mark.parametrize(
    ("value", "locale", "shown"),
    [
        ("1234.5", "en", "¥1,234.50"),
        ("1234.5", "zh", "¥1,234.50"),
        ("-0.07", "zh", "-¥0.07"),
        ("0", "en", "¥0.00"),
    ],
)
def test_money_looks_like_money(value: str, locale: str, shown: str) -> None:
    options = MONEY.read_options({})
    assert MONEY.format(options, Decimal(value), locale) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("0.1", "10%"), ("0.125", "12.5%"), ("12.5", "1,250%"), ("0", "0%")]
)
def test_percentages_look_like_percentages(value: str, shown: str) -> None:
    assert PERCENT.format(PERCENT.read_options({}), Decimal(value), "zh") == shown


def test_a_bare_number_above_1_is_asked_about_when_it_is_typed() -> None:
    options = PERCENT.read_options({})
    with pytest.raises(ValueRefused) as refused:
        PERCENT.parse(options, "10", "en")
    assert str(refused.value) == "“10” could mean 10% or 1000%. Write the % sign."
    assert PERCENT.accept(options, "10") == 10


@pytest.mark.parametrize(
    "written",
    [
        "1,23",
        "1,2345",
        "1,234,56",
        "12,345 678",
        "1.2.3",
        "--1",
        "1-",
        "0x10",
        "1e3",
        "½",
        "5²",
        "٣",
        ".",
        "-",
        "1" * 61,
    ],
)
def test_what_is_no_number(written: str) -> None:
    assert plain_number(written) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234,567.5", "1234567.5"),
        ("1 234", "1234"),
        ("1\u202f234.5", "1234.5"),
        ("＋５", "+5"),
        ("−5", "-5"),
        (".5", ".5"),
        ("5.", "5."),
    ],
)
def test_what_is_a_number(written: str, number: str) -> None:
    assert plain_number(written) == number


@pytest.mark.parametrize(
    "huge", [Decimal("1E+999999"), Decimal("-1E+999999"), Decimal("Infinity"), Decimal("sNaN")]
)
def test_numbers_beyond_all_limits_are_refused(huge: Decimal) -> None:
    for field_type in (INTEGER, DECIMAL, MONEY, PERCENT):
        with pytest.raises(ValueRefused):
            field_type.accept(field_type.read_options({}), huge)


def test_digits_beyond_the_precision_of_decimal_arithmetic_are_not_lost() -> None:
    with pytest.raises(ValueRefused) as refused:
        PERCENT.accept(PERCENT.read_options({}), "12.3400000000000000000000000000000000001%")
    assert str(refused.value) == "“12.3400000000000000000000000000000000001%” has more than 2 decimals."


def test_zero_has_no_sign() -> None:
    options = MONEY.read_options({})
    assert MONEY.to_json(options, MONEY.accept(options, "-0")) == "0.00"


@pytest.mark.parametrize(
    ("number", "places"), [("1.50", 1), ("100", 0), ("0.000", 0), ("1E+2", 0), ("1E-7", 7)]
)
def test_places(number: str, places: int) -> None:
    assert places_of(Decimal(number)) == places


def test_full_width_marks_become_plain() -> None:
    assert half_width("　（１２：３０）") == "(12:30)"


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        (
            "decimal",
            {"minimum": 3},
            "minimum: A field of type decimal has no option 'minimum'. Did you mean 'min'?",
        ),
        ("decimal", {"decimals": 11}, "decimals: 'decimals' must be a whole number from 0 to 10, not “11”."),
        (
            "decimal",
            {"decimals": True},
            "decimals: 'decimals' must be a whole number from 0 to 10, not “true”.",
        ),
        ("money", {"currency": "RMB"}, "currency: “RMB” is not the code of a currency, such as CNY."),
        ("money", {"min": 5, "max": "4.50"}, "min: The minimum 5 is above the maximum 4.50."),
        ("money", {"min": "cheap"}, "min: “cheap” is not an amount of money."),
        ("percent", {"max": "half"}, "max: “half” is not a percentage. Write it as 10% or 0.1."),
        ("integer", {"min": "1.5"}, "min: “1.5” is not a whole number."),
        ("date", {"min": "soon"}, "min: “soon” is not a date. Write it as 2026-11-21."),
        (
            "duration",
            {"min": "2 days", "max": "1 day"},
            "min: The minimum 2 days is above the maximum 1 day.",
        ),
    ],
)
def test_options_that_make_no_sense(name: str, raw: dict[str, object], sentence: str) -> None:
    with pytest.raises(OptionRefused) as refused:
        FIELD_TYPES[name].read_options(raw)
    assert str(refused.value).startswith(sentence)


@settings(deadline=None)
@given(
    number=st.decimals(-(10**15), 10**15, places=4) | st.integers(-(10**15), 10**15),
    decimals=st.integers(0, 6),
    locale=st.sampled_from(["en", "zh", "de", "fr"]),
)
def test_numbers_are_grouped_as_the_locale_does(number: Decimal | int, decimals: int, locale: str) -> None:
    """Babel's own way of writing it, which takes ten times as long."""
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    expected = format_decimal(number, format=pattern, locale=locale, decimal_quantization=False)
    assert grouped(number, decimals, locale) == expected
