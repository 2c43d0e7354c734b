from decimal import Decimal
from typing import Any

import pytest

from engine.fields.field_type import OptionRefused
from engine.fields.option import in_words, raw_option, read_attribute, read_option
from engine.fields.registry import FIELD_TYPES
from engine.text import Text

CHOICE = FIELD_TYPES["choice"]


def test_names_in_words() -> None:
    assert in_words("lost_reason") == "Lost reason"
    assert in_words("价格") == "价格"


def test_an_option_keeps_everything_about_it() -> None:
    option = read_option(
        "won",
        {
            "label": {"en": "Won", "zh": "赢单"},
            "color": "green",
            "was": "win",
            "weight": "12.5%",
            "open": False,
        },
    )
    assert option.label == Text({"en": "Won", "zh": "赢单"})
    assert (option.color, option.was) == ("green", "win")
    assert option.attributes == {"weight": Decimal("0.125"), "open": False}
    assert read_option("won", raw_option(option)) == option


def test_an_option_without_a_label_is_named_by_its_key() -> None:
    assert read_option("lost_touch", None).label == Text({"en": "Lost touch"})
    assert read_option("x", {"label": "Extra"}).label == Text({"en": "Extra"})


@pytest.mark.parametrize("raw", [True, 5, "text", "%", "1 0%", None])
def test_other_attributes_are_themselves(raw: Any) -> None:
    assert read_attribute(raw) is raw


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "'options' must list at least one option."),
        ("abc", "'options' must list at least one option."),
        (["a", "a"], "'options' names an option twice."),
        ([1, 2], "“1” cannot be the key of an option. Use a word such as in_progress."),
        (["a,b"], "“a,b” cannot be the key of an option. Use a word such as in_progress."),
        ({"a": "Label"}, "Option 'a' must be a mapping with label, color and so on, not “Label”."),
        (
            {"a": {"color": "#12"}},
            "The color “#12” of option 'a' must be a name such as red, or like #d63939.",
        ),
    ],
)
def test_options_that_make_no_sense(options: Any, sentence: str) -> None:
    for name in ("choice", "multi_choice"):
        with pytest.raises(OptionRefused) as refused:
            FIELD_TYPES[name].read_options({"options": options})
        assert str(refused.value) == f"options: {sentence}"


def test_formulas_read_attributes() -> None:
    options = CHOICE.read_options({"options": {"a": {"weight": "10%"}, "b": None}})
    assert CHOICE.formula_type(options).options == {"a": {"weight": Decimal("0.1")}, "b": {}}


def test_an_option_that_was_removed_is_still_shown() -> None:
    assert CHOICE.format(CHOICE.read_options({"options": ["a"]}), "gone", "en") == "gone"
