from typing import Any

import pytest

from engine.fields.field_type import OptionRefused, ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.fields.types.link import ByTitle, Link

LINK, LINKS, TABLE = (FIELD_TYPES[name] for name in ("link", "links", "table"))
TO = {"to": "crm.account"}


@pytest.mark.parametrize(
    ("value", "json", "shown", "text"),
    [
        (Link(7, "Acme"), {"id": 7, "title": "Acme"}, "Acme", "7"),
        (7, 7, "#7", "7"),
        (ByTitle("Acme"), "Acme", "Acme", "Acme"),
    ],
)
def test_a_link_in_all_its_forms(value: Any, json: Any, shown: str, text: str) -> None:
    assert LINK.to_json(TO, value) == json
    assert LINK.format(TO, value, "en") == shown
    assert LINK.edit(TO, value, "en") == text
    assert LINKS.to_json(TO, (value,)) == [json]


def test_links_are_shown_by_their_titles() -> None:
    value = (Link(7, "Acme"), Link(3, "张三"))
    assert LINKS.format(TO, value, "en") == "Acme, 张三"
    assert LINKS.format(TO, value, "zh") == "Acme、张三"
    assert LINKS.formula_literal(TO, value) == "[7, 3]"
    assert LINKS.formula_literal(TO, 7) == "7"


def test_a_title_that_no_database_takes_is_refused() -> None:
    for field_type in (LINK, LINKS):
        with pytest.raises(ValueRefused) as refused:
            field_type.parse(TO, "Acme\x00", "en")
        assert str(refused.value) == "“Acme\ufffd” holds characters that cannot be shown."


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("link", {}, "to: A field of type link needs 'to'."),
        ("link", {"to": 5}, "to: 'to' must be a text, not “5”."),
        ("link", {"to": "x", "off": "y"}, "off: A field of type link has no option 'off'."),
        ("links", {"to": ""}, "to: 'to' must be a text, not “”."),
        ("table", {"off": "y"}, "off: A field of type table has no option 'off'. Did you mean 'of'?"),
        ("user", {"to": "crm.account"}, "to: A field of type user has no option 'to'."),
    ],
)
def test_options_that_make_no_sense(name: str, raw: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionRefused) as refused:
        FIELD_TYPES[name].read_options(raw)
    assert str(refused.value) == sentence


def test_too_many_are_refused() -> None:
    with pytest.raises(ValueRefused) as refused:
        LINKS.accept(TO, list(range(1, 1_002)))
    assert str(refused.value) == "1001 records are too many; at most 1000 can be linked."
    with pytest.raises(ValueRefused) as refused:
        TABLE.accept({"of": "crm.deal_line"}, [{}] * 5_001)
    assert str(refused.value) == "5001 rows are too many; at most 5000 are possible."


def test_the_rows_of_a_table_are_counted() -> None:
    options = {"of": "crm.deal_line"}
    assert TABLE.format(options, ({},), "en") == "1 row"
    assert TABLE.format(options, ({}, {}), "zh") == "2 行"
