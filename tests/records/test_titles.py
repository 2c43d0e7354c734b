"""Records whose title is no text are linked and listed like others, on both databases."""

from engine.commands import create_record
from engine.fields.types.link import Link
from engine.records.query import Query
from engine.records.read import page
from engine.transaction import SYSTEM
from tests.fixtures.workspaces import Publish

PERIODS = """
app: pay
entities:
  period:
    title: start
    fields:
      start: {type: date, required: true}
  slip:
    title: name
    fields:
      name: {type: text}
      period: {type: link, to: period}
"""


def test_a_day_can_be_a_title(publish: Publish) -> None:
    workspace = publish(PERIODS)
    period = create_record(workspace, SYSTEM, "pay.period", {"start": "2026-01-01"})["id"]
    create_record(workspace, SYSTEM, "pay.slip", {"name": "One", "period": period})
    with workspace.reading(SYSTEM) as transaction:
        (slip,) = page(transaction, "pay.slip", Query(sort=(("period", False),))).records
    assert slip["period"] == Link(period, "2026-01-01", seen=True)
