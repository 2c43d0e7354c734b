"""Every sentence of the product has its Chinese, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.text import translations

ROOT = Path(__file__).parent.parent
PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")


def sentences(folder: str) -> Iterator[tuple[str, str]]:
    """(place, template) of each sentence that is written in a call of `say`."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "say"
                and node.args
            ):
                for text in written(node.args[0]):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def written(argument: ast.expr) -> Iterator[str]:
    """The texts that stand in an argument: one, or one of two."""
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.IfExp):
        yield from written(argument.body)
        yield from written(argument.orelse)


def catalogue() -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in ROOT.glob("*/translations"):
        found |= translations(folder, "zh")
    return found


@pytest.mark.parametrize("folder", ["engine", "blueprints", "dougong", "designer", "apps"])
def test_every_sentence_has_its_chinese(folder: str) -> None:
    chinese = catalogue()
    missing = [
        f"{place}: {text}"
        for place, text in sentences(folder)
        if PLACEHOLDER.sub("", text) and not chinese.get(text)
    ]
    assert missing == []


def test_placeholders_are_the_same() -> None:
    wrong = [
        english
        for english, chinese in catalogue().items()
        if chinese and not set(PLACEHOLDER.findall(chinese)) <= set(PLACEHOLDER.findall(english))
    ]
    assert wrong == []


def test_a_sentence_is_translated_once_in_a_part() -> None:
    """Two files that say it twice would hide one of the two."""
    texts = [
        (path.parent.parent, line)
        for path in ROOT.glob("*/translations/zh/*.po")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("msgid ")
    ]
    assert [line for line in set(texts) if texts.count(line) > 1] == []
