"""The page of a record, saved or new: what stands on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from babel.dates import format_timedelta
from markupsafe import Markup

from blueprints import visitor
from blueprints.approval_shapes import Shown
from blueprints.approval_view import shown_approval
from blueprints.attachments import files_shown
from blueprints.navigation import plural
from blueprints.timeline import shown_event
from blueprints.titles import titles_of
from blueprints.values import entity_url, inside, label, number, show
from engine.access.policy import readable
from engine.access.rights import Rights, rights_on, rights_on_new
from engine.catalog import CompiledEntity
from engine.definition.model import Stage
from engine.fields.field_type import Relation
from engine.forms.layout import layout
from engine.forms.nodes import FieldNode, Form, Typed
from engine.problems import Problem
from engine.records.files import attachments_of
from engine.records.follow import follows
from engine.records.history import Event, timeline_of
from engine.records.merge import Meanwhile
from engine.records.personal import with_shown
from engine.records.preview import preview
from engine.records.read import get, named_link, titles
from engine.records.related import links_here
from engine.records.select import MASKED
from engine.records.undo import can_be_undone
from engine.text import Message, Text
from engine.transaction import Transaction
from engine.workflow import moving_back
from engine.workflow.guards import has_approvals
from engine.workflow.timeline import approvals
from engine.workflow.transitions import TransitionState, possible


@dataclass(frozen=True, slots=True)
class Opened:
    """A record opened for somebody: its values, what may be done with it, its form."""

    entity: CompiledEntity
    identity: int | None
    record: Mapping[str, Any]
    rights: Rights
    form: Form

    @property
    def base(self) -> str:
        return entity_url(self.entity.key)

    @property
    def url(self) -> str:
        return entity_url(self.entity.key, self.identity) if self.identity else self.base


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why what was sent was not written; `values` are those that could be read."""

    typed: Typed
    values: Mapping[str, Any]
    problems: Sequence[Problem] = ()
    refusal: Message | Text | None = None
    stale: Message | Text | None = None
    conflicts: Sequence[Meanwhile] = ()


def open_record(
    transaction: Transaction, key: str, identity: int, shown: Mapping[str, Any] = MappingProxyType({})
) -> Opened:
    """A saved record with the personal values that were asked for; NotFound also when it may not be seen."""
    entity = transaction.catalog.entity(key)
    record = get(transaction, key, identity)
    visitor.disclosures().record(transaction, entity, record)
    if shown:
        record = with_shown(record, shown)
    rights = rights_on(transaction, entity, identity)
    return Opened(entity, identity, record, rights, layout(transaction, entity, record, rights.writable))


def open_new(transaction: Transaction, key: str, begun: Mapping[str, Any]) -> Opened:
    """A record that is not there yet, with its defaults and the values it is begun with."""
    entity = transaction.catalog.entity(key)
    rights = rights_on_new(transaction, entity)
    values = unsaved_values(transaction, entity, begun, None)
    return Opened(entity, None, values, rights, layout(transaction, entity, values, rights.writable))


def unsaved_values(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any], identity: int | None
) -> dict[str, Any]:
    """What the record would hold with these values, links with their titles."""
    computed = preview(transaction, entity.key, values, identity).values
    rows = {name: computed[name] for name in entity.children if name in computed}
    whole = {
        **computed,
        **{name: value for name, value in values.items() if name not in entity.children},
        **rows,
    }
    return {**titled(transaction, entity, whole), **({"id": identity} if identity else {})}


def titled(transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with bare ids of links as Link."""
    found = dict(values)
    for name, each in entity.fields.items():
        value = found.get(name)
        target = each.type.target(each.definition.options)
        if value is None or target is None:
            continue
        if each.type.relation is Relation.ONE and isinstance(value, int):
            found[name] = named_link(value, titles(transaction, target, [value]))
        elif each.type.relation is Relation.MANY and any(isinstance(one, int) for one in value):
            named = titles(transaction, target, [one for one in value if isinstance(one, int)])
            found[name] = tuple(named_link(one, named) if isinstance(one, int) else one for one in value)
        elif each.type.relation is Relation.ROWS:
            child = transaction.catalog.entity(entity.children[name])
            found[name] = [titled(transaction, child, row) for row in value]
    return found


def record_page(transaction: Transaction, opened: Opened, trouble: Trouble | None = None) -> dict[str, Any]:
    """What the template record.html shows."""
    entity, locale = opened.entity, visitor.locale()
    form = opened.form
    events = _happened(transaction, opened)
    if trouble is not None:
        values = unsaved_values(transaction, entity, trouble.values, opened.identity)
        values["revision"] = opened.record.get("revision")
        saved = opened.record if opened.identity else None
        form = layout(transaction, entity, values, opened.rights.writable, trouble.typed, saved)
    singular = label(entity.definition.label)
    title = _title(transaction, opened) or visitor.translated("New {entity}", entity=inside(singular))
    return {
        "is_new": opened.identity is None,
        "release": transaction.catalog.release,
        "record_id": opened.identity,
        "title": title,
        "app_label": label(transaction.catalog.apps[entity.definition.app].label),
        "plural": plural(entity, locale),
        "singular": singular,
        "list_url": opened.base,
        "save_url": opened.url,
        "cancel_url": opened.url,
        "preview_url": f"{opened.url}/preview",
        "delete_url": f"{opened.url}/delete" if opened.rights.delete else None,
        "rights_url": f"{opened.url}/rights" if opened.identity else None,
        "show_personal_url": f"{opened.url}/show" if _has_masked(opened) else None,
        "form": form,
        "can_save": form.has_controls,
        "dirty": trouble is not None,
        "problems": _summary(form, trouble),
        "refusal": trouble.refusal.to(locale) if trouble and trouble.refusal else None,
        "stale": trouble.stale.to(locale) if trouble and trouble.stale else None,
        "conflicts": _conflicts(transaction, opened, trouble),
        "stages": _stages(transaction, opened, events),
        **_beside(transaction, opened),
        "transitions": _transitions(transaction, opened),
        "events": _events(transaction, opened, events),
        "facts": _facts(transaction, opened),
        "approvals": _approvals(transaction, opened),
        "files_shown": opened.identity is not None,
        **_files(transaction, opened),
    }


def _has_masked(opened: Opened) -> bool:
    """Whether something of the record or of its rows is shown only when it is asked for."""
    rows = (row for name in opened.entity.children for row in opened.record.get(name) or ())
    return any(each.get(MASKED) for each in (opened.record, *rows))


def _title(transaction: Transaction, opened: Opened) -> str:
    if opened.identity is None:
        return ""
    found = titles_of(transaction, opened.entity, [opened.record])
    return found.get(opened.identity, "") or f"#{opened.identity}"


def _beside(transaction: Transaction, opened: Opened) -> dict[str, Any]:
    """Where one follows, comments on, copies a record and finds what links to it."""
    if opened.identity is None:
        return {}
    can_create = bool(rights_on_new(transaction, opened.entity).writable)
    return {
        "prints": [
            {"label": label(each.label), "url": f"{opened.url}/print/{name}"}
            for name, each in opened.entity.definition.prints.items()
        ],
        "followed": follows(transaction, opened.entity.key, opened.identity),
        "follow_url": f"{opened.url}/follow",
        "comment_url": f"{opened.url}/comments",
        "duplicate_url": f"{opened.url}/duplicate" if can_create else None,
        "related_url": f"{opened.url}/related" if links_here(transaction, opened.entity.key) else None,
    }


def _happened(transaction: Transaction, opened: Opened) -> list[Event] | None:
    """The history of a saved record, where there is one."""
    if opened.identity is None or not opened.entity.definition.keep_history:
        return None
    return timeline_of(transaction, opened.entity, opened.identity)


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


def _stages(transaction: Transaction, opened: Opened, events: Sequence[Event] | None) -> list[dict[str, Any]]:
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


def _look(stage: Stage, index: int, position: int, now: str) -> str:
    if stage.name == now:
        look = "stage-now"
        if stage.final:
            look += " stage-lost" if stage.color in {"red", "gray", "dark"} else " stage-good"
        return look
    return "stage-done" if index < position and not stage.final else ""


def _transitions(transaction: Transaction, opened: Opened) -> list[dict[str, Any]]:
    if opened.identity is None:
        return []
    states = possible(transaction, opened.entity.key, dict(opened.record))
    first = next((each.name for each in states if each.enabled), None)
    return [
        {
            "name": each.name,
            "label": label(each.label),
            "enabled": each.enabled,
            "reason": each.reason.to(visitor.locale()) if each.reason else "",
            "asks": bool(each.required) or each.comment_required or each.approval,
            "url": f"{opened.url}/transitions/{each.name}",
            "primary": each.name == first,
        }
        for each in sorted(states, key=lambda state: not state.enabled)
    ]


def _events(transaction: Transaction, opened: Opened, events: Sequence[Event] | None) -> list[Any] | None:
    if events is None:
        return None
    entity = opened.entity
    writable, movable = opened.rights.writable, moving_back.offered(transaction, entity, events)
    return [
        shown_event(
            entity,
            each,
            f"{opened.url}/undo/{each.id}"
            if each.id == movable or can_be_undone(entity, each, writable)
            else None,
        )
        for each in events
    ]


def _approvals(transaction: Transaction, opened: Opened) -> list[Shown]:
    """The approvals of the record, the latest first."""
    if opened.identity is None or not has_approvals(opened.entity.definition):
        return []
    key, identity = opened.entity.key, opened.identity
    found = approvals(transaction, key, identity)
    return [shown_approval(transaction, key, identity, each, opened.url) for each in found]


def _files(transaction: Transaction, opened: Opened) -> Mapping[str, Any]:
    if opened.identity is None:
        return {}
    key, identity = opened.entity.key, opened.identity
    return files_shown(key, identity, attachments_of(transaction, key, identity, opened.rights))


def _facts(transaction: Transaction, opened: Opened) -> list[dict[str, Any]]:
    if opened.identity is None:
        return []
    entity, record = opened.entity, opened.record
    allowed = readable(transaction, entity)
    facts: list[dict[str, Any]] = []
    for name, words in FACTS.items():
        value = record.get(name)
        if name in allowed and value is not None:
            shown = visitor.moment(value) if name.endswith("_at") else show(entity.fields[name], value)
            facts.append({"label": visitor.translated(words), "shown": shown})
    facts.append({"label": visitor.translated("Record number"), "shown": number(opened.identity)})
    return facts


FACTS = {
    "created_at": "Created",
    "created_by": "Created by",
    "updated_at": "Last changed",
    "updated_by": "Changed by",
}
"""Which of the system's fields stand under “Details”."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed, as the page asks about it."""

    path: str
    label: str
    mine: Markup | str
    theirs: Markup | str
    by: str


def _conflicts(transaction: Transaction, opened: Opened, trouble: Trouble | None) -> list[Conflict]:
    """Both values of each field that collides."""
    if trouble is None or not trouble.conflicts:
        return []
    blank = visitor.translated("blank")
    mine = titled(transaction, opened.entity, trouble.values)
    return [
        Conflict(
            path=each.field.name,
            label=label(each.field.definition.label),
            mine=show(each.field, mine.get(each.field.name)) or blank,
            theirs=show(each.field, opened.record.get(each.field.name)) or blank,
            by=each.by.title if each.by else visitor.translated("Dougong"),
        )
        for each in trouble.conflicts
    ]


def _summary(form: Form, trouble: Trouble | None) -> list[dict[str, Any]]:
    """Everything that is wrong, each with the field it leads to."""
    if trouble is None:
        return []
    locale = visitor.locale()
    nodes = {node.path: node for node in every_node(form.fields)}
    lines = []
    for path, messages in trouble.typed.problems.items():
        node = nodes.get(path)
        lines += [
            {
                "anchor": node.id if node else None,
                "label": label(node.label) if node else "",
                "sentence": message.to(locale),
            }
            for message in messages
        ]
    return lines


def every_node(nodes: Any) -> Any:
    """All nodes of a form, those of child rows among them."""
    for node in nodes:
        yield node
        for row in node.rows or ():
            yield from row.fields


def transition_nodes(
    transaction: Transaction, opened: Opened, names: Sequence[str], typed: Typed
) -> list[FieldNode]:
    """The fields that a move asks for, under paths of their own (`transition-lost_reason`)."""
    form = layout(transaction, opened.entity, opened.record, frozenset(names))
    known = {node.field.name: node for node in form.fields}
    nodes = []
    for name in names:
        each = opened.entity.fields[name]
        path = f"transition-{name}"
        node = known.get(name) or FieldNode(path, each, opened.entity.key, None, "")
        nodes.append(
            replace(
                node,
                path=path,
                hidden=False,
                locked=False,
                read_only=False,
                required=True,
                text=typed.texts.get(path, node.text),
                typed=typed.titles.get(path),
                problems=typed.problems.get(path, ()),
            )
        )
    return nodes


def state_of(transaction: Transaction, opened: Opened, name: str) -> TransitionState | None:
    """How a move stands at present; None when it does not start from the record's stage."""
    states = possible(transaction, opened.entity.key, dict(opened.record))
    return next((each for each in states if each.name == name), None)
