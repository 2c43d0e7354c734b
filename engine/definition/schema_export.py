"""An entity as JSON Schema (2020-12), from which `schema:` makes the same entity again."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.definition.json_schema import DIALECT
from engine.definition.model import (
    Access,
    Entity,
    Field,
    FieldRule,
    Rule,
    Section,
    Stage,
    Transition,
    View,
)
from engine.definition.schema_import import EXTENSION
from engine.fields.option import Option
from engine.fields.registry import FIELD_TYPES
from engine.formula.expression import Expression
from engine.text import Text

FLAGS = {
    "unique": "unique",
    "index": "index",
    "hidden": "hidden",
    "personal": "personal",
    "encrypted": "encrypted",
    "retired": "retire",
}
FORMULAS = ("formula", "show_when", "required_when", "read_only_when", "check", "only")
RIGHTS = ("read", "create", "update", "delete", "export")


def entity_to_json_schema(entity: Entity) -> dict[str, Any]:
    """The JSON Schema of the entity's records; `x-dougong` holds what JSON Schema has no words for."""
    declared = [each for each in entity.fields.values() if not each.system]
    return {
        "$schema": DIALECT,
        "title": entity.label.to("en"),
        "type": "object",
        "properties": {each.name: field_to_json_schema(each) for each in declared},
        "required": [each.name for each in declared if each.required],
        EXTENSION: _given(_entity(entity)),
    }


def field_to_json_schema(field: Field) -> dict[str, Any]:
    """The JSON Schema of one field."""
    kind = FIELD_TYPES[field.type]
    said = kind.json_schema(field.options)
    common = {
        "label": _words(field.label),
        "help": _words(field.help),
        **{key: True for name, key in FLAGS.items() if getattr(field, name)},
        **{name: _formula(getattr(field, name)) for name in FORMULAS},
        "default": _formula(field.default) if isinstance(field.default, Expression) else None,
        "message": _words(field.message),
        "freeze": field.freeze,
        "blank": "stays" if field.blank_stays else None,
        "was": field.was,
    }
    plain = field.default is not None and not isinstance(field.default, Expression)
    return {
        "title": field.label.to("en"),
        **({"description": field.help.to("en")} if field.help else {}),
        **said,
        **({"default": kind.to_json(field.options, field.default)} if plain else {}),
        **({"readOnly": True} if field.read_only else {}),
        EXTENSION: {"type": field.type, **_options(field), **_given(common)},
    }


def _options(field: Field) -> dict[str, Any]:
    """The type's own options; further attributes of choices as exact as those of stages."""
    raw = FIELD_TYPES[field.type].raw_options(field.options)
    for key, value in field.options.items():
        if (
            key in raw
            and isinstance(value, Mapping)
            and any(isinstance(each, Option) for each in value.values())
        ):
            raw[key] = {name: _option(each) for name, each in value.items()}
    return raw


def _option(option: Option) -> dict[str, Any]:
    attributes = {name: _attribute(value) for name, value in option.attributes.items()}
    return _given({"label": _words(option.label), "color": option.color, "was": option.was, **attributes})


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "label": _words(entity.label),
        "label_plural": _words(entity.label_plural),
        "icon": entity.icon,
        "title": entity.title.text,
        "checks": {
            name: {"check": each.check.text, "message": _words(each.message)}
            for name, each in entity.checks.items()
        },
        "workflow": _workflow(entity),
        "form": {each.name: _given(_section(each)) for each in entity.form if each.label},
        "views": {name: _given(_view(each)) for name, each in entity.views.items()},
        "print": {
            name: {"label": _words(each.label), "template": each.file} for name, each in entity.prints.items()
        },
        "access": _access(entity.access),
        "unique": [list(group) for group in entity.unique],
        "indexes": [list(group) for group in entity.indexes],
        "parent": entity.parent,
        "tree": entity.tree,
        "keep_history": None if entity.keep_history else False,
        "hidden": entity.hidden or None,
        "was": entity.was,
    }


def _workflow(entity: Entity) -> dict[str, Any] | None:
    if entity.workflow is None:
        return None
    if entity.workflow.written is not None:
        return dict(entity.workflow.written)
    return {
        "stages": {name: _given(_stage(each)) for name, each in entity.workflow.stages.items()},
        "transitions": {
            name: _given(_transition(each, entity)) for name, each in entity.workflow.transitions.items()
        },
        **({"moved_stages": dict(entity.workflow.moved_stages)} if entity.workflow.moved_stages else {}),
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "label": _words(stage.label),
        "color": stage.color,
        "final": stage.final or None,
        "freeze": stage.freeze or None,
        "edit": None if stage.edit is None else _Whole(stage.edit),
        "was": stage.was,
        **{name: _attribute(value) for name, value in stage.attributes.items() if name != "open"},
    }


def _transition(transition: Transition, entity: Entity) -> dict[str, Any]:
    values = {}
    for name, value in transition.set.items():
        field = entity.fields[name]
        written = _formula(value) if isinstance(value, Expression) else None
        values[name] = written or FIELD_TYPES[field.type].to_json(field.options, value)
    return {
        "label": _words(transition.label),
        "from": list(transition.sources),
        "to": transition.to,
        "by": list(transition.by),
        "when": _formula(transition.when),
        "message": _words(transition.message),
        "required": list(transition.required),
        "set": values,
        "comment": "required" if transition.comment_required else None,
        "thaw": transition.thaw or None,
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "label": _words(section.label),
        "columns": section.columns,
        "fields": list(section.fields),
        "show_when": _formula(section.show_when),
        "tab": _words(section.tab),
    }


def _view(view: View) -> dict[str, Any]:
    if view.written is not None:
        return dict(view.written)
    return {
        "type": view.kind,
        "label": _words(view.label),
        "columns": list(view.columns),
        "sort": [f"-{name}" if descending else name for name, descending in view.sort],
        "filter": _formula(view.filter),
        "totals": dict(view.totals),
    }


def _access(access: Access) -> dict[str, Any]:
    rules: dict[str, Any] = {each.principal: _rule(each) for each in access.rules}
    fields = {name: _field_rule(each) for name, each in access.fields.items()}
    return {**rules, **({"fields": fields} if fields else {})}


def _rule(rule: Rule) -> dict[str, Any]:
    rights = {name: getattr(rule, name) for name in RIGHTS}
    return {
        name: each.text if isinstance(each, Expression) else each for name, each in rights.items() if each
    }


def _field_rule(rule: FieldRule) -> dict[str, Any]:
    people = {"read": rule.read, "update": rule.update}
    return {name: list(each) for name, each in people.items() if each is not None}


class _Whole(list[str]):
    """A list that is written also when it is empty: nobody edits is not the same as no rule."""


def _given(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not said."""
    return {
        name: list(value) if isinstance(value, _Whole) else value
        for name, value in keys.items()
        if isinstance(value, _Whole) or not (value is None or _is_empty(value))
    }


def _is_empty(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str) and not list(value)


def _words(text: Text | None) -> dict[str, str] | None:
    return dict(text.words) if text else None


def _formula(expression: Expression | None) -> str | None:
    """As a formula is written where a plain value could stand, too."""
    return f"={expression.text}" if expression else None


def _attribute(value: Any) -> Any:
    """A decimal as a percentage, which is exact and reads back to the same number."""
    return f"{value.scaleb(2).normalize():f}%" if isinstance(value, Decimal) else value
