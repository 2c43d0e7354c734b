"""Approvals as scenarios: a flow, what people do, what there is then; each rule at least twice."""

import pytest

from tests.fixtures.workspaces import Publish
from tests.workflow.office import Scenario, lines, play

ONE = "one: {approvers: [owner.manager]}"
TWO = """
first: {approvers: [owner.manager]}
second: {approvers: [owner.manager.manager]}
"""
DESK_ANY = "desk: {approvers: [role:desk], decide: any}"
DESK_ALL = "desk: {approvers: [role:desk], decide: all}"
BOARD_ORDER = "board: {approvers: [role:board], decide: in_order}"

GATE = [
    Scenario(
        "5",
        "approved",
        ONE,
        ("ann: submit", "bo: approve"),
        "done",
        "approved",
        "bo approved",
        "one approved",
        (
            "ann moved draft>waiting",
            "ann submitted",
            "ann asked",
            "bo approved",
            "bo step_approved",
            "bo flow_approved",
            "bo moved waiting>done",
        ),
    ),
    Scenario(
        "5",
        "rejected goes back to where it came from",
        ONE,
        ("ann: submit", "bo: reject comment=No"),
        "draft",
        "rejected",
        "bo rejected",
    ),
    Scenario(
        "5",
        "rejected has a stage",
        ONE,
        ("ann: submit", "bo: reject"),
        "refused",
        "rejected",
        approval="rejected: refused",
    ),
    Scenario(
        "5",
        "the gate is open",
        ONE,
        ("ann: submit",),
        "done",
        approval="needed_when: amount > 500",
        events=("ann gate_open", "ann moved draft>done"),
    ),
    Scenario(
        "5",
        "the gate is closed",
        ONE,
        ("ann: submit",),
        "waiting",
        "open",
        "bo open",
        approval="needed_when: amount > 50",
    ),
    Scenario(
        "5",
        "one open instance",
        ONE,
        ("ann: submit", "ann: submit ! 'Submit' is waiting for approval already"),
        "waiting",
        "open",
        "bo open",
    ),
    Scenario(
        "5",
        "again after a rejection",
        ONE,
        ("ann: submit", "bo: reject", "ann: submit", "bo: approve"),
        "done",
        "approved",
        "bo rejected, bo approved",
    ),
    Scenario(
        "11",
        "withdrawn",
        ONE,
        ("ann: submit", "ann: withdraw comment=Oops"),
        "draft",
        "withdrawn",
        "bo cancelled",
        events=("ann withdrawn", "ann moved waiting>draft"),
    ),
    Scenario(
        "11",
        "withdrawing is the submitter's",
        ONE,
        ("ann: submit", "bo: withdraw ! Only the submitter can"),
        "waiting",
        "open",
        "bo open",
    ),
    Scenario(
        "9",
        "any: the first answer decides",
        DESK_ANY,
        ("ann: submit", "fay: approve"),
        "done",
        "approved",
        "eve cancelled, fay approved",
    ),
    Scenario(
        "9",
        "any: the first no decides",
        DESK_ANY,
        ("ann: submit", "eve: reject"),
        "draft",
        "rejected",
        "eve rejected, fay cancelled",
    ),
    Scenario(
        "9",
        "all: everybody",
        DESK_ALL,
        ("ann: submit", "eve: approve", "fay: approve"),
        "done",
        "approved",
        "eve approved, fay approved",
    ),
    Scenario(
        "9",
        "all: one is missing",
        DESK_ALL,
        ("ann: submit", "eve: approve"),
        "waiting",
        "open",
        "eve approved, fay open",
    ),
    Scenario(
        "9",
        "all: one no",
        DESK_ALL,
        ("ann: submit", "eve: reject"),
        "draft",
        "rejected",
        "eve rejected, fay cancelled",
    ),
    Scenario(
        "9",
        "in order: one at a time",
        BOARD_ORDER,
        ("ann: submit", "dee: approve"),
        "waiting",
        "open",
        "dee approved, gus open, hal waiting",
    ),
    Scenario(
        "9",
        "in order: not your turn",
        BOARD_ORDER,
        ("ann: submit", "hal: approve ! It is not your turn yet"),
        "waiting",
        "open",
        "dee open, gus waiting, hal waiting",
    ),
    Scenario(
        "9",
        "in order: to the end",
        BOARD_ORDER,
        ("ann: submit", "dee: approve", "gus: approve", "hal: approve"),
        "done",
        "approved",
    ),
    Scenario(
        "9",
        "in order: a no",
        BOARD_ORDER,
        ("ann: submit", "dee: approve", "gus: reject"),
        "draft",
        "rejected",
        "dee approved, gus rejected, hal cancelled",
    ),
    Scenario(
        "7",
        "one after the other",
        TWO,
        ("ann: submit", "bo: approve"),
        "waiting",
        "open",
        "bo approved, cy open",
        "first approved, second active",
    ),
]


@pytest.mark.parametrize("scenario", GATE, ids=lambda each: each.id)
def test_the_gate_and_its_decisions(publish: Publish, scenario: Scenario) -> None:
    play(publish, scenario)


def test_lines() -> None:
    assert lines(" a\n\n b ") == ("a", "b")
