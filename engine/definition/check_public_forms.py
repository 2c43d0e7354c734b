"""What a form for everybody may ask for: nothing whose choice or refusal tells strangers what is kept."""

from collections.abc import Iterator
from typing import Any

from engine.definition.model import Entity, Field, Reference, View
from engine.definition.references import Index
from engine.fields.field_type import ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.formula.expression import Expression
from engine.problems import Problem
from engine.text import Message, say


def public_field(_: Index, entity: Entity, field: Field, __: Reference) -> Message | None:
    """What is wrong with a field of a public form; None when strangers may fill it."""
    kind = FIELD_TYPES[field.type]
    if field.system or field.formula or field.read_only or kind.numbering(field.options) is not None:
        return say(
            "'{name}' is not filled in by people, so a public form cannot ask for it.", name=field.name
        )
    if kind.relation is not None:
        return say(
            "A public form cannot ask for '{name}', a field of type {type}: choosing from records would show "
            "them to everybody. Write it with 'set'.",
            name=field.name,
            type=field.type,
        )
    if field.unique or any(field.name in group for group in entity.unique):
        return say(
            "A public form cannot ask for '{name}', which is unique: its refusal would tell everybody which "
            "values are there.",
            name=field.name,
        )
    return None


def check_public_forms(entity: Entity) -> Iterator[Problem]:
    """Forms that leave out what a record needs, and values they write that do not fit."""
    for view in entity.views.values():
        if view.kind == "form":
            yield from _written_values(entity, view)
            yield from _left_out(entity, view)


def _written_values(entity: Entity, view: View) -> Iterator[Problem]:
    values: dict[str, Any] = view.options.get("set", {})
    for name, value in values.items():
        field = entity.fields.get(name)
        if field is None or isinstance(value, Expression):
            continue
        if name in view.options.get("fields", ()):
            sentence = "The form '{view}' asks for '{name}' and writes it too; one of the two has to go."
            yield Problem(view.place, say(sentence, view=view.name, name=name))
        try:
            FIELD_TYPES[field.type].accept(field.options, value)
        except ValueRefused as refused:
            yield Problem(view.place, refused.message)


def _left_out(entity: Entity, view: View) -> Iterator[Problem]:
    """Required fields that nothing fills, so that nobody could ever send the form."""
    filled = {*view.options.get("fields", ()), *view.options.get("set", {})}
    for name in view.options.get("required", ()):
        if name not in filled:
            sentence = "The form '{view}' requires '{name}' and does not ask for it."
            yield Problem(view.place, say(sentence, view=view.name, name=name))
    for field in entity.declared:
        if (
            field.required
            and field.name not in filled
            and field.default is None
            and field.show_when is None
            and FIELD_TYPES[field.type].numbering(field.options) is None
        ):
            sentence = (
                "The form '{view}' leaves out '{name}', which is required and which nothing else fills."
            )
            yield Problem(view.place, say(sentence, view=view.name, name=field.name))
