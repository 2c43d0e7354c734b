from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields.field_type import OptionRefused
from engine.fields.numbering import read_numbering
from engine.fields.registry import FIELD_TYPES

SEQUENCE = FIELD_TYPES["sequence"]


@pytest.mark.parametrize(
    ("form", "period", "text"),
    [
        ("DEAL-{year}-{0000}", "2026", "DEAL-2026-0042"),
        ("{year}{month}{day}-{000}", "2026-11-05", "20261105-042"),
        ("{month}/{year} #{0}", "2026-11", "11/2026 #42"),
        ("{000000}", "", "000042"),
        ("第{0000}号", "", "第0042号"),
    ],
)
def test_numbers_are_rendered_within_their_period(form: str, period: str, text: str) -> None:
    numbering = read_numbering(form)
    assert numbering is not None
    day = date(2026, 11, 5)
    assert numbering.period(day) == period
    assert numbering.render(42, day) == text


@pytest.mark.parametrize(
    "form", ["DEAL", "{0000}-{0000}", "{week}-{000}", "{year}", "{{000}}", "{000", "{1}", ""]
)
def test_forms_without_exactly_one_counter_are_none(form: str) -> None:
    assert read_numbering(form) is None


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(OptionRefused) as refused:
        SEQUENCE.read_options({"format": "DEAL-{week}"})
    assert str(refused.value) == (
        "format: “DEAL-{week}” is not the form of a sequence, such as DEAL-{year}-{0000}."
    )


@settings(deadline=None)
@given(number=st.integers(1, 10**9), day=st.dates())
def test_what_is_given_is_accepted(number: int, day: date) -> None:
    options = SEQUENCE.read_options({"format": "A.{year}-{month}+{day}/{000}"})
    numbering = SEQUENCE.numbering(options)
    assert numbering is not None
    text = numbering.render(number, day)
    assert SEQUENCE.accept(options, text) == text
