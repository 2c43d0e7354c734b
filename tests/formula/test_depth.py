"""Chains of calls as deep as the limits allow have one answer everywhere, within SQLite's parser."""

from typing import Any

import pytest

from engine.problems import DefinitionRefused

CHAINS = {
    "texts": ("name", "upper(lower({}))"),
    "joined": ("name", 'left({} & "x", 9)'),
    "rounded": ("amount", "round({} * 1.01, 2)"),
    "months": ("won_on", "edate({}, 1)"),
    "choices": ("quantity", "if({} > 2, {} - 1, 7)"),
    "branches": ("quantity", "if(quantity > 2, {} + 1, 0)"),
    "quotients": ("amount", "({} + 1) / 3"),
    "limits": ("rate", "min(max({}, 0), 1000)"),
    "remainders": ("quantity", "mod({} + 5, 97)"),
    "conditions": ("important", "not ({} and quantity > 1)"),
    "blanks": ("kept", "coalesce(nullif({}, 3), 4)"),
    "roots": ("quantity", "sqrt(abs({}))"),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_deep_chains(company: Any, chain: str) -> None:
    start, step = CHAINS[chain]
    deepest = 0
    for depth in (3, 13, 24, 30):
        text = start
        for _ in range(depth):
            text = step.replace("{}", text) if len(text) < 4000 else text
        try:
            company.check(text)
        except DefinitionRefused:
            continue
        deepest = depth
        for record in (1, 3, 4):
            company.both(text, record)
        if company.check(text).type.kind.value == "boolean":
            company.found(text)
    assert deepest >= 3


@pytest.mark.parametrize("steps", [1, 3, 8, 20, 40])
def test_long_paths_are_one_query(company: Any, steps: int) -> None:
    path = "owner" + ".manager" * steps
    for record in (1, 2, 3, 4):
        company.both(f"{path}.name", record)
        company.both(f'coalesce({path}.department.name, "none") & upper({path}.name)', record)
    assert company.found(f"isblank({path}.manager) or {path}.name != blank")


def test_what_would_double_at_every_level_is_refused(problems: Any) -> None:
    text = "amount"
    for _ in range(40):
        text = f"nullif({text}, 3)"
    (problem,) = problems(text)
    assert problem.endswith("keep a part in a field.")


def test_many_cases_are_within_the_limit(company: Any) -> None:
    cases = ", ".join(f"{number}, {number * 2}" for number in range(60))
    assert company.both(f"switch(quantity, {cases})") == 14
    assert company.both(" + ".join(["quantity"] * 40)) == 280
