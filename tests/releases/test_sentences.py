"""Every sentence of schema and releases is there in Chinese, with the same things filled in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine.releases.plan import DESCRIPTIONS
from engine.releases.refusals import SENTENCES
from engine.text import translate

FOLDERS = [Path(engine.__file__).parent / name for name in ("schema", "releases")]


def said() -> Iterator[str]:
    """The templates of all `say("…")` in these folders, and those that stand in tables."""
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                template = node.args[0]
                if isinstance(template, ast.Constant):
                    yield template.value
    yield from DESCRIPTIONS.values()
    yield from SENTENCES.values()


def filled(template: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", template))


@pytest.mark.parametrize("template", sorted(set(said())))
def test_a_sentence_is_there_in_chinese(template: str) -> None:
    chinese = translate(template, "zh")
    assert re.search(r"[\u4e00-\u9fff]|^[“”、 和]*({\w+}[“”、 和]*)+$", chinese), (
        f"not translated: {template}"
    )
    assert filled(chinese) == filled(template)
