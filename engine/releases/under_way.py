"""Approvals that are under way while definitions change: where they wait, and what they rest on (rule 13)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, not_, select

from engine.definition.approval import shape
from engine.definition.model import App, Transition
from engine.formula.expression import Expression
from engine.problems import Place
from engine.releases.history import load_release, release_of
from engine.schema.workflow_tables import workflow_instance, workflow_step
from engine.text import Message, Text, say

ONGOING = ("open", "returned")
ACTIVE = "active"

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The approvals of one transition that began in one release: how many, and at which steps they wait.

    `entity` is its published name. `pinned` is the transition as that release says it; None where that
    release does not have it under these names.
    """

    entity: str
    transition: str
    release: int
    count: int
    waiting: Mapping[str, int]
    pinned: Transition | None

    @property
    def words(self) -> frozenset[str]:
        """Every name that the transition speaks of."""
        return frozenset(word for text in _texts(self.pinned) for word in WORD.findall(text))

    def unfit(self, after: Transition | None) -> frozenset[str]:
        """The steps where they wait that `after` does not have in the same shape; all when it asks nobody."""
        if self.pinned is None or self.pinned.approval is None or after is None or after.approval is None:
            return frozenset(self.waiting)
        old, new = shape(self.pinned.approval), shape(after.approval)
        return frozenset(name for name in self.waiting if name not in new or new[name] != old.get(name))

    def waits(self) -> Message:
        """Such as “3 approvals of Win wait at Finance”."""
        title = self.pinned.label if self.pinned else self.transition
        labels = self._labels()
        places = [(labels.get(name, name), count) for name, count in self.waiting.items()]
        count = f"{self.count:,}"
        if len(places) == 1 and places[0][1] == self.count:
            template = "{count} approvals of {transition} wait at {step}"
            template = template if self.count > 1 else "1 approval of {transition} waits at {step}"
            return say(template, count=count, transition=title, step=places[0][0])
        listed = tuple(say("{count} at {step}", count=f"{number:,}", step=step) for step, number in places)
        if listed:
            template = "{count} approvals of {transition} wait: {places}"
            template = template if self.count > 1 else "1 approval of {transition} waits: {places}"
            return say(template, count=count, transition=title, places=listed)
        template = "{count} approvals of {transition} lie with those who submitted them"
        template = template if self.count > 1 else "1 approval of {transition} lies with who submitted it"
        return say(template, count=count, transition=title)

    def _labels(self) -> dict[str, Text]:
        approval = self.pinned.approval if self.pinned else None
        return {step.name: step.label for step in approval.walk()} if approval else {}

    def those(self, entity: str) -> ColumnElement[bool]:
        """The condition that finds these instances, whose entity is called `entity` by then."""
        table = workflow_instance.c
        return and_(
            table.entity == entity,
            table.transition == self.transition,
            table.release == self.release,
            table.status.in_(ONGOING),
        )


def waiting_at(steps: frozenset[str]) -> ColumnElement[bool]:
    """The condition that an instance waits at one of these steps."""
    table = workflow_step.c
    return (
        select(table.id)
        .where(
            table.instance_id == workflow_instance.c.id, table.status == ACTIVE, table.name.in_(sorted(steps))
        )
        .exists()
    )


def not_waiting_at(steps: frozenset[str]) -> ColumnElement[bool]:
    """The condition that an instance waits at none of these steps."""
    return not_(waiting_at(steps))


def find_under_way(
    connection: Connection, number: int, published: Mapping[str, App], *further: ColumnElement[bool]
) -> list[UnderWay]:
    """All approvals that are under way; `published` are the definitions of the current release `number`."""
    instance, step = workflow_instance, workflow_step
    of = (instance.c.entity, instance.c.transition, instance.c.release)
    ongoing = (instance.c.status.in_(ONGOING), *further)
    counts = connection.execute(select(*of, func.count()).where(*ongoing).group_by(*of).order_by(*of)).all()
    if not counts:
        return []
    where: Select[Any] = (
        select(*of, step.c.name, func.count(instance.c.id.distinct()))
        .join(step, step.c.instance_id == instance.c.id)
        .where(*ongoing, step.c.status == ACTIVE)
        .group_by(*of, step.c.name)
        .order_by(func.min(step.c.id))
    )
    waiting: dict[tuple[str, str, int], dict[str, int]] = {}
    for entity, transition, release, name, count in connection.execute(where):
        waiting.setdefault((entity, transition, release), {})[name] = count
    definitions: dict[int, Mapping[str, App]] = {number: published}
    found = []
    for entity, transition, release, count in counts:
        if release not in definitions:
            older = release_of(connection, release)
            definitions[release] = load_release(older) if older else {}
        places = waiting.get((entity, transition, release), {})
        pinned = _transition(definitions[release], entity, transition)
        at = _without_containers(places, pinned)
        found.append(UnderWay(entity, transition, release, count, at, pinned))
    return found


def _transition(apps: Mapping[str, App], key: str, name: str) -> Transition | None:
    app, _, entity = key.partition(".")
    found = apps[app].entities.get(entity) if app in apps else None
    return found.workflow.transitions.get(name) if found and found.workflow else None


def _without_containers(waiting: Mapping[str, int], pinned: Transition | None) -> Mapping[str, int]:
    """Where somebody is asked: a step with steps inside it is active as long as those are."""
    if pinned is None or pinned.approval is None:
        return waiting
    inside = shape(pinned.approval)
    around = {outer for name in waiting if name in inside for outer in inside[name][2]}
    return {name: count for name, count in waiting.items() if name not in around}


def _texts(value: Any) -> Iterator[str]:
    """Every text in a part of a definition but those that people read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Expression):
        yield value.text
    elif isinstance(value, (Place, Text)):
        return
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))
