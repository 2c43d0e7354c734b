"""The history of a record in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from blueprints import visitor
from blueprints.values import as_text, label
from engine.catalog import CompiledEntity
from engine.fields.field_type import Relation, ValueRefused
from engine.fields.types.link import Link
from engine.records.history import Change, Event


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A field's values in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event as the page shows it."""

    look: str
    icon: str
    sentence: Markup
    at: datetime
    comment: str | None
    changes: tuple[ShownChange, ...]
    undo: str | None = None


LOOKS: Mapping[str, tuple[str, str, str]] = {
    "created": ("created", "plus", "{who} created this"),
    "updated": ("changed", "pencil", "{who} changed this"),
    "deleted": ("changed", "trash", "{who} deleted this"),
    "restored": ("created", "arrow-back-up", "{who} brought this back"),
    "moved_back": (
        "moved",
        "arrow-back-up",
        "{who} took the move back: from {from_stage} to {to_stage} again",
    ),
    "transition": ("moved", "arrow-right", "{who} moved this from {from_stage} to {to_stage}"),
    "commented": ("changed", "message", "{who} commented"),
    "attached": ("changed", "paperclip", "{who} added a file"),
    "detached": ("changed", "paperclip", "{who} removed a file"),
}
"""Kind of an event → look, icon, sentence."""
WITHOUT_CHANGES = ("created", "deleted")

event_icons = ("arrow-back-up", "paperclip", "message", "plus", "pencil", "trash", "arrow-right", "point")


def shown_event(entity: CompiledEntity, event: Event, undo: str | None = None) -> ShownEvent:
    """An event for the visitor, without what can be seen elsewhere; `undo` is where it is undone.

    That is what a record began with or had at its end, and values that were computed from the others.
    """
    look, icon, template = LOOKS.get(event.kind, ("changed", "point", "{who} changed this"))
    who = event.by.title if event.by else visitor.translated("Dougong")
    sentence = escape(visitor.translated(template)).format(
        who=Markup("<strong>{}</strong>").format(who),
        from_stage=_stage(entity, event.from_stage),
        to_stage=_stage(entity, event.to_stage),
    )
    told = [] if event.kind in WITHOUT_CHANGES else [each for each in event.changes if _is_told(entity, each)]
    changes = tuple(_change(entity, each) for each in told)
    return ShownEvent(look, icon, sentence, event.at, event.comment, changes, undo)


def _is_told(entity: CompiledEntity, change: Change) -> bool:
    each = entity.fields.get(change.field)
    return each is None or not each.computed


def _stage(entity: CompiledEntity, name: str | None) -> str:
    workflow = entity.definition.workflow
    stage = workflow.stages.get(name or "") if workflow else None
    return label(stage.label) if stage else name or ""


def _change(entity: CompiledEntity, change: Change) -> ShownChange:
    return ShownChange(
        label(change.label),
        _words(entity, change.field, change.before),
        _words(entity, change.field, change.after),
    )


def _words(entity: CompiledEntity, name: str, value: Any) -> str:
    """A value as history keeps it (JSON), in words."""
    each = entity.fields.get(name)
    if each is None or value is None:
        return ""
    if isinstance(value, dict) and "title" in value:
        return value["title"] or f"#{value['id']}"
    if each.type.relation is Relation.ROWS:
        return as_text(each, value)
    try:
        accepted = each.type.accept(each.definition.options, value)
    except ValueRefused:
        # The definition has changed since: what was kept is shown as it is.
        return str(value)
    return as_text(each, Link(accepted, "") if each.type.relation is Relation.ONE else accepted)
