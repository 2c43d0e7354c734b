"""`notify`: tells people something in words that may hold values of the record."""

from dataclasses import replace
from typing import Any

from engine.access.people import Naming, People, expand
from engine.actions.acting import Acting
from engine.definition.action import Notify, Template
from engine.formula.expression import Expression
from engine.formula.types import Kind
from engine.notifications import notify
from engine.records.read import titles
from engine.text import Text
from engine.transaction import SYSTEM

ACTION = Notify


def run(acting: Acting, action: Notify) -> None:
    """Notifies the people whom the entries name."""
    subject = acting.subject
    naming = Naming(People(acting.transaction), subject, acting.submitter)
    people = expand(naming, action.to)
    words = {locale: _filled(acting, template, locale) for locale, template in action.message.items()}
    # The place of the action in the definition tells two notifications of one move apart.
    key = (
        f"action:{subject.entity}:{subject.identity}:{action.place.line}:{acting.transaction.now.isoformat()}"
    )
    notify(
        acting.transaction, people, Text(words), (subject.entity, subject.identity), "workflow_notify", key
    )


def _filled(acting: Acting, template: Template, locale: str) -> str:
    return "".join(
        _shown(acting, each, locale) if isinstance(each, Expression) else each for each in template.parts
    )


def _shown(acting: Acting, expression: Expression, locale: str) -> str:
    """A value as people read it: links by their title, options by their label."""
    subject = acting.subject
    value: Any = subject.value(expression)
    type_ = subject.catalog.formula(expression).type
    if value is None:
        return ""
    if type_.kind is Kind.LINK and type_.entity:
        # Whom it is for is the definition's choice, not that of whoever fired the move.
        whole = replace(acting.transaction, actor=SYSTEM)
        return titles(whole, type_.entity, [int(value)]).get(int(value), "")
    entity = subject.catalog.entity(subject.entity)
    field = entity.fields.get(expression.text)
    if field is not None:
        return field.type.format(field.definition.options, value, locale)
    return format(value, "f") if hasattr(value, "as_tuple") else str(value)
