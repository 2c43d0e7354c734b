"""Leave: asked for by the person, decided by their manager, seen by nobody else."""

from datetime import date
from typing import Any

import pytest

from engine.problems import InputRefused, NotAllowed, NotFound
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
        team.move(request, "approve", team.manager)
    team.move(request, "submit", team.person)
    with pytest.raises(NotAllowed):
        team.move(request, "approve", team.person)
    assert team.move(request, "approve", team.manager)["stage"] == "approved"


def test_refusing_needs_a_reason(team: Team) -> None:
    request = team.move(team.ask(), "submit", team.person)
    with pytest.raises(InputRefused):
        team.move(request, "refuse", team.manager)
    assert team.move(request, "refuse", team.manager, "Too many are away")["stage"] == "refused"


def test_what_was_submitted_is_not_edited_but_can_be_taken_back(team: Team) -> None:
    request = team.move(team.ask(), "submit", team.person)
    with pytest.raises(NotAllowed):
        team.office.update("hrm.leave_request", request, team.person, end=date(2026, 5, 9))
    team.move(request, "withdraw", team.person)
    changed = team.office.update("hrm.leave_request", request, team.person, end=date(2026, 5, 9))
    assert changed["days"] == 6


def test_others_see_nothing_of_it(team: Team) -> None:
    request = team.move(team.ask(), "submit", team.person)
    assert team.office.seen("hrm.leave_request", team.manager, "to_decide") == [request["id"]]
    assert team.office.seen("hrm.leave_request", team.person, "mine") == [request["id"]]
    assert team.office.seen("hrm.leave_request", team.stranger) == []
