"""Timers of stages: whichever door a record comes through, and how a timer ends."""

import pytest

from engine import importing
from engine.definition.check import check_texts
from engine.records.bulk import insert_many
from engine.releases.apply import apply_plan
from engine.releases.step import Risk
from engine.schema.workflow_tables import workflow_timer
from engine.transaction import SYSTEM
from tests.fixtures.workspaces import Publish
from tests.workflow.office import Office, app, open_office

TIMED = "cold: {from: draft, to: lost, after: 2 days}\nwarm: {from: draft, to: refused, after: 9 days}"
STAGES = "parked: {due: 5 days, overdue: {remind: [owner]}}"


@pytest.fixture
def office(publish: Publish) -> Office:
    return open_office(publish(app("one: {approvers: [owner.manager]}", transitions=TIMED, stages=STAGES)))


def timers(office: Office) -> list[tuple[int, str, str, str | None]]:
    return [
        (row["record_id"], row["kind"], row["name"], row["outcome"]) for row in office.rows(workflow_timer)
    ]


def test_records_written_with_many_have_their_timers(office: Office) -> None:
    rows = [{"name": "A"}, {"name": "B", "stage": "parked"}, {"name": "C", "stage": "done"}]
    with office.workspace.writing() as transaction:
        first, second, _ = insert_many(transaction, office.entity, rows)
    assert timers(office) == [
        (first, "transition", "cold", None),
        (first, "transition", "warm", None),
        (second, "stage", "parked", None),
    ]
    office.paper = first
    office.pass_time(days=3)
    assert office.record()["stage"] == "lost"


def test_imported_records_have_their_timers(office: Office) -> None:
    found = importing.import_rows(office.workspace, SYSTEM, office.entity, [(2, {"name": "A"})])
    assert timers(office) == [(found.created[0], "transition", name, None) for name in ("cold", "warm")]


def test_the_timer_that_fired_ends_as_done(office: Office) -> None:
    office.new_paper()
    office.pass_time(days=3)
    paper = office.paper
    assert timers(office) == [
        (paper, "transition", "cold", "done"),
        (paper, "transition", "warm", "stale"),
    ]


def test_a_release_that_brings_a_limit_brings_timers(publish: Publish) -> None:
    untimed = app("one: {approvers: [owner.manager]}", stages="parked: {}\nshelved: {}")
    office = open_office(publish(untimed))
    with office.workspace.writing() as transaction:
        rows = [{"name": "A"}, {"name": "B", "stage": "parked"}, {"name": "C", "stage": "shelved"}]
        first, second, third = insert_many(transaction, office.entity, rows)
    assert timers(office) == []
    publish(app("one: {approvers: [owner.manager]}", transitions=TIMED, stages=f"{STAGES}\nshelved: {{}}"))
    assert sorted(timers(office)) == [
        (first, "transition", "cold", None),
        (first, "transition", "warm", None),
        (second, "stage", "parked", None),
    ]
    without = app("one: {approvers: [owner.manager]}", transitions=TIMED, stages=STAGES)
    moved = without.replace("stages:\n", "moved_stages: {shelved: parked}\n      stages:\n")
    checked = check_texts([{"app_0.yaml": moved}])
    apply_plan(office.workspace.database, checked, message="test", by="test", allow=frozenset(Risk))
    assert (third, "stage", "parked", None) in timers(office)
    office.paper = first
    office.pass_time(days=3)
    assert office.record()["stage"] == "lost"
