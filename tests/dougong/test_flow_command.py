"""`dougong flow`: a published workflow as text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dougong.cli import main
from tests.fixtures.workspaces import Publish
from tests.workflow.office import app


@pytest.fixture
def flow(publish: Publish, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    publish(app("one: {approvers: [owner.manager]}"))
    monkeypatch.setenv("DOUGONG_DATABASE", database_url)

    def run(*arguments: str, locale: str = "C.UTF-8") -> Result:
        monkeypatch.setenv("LC_ALL", locale)
        return CliRunner().invoke(main, ["flow", *arguments])

    return run


def test_a_flow_is_printed(flow: Callable[..., Result]) -> None:
    found = flow("office.paper")
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert lines[0] == "Paper (office.paper)"
    assert "Submit (submit): Draft, Refused → Done" in lines
    assert "    1. One: owner.manager (all of them)" in lines
    assert "会签" not in found.stdout
    assert "会签" in flow("office.paper", locale="zh_CN.UTF-8").stdout


@pytest.mark.parametrize(
    ("entity", "sentence"),
    [
        ("office.paper9", "There is no 'office.paper9' here."),
        ("system.department", "Department has no workflow."),
    ],
)
def test_what_has_no_flow_is_told(flow: Callable[..., Result], entity: str, sentence: str) -> None:
    found = flow(entity)
    assert found.exit_code == 1
    assert sentence in found.stderr


def test_without_an_entity_it_says_how_it_is_used(flow: Callable[..., Result]) -> None:
    assert flow().exit_code == 2


def test_the_command_is_described(flow: Callable[..., Result]) -> None:
    assert "APP.ENTITY" in flow("--help").stdout
    page = Path(__file__).parents[2] / "docs" / "approvals.md"
    assert "dougong flow travel.trip" in page.read_text(encoding="utf-8")
