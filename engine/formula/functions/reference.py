"""The reference page of functions, written from the one table of them (docs/functions.md)."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from engine.formula.functions.function import Function
from engine.formula.functions.sets import SAMPLE
from engine.formula.functions.table import PUBLISHED
from engine.text import Text

INTRODUCTION = (
    "This page is written from the table of functions (`python -m engine.formula.functions.reference`). "
    "Every example is computed by the tests: in memory, on SQLite and on PostgreSQL."
)
GROUPS: Mapping[str, Text] = {
    "logic": Text({"en": "Logic", "zh": "逻辑"}),
    "math": Text({"en": "Numbers", "zh": "数字"}),
    "rounding": Text({"en": "Rounding", "zh": "舍入"}),
    "text": Text({"en": "Texts", "zh": "文本"}),
    "date": Text({"en": "Days and times", "zh": "日期与时间"}),
    "financial": Text({"en": "Money over time", "zh": "财务"}),
    "context": Text({"en": "Who asks", "zh": "提问者"}),
    "records": Text({"en": "Over records", "zh": "针对一组记录"}),
}


def functions_page() -> str:
    """The whole page in Markdown."""
    parts = [
        "# Functions",
        "",
        INTRODUCTION,
        "",
    ]
    for group, title in GROUPS.items():
        parts += [f"## {title.to('en')} · {title.to('zh')}", ""]
        if group == "records":
            parts += _sample()
        for function in PUBLISHED.values():
            if function.group == group:
                parts += _entry(function)
    return "\n".join(parts).rstrip() + "\n"


def _entry(function: Function) -> list[str]:
    lines = [f"### {function.name}", "", f"`{function.signature}`"]
    if function.over_records and function.parameters:
        lines[-1] += f" or `{function.over_records}`"
    lines += ["", function.sentence.to("en"), function.sentence.to("zh"), ""]
    lines += [f"- `{formula}` → {_shown(value)}" for formula, value in function.examples]
    return [*lines, ""] if function.examples else lines


def _sample() -> list[str]:
    names = list(SAMPLE[0])
    rows = [" | ".join(_shown(row[name]) for name in names) for row in SAMPLE]
    return ["The examples are over these records of `sale`:", "", f"| {' | '.join(names)} |",
            "|" + " --- |" * len(names), *[f"| {row} |" for row in rows], ""]  # fmt: skip


def _shown(value: Any) -> str:
    match value:
        case None:
            return "blank"
        case bool():
            return "true" if value else "false"
        case date() | time():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
        case _:
            return f"“{value}”"


if __name__ == "__main__":
    print(functions_page(), end="")  # noqa: T201
