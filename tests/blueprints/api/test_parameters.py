"""What stands after the question mark: read once, refused in a sentence."""

from collections.abc import Callable
from typing import Any

import pytest

from blueprints.api.parameters import (
    read_count,
    read_fields,
    read_limit,
    read_revision,
    read_sort,
    refuse_unknown,
)
from engine.problems import Malformed


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_limit, None, 50),
        (read_limit, "1", 1),
        (read_limit, "500", 500),
        (read_count, None, "none"),
        (read_count, "false", "none"),
        (read_count, "true", "capped"),
        (read_count, "exact", "exact"),
        (read_sort, None, ()),
        (read_sort, "", ()),
        (read_sort, "-amount, name", (("amount", True), ("name", False))),
        (lambda text: read_fields(text, {"a", "b"}), "b, a", ("b", "a")),
        (lambda text: read_fields(text, {"a"}), None, None),
        (read_revision, '"12"', 12),
        (read_revision, 'W/"12"', 12),
        (read_revision, "*", None),
        (read_revision, None, None),
    ],
)
def test_parameters_are_read(read: Callable[[Any], Any], text: str | None, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (read_limit, "0", "“0” is no page size: limit is a whole number from 1 to 500."),
        (read_limit, "501", "“501” is no page size: limit is a whole number from 1 to 500."),
        (read_limit, "-1", "“-1” is no page size: limit is a whole number from 1 to 500."),
        (read_limit, "５０", "“５０” is no page size: limit is a whole number from 1 to 500."),
        (read_limit, "9" * 5000, f"“{'9' * 5000}” is no page size: limit is a whole number from 1 to 500."),
        (read_count, "yes", "“yes” is no way to count: count is true, false or exact."),
        (read_sort, "a,,b", "“a,,b” is no order: sort is a list of fields such as -amount,name."),
        (read_sort, "-", "“-” is no order: sort is a list of fields such as -amount,name."),
        (
            lambda text: read_fields(text, {"amount"}),
            "amout",
            "There is no field “amout” here. Did you mean 'amount'?",
        ),
        (
            read_revision,
            '"x"',
            '“"x"” is no revision: If-Match holds the ETag of the record, such as "3".',
        ),
        (
            lambda text: refuse_unknown([text], ["filter", "sort"]),
            "fliter",
            "This address has no parameter “fliter”. Did you mean 'filter'?",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    read: Callable[[str], Any], text: str, sentence: str
) -> None:
    with pytest.raises(Malformed) as refused:
        read(text)
    assert str(refused.value) == sentence
