"""Every sentence of this part is also Chinese, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import engine.fields
from engine.text import translate

PLACEHOLDER = re.compile(r"\{[a-z]+\}")


def sentences() -> Iterator[str]:
    for path in Path(engine.fields.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"say", "translate"}
            ):
                yield from (
                    each.value
                    for each in ast.walk(node.args[0])
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def test_every_sentence_is_translated() -> None:
    found = set(sentences())
    assert len(found) > 50
    for sentence in found:
        chinese = translate(sentence, "zh")
        assert chinese != sentence, sentence
        assert set(PLACEHOLDER.findall(chinese)) == set(PLACEHOLDER.findall(sentence)), sentence
