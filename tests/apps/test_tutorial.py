"""The application of docs/tutorial.md loads, and the figures of docs/payroll.md are those of the demo."""

import csv
import io
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from apps.demo.payroll import TAX_BRACKETS
from engine.definition.load import load_app

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page, in their order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def finished() -> str:
    """The application as it is at the end of the tutorial: each block put where its text says."""
    first, link, formulas, checks, workflow, roles, access, lists = blocks("tutorial.md", "yaml")
    kept, _, _ = first.partition("    access:")
    entity = kept.replace("entities:\n", roles + "entities:\n") + link + formulas + checks
    return entity + workflow + access + lists


def test_the_first_ten_lines_are_an_app() -> None:
    text = blocks("tutorial.md", "yaml")[0]
    assert len(text.splitlines()) == 10
    app = load_app({"assets_app.yaml": text})
    assert list(app.entities) == ["item"]
    assert [field.name for field in app.entities["item"].declared] == ["name", "bought_on", "price"]


def test_the_finished_app_has_all_that_the_tutorial_adds() -> None:
    item = load_app({"assets_app.yaml": finished()}).entities["item"]
    assert {field.name for field in item.declared} >= {"holder", "age_in_years", "worth"}
    assert item.workflow is not None
    assert list(item.workflow.transitions) == ["lend", "take_back", "retire"]
    assert {rule.principal for rule in item.access.rules} == {
        "everyone",
        "holder.user",
        "role:assets.storekeeper",
    }
    assert list(item.views) == ["lent"]
    assert list(item.checks) == ["bought_in_the_past"]


def test_the_brackets_to_import_are_the_ones_of_the_demonstration() -> None:
    (text,) = blocks("payroll.md", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [
        (
            Decimal(row["up_to"]) if row["up_to"] else None,
            Decimal(row["rate"].removesuffix("%")) / 100,
            Decimal(row["quick_deduction"]),
        )
        for row in rows
    ] == list(TAX_BRACKETS)


def test_each_quick_deduction_follows_from_the_brackets_below() -> None:
    """The published shortcut and the slices give the same tax at every limit."""
    quick = Decimal(0)
    for (up_to, rate, _), (_, next_rate, next_quick) in pairwise(TAX_BRACKETS):
        assert up_to is not None
        quick += up_to * (next_rate - rate)
        assert next_quick == quick
