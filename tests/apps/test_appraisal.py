"""The quarterly appraisal: own review, colleagues, manager, calibration, sign-off, appeal."""

from decimal import Decimal
from typing import Any

import pytest

from engine.problems import NotFound, NotPossible
from engine.records.query import Query
from engine.records.read import page
from engine.workflow.timeline import approvals
from tests.apps.office import Office, Record


class Firm:
    """A person with a manager, three colleagues and somebody from HR."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.boss = office.sign_in("boss")
        self.manager = office.sign_in("manager", manager=self.boss)
        self.person = office.sign_in("person", manager=self.manager)
        self.peers = [office.sign_in(f"peer{number}") for number in range(3)]
        self.hr = office.sign_in("hr", "hrm.hr")
        office.create("hrm.employee", name="王芳", user=self.person.id, manager=self.manager.id)
        values = {"quarter": "2026-Q4", "self_review": "Much", "self_score": 4}
        self.appraisal = office.create("hrm.appraisal", self.person, **values)

    def decide(self, decision: str, actor: Any, comment: str = "", **sent: Any) -> Record:
        return self.office.decide("hrm.appraisal", self.appraisal, decision, actor, comment, **sent)

    def reviewed(self) -> None:
        """Handed in, answered by the colleagues, and seen by the manager."""
        self.office.move("hrm.appraisal", self.appraisal, "submit", self.person)
        self.decide("choose", self.manager, to=tuple(each.id or 0 for each in self.peers))
        for number, peer in enumerate(self.peers):
            self.decide("answer", peer, values={"score": 3 + number % 2, "advice": "Listen"})
        self.office.update("hrm.appraisal", self.appraisal, self.manager, manager_score=5)
        self.decide("approve", self.manager)


@pytest.fixture
def firm(office: Office) -> Firm:
    return Firm(office)


def test_from_the_own_review_to_the_sign_off(firm: Firm) -> None:
    firm.reviewed()
    firm.decide("approve", firm.hr)
    done = firm.decide("approve", firm.person)
    assert (done["stage"], done["reviews"], done["peer_score"]) == ("finished", 3, Decimal("3.33"))
    assert done["score"] == Decimal("4.30")


def test_the_person_does_not_learn_who_answered(firm: Firm) -> None:
    firm.reviewed()
    with firm.office.workspace.reading(firm.person) as transaction:
        (seen,) = approvals(transaction, "hrm.appraisal", firm.appraisal["id"])
        with pytest.raises(NotFound):
            page(transaction, "hrm.reviews", Query())
        assert page(transaction, "hrm.review_360", Query()).records == []
    peers = next(step for step in seen.steps if step.name == "peers")
    answers = [task for task in peers.tasks if task.kind == "answer"]
    assert [(task.person, task.hidden) for task in answers] == [(None, True)] * 3
    assert not any(event.by for event in seen.events if event.kind == "answered")
    with firm.office.workspace.reading() as transaction:
        written = page(transaction, "hrm.review_360", Query()).records
    assert {record["created_by"] for record in written} == {None}


def test_an_appeal_is_possible_once(firm: Firm) -> None:
    firm.reviewed()
    firm.decide("approve", firm.hr)
    firm.decide("approve", firm.person)
    appealed = firm.office.move("hrm.appraisal", firm.appraisal, "appeal", firm.person, comment="Unfair")
    assert appealed["stage"] == "appealed"
    firm.decide("approve", firm.hr)
    assert firm.decide("approve", firm.boss)["stage"] == "self_review"
    firm.reviewed()
    firm.decide("approve", firm.hr)
    firm.decide("approve", firm.person)
    with pytest.raises(NotPossible, match="1 times at most"):
        firm.office.move("hrm.appraisal", firm.appraisal, "appeal", firm.person, comment="Again")
