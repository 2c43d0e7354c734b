from pathlib import Path

import pytest

from engine.definition.files import read_files
from engine.definition.load import load_app, read_app
from engine.problems import DefinitionRefused

MAIN = """\
app: shop
include: [more/orders.yaml]
roles:
  sales:
entities:
  customer:
    fields:
      name: {type: text}
"""
ORDERS = """\
include: [lines.yaml]
roles:
  boss: {includes: [sales]}
entities:
  order:
    fields:
      customer: {type: link, to: customer}
"""
LINES = """\
entities:
  line:
    schema: line.json
"""
LINE_SCHEMA = '{"properties": {"product": {"type": "string"}}, "x-dougong": {"parent": "order"}}'
FILES = {"shop.yaml": MAIN, "more/orders.yaml": ORDERS, "lines.yaml": LINES, "line.json": LINE_SCHEMA}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def test_an_app_is_read_with_all_that_it_names(tmp_path: Path) -> None:
    main = written(tmp_path, FILES)
    texts = read_files([main])
    assert texts == {str(main): FILES}
    app = load_app(texts[str(main)])
    assert list(app.entities) == ["customer", "order", "line"]
    assert list(app.roles) == ["sales", "boss"]
    assert app.texts == FILES
    assert app.entities["line"].parent == "shop.order"
    assert app.entities["order"].place.file == "more/orders.yaml"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"more/orders.yaml": "entities:\n  customer:\n    fields: {x: {type: text}}\n"},
            "more/orders.yaml:2:3: 'customer' is already defined at shop.yaml:6:3.",
        ),
        (
            {"more/orders.yaml": "label: Orders\n"},
            "more/orders.yaml:1:1: An included file has no key 'label'.",
        ),
        (
            {"more/orders.yaml": "automations: {}\n"},
            "more/orders.yaml:1:1: This version of Dougong does not run automations yet",
        ),
        (
            {"more/orders.yaml": "entities:\n  order:\n    fields: {x: {type: txt}}\n"},
            "more/orders.yaml:3:24: There is no field type 'txt'. Did you mean 'text'?",
        ),
        ({"more/orders.yaml": "a: [\n"}, "more/orders.yaml:2:1: This cannot be read as YAML"),
        ({"more/orders.yaml": "[]\n"}, "more/orders.yaml:1:1: A definition is a mapping"),
        (
            {"line.json": '{"properties": {"product": {"type": "string", "maxLength": "long"}}}'},
            "line.json:1:18: ",
        ),
    ],
)
def test_problems_in_further_files_are_told_at_their_places(changed: dict[str, str], expected: str) -> None:
    problems = [str(each) for each in read_app({**FILES, **changed}).problems]
    assert any(each.startswith(expected) for each in problems), problems


def test_files_that_cannot_be_read_are_all_named(tmp_path: Path) -> None:
    main = written(
        tmp_path, {"shop.yaml": "app: shop\ninclude: [gone.yaml, folder, ../out.yaml, latin.yaml]\n"}
    )
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(DefinitionRefused) as refused:
        read_files([main, tmp_path / "missing.yaml"])
    assert [str(each).removeprefix(str(tmp_path) + "/") for each in refused.value.problems] == [
        "shop.yaml:2:11: There is no file 'gone.yaml'.",
        "shop.yaml:2:22: 'folder' is a folder, not a file.",
        "shop.yaml:2:43: The file 'latin.yaml' is not UTF-8 text.",
        "missing.yaml:1:1: There is no file 'missing.yaml'.",
    ]


def test_files_that_include_one_another_are_read_once() -> None:
    app = load_app({"a.yaml": "app: a\ninclude: [b.yaml]\n", "b.yaml": "include: [b.yaml, a.yaml]\n"})
    assert app.name == "a"
