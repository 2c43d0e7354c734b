"""Conditions on what links lead to hold for the same records row by row and gathered for all rows."""

from dataclasses import replace

import pytest

from engine.formula.evaluate import Moment
from tests.formula.conftest import NOW, Company

CONDITIONS = (
    "owner.manager == user",
    "user == account.owner",
    "owner.manager.manager == user",
    "owner.department.head == user",
    "account.owner.manager == user",
    "not owner.manager == user",
    "not account.owner.manager == user",
    "owner.manager == user or account.owner == user",
    "owner.manager == user and not account.owner == user",
    "(5 if owner.manager == user else 6) == 5",
)


@pytest.mark.parametrize("text", CONDITIONS)
@pytest.mark.parametrize("user", [1, 2, 3, 9, None])
def test_gathering_changes_nothing(company: Company, text: str, user: int | None) -> None:
    """The nobody of no account, too, for whom a blank equals a blank."""
    company.moment = Moment(user, frozenset(), NOW, "Asia/Shanghai")
    formula = company.check(text)
    decided = [number for number in (1, 2, 3, 4) if company.in_memory(formula, number)]
    assert company.found(text) == decided
    assert replace(company, of_many=True).found(text) == decided


def test_only_then_are_they_gathered(company: Company) -> None:
    """One record looks up its own owner; a page of them asks once who is managed by the user."""
    formula, source = company.check("owner.manager == user"), company.source("crm.deal")
    assert " IN (SELECT" not in str(company.condition(formula, source))
    assert " IN (SELECT" in str(replace(company, of_many=True).condition(formula, source))
