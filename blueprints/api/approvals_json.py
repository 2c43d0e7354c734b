"""Inbox entries, approvals and their steps as JSON."""

from datetime import datetime
from typing import Any

from engine.fields.types.link import Link
from engine.workflow.inbox import Entry
from engine.workflow.overview import Standing
from engine.workflow.views import ActionView, EventView, InstanceView, StepView, TaskView


def entry_json(entry: Entry, locale: str) -> dict[str, Any]:
    """A task of the inbox."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "status": entry.status,
        "step": entry.step,
        "step_label": entry.step_label.to(locale),
        "transition": entry.transition,
        "transition_label": entry.transition_label.to(locale),
        "record": {"entity": entry.entity, "id": entry.record.id, "title": entry.record.title},
        "person": _person(entry.person),
        "instead_of": _person(entry.instead_of),
        "submitter": _person(entry.submitter),
        "opened_at": _at(entry.opened_at),
        "due": _at(entry.due_at),
        "overdue": entry.overdue,
        "decided_at": _at(entry.decided_at),
        "comment": entry.comment,
        "decisions": list(entry.decisions),
        "approval": entry.instance,
        "incident": entry.incident.to(locale) if entry.incident else None,
    }


def instance_json(view: InstanceView, locale: str) -> dict[str, Any]:
    """An approval of a record."""
    return {
        "id": view.id,
        "transition": view.transition,
        "label": view.label.to(locale),
        "status": view.status,
        "release": view.release,
        "submitter": _person(view.submitter),
        "started_at": _at(view.started_at),
        "ended_at": _at(view.ended_at),
        "steps": [step_json(each, locale) for each in view.steps],
        "events": [_event(each, locale) for each in view.events],
        "actions": [_action(each, locale) for each in view.actions],
    }


def step_json(view: StepView, locale: str) -> dict[str, Any]:
    """A step, begun or still to come."""
    return {
        "name": view.name,
        "label": view.label.to(locale),
        "kind": view.kind,
        "depth": view.depth,
        "branch": view.branch,
        "status": view.status,
        "why": view.why.to(locale) if view.why else None,
        "expected": view.expected,
        "people": [_person(each) for each in view.people],
        "due": _at(view.due_at),
        "started_at": _at(view.started_at),
        "ended_at": _at(view.ended_at),
        "tasks": [_task(each, locale) for each in view.tasks],
        "returnable": list(view.returnable),
    }


def standing_json(standing: Standing, locale: str) -> dict[str, Any]:
    """How many approvals stand at a step; `step` is None where they were sent back."""
    return {
        "entity": standing.entity,
        "transition": standing.transition,
        "label": standing.label.to(locale),
        "release": standing.release,
        "current": standing.current,
        "step": standing.step or None,
        "step_label": standing.step_label.to(locale) if standing.step_label else None,
        "count": standing.count,
    }


def _task(view: TaskView, locale: str) -> dict[str, Any]:
    return {
        "id": view.id,
        "kind": view.kind,
        "status": view.status,
        "person": _person(view.person),
        "hidden": view.hidden,
        "instead_of": _person(view.instead_of),
        "relation": view.relation,
        "comment": view.comment,
        "opened_at": _at(view.opened_at),
        "due": _at(view.due_at),
        "decided_at": _at(view.decided_at),
        "mine": view.mine,
        "actions": [_action(each, locale) for each in view.actions],
    }


def _event(view: EventView, locale: str) -> dict[str, Any]:
    return {
        "at": _at(view.at),
        "kind": view.kind,
        "by": _person(view.by),
        "instead_of": _person(view.instead_of),
        "step": view.step.to(locale) if view.step else None,
        "task": view.task,
        "comment": view.comment,
        "detail": dict(view.detail),
    }


def _action(view: ActionView, locale: str) -> dict[str, Any]:
    return {
        "name": view.name,
        "allowed": view.allowed,
        "reason": view.reason.to(locale) if view.reason else None,
    }


def _person(link: Link | None) -> dict[str, Any] | None:
    return None if link is None else {"id": link.id, "title": link.title}


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
