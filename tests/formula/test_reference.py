"""docs/functions.md is what the table of functions says."""

from pathlib import Path

from engine.formula.functions.reference import GROUPS, functions_page
from engine.formula.functions.table import PUBLISHED

PAGE = Path(__file__).parents[2] / "docs" / "functions.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == functions_page(), (
        "Write it again: python -m engine.formula.functions.reference > docs/functions.md"
    )


def test_every_function_has_its_group_and_examples() -> None:
    assert {function.group for function in PUBLISHED.values()} == set(GROUPS)
    without = [function.name for function in PUBLISHED.values() if not function.examples]
    assert without == []
