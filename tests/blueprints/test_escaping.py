"""A value becomes part of a page as `escape` would make it."""

from types import SimpleNamespace

import pytest
from markupsafe import Markup, escape

from blueprints.escaping import filled, written
from engine.text import Text

VALUES = ["", "plain", '<a href="x">&\'</a>', "张伟", Markup("<b>&amp;</b>"), 7, None, 1.5, ("<",)]
VALUES += [SimpleNamespace(__html__=lambda: "<i>"), Text({"en": "<"})]


@pytest.mark.parametrize("value", VALUES)
def test_written(value: object) -> None:
    assert written(value) == escape(value)


def test_gaps_are_filled_with_escaped_values() -> None:
    found = filled("<b>%s</b>%s%s", "<i>%s", Markup("<br>"), 7)
    assert found == "<b>&lt;i&gt;%s</b><br>7"
    assert isinstance(found, Markup)
