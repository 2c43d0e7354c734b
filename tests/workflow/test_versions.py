"""Rule 13: running approvals stay on their release; they are moved by a mapping, whole or not at all."""

import pytest

from engine import commands
from engine.problems import InputRefused, NotAllowed, NotPossible
from tests.fixtures.workspaces import Publish
from tests.workflow.office import Office, app, open_office

BEFORE = """
first: {approvers: [owner.manager]}
second: {approvers: [owner.manager.manager]}
"""
AFTER = """
check: {approvers: [role:desk], decide: any}
review: {approvers: [user:hal]}
final: {approvers: [user:gus]}
"""
OTHER = """
check: {approvers: [role:desk], decide: any}
told: {copy_to: [role:desk]}
"""


@pytest.fixture
def office(publish: Publish) -> Office:
    found = open_office(publish(app(BEFORE)))
    found.new_paper()
    found.act("ann: submit")
    return found


def test_a_running_approval_stays_on_its_release(publish: Publish, office: Office) -> None:
    publish(app(AFTER))
    office.act("bo: approve")
    assert office.tasks() == "bo approved, cy open"
    office.act("cy: approve")
    assert (office.record()["stage"], office.instance()["release"]) == ("done", 1)
    first = office.paper
    office.new_paper()
    office.act("ann: submit")
    assert office.paper != first
    assert (office.tasks(), office.instance()["release"]) == ("eve open, fay open", 2)


def test_it_is_moved_with_its_people(publish: Publish, office: Office) -> None:
    office.act("bo: approve")
    publish(app(AFTER))
    root, instance = office.people["root"], office.instance()["id"]
    commands.migrate_approval(office.workspace, root, instance, {"second": "review"}, "New rules")
    assert office.instance()["release"] == 2
    assert office.steps() == "review active, check skipped"
    office.act("cy: approve")
    assert office.tasks() == "bo approved, cy approved, gus open"
    assert "root migrated" in office.events()


def test_it_is_refused_where_a_step_has_no_place(publish: Publish, office: Office) -> None:
    publish(app(OTHER))
    root, instance = office.people["root"], office.instance()["id"]
    refusals = {
        "needs a step of the current release": {},
        "another kind of step": {"first": "told"},
        "no step 'elsewhere' to move to": {"first": "elsewhere"},
        "no step 'third' to move": {"third": "check"},
    }
    for sentence, mapping in refusals.items():
        with pytest.raises(NotPossible, match=sentence):
            commands.migrate_approval(office.workspace, root, instance, mapping, "New rules")
    assert (office.instance()["release"], office.tasks()) == (1, "bo open")


def test_many_are_moved_each_whole_or_not_at_all(publish: Publish, office: Office) -> None:
    first, elsewhere = office.instance()["id"], office.paper
    office.new_paper()
    office.act("ann: submit")
    office.act("bo: approve")
    second = office.instance()["id"]
    publish(app(AFTER))
    root = office.people["root"]
    moves = {second: {"second": "review"}, first: {"first": "told"}, 999: {}}
    found = commands.migrate_approvals(office.workspace, root, moves, "New rules")
    assert [(each, str(reason) if reason else None) for each, reason in found.items()] == [
        (second, None),
        (first, "The current release has no step 'told' to move to."),
        (999, "There is no approval 999."),
    ]
    assert office.instance()["release"] == 2
    office.paper = elsewhere
    assert (office.instance()["release"], office.tasks()) == (1, "bo open")
    with pytest.raises(NotAllowed, match="Only administrators"):
        commands.migrate_approvals(office.workspace, office.people["bo"], moves, "New rules")
    with pytest.raises(InputRefused):
        commands.migrate_approvals(office.workspace, root, moves, " ")
