"""The reference page names every key, and every application in it is a correct one."""

import re
from pathlib import Path

import pytest

from engine.definition.check import check_texts
from engine.definition.language import THINGS
from engine.fields.registry import FIELD_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = [each for each in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if each.startswith("app:")]
WORDS = set(re.findall(r"[a-z][a-z0-9_]*", PAGE))


@pytest.mark.parametrize("thing", THINGS)
def test_every_key_is_described(thing: str) -> None:
    assert {*THINGS[thing].keys, *THINGS[thing].later} - WORDS == set()


@pytest.mark.parametrize("field_type", FIELD_TYPES)
def test_every_field_type_and_its_options_are_described(field_type: str) -> None:
    row = next(line for line in PAGE.splitlines() if f"`{field_type}`" in line.split(" | ")[0])
    assert set(FIELD_TYPES[field_type].option_schemas) - set(re.findall(r"[a-z_]+", row)) == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[0])
def test_the_examples_are_correct(example: str) -> None:
    assert check_texts([{"example.yaml": example}]).apps


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8
