"""Public forms: found by their names, opened and closed, and what comes through them written as records.

Whoever sends one is nobody: they read nothing, and write the fields that the definition names, nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, select

from engine.access.audit import record
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.definition.model import Section, View
from engine.fields.field_type import ValueRefused
from engine.formula.expression import Expression
from engine.problems import InputRefused, NotAllowed, NotFound, Problem
from engine.records import write
from engine.records.compute import evaluate_all, refit
from engine.records.kept_views import may_share
from engine.schema.system_tables import public_form
from engine.text import say
from engine.transaction import Actor, Transaction

FORM = "form"
"""The type of view that is one."""

STRANGER = Actor(None, "public form", "Public form", frozenset(), administrator=False)
"""Whoever fills in a public form."""


@dataclass(frozen=True, slots=True)
class PublicForm:
    """A form for everybody. `entity` is its entity with the form's fields as the only section."""

    entity: CompiledEntity
    view: View
    open: bool

    @property
    def key(self) -> str:
        return f"{self.entity.key}.{self.view.name}"

    @property
    def fields(self) -> tuple[str, ...]:
        found: tuple[str, ...] = self.view.options["fields"]
        return found


def find_form(transaction: Transaction, key: str, name: str) -> PublicForm:
    """The form of this name, open or closed; NotFound when there is none."""
    entity = transaction.catalog.entities.get(key)
    view = entity.definition.views.get(name) if entity else None
    if entity is None or view is None or view.kind != FORM:
        raise NotFound(say("There is no form at this address."))
    return _form(transaction, entity, view)


def forms(transaction: Transaction) -> list[PublicForm]:
    """The forms of all entities that the actor may read."""
    return [
        _form(transaction, entity, view)
        for entity in transaction.catalog.entities.values()
        if may(transaction, "read", entity).allowed
        for view in entity.definition.views.values()
        if view.kind == FORM
    ]


def open_form(transaction: Transaction, key: str, name: str) -> PublicForm:
    """The form, which is open; NotFound for one that is closed, as for one that is not there."""
    found = find_form(transaction, key, name)
    if not found.open:
        raise NotFound(say("This form is closed at present."))
    return found


def may_switch(transaction: Transaction, entity: CompiledEntity) -> bool:
    """Whether the actor may open and close forms: whoever may share views of the entity."""
    return may_share(transaction, entity)


def switch_form(transaction: Transaction, key: str, name: str, wanted: bool) -> PublicForm:
    """Opens or closes a form. Raises NotFound, NotAllowed."""
    found = find_form(transaction, key, name)
    if not may_switch(transaction, found.entity):
        sentence = "Forms of {entity} are opened and closed by people who may change every record of it."
        raise NotAllowed(say(sentence, entity=found.entity.definition.label))
    if found.open == wanted:
        return found
    mine = (public_form.c.entity == key, public_form.c.view == name)
    transaction.connection.execute(delete(public_form).where(*mine))
    row = {"entity": key, "view": name, "open": wanted, "by": transaction.actor.id, "at": transaction.now}
    transaction.connection.execute(insert(public_form).values(row))
    record(transaction, "form_opened" if wanted else "form_closed", about=key, subject=name)
    return replace(found, open=wanted)


def for_the_definition(transaction: Transaction) -> Transaction:
    """The same transaction with the rights of the definition: for computing what a form needs."""
    return replace(transaction, actor=replace(transaction.actor, administrator=True))


def receive(transaction: Transaction, form: PublicForm, values: Mapping[str, Any]) -> int:
    """Writes what was sent, and what the definition adds; gives the id. Raises InputRefused."""
    whole = for_the_definition(transaction)
    given = _given(whole, form, values)
    try:
        return write.receive(whole, form.entity, form.fields, dict(values), given)
    except InputRefused as refused:
        raise InputRefused(_tellable(form, each) for each in refused.problems) from refused


def _form(transaction: Transaction, entity: CompiledEntity, view: View) -> PublicForm:
    section = Section(view.name, None, view.options["fields"], columns=1)
    definition = replace(entity.definition, form=(section,))
    needed: tuple[str, ...] = view.options.get("required", ())
    fields = {
        name: replace(each, definition=replace(each.definition, required=True)) if name in needed else each
        for name, each in entity.fields.items()
    }
    shut = select(public_form.c.open).where(
        public_form.c.entity == entity.key, public_form.c.view == view.name
    )
    found = transaction.connection.execute(shut).scalar_one_or_none()
    own = replace(entity, definition=definition, fields=fields)
    return PublicForm(own, view, open=found is not False)


def _given(transaction: Transaction, form: PublicForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the definition writes; its formulas see what was sent."""
    written: Mapping[str, Any] = form.view.options.get("set", {})
    given: dict[str, Any] = {}
    for name, value in written.items():
        if isinstance(value, Expression):
            formula = transaction.catalog.formula(value)
            found = evaluate_all(transaction, form.entity, {name: formula}, {**values, **given})[name]
            try:
                given[name] = refit(form.entity, name, found)
            except ValueRefused as refused:
                raise InputRefused([Problem("", refused.message)]) from refused
        else:
            given[name] = value
    return given


def _tellable(form: PublicForm, problem: Problem) -> Problem:
    """The problem as strangers may read it: about anything but the form's own fields nothing is said."""
    name = str(problem.where).partition("[")[0]
    if name in form.fields:
        return problem
    if name not in form.entity.fields:
        return problem
    return Problem("", say("This cannot be taken at present. Please tell whoever gave you the link."))
