"""When two versions of a part mean the same, are stored alike, or look alike."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sqlalchemy.types import TypeEngine

from engine.definition.model import Entity, Field
from engine.fields.option import Option
from engine.fields.registry import FIELD_TYPES
from engine.formula.expression import Expression
from engine.problems import Place
from engine.releases.renames import Names
from engine.schema.ddl import DIALECTS

LOOKS = ("label", "label_plural", "icon", "title", "hidden")
RULES = ("checks", "tree", "keep_history")
FIELD_LOOKS = ("label", "help", "hidden", "message")
FIELD_RULES = (
    "default",
    "blank_stays",
    "read_only",
    "personal",
    "show_when",
    "required_when",
    "read_only_when",
    "check",
    "only",
)
LIMITS = ("min", "max")


def meaning(value: Any) -> Any:
    """`value` without the places where it stands in a file, so that moved text is no difference."""
    if isinstance(value, Place):
        return None
    if isinstance(value, Expression):
        return ("formula", value.text)
    if is_dataclass(value) and not isinstance(value, type):
        return tuple((each.name, meaning(getattr(value, each.name))) for each in fields(value))
    if isinstance(value, Mapping):
        return tuple((key, meaning(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(meaning, value))
    return value


def options_of(each: Field) -> Mapping[str, Option]:
    """The options of a choice by name, none for other fields."""
    found: Mapping[str, Option] = each.options.get("options") or {}
    return found


def column_types(each: Field) -> tuple[str, ...] | None:
    """The types of the field's column on each database, None when it has no column."""
    column: TypeEngine[Any] | None = FIELD_TYPES[each.type].column(each.options)
    if column is None:
        return None
    return tuple(str(column.compile(dialect=dialect)) for dialect in DIALECTS.values())


def stored_alike(before: Field, after: Field) -> bool:
    """Whether values of both are stored in the same way, and mean the same."""
    if before.encrypted != after.encrypted:
        return False
    return before.type == after.type and column_types(before) == column_types(after)


def target_of(each: Field) -> str | None:
    """The entity that a link leads to, or whose rows a set holds."""
    found = FIELD_TYPES[each.type].formula_type(each.options)
    return found.element.entity if found.element else found.entity


def looks_differ(before: Field, after: Field) -> bool:
    """A renamed field has another label; that goes without saying."""
    renamed = before.name != after.name
    return differ(before, after, tuple(name for name in FIELD_LOOKS if not (renamed and name == "label")))


def _in_use(entity: Entity, name: str) -> bool:
    return name in entity.fields and not entity.fields[name].retired


def layouts_differ(before: Entity, after: Entity, names: Names) -> bool:
    """Whether forms, views or the order of fields differ, as far as fields go that stay (name → former name).

    That a new field is shown goes without saying, and that a renamed one is where it was.
    """
    known = {name: was for name, was in names.items() if _in_use(before, was) and _in_use(after, name)}
    now = {was: name for name, was in known.items()}
    return bool(_layout(before, now) != _layout(after, {name: name for name in known}))


def _layout(entity: Entity, names: Names) -> Any:
    def only(fields: Iterable[str]) -> tuple[str, ...]:
        return tuple(names[name] for name in fields if name in names)

    sections = [replace(section, fields=only(section.fields)) for section in entity.form]
    views = [
        replace(
            view,
            columns=only(view.columns),
            sort=tuple((names.get(name, name), descending) for name, descending in view.sort),
        )
        for view in entity.views.values()
    ]
    return meaning((only(entity.fields), [section for section in sections if section.fields], views))


def option_looks(before: Field, after: Field) -> bool:
    """Whether an option that stays is shown otherwise or has other attributes."""
    old, new = options_of(before), options_of(after)
    return any(name in old and meaning(old[name]) != meaning(each) for name, each in new.items())


def other_options(before: Field, after: Field) -> bool:
    """Whether options of the type differ that no other change names."""
    named = {*LIMITS, "options", "to", "of"}
    return stored_alike(before, after) and any(
        meaning(before.options.get(key)) != meaning(after.options.get(key))
        for key in {*before.options, *after.options} - named
    )


def differ(first: Any, second: Any, names: tuple[str, ...]) -> bool:
    """Whether the two mean something else in one of these attributes."""
    return any(meaning(getattr(first, name)) != meaning(getattr(second, name)) for name in names)
