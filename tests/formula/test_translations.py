"""Every sentence and every function of the formula language is there in Chinese."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.formula
from engine.formula.functions.table import PUBLISHED
from engine.formula.kinds import KIND_NAMES
from engine.formula.types import Kind
from engine.text import translate


def sentences() -> Iterator[str]:
    for path in sorted(Path(engine.formula.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("say"), args=[ast.Constant(str(template)), *_]):
                    yield template
                case _:
                    pass


def placeholders(template: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(template)} - {None}


@pytest.mark.parametrize("template", sorted(set(sentences())))
def test_sentences(template: str) -> None:
    chinese = translate(template, "zh")
    assert chinese != template
    assert placeholders(chinese) == placeholders(template)


def test_functions_and_kinds() -> None:
    assert all(function.sentence.words.keys() == {"en", "zh"} for function in PUBLISHED.values())
    assert all(KIND_NAMES[kind].words.keys() == {"en", "zh"} for kind in Kind)
