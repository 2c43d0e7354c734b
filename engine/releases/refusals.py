"""What cannot be published yet: each such change, with what to do instead.

Everything here would move or destroy data; until a plan can show and undo that, it is not begun.
"""

from collections.abc import Iterable

from engine.problems import Place, Problem
from engine.releases.diff import Change
from engine.text import Message, say

SENTENCES = {
    "app_renamed": (
        "The application '{old}' is to become '{new}', and applications cannot be renamed yet. Keep the "
        "name '{old}', leave 'was' out, and change the label instead."
    ),
    "entity_renamed": (
        "'{old}' is to become '{new}', and entities cannot be renamed yet. Keep the name '{old}', leave "
        "'was' out, and change the label instead."
    ),
    "entity_removed": (
        "'{old}' was published and is gone from the definition, and entities cannot be removed yet. Put "
        "it back and add 'hidden: true'; its records stay."
    ),
    "field_renamed": (
        "'{old}' is to become '{new}', and fields cannot be renamed yet. Keep the name '{old}', leave "
        "'was' out, and change the label instead."
    ),
    "field_removed": (
        "The field '{old}' of {entity} was published and is gone from the definition, and fields cannot "
        "be removed yet. Put it back and add 'retire: true'; its values stay."
    ),
    "type_changed": (
        "'{new}' of {entity} was published as {before} and is {after} now, or of another size, and its "
        "values cannot be converted yet. Put type and size back, retire the field and add another one."
    ),
    "target_changed": (
        "'{new}' of {entity} was published with links to other records than now, and they cannot be "
        "moved yet. Put its target back, retire the field and add another one."
    ),
    "parent_changed": (
        "The records of {entity} were published with another 'parent', and they cannot be moved yet. Put "
        "it back, or add another entity."
    ),
    "option_renamed": (
        "The option '{old}' of '{field}' is to become '{new}', and options cannot be renamed yet. Keep "
        "the key '{old}', leave 'was' out, and change the label instead."
    ),
    "option_removed": (
        "The option '{old}' of '{field}' was published and is gone from the definition, and records may "
        "hold it: options cannot be removed yet. Put it back."
    ),
    "stage_renamed": (
        "The stage '{old}' of {entity} is to become '{new}', and stages cannot be renamed yet. Keep the "
        "key '{old}', leave 'was' out, and change the label instead."
    ),
    "stage_removed": (
        "The stage '{old}' of {entity} was published and is gone from the definition, and records may "
        "stand in it: stages cannot be removed yet. Put it back; without a transition that leads to it "
        "nothing enters it."
    ),
    "workflow_removed": (
        "{entity} was published with stages and has none any more, and a workflow cannot be removed yet. "
        "Put it back."
    ),
    "became_computed": (
        "'{new}' of {entity} was published as a field that people fill in; a formula would overwrite "
        "what they entered. Leave the formula out, retire the field and add a computed one under another "
        "name."
    ),
    "thawed": (
        "Computed values of {entity} were published as frozen, and they cannot be thawed for all records "
        "yet. Put 'freeze' back."
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
