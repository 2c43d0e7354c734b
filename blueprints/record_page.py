"""The page of a record, saved or new: what stands on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from blueprints import visitor
from blueprints.approval_shapes import Shown
from blueprints.approval_view import shown_approval
from blueprints.attachments import files_shown
from blueprints.navigation import plural
from blueprints.opened import Opened, unsaved_values
from blueprints.stage_bar import stage_bar
from blueprints.timeline import shown_event
from blueprints.titles import titles_of
from blueprints.trouble import Trouble, conflicts, summary
from blueprints.values import inside, label, number, show
from engine.access.field_policy import readable
from engine.access.rights import rights_on_new
from engine.forms.layout import layout
from engine.records.files import attachments_of
from engine.records.follow import follows
from engine.records.history import Event, timeline_of
from engine.records.related import links_here
from engine.records.select import MASKED
from engine.records.undo import can_be_undone
from engine.transaction import Transaction
from engine.workflow import moving_back
from engine.workflow.timeline import approvals
from engine.workflow.transitions import possible


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
        "problems": summary(form, trouble),
        "refusal": trouble.refusal.to(locale) if trouble and trouble.refusal else None,
        "stale": trouble.stale.to(locale) if trouble and trouble.stale else None,
        "conflicts": conflicts(transaction, opened, trouble),
        "stages": stage_bar(transaction, opened, events),
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
    if opened.identity is None or not opened.entity.definition.has_approvals:
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
