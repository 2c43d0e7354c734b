"""What happened in an approval, in sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from blueprints import visitor
from blueprints.remark_text import with_mentions
from blueprints.values import label
from engine.records.read import titles
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workflow.views import EventView, InstanceView


@dataclass(frozen=True, slots=True)
class ApprovalEvent:
    """An event as a page shows it."""

    look: str
    icon: str
    sentence: Markup
    at: datetime
    comment: Markup


LOOKS: Mapping[str, tuple[str, str, Message]] = {
    "submitted": ("event-now", "send-2", say("{who} asked for approval")),
    "submitted_again": ("event-now", "send-2", say("{who} sent it in again")),
    "asked": ("event-plain", "user-plus", say("It went to {people}: {step}")),
    "choice_asked": ("event-plain", "users-group", say("It went to {people} to choose who decides: {step}")),
    "tie_asked": ("event-plain", "user-plus", say("It went to {people} to decide the tie: {step}")),
    "approved": ("event-good", "check", say("{who} approved: {step}")),
    "rejected": ("event-bad", "x", say("{who} rejected: {step}")),
    "answered_for": ("event-plain", "message", say("{who} gave an opinion: {step}")),
    "answered": ("event-good", "pencil", say("{who} filled in: {step}")),
    "approved_earlier": ("event-good", "checks", say("{step}: approved earlier already")),
    "chosen": ("event-plain", "users-group", say("{who} chose {people}: {step}")),
    "returned": ("event-careful", "corner-up-left", say("{who} sent it back: {step}")),
    "transferred": ("event-plain", "arrow-right", say("{who} transferred it to {people}: {step}")),
    "delegated": ("event-plain", "user-share", say("{who} delegated it to {people}: {step}")),
    "approver_added": ("event-plain", "user-plus", say("{who} added {people}: {step}")),
    "approver_removed": ("event-plain", "user-minus", say("{who} removed somebody who was added: {step}")),
    "taken_back": ("event-careful", "arrow-back-up", say("{who} took their answer back: {step}")),
    "copied": ("event-plain", "mail", say("{people} got a copy")),
    "commented": ("event-plain", "message", say("{who} commented")),
    "reminded": ("event-plain", "bell", say("{who} reminded {people}")),
    "overdue": ("event-careful", "clock", say("{step} is overdue; {people} reminded")),
    "escalated": ("event-careful", "arrow-right", say("{step} is overdue and went to {people}")),
    "reassigned": ("event-careful", "users", say("{who} gave it to {people}: {step}")),
    "jumped": ("event-careful", "arrow-right", say("{who} jumped to {step}")),
    "migrated": ("event-plain", "git-merge", say("{who} moved it to release {release}")),
    "incident": ("event-bad", "alert-triangle", say("It cannot go on: {incident}")),
    "step_skipped": ("event-quiet", "minus", say("{step} was skipped: nobody to ask")),
    "step_cancelled": ("event-quiet", "minus", say("{step} was cancelled")),
    "skipped": ("event-quiet", "player-skip-forward", say("{step} was not needed")),
    "flow_approved": ("event-good", "flag", say("The approval ended: approved")),
    "flow_rejected": ("event-bad", "flag", say("The approval ended: rejected")),
    "withdrawn": ("event-careful", "arrow-back-up", say("{who} withdrew it")),
    "cancelled": ("event-bad", "ban", say("{who} cancelled the approval")),
}
"""Kind of an event → look, icon, sentence. Kinds that are not here repeat what another one says."""


def shown_events(transaction: Transaction, view: InstanceView) -> list[ApprovalEvent]:
    """The events of an approval, the first one first."""
    wanted = {each for event in view.events for each in _people(event)}
    names = titles(transaction, "system.user", wanted)
    return [_shown(event, names) for event in view.events if event.kind in LOOKS]


def _people(event: EventView) -> list[int]:
    """The ids of those to whom something was done."""
    named = event.detail.get("people", event.detail.get("to"))
    if event.kind in ("returned", "jumped", "migrated"):
        return []
    return [each for each in (named if isinstance(named, list) else [named]) if isinstance(each, int)]


def _shown(event: EventView, names: Mapping[int, str]) -> ApprovalEvent:
    look, icon, template = LOOKS[event.kind]
    words = event.detail.get("words")
    sentence = escape(visitor.translated(template.template)).format(
        who=_who(event),
        people=_strong(names.get(each, f"#{each}") for each in _people(event)),
        step=Markup("<span class='soft'>{}</span>").format(label(event.step)) if event.step else "",
        incident=Text(words).to(visitor.locale()) if words else "",
        release=event.detail.get("to", ""),
    )
    return ApprovalEvent(look, icon, sentence, event.at, with_mentions(event.comment))


def _who(event: EventView) -> Markup:
    if event.hidden:
        return escape(visitor.translated("Somebody whose name is hidden"))
    name = _strong([event.by.title if event.by else visitor.translated("Dougong")])
    if event.instead_of is None:
        return name
    return name + escape(visitor.translated(" (for {person})", person=event.instead_of.title))


def _strong(names: Iterable[str]) -> Markup:
    joint = "、" if visitor.locale() == "zh" else ", "
    listed = [Markup("<strong>{}</strong>").format(each) for each in names]
    return escape(joint).join(listed) if listed else escape(visitor.translated("somebody"))
