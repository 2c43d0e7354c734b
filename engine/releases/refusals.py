"""What cannot be published: each such change, with what to do instead."""

from collections.abc import Iterable

from engine.problems import Place, Problem
from engine.releases.diff import Change
from engine.text import Message, say

SENTENCES = {
    "parent_changed": (
        "The records of {entity} were published with another 'parent', and they cannot be moved. Put "
        "it back, or add another entity."
    ),
}
"""Kind of change → its sentence."""


def refusals(changes: Iterable[Change]) -> list[Problem]:
    """A problem for each change that cannot be published."""
    return [Problem(_place(change), _sentence(change)) for change in changes if change.kind in SENTENCES]


def _sentence(change: Change) -> Message:
    before, after = change.before, change.after
    return say(
        SENTENCES[change.kind],
        old=getattr(before, "name", ""),
        new=getattr(after or change.field or change.entity, "name", ""),
        field=change.field.name if change.field else "",
        entity=change.entity.label if change.entity else "",
        before=getattr(before, "type", ""),
        after=getattr(after, "type", ""),
    )


def _place(change: Change) -> Place:
    """Where the definition has to be put right: the field, else its entity, else its app."""
    return (change.field or change.entity or change.app).place
