"""Fields of forms are kept as they were drawn once, and show what they would show if each were drawn anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from markupsafe import escape

from blueprints import visitor
from blueprints.form_fields import CHOSEN, WRITTEN_OUT, form_cell, form_field, form_row
from blueprints.templating import PageEnvironment
from dougong.app import create_app
from dougong.settings import Settings
from engine.catalog import CompiledField
from engine.fields.types.link import Link
from engine.forms.nodes import FieldNode, RowNode
from engine.text import Text
from tests.fixtures.workspaces import Publish

PAPER = """
app: office
roles:
  clerk: {}
entities:
  paper:
    title: name
    fields:
      name: {type: text, label: {en: Name, zh: 名称}, help: {en: In full, zh: 全称}}
      story: {type: long_text}
      page: {type: rich_text}
      rule: {type: json}
      count: {type: integer}
      share: {type: percent}
      price: {type: money}
      day: {type: date}
      at: {type: datetime}
      clock: {type: time}
      month: {type: month}
      length: {type: duration}
      kind: {type: choice, options: {a: {label: {en: First, zh: 第一}}, b: {label: Second}}}
      kinds: {type: multi_choice, options: [a, b]}
      sure: {type: boolean}
      stars: {type: rating}
      before: {type: link, to: office.paper}
      double: {type: integer, formula: count * 2}
      scan: {type: file}
    access:
      role:clerk: {read: true, create: true, update: true}
"""
TEXTS = ("", "7", "a", '"><script>{0}\x01 lines-3')
VALUES = (None, 7, "a", ("a", "b"), Link(4, "An office", True))


@pytest.fixture
def environment(publish: Publish, database_url: str, tmp_path: Path) -> Iterator[PageEnvironment]:
    app = create_app(Settings(database_url, tmp_path), publish(PAPER))
    assert isinstance(app.jinja_env, PageEnvironment)
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        yield app.jinja_env._for_visitor()


@pytest.fixture
def fields(environment: PageEnvironment) -> Mapping[str, CompiledField]:
    with visitor.workspace().reading() as transaction:
        return dict(transaction.catalog.entity("office.paper").fields)


def anew(environment: PageEnvironment, shape: str, node: FieldNode, row: RowNode | None = None) -> str:
    return str(environment.drawing(f"fields/{shape}.html")(node, 31, row))


def test_all_widgets_that_are_kept_with_their_control_are_tried(fields: Mapping[str, CompiledField]) -> None:
    assert {each.type.widget for each in fields.values()} >= WRITTEN_OUT | CHOSEN


def test_a_kept_field_is_the_one_that_is_drawn_anew(
    environment: PageEnvironment, fields: Mapping[str, CompiledField]
) -> None:
    row = RowNode("lines-3", 5, ())
    shown = [each for each in fields.values() if not each.definition.system]
    for field, text, value, flags in product(shown, TEXTS, VALUES, product((False, True), repeat=4)):
        if not fits(field, value):
            continue
        read_only, locked, required, hidden = flags
        node = FieldNode(
            field.name,
            field,
            "office.paper",
            value,
            text,
            read_only=read_only,
            locked=locked,
            required=required,
            hidden=hidden,
        )
        assert form_field(environment, node, 31) == anew(environment, "field", node)
        cell = replace(node, path=f"lines-3-{field.name}", entity="office.line")
        assert form_cell(environment, cell, 31, row) == anew(environment, "cell", cell, row)


def test_rows_hold_their_own_numbers_and_values(
    environment: PageEnvironment, fields: Mapping[str, CompiledField]
) -> None:
    table = FieldNode("lines", fields["kinds"], "office.paper", None, "")
    for number, identity, text in ((0, 5, "a\x02b"), (12, 6, "\x01<"), (13, None, "")):
        path = f"lines-{number}"
        cells = [
            FieldNode(f"{path}-{each}", fields[each], "office.line", None, text) for each in ("name", "count")
        ]
        row = RowNode(path, identity, tuple(cells))
        shown = form_row(environment, row, table, 31, identity is None)
        assert [str(form_cell(environment, each, 31, row)) in shown for each in cells] == [True, True]
        assert shown.count(str(escape(text))) >= 2
        assert f'data-row="{path}"' in shown
        assert ("row-extra" in shown) is (identity is None)
        assert (f'name="{path}-__id" value="{identity}"' in shown) is (identity is not None)
        assert f'name="{path}-__remove"' in shown
        assert "row-remove" not in form_row(environment, row, replace(table, read_only=True), 31)


def fits(field: CompiledField, value: object) -> bool:
    """Whether the field could hold the value."""
    kind = {"link": Link, "links": tuple, "multi_choice": tuple, "choice": str}.get(field.type.name)
    if kind is not None:
        return value is None or isinstance(value, kind)
    return value is None or (field.type.name in ("integer", "decimal") and value == 7)


def test_problems_stand_at_the_field_that_was_kept_without(
    environment: PageEnvironment, fields: Mapping[str, CompiledField]
) -> None:
    node = FieldNode("count", fields["count"], "office.paper", 7, "7")
    before = form_field(environment, node, 31)
    wrong = form_field(environment, replace(node, text="x", problems=(Text({"en": "Too <many>"}),)), 31)
    assert "Too &lt;many&gt;" in wrong
    assert 'value="x"' in wrong
    assert form_field(environment, node, 31) == before


def test_a_formula_leads_to_the_explanation_of_its_own_record(
    environment: PageEnvironment, fields: Mapping[str, CompiledField]
) -> None:
    node = FieldNode("double", fields["double"], "office.paper", 14, "14", read_only=True)
    for record in (31, 32):
        assert f'href="/office/paper/{record}/explain/double"' in form_field(environment, node, record)
    assert "href" not in form_field(environment, replace(node, value=None))


def test_files_of_a_form_for_strangers_are_sent_with_it(
    environment: PageEnvironment, fields: Mapping[str, CompiledField]
) -> None:
    node = FieldNode("scan", fields["scan"], "office.paper", None, "")
    assert 'data-upload="' in form_field(environment, node)
    assert 'data-upload="' not in form_field(environment, node, plain_files=True)
