"""A value becomes part of a page as `escape` would make it."""

from types import SimpleNamespace

import pytest
from markupsafe import Markup, escape

from blueprints.escaping import written
from engine.text import Text

VALUES = ["", "plain", "<a href=\"x\">&'</a>", "张伟", Markup("<b>&amp;</b>"), 7, None, 1.5, ("<",)]
VALUES += [SimpleNamespace(__html__=lambda: "<i>"), Text({"en": "<"})]


@pytest.mark.parametrize("value", VALUES)
def test_written(value: object) -> None:
    assert written(value) == escape(value)
