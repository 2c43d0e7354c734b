"""The SQL of the table of cases, as text beside it: statements/<database>.sql, read and compared, or written.

`DOUGONG_WRITE_STATEMENTS=1 pytest -p no:xdist tests/releases/test_changes.py` writes them anew; what differs
then shows in the diff, and has to be meant.
"""

import os
import re
from pathlib import Path

from engine.releases.step import Plan

FOLDER = Path(__file__).with_name("statements")
CASE = re.compile(r"^-- ==== (.+)$", re.MULTILINE)
INSTANT = re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+(\+00:00)?'")
"""When the plan was made, which is different each time."""

WRITES = "DOUGONG_WRITE_STATEMENTS" in os.environ


def statements(plan: Plan) -> str:
    """What a plan sends to the database, step by step."""
    lines = []
    for step in plan.steps:
        lines.append(f"-- {step.kind}: {step.sentence}")
        lines += [f"{statement};" for statement in step.statements]
        lines += [f"-- recomputes {', '.join(step.fields)}"] if step.fields else []
    return INSTANT.sub("'now'", "\n".join(lines))


def expected_statements(dialect: str, case: str, found: str) -> str:
    """What stands in the file for a case and direction; `found` itself when the files are written anew."""
    path = FOLDER / f"{dialect}.sql"
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    _, *parts = CASE.split(written)
    known = dict(zip(parts[::2], (part.strip("\n") for part in parts[1::2]), strict=True))
    if WRITES:
        known[case] = found
        FOLDER.mkdir(exist_ok=True)
        text = "\n\n".join(f"-- ==== {name}\n{known[name]}".rstrip() for name in sorted(known))
        path.write_text(f"{text}\n", encoding="utf-8")
    return known.get(case, f"nothing is written for '{case}'")
