"""Every sentence about definitions is there in Chinese, with the same places for values."""

import ast
import re
from pathlib import Path

import pytest

from engine.text import translate

SOURCES = sorted((Path(__file__).parents[2] / "engine" / "definition").glob("*.py"))
TEMPLATES = sorted({
    node.args[0].value
    for path in SOURCES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
})  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_sentence_has_its_chinese(template: str) -> None:
    chinese = translate(template, "zh")
    assert chinese != template or template == "“{value}”"
    assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", template))


def test_the_sentences_are_found() -> None:
    assert len(TEMPLATES) > 100
