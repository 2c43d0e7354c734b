"""Who is mentioned in what people write about a record is told, if they may see it."""

import pytest
from sqlalchemy import select

from engine import commands
from engine.problems import InputRefused
from engine.schema.system_tables import notification
from engine.workflow.tasks import Sent
from tests.fixtures.workspaces import Publish, person
from tests.workflow.office import Office, app, open_office


@pytest.fixture
def office(publish: Publish) -> Office:
    found = open_office(
        publish(app("one: {approvers: [owner.manager]}", transitions="park: {from: draft, to: lost}"))
    )
    found.new_paper(name="Travel")
    return found


def told(office: Office, name: str) -> list[str]:
    """What somebody was told about mentions."""
    table = notification
    with office.workspace.reading() as transaction:
        rows = transaction.connection.execute(
            select(table.c.words).where(
                table.c.user_id == office.people[name].id, table.c.kind == "workflow_mention"
            )
        )
        return [row.words["en"] for row in rows]


def test_mentioned_in_a_transition_a_decision_and_a_withdrawal(office: Office) -> None:
    office.act("ann: submit comment='@eve please look, and @ann'")
    assert told(office, "eve") == ["Ann mentioned you: Travel."]
    assert told(office, "ann") == []
    office.act("bo: comment comment='what of it, @fay?'")
    assert told(office, "fay") == ["Bo mentioned you: Travel."]
    office.act("ann: withdraw comment='not now @bo'")
    assert told(office, "bo") == ["Ann mentioned you: Travel."]
    office.act("ann: park comment='for @gus and @eve'")
    assert (len(told(office, "gus")), len(told(office, "eve"))) == (1, 2)


def test_who_may_not_see_the_record_cannot_be_told(office: Office) -> None:
    person(office.workspace, "stranger")
    office.act("ann: submit comment='@stranger' ! Stranger may not see this record and cannot be told.")
    assert office.record()["stage"] == "draft"


def test_what_names_nobody_is_plain_text(office: Office) -> None:
    office.act("ann: submit comment='call me @3pm or write to ann@example.org, @eve'")
    assert told(office, "eve") == ["Ann mentioned you: Travel."]


def test_a_name_that_is_hidden_is_not_told(publish: Publish) -> None:
    office = open_office(
        publish(app("peers: {collect: opinion@, approvers: [role:desk], hide_names_from: [owner]}"))
    )
    office.new_paper(name="Travel")
    office.act("ann: submit")
    office.act("eve: answer score=3 comment='well done @ann'")
    assert told(office, "ann") == ["You were mentioned: Travel."]


def test_the_same_request_tells_once(office: Office) -> None:
    office.act("ann: submit")
    task = office.task_of("bo", "approve")
    for _ in range(2):
        sent = Sent(comment="fine, @eve", request="r1")
        commands.decide_task(office.workspace, office.people["bo"], task, "approve", sent)
    assert len(told(office, "eve")) == 1
    with pytest.raises(InputRefused):
        commands.decide_task(office.workspace, office.people["bo"], task, "comment", Sent(comment=" "))
