"""The stages of a record: where it is, where it was, and how long."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from babel.dates import format_timedelta

from blueprints import visitor
from blueprints.opened import Opened
from blueprints.values import label
from engine.definition.model import Stage
from engine.records.history import Event
from engine.transaction import Transaction


def stage_bar(
    transaction: Transaction, opened: Opened, events: Sequence[Event] | None
) -> list[dict[str, Any]]:
    """The stage bar. Final stages are ways to end: one that was not reached is never shown as passed."""
    workflow = opened.entity.definition.workflow
    now = opened.record.get("stage")
    if workflow is None or now is None or opened.identity is None:
        return []
    names = list(workflow.stages)
    position = names.index(now) if now in names else -1
    times = _stage_times(transaction, events or ())
    return [
        {
            "label": label(stage.label),
            "now": stage.name == now,
            "done": index < position and not stage.final,
            "look": _look(stage, index, position, now),
            "time": "" if stage.final else times.get(stage.name, ""),
        }
        for index, stage in enumerate(workflow.stages.values())
    ]


def _stage_times(transaction: Transaction, events: Sequence[Event]) -> dict[str, str]:
    """Stage → how long the record was in it, in words; of the present one, how long it has been there."""
    spent: dict[str, timedelta] = {}
    until = transaction.now
    for event in events:
        if not event.to_stage:
            continue
        stage = event.to_stage
        spent[stage] = spent.get(stage, timedelta()) + (until - event.at)
        until = event.at
    return {
        stage: format_timedelta(time, locale=visitor.locale())
        for stage, time in spent.items()
        if time >= timedelta(minutes=1)
    }


def _look(stage: Stage, index: int, position: int, now: str) -> str:
    if stage.name == now:
        look = "stage-now"
        if stage.final:
            look += " stage-lost" if stage.color in {"red", "gray", "dark"} else " stage-good"
        return look
    return "stage-done" if index < position and not stage.final else ""
