"""What a publish tells while it runs, and what others see of it meanwhile."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any

import pytest

from engine.releases import conversion, progress
from engine.releases.apply import apply_plan
from engine.releases.progress import Doing, Running, watched
from engine.releases.running_file import find_running, running_file, writes_to
from engine.releases.step import Risk
from engine.schema.database import Database, open_database
from engine.text import say
from tests.releases.publishing import checked, crm, insert, publish, rows

BEFORE = crm("name: {type: text}\nphone: {label: {en: Phone, zh: 电话}, type: text}")
AFTER = crm("title: {type: text, was: name}\nphone: {label: {en: Phone, zh: 电话}, type: integer}")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
RUNNING = Running(
    "ada",
    NOW - timedelta(minutes=1),
    NOW - timedelta(seconds=12),
    {"en": "Adds Discount to Deal.", "zh": "为商机添加折扣。"},
    3,
    7,
)


@pytest.fixture
def database(database_url: str) -> Any:
    """Fifty deals, whose phones are written as only a person would."""
    opened = open_database(database_url)
    publish(opened, BEFORE)
    with opened.writing() as connection:
        for number in range(50):
            insert(connection, checked(BEFORE), "crm.deal", name=f"N{number}", phone=f"{number + 1},000")
    yield opened
    opened.close()


def apply(database: Database, tell: progress.Progress) -> None:
    apply_plan(database, checked(AFTER), "", "ada", frozenset(Risk), progress=tell)


def test_a_publish_tells_every_lot_and_every_step(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "AT_ONCE", 20)
    told: list[Doing] = []
    apply(database, told.append)
    assert str(told[0].sentence) == "Compares the definitions with the data"
    lots = [each for each in told if each.done is not None]
    *read, indexed = lots
    assert [(each.done, each.records) for each in read] == [(20, 50), (40, 50), (50, 50)]
    assert {str(each.sentence) for each in read} == {"Reads the values of Phone one by one"}
    assert str(indexed.sentence) == "Indexes 50 deals anew for the search."
    assert (indexed.done, indexed.records) == (50, 50)
    steps = [each for each in told if each.number and each is not indexed]
    assert [each.number for each in steps] == list(range(1, len(steps) + 1))
    assert {each.steps for each in steps} == {len(steps)}
    assert any("from text to integer" in str(each.sentence) for each in steps)
    with database.reading() as connection:
        assert rows(connection, "crm__deal", "title", "phone")[4] == ("N4", 5000)


def test_it_is_seen_while_it_runs_and_gone_afterwards(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(conversion, "AT_ONCE", 10)
    path = running_file(tmp_path / "new", database)
    seen: list[Running] = []

    with watched("ada", [writes_to(path)]) as tell:

        def tell_and_look(doing: Doing) -> None:
            tell(doing)
            if doing.done == 20:
                found = wait_for(path, "Reads", 20)
                assert found is not None
                seen.append(found)

        apply(database, tell_and_look)
    (found,) = seen
    assert (found.by, found.done, found.records) == ("ada", 20, 50)
    assert found.sentence == {"en": "Reads the values of Phone one by one", "zh": "逐个读取 电话 的值"}
    assert found.begun <= found.since <= datetime.now(UTC)
    assert found.share == 0.4
    assert list(path.parent.iterdir()) == []


def wait_for(path: Path, beginning: str, done: int | None = None) -> Running | None:
    until = monotonic() + 20
    while monotonic() < until:
        found = find_running(path)
        if found and found.sentence["en"].startswith(beginning) and found.done == done:
            return found
        sleep(0.01)
    return None


def test_a_publish_that_fails_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.01)
    path = tmp_path / "publishing.json"

    def fails() -> None:
        with watched("ada", [writes_to(path)]) as tell:
            tell(Doing(say("Compares the definitions with the data")))
            assert wait_for(path, "Compares")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_what_is_silent_or_dead_or_broken_is_not_running(tmp_path: Path) -> None:
    path = tmp_path / "publishing.json"
    assert find_running(path) is None
    writes_to(path)(RUNNING)
    assert find_running(path) == RUNNING
    old = time() - 60
    os.utime(path, (old, old))
    assert find_running(path) is None
    path.write_text('{"id": 1', encoding="utf-8")
    assert find_running(path) is None
    script = (
        "import sys; from pathlib import Path; from tests.releases.test_progress import RUNNING, writes_to; "
        "writes_to(Path(sys.argv[1]))(RUNNING)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, env=environment)
    assert b"Adds Discount" in path.read_bytes()
    assert find_running(path) is None


def test_only_its_own_file_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "publishing.json"
    first, second = writes_to(path), writes_to(path)
    first(RUNNING)
    second(RUNNING)
    first(None)
    assert find_running(path) == RUNNING
    second(None)
    assert not path.exists()


def test_what_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    show = writes_to(tmp_path / "file" / "publishing.json")
    show(RUNNING)
    show(None)
    assert find_running(tmp_path / "file" / "publishing.json") is None


def test_figures_and_share() -> None:
    assert [str(each) for each in RUNNING.figures(NOW)] == ["step 3 of 7", "running for 12 s"]
    assert RUNNING.share == 2 / 7
    reading = Running("ada", NOW, NOW, RUNNING.sentence, done=40_000, records=1_000_000)
    assert [str(each) for each in reading.figures(NOW)] == [
        "40,000 of 1,000,000 values",
        "running for 0 s",
    ]
    assert reading.share == 0.04
    assert Running("ada", NOW, NOW, RUNNING.sentence).share is None


def test_a_step_runs_since_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.01)
    shown: list[Running | None] = []
    reads = say("Reads the values of {field} one by one", field="Phone")
    with watched("ada", [shown.append]) as tell:
        for done in (1, 2):
            tell(Doing(reads, done=done, records=2))
            sleep(0.1)
        tell(Doing(reads, 1, 1))
        sleep(0.1)
    assert shown[-1] is None
    told = [each for each in shown if each]
    lots, step = [each for each in told if not each.number], [each for each in told if each.number]
    assert {each.done for each in lots} == {1, 2}
    assert len({each.since for each in lots}) == 1
    assert step[0].since > lots[0].since
    assert all(one.begun == other.begun for one, other in pairwise(told))
