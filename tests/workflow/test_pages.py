"""What pages about approvals read: tallies, one task, remarks with mentions, the administrator's overview."""

from collections.abc import Callable
from typing import Any

import pytest

from engine import commands
from engine.notifications import page_of
from engine.problems import InputRefused, NotAllowed, NotFound
from engine.workflow.inbox import Question, inbox
from engine.workflow.overview import jump_choices, mapping_choices, ongoing, standings
from engine.workflow.tallies import subjects, tally
from engine.workflow.task_sheet import task_sheet
from engine.workflow.timeline import foresee
from tests.fixtures.workspaces import Publish, person
from tests.workflow.office import Office, app, open_office

STEPS = """
first: {approvers: [owner.manager]}
both:
  parallel:
    money: {label: {en: Money, zh: 财务}, steps: {desk: {approvers: [role:desk], decide: any}}}
    large: {when: amount > 100, steps: {board: {approvers: [role:board]}}}
"""


@pytest.fixture
def office(publish: Publish) -> Office:
    office = open_office(publish(app(STEPS)))
    office.new_paper(amount=50)
    office.act("ann: submit")
    return office


def read(office: Office, who: str, function: Callable[..., Any], *values: Any, **further: Any) -> Any:
    with office.workspace.reading(office.people[who]) as transaction:
        return function(transaction, *values, **further)


def test_boxes_are_counted_and_say_what_they_are_about(office: Office) -> None:
    assert read(office, "bo", tally) == {"mine": 1, "waiting": 0, "done": 0, "copied": 0}
    assert read(office, "ann", tally) == {"mine": 0, "waiting": 1, "done": 0, "copied": 0}
    (subject,) = read(office, "bo", subjects, "mine")
    assert (subject.app, subject.entity, subject.transition, subject.count) == (
        "office",
        "office.paper",
        "submit",
        1,
    )
    for question, count in (
        (Question(app="office"), 1),
        (Question(app="off"), 0),
        (Question(transition="submit"), 1),
        (Question(transition="drop"), 0),
    ):
        assert len(read(office, "bo", inbox, question).entries) == count


def test_a_task_is_shown_to_who_is_asked_and_to_who_may_see_the_record(office: Office) -> None:
    (entry,) = read(office, "bo", inbox, Question()).entries
    sheet = read(office, "bo", task_sheet, entry.id)
    assert (sheet.entity, sheet.record_id, sheet.readable) == ("office.paper", office.paper, True)
    assert sheet.step.name == "first"
    assert [each.name for each in sheet.task.actions if each.allowed][:2] == ["approve", "reject"]
    assert read(office, "ann", task_sheet, entry.id).task.actions == ()
    office.people["stranger"] = person(office.workspace, "stranger")
    with pytest.raises(NotFound):
        read(office, "stranger", task_sheet, entry.id)
    with pytest.raises(NotFound, match="There is no task 99999"):
        read(office, "bo", task_sheet, 99999)


def test_branches_have_their_labels_and_values_that_are_sent_along_count(office: Office) -> None:
    office.act("bo: approve")
    office.act("eve: approve")
    office.new_paper(amount=50)
    steps = read(office, "ann", foresee, "office.paper", office.paper, "submit")
    desk, board = (next(each for each in steps if each.name == name) for name in ("desk", "board"))
    assert (desk.branch_label.to("zh"), desk.expected, board.expected) == ("财务", True, False)
    steps = read(office, "ann", foresee, "office.paper", office.paper, "submit", {"amount": 500})
    assert next(each for each in steps if each.name == "board").expected


def test_a_remark_tells_those_it_mentions_and_the_submitter(office: Office) -> None:
    def told(who: str) -> list[str]:
        return [each.message.to("en") for each in read(office, who, page_of, 10) if "task" not in each.kind]

    def remark(who: str, text: str) -> None:
        commands.remark(office.workspace, office.people[who], "office.paper", office.paper, text)

    remark("bo", "What do you think, @ida? Ask c@d.org.")
    assert [each.partition(":")[0] for each in told("ida")] == ["Bo mentioned you"]
    assert [each.partition(":")[0] for each in told("ann")] == ["Bo commented on your request"]
    remark("ann", "As @bo says.")
    assert [each.partition(":")[0] for each in told("bo")] == ["Ann mentioned you"]
    assert len(told("ann")) == 1
    with pytest.raises(InputRefused, match="Write the comment"):
        remark("ann", "  ")
    office.people["stranger"] = person(office.workspace, "stranger")
    with pytest.raises(InputRefused, match="may not see this record"):
        remark("ann", "@stranger")
    with pytest.raises(NotFound):
        remark("stranger", "Let me in")


def test_administrators_see_where_approvals_stand(office: Office) -> None:
    office.act("bo: approve")
    found = read(office, "root", standings)
    assert [(each.step, each.count, each.current) for each in found] == [("desk", 1, True)]
    (one,) = read(office, "root", ongoing, 10)
    assert [str(each) for each in one.steps] == ["Desk"]
    assert (one.submitter.title, one.incident) == ("Ann", None)
    assert read(office, "root", ongoing, 10, incidents=True) == []
    (moving,) = read(office, "root", mapping_choices, [one.id])
    assert [(each.name, [name for name, _ in each.targets]) for each in moving.steps] == [
        ("both", ["both"]),
        ("desk", ["desk", "first", "board"]),
    ]
    assert [name for name, _ in read(office, "root", jump_choices, one.id)] == [
        "first",
        "both",
        "desk",
        "board",
    ]
    for function, values in (
        (standings, ()),
        (ongoing, (10,)),
        (mapping_choices, ([1],)),
        (jump_choices, (1,)),
    ):
        with pytest.raises(NotAllowed, match="Only administrators"):
            read(office, "ann", function, *values)


def test_an_incident_is_listed_with_its_sentence(publish: Publish) -> None:
    office = open_office(
        publish(app("route: {choose: [{when: amount > 100, steps: {x: {approvers: [role:desk]}}}]}"))
    )
    office.new_paper(amount=1)
    office.act("ann: submit")
    (one,) = read(office, "root", ongoing, 10, incidents=True)
    assert "No branch" in one.incident.to("en")
    assert one.incident_task is not None
    assert [each.step for each in read(office, "root", standings)] == []
