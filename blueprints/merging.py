"""Saving a record that somebody else changed meanwhile: what does not collide is put together."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from blueprints.opened import Opened
from engine.forms.bind import Bound
from engine.records.merge import Meanwhile, Merged, changed_since, merged
from engine.text import Message, say
from engine.transaction import Transaction

PREFIX = "merge-"
THEIRS = "theirs"
BEGAN = "-__was"
"""How the name ends under which a form sends what an encrypted field held when it was made."""


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without the fields for which the person chose what the other one wrote."""
    return {name: value for name, value in values.items() if request.form.get(PREFIX + name) != THEIRS}


def put_together(
    transaction: Transaction, opened: Opened, values: Mapping[str, Any], revision: int | None
) -> Merged | None:
    """What was sent together with what is there now; None where nobody can tell what changed."""
    now = opened.record.get("revision")
    if revision is None or opened.identity is None or not isinstance(now, int):
        return None
    meanwhile = changed_since(transaction, opened.entity, opened.identity, revision, now)
    if meanwhile is None:
        return None
    began = [text for name, text in request.form.items() if name.endswith(BEGAN)]
    return merged(transaction, opened.entity, values, opened.record, meanwhile, began)


def again_with(bound: Bound, found: Merged) -> Bound:
    """What the form is to hold again: one's own changes, and beside them what others wrote."""
    taken = {each.field.name for each in found.taken}
    texts = {path: text for path, text in bound.texts.items() if path.partition("-")[0] not in taken}
    return Bound(dict(found.values), texts, bound.titles, bound.problems, bound.row_paths)


def told(taken: Sequence[Meanwhile]) -> Message | None:
    """What the person is told of what others wrote and was kept."""
    if not taken:
        return None
    names = tuple(each.field.definition.label for each in taken)
    return say("Saved. What others changed meanwhile was kept: {fields}.", fields=names)
