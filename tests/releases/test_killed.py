"""A publish that is killed at any moment leaves one release whole, and the next publish succeeds."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.releases.history import current_number
from engine.releases.plan import make_plan
from engine.schema.database import Database, open_database
from tests.releases.publishing import checked, crm, insert, live_schema, publish, rows

BEFORE = crm(
    """
    name: {type: text, required: true}
    phone: {type: text}
    value: {type: money, min: 0}
    code: {type: text, required: true}
    """
)
AFTER = crm(
    """
    name: {type: text, required: true, index: true}
    phone: {type: integer}
    amount: {type: money, min: 0, was: value}
    double: {type: money, formula: amount * 2}
    """
)
SCRIPT = """
import os, signal, sys
from engine.releases.apply import apply_plan
from engine.releases.step import Risk
from engine.schema.database import open_database
from tests.releases.publishing import checked

url, text, moments = sys.argv[1], sys.argv[2], int(sys.argv[3])
left = [moments]

def progress(step):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)

database = open_database(url)
if moments == 99:
    # At the last moment: everything is done and not yet committed.
    from engine.releases import apply
    real = apply._record
    def record(*given):
        real(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    apply._record = record
apply_plan(database, checked(text), "killed", "ada", frozenset(Risk), progress=progress)
"""


def killed(url: str, moment: int) -> int:
    """Publishes AFTER in a process of its own that is killed at a moment; how it ended."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, url, AFTER, str(moment)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode in (0, -9), ended.stderr
    return ended.returncode


def state(database: Database) -> tuple[int, Mapping[str, Any]]:
    with database.reading() as connection:
        return current_number(connection), live_schema(database)


@pytest.mark.parametrize("moment", [0, 2, 4, 99])
def test_a_killed_publish_leaves_one_release_whole(database_url: str, moment: int) -> None:
    database = open_database(database_url)
    publish(database, BEFORE)
    with database.writing() as connection:
        for number in range(50):
            values = {"name": f"N{number}", "phone": str(number), "value": number, "code": "c"}
            insert(connection, checked(BEFORE), "crm.deal", **values)
    before = state(database)
    assert killed(database_url, moment) == -9
    assert state(database) == before
    with database.writing() as connection:
        insert(connection, checked(BEFORE), "crm.deal", name="after", phone="x", value=1, code="c")

    assert publish(database, AFTER).number == 2
    assert make_plan(database, checked(AFTER)).nothing_to_do
    with database.reading() as connection:
        found = rows(connection, "crm__deal", "id", "name", "phone")
    assert len(found) == 51
    assert found[3] == (4, "N3", 3)
    assert found[-1][1:] == ("after", None)
    database.close()
