"""The conformance suite: what every field type promises, checked with its own good and bad examples."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.fields.field_type import Bad, FieldType, Good, Options, ValueRefused
from engine.fields.operators import OPERATORS
from engine.fields.registry import FIELD_TYPES, type_of_json_schema
from engine.fields.types.link import ByTitle
from engine.formula.types import Kind, Type
from engine.text import LOCALES

NAMES = [
    "text",
    "long_text",
    "email",
    "phone",
    "url",
    "integer",
    "decimal",
    "money",
    "percent",
    "boolean",
    "date",
    "datetime",
    "time",
    "month",
    "duration",
    "choice",
    "multi_choice",
    "link",
    "links",
    "user",
    "department",
    "table",
    "sequence",
    "rich_text",
    "id_number",
    "color",
    "rating",
    "address",
    "json",
    "file",
    "image",
    "signature",
]

WIDGETS = [
    "text",
    "textarea",
    "number",
    "money",
    "percent",
    "checkbox",
    "date",
    "datetime",
    "time",
    "month",
    "duration",
    "select",
    "multiselect",
    "link",
    "links",
    "table",
    "readonly",
    "rich_text",
    "color",
    "rating",
    "address",
    "code",
    "file",
    "signature",
]

GROUPS = {"text", "number", "yes_no", "time", "choice", "relation", "other"}

IN_MEMORY: dict[Kind, type | tuple[type, ...]] = {
    Kind.BOOLEAN: bool,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.MONEY: Decimal,
    Kind.TEXT: str,
    Kind.CHOICE: str,
    Kind.DATE: date,
    Kind.MONTH: date,
    Kind.DATETIME: datetime,
    Kind.TIME: time,
    Kind.DURATION: timedelta,
    Kind.LINK: (int, ByTitle),
    Kind.SET: tuple,
}

ONLY_IN_WORDS = {
    # JSON Schema cannot say that a number has to be exact, or what the greatest one is in text.
    ("decimal", "0.5"),
    ("money", "-0.01"),
    # It has no bounds for dates, months, times and lengths.
    ("date", "2026-02-30"),
    ("date", "2025-12-31"),
    ("date", "2027-01-01"),
    ("datetime", "2025-12-31T23:59:59Z"),
    ("month", "2025-12"),
    ("month", "2027-01"),
    ("time", "08:59"),
    # Its expressions would grow beyond reading.
    ("text", "nul\x00"),
    ("long_text", "bell\x07"),
    ("text", "two\nlines"),
    ("email", "a@example.com, b@example.com"),
    ("url", "https://a b"),
    ("url", "https://me:secret@example.com"),
    ("phone", "12"),
    # Sums of digits and what is left of HTML are beyond it.
    ("id_number", "110105194912310021"),
    ("id_number", "990105194912310021"),
    ("id_number", "110105194913310027"),
    ("rich_text", "bell\x07"),
    ("rich_text", "abcdef"),
}
"""Bad examples that only the sentence refuses."""


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(field_type, example, id=f"{name}-{number}")
        for name, field_type in FIELD_TYPES.items()
        for number, example in enumerate(getattr(field_type, kind))
    ]


def options_of(field_type: FieldType, example: Good | Bad) -> Options:
    return field_type.read_options(example.options or {})


def an_example(field_type: FieldType) -> Options:
    return options_of(field_type, field_type.good[0])


every_type = pytest.mark.parametrize("field_type", FIELD_TYPES.values(), ids=lambda each: each.name)
every_good = pytest.mark.parametrize(("field_type", "good"), examples("good"))
every_bad = pytest.mark.parametrize(("field_type", "bad"), examples("bad"))


def test_the_types_of_the_language_are_there() -> None:
    assert set(FIELD_TYPES) == set(NAMES)


@every_type
def test_it_describes_itself(field_type: FieldType) -> None:
    assert field_type.group in GROUPS
    assert field_type.widget in WIDGETS
    assert set(field_type.label.words) == set(LOCALES)
    assert field_type.operators
    assert set(field_type.operators) <= set(OPERATORS)
    assert set(field_type.required_options) <= set(field_type.option_schemas)
    for schema in field_type.option_schemas.values():
        Draft202012Validator.check_schema(schema)
        assert schema["description"].endswith(".")


@every_type
def test_it_has_enough_examples(field_type: FieldType) -> None:
    assert len(field_type.good) >= 4
    assert len(field_type.bad) >= 4


@every_good
def test_the_options_of_examples_are_as_documented(field_type: FieldType, good: Good) -> None:
    schema = {"properties": dict(field_type.option_schemas), "additionalProperties": False}
    Draft202012Validator(schema).validate(good.options or {})


@every_good
def test_good_values_are_accepted(field_type: FieldType, good: Good) -> None:
    options = options_of(field_type, good)
    if not good.typed:
        accepted = field_type.accept(options, good.sent)
        assert accepted == good.value
        assert type(accepted) is type(good.value)
    if isinstance(good.sent, str):
        assert field_type.parse(options, good.sent, good.locale) == good.value


@every_bad
def test_bad_values_are_refused_with_one_sentence(field_type: FieldType, bad: Bad) -> None:
    options = options_of(field_type, bad)
    with pytest.raises(ValueRefused) as refused:
        field_type.accept(options, bad.sent)
    assert str(refused.value) == bad.sentence
    assert refused.value.message.to("zh") != bad.sentence
    if isinstance(bad.sent, str) and bad.typed:
        for locale in LOCALES:
            with pytest.raises(ValueRefused) as refused:
                field_type.parse(options, bad.sent, locale)
            assert str(refused.value) == bad.sentence


@every_bad
def test_bad_values_that_are_typed_may_mean_something_else(field_type: FieldType, bad: Bad) -> None:
    if isinstance(bad.sent, str) and not bad.typed:
        assert field_type.parse(options_of(field_type, bad), bad.sent, "en") is not None


@every_type
def test_blank_is_none(field_type: FieldType) -> None:
    options = an_example(field_type)
    assert field_type.accept(options, None) is None
    assert field_type.accept(options, " ") is None
    assert field_type.parse(options, "", "en") is None
    assert field_type.parse(options, " \n", "zh") is None
    assert field_type.to_json(options, None) is None
    assert field_type.format(options, None, "zh") == ""
    assert field_type.edit(options, None, "en") == ""


@every_good
def test_accept_reads_json_back(field_type: FieldType, good: Good) -> None:
    options = options_of(field_type, good)
    if not holds_titles(good.value):
        sent = json.loads(json.dumps(field_type.to_json(options, good.value), default=str))
        again = field_type.accept(options, sent)
        assert again == good.value


def holds_titles(value: Any) -> bool:
    return isinstance(value, ByTitle) or (
        isinstance(value, tuple) and any(isinstance(each, ByTitle) for each in value)
    )


@every_good
def test_accept_takes_its_own_values(field_type: FieldType, good: Good) -> None:
    assert field_type.accept(options_of(field_type, good), good.value) == good.value


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("time_zone", ["Asia/Shanghai", "America/New_York"])
@every_good
def test_parse_reads_edited_text_back(field_type: FieldType, good: Good, locale: str, time_zone: str) -> None:
    options = options_of(field_type, good)
    text = field_type.edit(options, good.value, locale, time_zone)
    assert field_type.parse(options, text, locale, time_zone) == good.value


@pytest.mark.parametrize("locale", LOCALES)
@every_good
def test_people_read_something(field_type: FieldType, good: Good, locale: str) -> None:
    shown = field_type.format(options_of(field_type, good), good.value, locale)
    assert bool(shown) == (good.value is not None)


@every_good
def test_formulas_see_values_of_the_type_it_names(field_type: FieldType, good: Good) -> None:
    formula_type = field_type.formula_type(options_of(field_type, good))
    assert isinstance(formula_type, Type)
    assert good.value is None or isinstance(good.value, IN_MEMORY[formula_type.kind])
    assert (formula_type.kind is Kind.LINK) <= (formula_type.entity is not None)
    assert (formula_type.kind is Kind.SET) <= (formula_type.element is not None)
    if isinstance(good.value, Decimal):
        assert -good.value.as_tuple().exponent == formula_type.decimals


@every_type
def test_a_relation_names_its_target(field_type: FieldType) -> None:
    target = field_type.target(an_example(field_type))
    assert (target is not None) == (field_type.relation is not None) == (field_type.group == "relation")
    assert target is None or "." in target


@every_good
def test_the_json_schema_agrees_to_good_values(field_type: FieldType, good: Good) -> None:
    options = options_of(field_type, good)
    schema = field_type.json_schema(options)
    Draft202012Validator.check_schema(schema)
    json.dumps(schema)
    if good.value is not None and not holds_titles(good.value):
        sent = json.loads(json.dumps(field_type.to_json(options, good.value), default=str))
        Draft202012Validator(schema).validate(sent)


@every_bad
def test_the_json_schema_refuses_bad_values(field_type: FieldType, bad: Bad) -> None:
    schema = field_type.json_schema(options_of(field_type, bad))
    exact = not isinstance(bad.sent, (float, Decimal))
    if exact and (field_type.name, str(bad.sent)) not in ONLY_IN_WORDS:
        assert not Draft202012Validator(schema).is_valid(bad.sent)


@every_good
def test_the_json_schema_gives_the_type_and_its_options_back(field_type: FieldType, good: Good) -> None:
    options = options_of(field_type, good)
    schema = json.loads(json.dumps(field_type.json_schema(options)))
    found = type_of_json_schema(schema)
    assert found is not None
    name, raw = found
    assert name == field_type.name
    assert field_type.read_options(raw) == options


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def outcome(action: Callable[[], Any]) -> tuple[Any, ValueRefused | None]:
    """What it gives, and why it was refused."""
    try:
        return action(), None
    except ValueRefused as refused:
        return None, refused


@every_type
@settings(deadline=None)
@given(sent=json_values)
def test_whatever_is_sent_is_accepted_or_refused(field_type: FieldType, sent: Any) -> None:
    options = an_example(field_type)
    value, refused = outcome(lambda: field_type.accept(options, sent))
    assert refused is None or refused.message.to("zh")
    assert field_type.accept(options, value) == value
    assert bool(field_type.format(options, value, "zh")) == (value is not None)


typed_texts = st.text(max_size=30) | st.text("0123456789-+:.,%/年月日 TZ¥万天hd#", max_size=24)


@every_type
@settings(deadline=None)
@given(text=typed_texts)
def test_whatever_is_typed_is_read_or_refused(field_type: FieldType, text: str) -> None:
    options = an_example(field_type)
    value, refused = outcome(lambda: field_type.parse(options, text, "zh"))
    assert refused is None or refused.message.to("en")
    assert field_type.parse(options, field_type.edit(options, value, "zh"), "zh") == value
