"""A workflow as text, and the example of the manual."""

import re
from pathlib import Path

from engine.definition.check import check_texts
from engine.workflow.flow_text import flow_lines

PAGE = (Path(__file__).parents[2] / "docs" / "approvals.md").read_text(encoding="utf-8")


def test_the_example_of_the_manual_as_text() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    trip = check_texts([{"travel.yaml": example}]).apps["travel"].entities["trip"]
    assert list(flow_lines(trip, "en")) == [
        "Trip (travel.trip)",
        "  Draft · Waiting · Approved · Refused",
        "",
        "Submit (submit): Draft, Refused → Approved",
        "  by traveller",
        "  approval when cost > 200:",
        "    1. Manager: traveller.manager (all of them), within 2 d (working), then manager(2)",
        "    2. Finance: finance (any of them)  [cost > 2000]",
        "    3. Told: a copy to traveller",
    ]


def test_branches_are_shown_beneath_their_step() -> None:
    text = """
app: x
entities:
  y:
    fields: {n: {type: integer}, who: {type: user}}
    workflow:
      stages: {a: {}, b: {}}
      transitions:
        go:
          from: a
          to: b
          after: 3 days
          approval:
            steps:
              way:
                choose:
                  - {when: n > 1, steps: {one: {approvers: [who], decide: {vote: 2/3}}}}
                  - {otherwise: skip}
"""
    entity = check_texts([{"x.yaml": text}]).apps["x"].entities["y"]
    assert list(flow_lines(entity, "zh"))[3:] == [
        "Go (go): A → B",
        "  3 d 后自动",
        "  审批：",
        "    1. Way: 首个符合条件的分支",
        "       ├ 当 n > 1",
        "          1. One: who（投票，需 2/3）",
        "       ├ 否则: 无需审批",
    ]
