"""Leave: asked for by the person, decided by their manager, seen by nobody else."""

from datetime import date
from typing import Any

import pytest

from engine.commands import withdraw
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible
from engine.transaction import Actor
from tests.apps.office import Office, Record


class Team:
    """Somebody with a manager, and a stranger."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.manager = office.sign_in("manager")
        self.person = office.sign_in("person")
        self.stranger = office.sign_in("stranger")
        self.employee = office.create(
            "hrm.employee", name="王芳", user=self.person.id, manager=self.manager.id
        )

    def ask(self, **values: Any) -> Record:
        given = {"start": date(2026, 5, 4), "end": date(2026, 5, 8), **values}
        return self.office.create("hrm.leave_request", self.person, **given)

    def move(self, request: Record, name: str, by: Actor, comment: str = "") -> Record:
        return self.office.move("hrm.leave_request", request, name, by, comment=comment)


@pytest.fixture
def team(office: Office) -> Team:
    return Team(office)


def test_a_request_is_one_s_own_and_counts_its_days(team: Team) -> None:
    request = team.ask()
    assert request["employee"].id == team.employee["id"]
    assert (request["days"], request["kind"], request["stage"]) == (5, "annual", "draft")


def test_the_last_day_does_not_lie_before_the_first(team: Team) -> None:
    with pytest.raises(InputRefused, match="The last day lies before the first"):
        team.ask(end=date(2026, 5, 3))
    assert team.ask(end=date(2026, 5, 4))["days"] == 1


def test_the_manager_decides_on_what_was_submitted(team: Team) -> None:
    request = team.ask()
    with pytest.raises(NotFound):
        team.office.read("hrm.leave_request", request, team.manager)
    assert team.move(request, "submit", team.person)["stage"] == "submitted"
    with pytest.raises(NotPossible, match="is waiting for approval already"):
        team.move(request, "submit", team.person)
    assert team.office.decide("hrm.leave_request", request, "approve", team.manager)["stage"] == "approved"


def test_the_manager_refuses(team: Team) -> None:
    request = team.move(team.ask(), "submit", team.person)
    decided = team.office.decide("hrm.leave_request", request, "reject", team.manager, "Too many are away")
    assert decided["stage"] == "refused"


def test_a_long_leave_is_also_decided_by_human_resources(team: Team) -> None:
    hr = team.office.sign_in("hr", "hrm.hr")
    request = team.move(team.ask(end=date(2026, 5, 20)), "submit", team.person)
    assert team.office.decide("hrm.leave_request", request, "approve", team.manager)["stage"] == "submitted"
    assert team.office.decide("hrm.leave_request", request, "approve", hr)["stage"] == "approved"


def test_what_was_submitted_is_not_edited_but_can_be_taken_back(team: Team) -> None:
    request = team.move(team.ask(), "submit", team.person)
    with pytest.raises(NotAllowed):
        team.office.update("hrm.leave_request", request, team.person, end=date(2026, 5, 9))
    withdraw(team.office.workspace, team.person, "hrm.leave_request", request["id"])
    changed = team.office.update("hrm.leave_request", request, team.person, end=date(2026, 5, 9))
    assert changed["days"] == 6


def test_others_see_nothing_of_it(team: Team) -> None:
    request = team.move(team.ask(), "submit", team.person)
    assert team.office.seen("hrm.leave_request", team.manager, "to_decide") == [request["id"]]
    assert team.office.seen("hrm.leave_request", team.person, "mine") == [request["id"]]
    assert team.office.seen("hrm.leave_request", team.stranger) == []
