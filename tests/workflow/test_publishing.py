"""Publishing while approvals are under way: who waits where is told, and nobody is left behind."""

from collections.abc import Collection

import pytest
from sqlalchemy import select

from engine import commands
from engine.definition.check import check_texts
from engine.releases.apply import apply_plan
from engine.releases.plan import StagesHeld, make_plan
from engine.releases.step import Plan, Risk
from engine.schema.system_tables import notification
from engine.schema.workflow_tables import workflow_instance
from engine.transaction import SYSTEM
from engine.workflow.inbox import Question, inbox
from engine.workflow.timeline import approvals
from tests.fixtures.workspaces import Publish
from tests.workflow.office import Office, app, open_office

STEPS = """
first: {label: First look, approvers: [owner.manager], due: 2 days}
second: {when: amount > 10, approvers: [owner.manager.manager]}
"""
TEXT = app(STEPS)
EVERYTHING = frozenset(Risk)


@pytest.fixture
def office(publish: Publish) -> Office:
    """A paper waits at the first step, another one at the second."""
    found = open_office(publish(TEXT))
    for steps in (["ann: submit", "bo: approve"], ["ann: submit"]):
        found.new_paper()
        for line in steps:
            found.act(line)
    return found


def planned(office: Office, text: str, moved: dict[str, str] | None = None) -> Plan:
    return make_plan(office.workspace.database, check_texts([{"app_0.yaml": text}]), (), moved or {})


def publish_again(
    office: Office, text: str, moved: dict[str, str] | None = None, removed: Collection[str] = ()
) -> None:
    texts = [{"app_0.yaml": text}] if text else []
    apply_plan(
        office.workspace.database,
        check_texts(texts),
        "test",
        "test",
        allow=EVERYTHING,
        moved=moved or {},
        removed=removed,
    )
    with office.workspace.reading() as transaction:
        assert transaction.catalog.release > 1


def told(plan: Plan) -> list[str]:
    """What the plan says of approvals."""
    affected = [str(each) for step in plan.steps for each in step.affected if "pproval" in str(each)]
    return affected + [str(step.sentence) for step in plan.steps if step.kind.startswith("approvals_")]


def reasons(office: Office) -> list[str]:
    """The reasons that the paper's page gives for what was cancelled."""
    actor = office.people["root"]
    with office.workspace.reading(actor) as transaction:
        found = approvals(transaction, office.entity, office.paper)
    return [each.comment for view in found for each in view.events if each.kind == "cancelled"]


CHANGES = {
    "a step changes": (
        TEXT.replace("amount > 10,", "amount > 20,"),
        "2 approvals of Submit wait: 1 at Second, 1 at First look; it is asked for otherwise from now on.",
    ),
    "a step goes": (
        TEXT.replace("second: {when: amount > 10, approvers: [owner.manager.manager]}", ""),
        "2 approvals of Submit wait: 1 at Second, 1 at First look; that step goes.",
    ),
    "no approval is asked for": (
        TEXT[: TEXT.rindex("          approval:")] + TEXT[TEXT.index("        drop:") :],
        "2 approvals of Submit wait: 1 at Second, 1 at First look; it needs no approval from now on.",
    ),
    "the transition goes": (
        TEXT[: TEXT.index("        submit:")] + TEXT[TEXT.index("        drop:") :],
        "2 approvals of Submit wait: 1 at Second, 1 at First look; the transition goes.",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_who_waits_where_is_told_and_stays(office: Office, case: str) -> None:
    text, sentence = CHANGES[case]
    plan = planned(office, text)
    assert told(plan) == [f"{sentence} They are decided as release 1 says."]
    publish_again(office, text)
    office.act("bo: approve")
    office.act("cy: approve")
    assert (office.record()["stage"], office.instance()["release"]) == ("done", 1)


RENAMES = {
    "a field": TEXT.replace("amount: {type: money}", "total: {type: money, was: amount}").replace(
        "amount > 10", "total > 10"
    ),
    "a field that names people": TEXT.replace("owner: {type: user,", "holder: {type: user, was: owner,")
    .replace("owner.manager", "holder.manager")
    .replace("by: [owner]", "by: [holder]"),
    "the stage where they wait": TEXT.replace("waiting: {edit: []}", "queue: {edit: [], was: waiting}")
    .replace("pending: waiting", "pending: queue")
    .replace("[draft, waiting]", "[draft, queue]"),
    "the stage where they lead": TEXT.replace("done: {final: true}", "ready: {final: true, was: done}")
    .replace("to: done", "to: ready")
    .replace("[done, lost]", "[ready, lost]"),
    "a field, and a step is new before": TEXT.replace(
        "amount: {type: money}", "total: {type: money, was: amount}"
    )
    .replace("amount > 10", "total > 10")
    .replace("first:", "zero: {approvers: [role:desk], decide: any}\n              first:"),
}


@pytest.mark.parametrize("case", RENAMES)
def test_they_go_on_under_new_names(office: Office, case: str) -> None:
    text = RENAMES[case]
    sentence = (
        "2 approvals of Submit wait: 1 at Second, 1 at First look and go on as this release says, since they "
        "speak of what changes."
    )
    assert told(planned(office, text)) == [sentence]
    publish_again(office, text)
    assert office.instance()["release"] == 2
    office.act("bo: approve")
    office.act("cy: approve")
    assert office.record()["stage"] in ("done", "ready")
    assert reasons(office) == []


def test_they_go_on_when_the_entity_is_renamed(office: Office) -> None:
    text = TEXT.replace("  paper:", "  sheet:\n    was: paper")
    publish_again(office, text)
    office.entity = "office.sheet"
    office.act("bo: approve")
    office.act("cy: approve")
    assert (office.record()["stage"], office.instance()["release"]) == ("done", 2)
    # Records of another entity by the old name have timers of their own.
    publish_again(office, f"{text}\n{TEXT[TEXT.index('  paper:') :]}")
    office.entity = "office.paper"
    office.new_paper()
    office.act("ann: submit")
    assert office.record()["stage"] == "waiting"


def test_who_waits_where_nothing_is_any_more_is_cancelled(office: Office) -> None:
    text = RENAMES["a field"].replace("first:", "look:")
    assert told(planned(office, text)) == [
        (
            "Cancels approvals. 1 approval of Submit waits at First look: What this approval speaks of is "
            "called otherwise or is gone, and so is where it waited."
        ),
        (
            "1 approval of Submit waits at Second and goes on as this release says, since it speaks of what "
            "changes."
        ),
    ]
    publish_again(office, text)
    assert (office.record()["stage"], office.instance()["status"]) == ("draft", "cancelled")
    assert (office.tasks(), office.steps()) == ("bo cancelled", "")
    assert reasons(office) == [
        "What this approval speaks of is called otherwise or is gone, and so is where it waited."
    ]
    with office.workspace.reading(SYSTEM) as transaction:
        kinds = transaction.connection.execute(
            select(notification.c.user_id, notification.c.words).where(
                notification.c.kind == "workflow_cancelled"
            )
        ).all()
    assert [each.user_id for each in kinds] == [office.people["ann"].id]
    assert kinds[0].words["zh"]
    office.paper -= 1
    office.act("cy: approve")
    assert (office.record()["stage"], office.instance()["release"]) == ("done", 2)


WITHOUT_WAITING = (
    TEXT.replace("waiting: {edit: []}", "")
    .replace("pending: waiting", "pending: draft")
    .replace("[draft, waiting]", "[draft]")
)


def test_a_stage_that_holds_them_is_not_removed_without_saying_where_they_go(office: Office) -> None:
    with pytest.raises(
        StagesHeld, match="Removes the stage Waiting of Paper, where records stand: 2"
    ) as held:
        planned(office, WITHOUT_WAITING)
    assert [(each.key, each.records) for each in held.value.held] == [("office.paper.waiting", 2)]


def test_they_go_where_the_approval_waits_now(office: Office) -> None:
    moved = {"office.paper.waiting": "draft"}
    assert [step.kind for step in planned(office, WITHOUT_WAITING, moved).steps if step.sql] == [
        "stage_removed",
        "approvals_taken_along",
    ]
    publish_again(office, WITHOUT_WAITING, moved)
    assert office.record()["stage"] == "draft"
    office.act("bo: approve")
    office.act("cy: approve")
    assert (office.record()["stage"], office.instance()["release"]) == ("done", 2)


def test_they_are_cancelled_where_it_does_not_wait(office: Office) -> None:
    text = WITHOUT_WAITING
    moved = {"office.paper.waiting": "refused"}
    text = text.replace("pending: draft", "pending: checked").replace(
        "refused: {}", "refused: {}\n        checked: {}"
    )
    assert told(planned(office, text, moved)) == [
        (
            "Cancels approvals. 2 approvals of Submit wait: 1 at Second, 1 at First look: The stage Waiting "
            "was removed."
        )
    ]
    publish_again(office, text, moved)
    assert (office.record()["stage"], office.instance()["status"]) == ("refused", "cancelled")
    assert reasons(office) == ["The stage Waiting was removed."]
    office.act("ann: submit")
    assert office.record()["stage"] == "checked"


def test_where_they_would_go_back_to_is_asked_for(office: Office) -> None:
    text = (
        TEXT.replace("draft: {}", "begun: {}")
        .replace("[draft, refused]", "[begun, refused]")
        .replace("[draft, waiting]", "[begun, waiting]")
        .replace("to: draft", "to: begun")
    )
    with pytest.raises(StagesHeld, match="to which approvals under way would go back: 2"):
        planned(office, text)
    publish_again(office, text, {"office.paper.draft": "begun"})
    office.act("bo: reject")
    assert office.record()["stage"] == "begun"


def test_they_end_with_their_workflow(office: Office) -> None:
    text = TEXT[: TEXT.index("    workflow:", TEXT.index("  paper:"))] + TEXT[TEXT.rindex("    access:") :]
    assert told(planned(office, text)) == [
        (
            "Cancels approvals. 2 approvals of Submit wait: 1 at Second, 1 at First look: Paper has no "
            "stages any more."
        )
    ]
    publish_again(office, text)
    assert office.instance()["status"] == "cancelled"
    assert office.tasks() == "bo cancelled"


def test_they_end_with_their_entity(office: Office) -> None:
    text = TEXT[: TEXT.index("  paper:")]
    publish_again(office, text)
    with office.workspace.reading(office.people["bo"]) as transaction:
        assert list(inbox(transaction, Question()).entries) == []
    assert [row["status"] for row in office.rows(workflow_instance)] == ["cancelled", "cancelled"]


def test_what_waits_for_them_ends_too(publish: Publish) -> None:
    text = app("look: {subflow: annex.check}")
    office = open_office(publish(text))
    annex = commands.create_record(office.workspace, office.people["ann"], "office.annex", {"name": "X"})
    office.new_paper(annex=annex["id"])
    office.act("ann: submit")
    changed = (
        text.replace("reader: {approvers", "other: {approvers")
        .replace("name: {type: text}\n      state", "title: {type: text, was: name}\n      state")
        .replace("title: name\n    fields:\n      title", "title: title\n    fields:\n      title")
        .replace('name != "broken"', 'title != "broken"')
    )
    publish_again(office, changed)
    assert (office.record()["stage"], office.instance()["status"]) == ("draft", "cancelled")
