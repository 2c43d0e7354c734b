"""The table of scenarios, played on both databases; each rule of the specification at least twice."""

from collections import Counter

import pytest

from tests.workflow.conftest import OpenWorkspace
from tests.workflow.office import app_of, flows_of, play
from tests.workflow.scenarios import SCENARIOS


@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda number: SCENARIOS[number].id)
def test_a_scenario(shared_workspace: OpenWorkspace, number: int) -> None:
    scenario = SCENARIOS[number]
    flow = flows_of(SCENARIOS).index(scenario.flow)
    play(shared_workspace(app_of(SCENARIOS)), flow, scenario)


def test_there_are_enough_of_every_rule() -> None:
    counted = Counter(each.rule for each in SCENARIOS)
    # Versions, rule 13, need two releases and have tests of their own.
    assert all(counted[str(rule)] >= 2 for rule in range(1, 16) if rule != 13)
    assert len(SCENARIOS) >= 80
    assert len({each.id for each in SCENARIOS}) == len(SCENARIOS)
