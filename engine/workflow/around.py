"""The world around an instance, as the machine asks for it: the record, people, times, linked records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from engine.access.actors import find_actor
from engine.access.people import Naming, People, expand
from engine.catalog import Catalog
from engine.definition.approval import Approver, Ask, Collect, Empty, Subflow
from engine.definition.check_flows import links_between
from engine.definition.flow_formulas import ANSWERS
from engine.formula.expression import Expression
from engine.problems import InputRefused, Refused
from engine.records.compute import refit
from engine.records.due import due_at
from engine.records.lock import hold
from engine.records.read import titles
from engine.records.subject import Subject
from engine.records.write import amend
from engine.text import Message, Text, say
from engine.transaction import SYSTEM, Actor, Transaction
from engine.workflow.approvers import Resolving, resolve
from engine.workflow.state import Instance
from engine.workflow.surroundings import Found
from engine.workflow.work import Parent, Work


@dataclass(slots=True)
class Around:
    """What an instance asks about its record, in a transaction. `values` are the stored ones.

    It is also the record about which approvers are named. The submitter, on whose behalf formulas are asked,
    is looked up when the first formula is.
    """

    work: Work
    catalog: Catalog
    instance: Instance
    values: dict[str, Any]
    directory: People
    _subject: Subject | None = None
    _title: str | None = None

    @property
    def entity(self) -> str:
        return self.instance.entity

    @property
    def identity(self) -> int:
        return self.instance.record_id

    def field(self, name: str) -> Any:
        return self.values.get(name)

    def value(self, expression: Expression, further: Mapping[str, Any] | None = None) -> Any:
        if self._subject is None:
            transaction = self.work.transaction
            asker = replace(transaction, actor=_submitter(transaction, self.instance.submitter))
            self._subject = Subject(asker, self.catalog, self.entity, self.identity, self.values)
        return self._subject.value(expression, further)

    def holds(self, condition: Expression) -> bool:
        return bool(self.value(condition))

    def people(self, step: Ask | Collect, chosen: Sequence[int]) -> Found:
        named = expand(self._naming(chosen), step.approvers)
        found = resolve(Resolving(self.directory, self.instance.submitter, step.if_submitter), named)
        if found:
            return Found(found)
        return self._nobody(step.if_empty)

    def _nobody(self, empty: Empty) -> Found:
        if empty.kind in ("skip", "reject"):
            return Found((), empty.kind)
        instead = self.directory.administrators()
        if empty.kind == "people":
            instead = self.directory.active(expand(self._naming(()), empty.people)) or instead
        return Found(resolve(Resolving(self.directory, None, "ask"), instead))

    def everyone(self, approvers: Sequence[Approver]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.directory.active(expand(self._naming(()), approvers))))

    def _naming(self, chosen: Sequence[int]) -> Naming:
        return Naming(self.directory, self, self.instance.submitter, tuple(chosen))

    def weights(self, path: str) -> dict[int, Fraction]:
        rows, _, number = path.partition(".")
        catalog = self.work.transaction.catalog
        child = catalog.entity(catalog.entity(self.instance.entity).children[rows])
        person = links_between(child.definition, "system.user")[0]
        columns = (child.table.c[person], child.table.c[number])
        owner = child.table.c[child.parent_link or ""]
        found = self.work.transaction.connection.execute(
            select(*columns).where(owner == self.instance.record_id)
        )
        return {user: Fraction(weight) for user, weight in found if user is not None and weight is not None}

    def after(self, wait: Any) -> datetime:
        return due_at(self.work.transaction, wait, self.instance.entity.partition(".")[0])

    def begin_subflow(self, step: Subflow) -> str | Message | Text:
        catalog = self.work.transaction.catalog
        target = self.instance.entity
        identity: Any = self.instance.record_id
        for name in step.link.split("."):
            key, entity = catalog.world.entities[target][name].entity, catalog.entity(target)
            column = entity.table.c[name]
            identity = self.work.transaction.connection.execute(
                select(column).where(entity.table.c.id == identity)
            ).scalar()
            target = str(key)
        if identity is None:
            if step.if_empty.kind == "skip":
                return "skipped"
            if step.if_empty.kind == "reject":
                return "rejected"
            return say("'{step}' has no record to approve: {link} is blank.", step=step.label, link=step.link)
        parent = Parent(self.instance.id, step.name)
        try:
            with self.work.transaction.connection.begin_nested():
                return self.work.fire(self.work.deeper(), target, int(identity), step.transition, parent)
        except Refused as refused:
            return refused.message
        except InputRefused as refused:
            return refused.problems[0].message

    def collected(self, step: Collect, answers: Sequence[int]) -> None:
        if not step.result:
            return
        transaction = self.work.transaction
        entity = transaction.catalog.entity(self.instance.entity)
        values = {
            name: refit(entity, name, self.value(formula, {ANSWERS: tuple(answers)}))
            for name, formula in step.result.items()
        }
        held = hold(self.work.whole, entity, self.instance.record_id)
        amend(transaction, entity, held, values)
        self.renew(hold(self.work.whole, entity, self.instance.record_id).values)

    def renew(self, values: dict[str, Any]) -> None:
        """Looks again at the record, which has these values now."""
        self.values, self._subject, self._title = values, None, None

    def title(self) -> str:
        if self._title is None:
            found = titles(self.work.whole, self.entity, [self.identity])
            self._title = found.get(self.identity, str(self.identity))
        return self._title

    def name(self, person: int) -> str:
        return self.directory.name(person)


def look_around(work: Work, catalog: Catalog, instance: Instance, values: dict[str, Any]) -> Around:
    """The world around an instance; formulas are asked on behalf of the submitter, with its release."""
    return Around(work, catalog, instance, values, People(work.transaction))


def _submitter(transaction: Transaction, identity: int | None) -> Actor:
    """The submitter as an actor; without roles when they have left."""
    if identity is None:
        return SYSTEM
    if identity == transaction.actor.id:
        return transaction.actor
    found = find_actor(transaction.catalog, transaction.connection, identity)
    return found or Actor(identity, "", "", frozenset(), administrator=False)
