"""`dougong jobs` and `dougong worker`: how jobs stand, as people and as programs read it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dougong.cli import main
from dougong.settings import read_settings
from engine import outbox
from engine.schema.system_tables import job
from engine.workspace import open_workspace

Dougong = Callable[..., Result]


@pytest.fixture
def dougong(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Dougong:
    """The command line on a database with one failed and one waiting job."""
    monkeypatch.setenv("DOUGONG_DATABASE", database_url)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    workspace = open_workspace(database_url)
    with workspace.writing() as transaction:
        outbox.enqueue(
            transaction, "mail", [("mail-1", {"notification": 1}), ("mail-2", {"notification": 2})]
        )
        failed = job.update().where(job.c.key == "mail-1").values(state="failed", reason="No such mailbox")
        transaction.connection.execute(failed)
    workspace.close()
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_jobs_are_listed(dougong: Dougong) -> None:
    lines = dougong("jobs").stdout.splitlines()
    assert lines[0] == "waiting 1  handed 0  running 0  failed 1  done 0"
    assert "mail-2" in lines[1]
    assert lines[2].endswith("No such mailbox")
    assert "mail-2" not in dougong("jobs", "--state", "failed").stdout


def test_jobs_for_programs(dougong: Dougong) -> None:
    found = json.loads(dougong("jobs", "--json", "--limit", "1").stdout)
    assert found["counts"]["failed"] == 1
    assert found["workers"] == []
    assert [(each["key"], each["payload"]) for each in found["jobs"]] == [("mail-2", {"notification": 2})]


def test_a_failed_job_is_tried_again(dougong: Dougong) -> None:
    (failed,) = json.loads(dougong("jobs", "--json", "--state", "failed").stdout)["jobs"]
    assert dougong("jobs", "retry", str(failed["id"])).stdout == f"Job {failed['id']} is tried again.\n"
    assert dougong("jobs").stdout.startswith("waiting 2  handed 0")
    refused = dougong("jobs", "retry", "99")
    assert (refused.exit_code, refused.stderr) == (1, "There is no job 99.\n")


def test_a_worker_refuses_a_mail_server_that_is_written_wrongly(
    dougong: Dougong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOUGONG_DATA", str(tmp_path))
    monkeypatch.setenv("DOUGONG_SMTP_URL", "mail.example.org")
    for command in ("worker", "serve"):
        refused = dougong(command)
        assert refused.exit_code == 1
        assert "“mail.example.org” is not the address of a mail server." in refused.stderr


def test_settings_reach_other_processes() -> None:
    given = {
        "DOUGONG_SMTP_URL": "smtp://mail.example.org",
        "DOUGONG_MAIL_FROM": "dougong@example.org",
        "DOUGONG_URL": "https://dougong.example.org",
    }
    settings = read_settings(given)
    assert (settings.smtp, settings.mail_from, settings.site) == tuple(given.values())
    assert read_settings(settings.environment()) == settings


def test_only_the_worker_loads_the_job_engine() -> None:
    loaded = "import sys, dougong.cli, dougong.app; print('dbos' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
