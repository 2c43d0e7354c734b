"""What people see: inboxes, the timeline of a record, the steps to come, and who may see the record."""

import pytest

from engine.problems import Malformed
from engine.workflow.inbox import Question, inbox, open_count
from engine.workflow.timeline import InstanceView, approvals, foresee
from tests.fixtures.workspaces import Publish
from tests.workflow.office import Office, app, open_office

STEPS = """
first: {approvers: [owner.manager], due: 2 days}
second: {when: amount > 500, approvers: [role:board]}
third: {approvers: [role:desk]}
"""


@pytest.fixture
def office(publish: Publish) -> Office:
    found = open_office(publish(app(STEPS)))
    found.new_paper()
    found.act("ann: submit")
    return found


def box(office: Office, who: str, name: str) -> list[tuple[str, str]]:
    with office.workspace.reading(office.people[who]) as transaction:
        entries = inbox(transaction, Question(box=name)).entries
    return [(each.step, each.status) for each in entries]


def seen_by(office: Office, who: str) -> InstanceView:
    with office.workspace.reading(office.people[who]) as transaction:
        return approvals(transaction, "office.paper", office.paper)[0]


def test_the_boxes(office: Office) -> None:
    assert box(office, "bo", "mine") == [("first", "open")]
    assert box(office, "ann", "waiting") == [("first", "open")]
    assert box(office, "eve", "mine") == []
    office.act("bo: copy to=gus")
    office.act("bo: approve")
    assert box(office, "bo", "done") == [("first", "approved")]
    assert box(office, "gus", "copied") == [("first", "copied")]
    with office.workspace.reading(office.people["eve"]) as transaction:
        assert open_count(transaction) == 1
        with pytest.raises(Malformed, match=r"no box 'mien' in the inbox\. Did you mean 'mine'"):
            inbox(transaction, Question(box="mien"))


def test_an_inbox_has_pages_and_filters(office: Office) -> None:
    for number in range(4):
        office.new_paper(name=f"Paper {number}")
        office.act("ann: submit")
    found: list[str] = []
    after = None
    with office.workspace.reading(office.people["bo"]) as transaction:
        while True:
            page = inbox(transaction, Question(limit=2, after=after))
            found += [entry.record.title for entry in page.entries]
            after = page.next
            if after is None:
                break
        (one,) = inbox(transaction, Question(search="paper 3")).entries
        assert inbox(transaction, Question(overdue=True)).entries == []
        assert inbox(transaction, Question(entity="office.annex")).entries == []
    assert found == ["Paper", "Paper 0", "Paper 1", "Paper 2", "Paper 3"]
    assert one.record.title == "Paper 3"
    assert {"approve", "reject", "return", "transfer"} <= set(one.decisions)


def test_the_timeline_shows_what_comes_next_and_why(office: Office) -> None:
    view = seen_by(office, "bo")
    shown = [(step.name, step.status, step.expected, str(step.why or "")) for step in view.steps]
    assert shown == [
        ("first", "active", True, ""),
        ("second", "waiting", False, "Only when amount > 500."),
        ("third", "waiting", True, ""),
    ]
    assert [link.title for link in view.steps[2].people] == ["Eve", "Fay"]
    (task,) = view.steps[0].tasks
    actions = {action.name: action.allowed for action in task.actions}
    assert actions["approve"]
    assert not actions["take_back"]
    assert [event.kind for event in view.events] == ["moved", "submitted", "asked"]
    assert {action.name for action in seen_by(office, "ann").actions} == {"withdraw", "remind"}
    assert seen_by(office, "ann").steps[0].tasks[0].actions == ()


def test_a_route_is_foreseen(office: Office) -> None:
    office.new_paper(amount="900")
    with office.workspace.reading(office.people["ann"]) as transaction:
        steps = foresee(transaction, "office.paper", office.paper, "submit")
    assert [(step.name, [link.title for link in step.people]) for step in steps] == [
        ("first", ["Bo"]),
        ("second", ["Dee", "Gus", "Hal"]),
        ("third", ["Eve", "Fay"]),
    ]
