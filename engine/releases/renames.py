"""What is the same thing under another name: `was: old_name` states it, and nothing is ever guessed.

Everywhere names are mapped from now to before.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from engine.definition.model import App, Entity, Field, Stage
from engine.fields.option import Option
from engine.problems import Problem
from engine.schema.tables import parent_link
from engine.text import say

Named = TypeVar("Named", App, Entity, Field, Option, Stage)
Names = Mapping[str, str]


def renames(before: Mapping[str, Named], after: Mapping[str, Named]) -> dict[str, str]:
    """New name → old name, of what says `was:` and is not yet published under its new name."""
    return {
        name: each.was
        for name, each in after.items()
        if each.was and name not in before and each.was in before and each.was not in after
    }


def former(before: Mapping[str, Named], after: Mapping[str, Named]) -> dict[str, str]:
    """Name → former name of everything that was there already, renamed or not."""
    return {**{name: name for name in after if name in before}, **renames(before, after)}


def former_entities(before: Mapping[str, App], after: Mapping[str, App]) -> dict[str, str]:
    """`app.entity` → its former name in full, of every entity that was there already."""
    return {
        f"{app}.{name}": f"{old_app}.{old}"
        for app, old_app in former(before, after).items()
        for name, old in former(before[old_app].entities, after[app].entities).items()
    }


def former_fields(before: Entity, after: Entity, entities: Names) -> dict[str, str]:
    """Field → former name of every field that was there already; `entities` as former_entities gives them.

    The link of a child row to its owner is named like the owner, and follows when that is renamed.
    """
    found = former(before.fields, after.fields)
    link, old = parent_link(after), parent_link(before)
    if link and old and after.parent and before.parent == entities.get(after.parent):
        found[link] = old
    return found


def unclear(before: Mapping[str, App], after: Mapping[str, App]) -> Iterator[Problem]:
    """A problem for each `was:` whose old name is still in use, so that one thing would be two."""
    yield from _unclear(before, after)
    for app, old_app in former(before, after).items():
        entities = before[old_app].entities
        yield from _unclear(entities, after[app].entities)
        for name, old in former(entities, after[app].entities).items():
            entity = after[app].entities[name]
            yield from _unclear(entities[old].fields, entity.fields)
            stages = entities[old].workflow
            if stages and entity.workflow:
                yield from _unclear(stages.stages, entity.workflow.stages)


def _unclear(
    before: Mapping[str, App] | Mapping[str, Entity] | Mapping[str, Field] | Mapping[str, Stage],
    after: Mapping[str, App] | Mapping[str, Entity] | Mapping[str, Field] | Mapping[str, Stage],
) -> Iterator[Problem]:
    for name, each in after.items():
        if each.was and name not in before and each.was in before and each.was in after:
            sentence = say(
                "'{new}' was '{old}', says its definition, but '{old}' is still there. Publish the renaming "
                "first, and what takes the old name after that.",
                new=name,
                old=each.was,
            )
            yield Problem(each.place, sentence)
