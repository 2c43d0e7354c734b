"""A calendar that changes: the plan says so, and what was counted by it is counted again."""

from engine.definition.check import check_texts
from engine.records.read import get
from engine.records.write import create
from engine.releases.apply import apply_plan
from engine.releases.plan import make_plan
from tests.fixtures.workspaces import Publish

APP = """
app: shop
calendars:
  office: {week: {mon-fri: ["09:00-12:00"]}, holidays: [2026-10-01]}
entities:
  order:
    fields:
      day: {type: date}
      due: {type: date, formula: 'workday(day, 1, "office")'}
      plain: {type: date, formula: 'workday(day, 1)'}
"""


def test_stored_values_are_counted_again(publish: Publish) -> None:
    workspace = publish(APP)
    with workspace.writing() as transaction:
        order = create(transaction, "shop.order", {"day": "2026-09-30"})
        assert str(get(transaction, "shop.order", order)["due"]) == "2026-10-02"
    checked = check_texts([{"app_0.yaml": APP.replace("2026-10-01", "2026-10-01 to 2026-10-07")}])
    plan = make_plan(workspace.database, checked)
    assert [str(step.sentence) for step in plan.steps] == [
        "Changes the calendars of Shop.",
        "Recomputes Due of 1 record of Order.",
    ]
    apply_plan(workspace.database, checked, message="test", by="test")
    with workspace.reading() as transaction:
        found = get(transaction, "shop.order", order)
    assert (str(found["due"]), str(found["plain"])) == ("2026-10-08", "2026-10-01")
