"""Which thing of the language stands at a path of a definition: `entities/deal/fields/amount` is a field."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.definition.language import REFINED_OPTIONS, THINGS
from engine.text import Message, say

Path = tuple[str, ...]

NOUNS: Mapping[str, Message] = {
    "app": say("app"),
    "role": say("role"),
    "entity": say("entity"),
    "field": say("field"),
    "option": say("option"),
    "check": say("check"),
    "workflow": say("workflow"),
    "stage": say("stage"),
    "transition": say("transition"),
    "section": say("section"),
    "view": say("view"),
    "access": say("rights"),
    "rule": say("rule"),
    "field_rule": say("rule for the field"),
    "calendar": say("calendar"),
    "holiday": say("holiday"),
    "holiday_list": say("list of holidays"),
    "approval": say("approval"),
    "step": say("step"),
    "choice": say("choice"),
    "branch": say("branch"),
    "action": say("action"),
    "dashboard": say("dashboard"),
    "card": say("card"),
    "series": say("series"),
    "figure": say("figure"),
}


def noun(thing: str) -> Message:
    """What a sentence calls a thing of the language."""
    return NOUNS.get(thing, say("part"))


def path_of(text: str) -> Path:
    """`entities/deal/fields` as its parts."""
    return tuple(part for part in text.split("/") if part)


def thing_at(path: Sequence[str]) -> str | None:
    """The name of the thing in the table of the language; None for a collection or a single key."""
    thing: str | None = "app"
    collected: str | None = None
    for part in path:
        if collected:
            thing, collected = collected, None
        elif thing:
            thing, collected = _below(thing, part)
        else:
            return None
    return thing


def collected_at(path: Sequence[str]) -> str | None:
    """Of which things the mapping at the path is a collection: `entities/deal/fields` holds fields."""
    owner = thing_at(path[:-1]) if path else None
    return _below(owner, path[-1])[1] if owner else None


def _below(thing: str, key: str) -> tuple[str | None, str | None]:
    """The thing that a key holds itself, and the things of which it holds a collection."""
    known = THINGS[thing].keys.get(key)
    if thing == "field" and key in REFINED_OPTIONS:
        return None, _referred(REFINED_OPTIONS[key].get("additionalProperties"))
    if known is None:
        return _referred(THINGS[thing].others), None
    return _referred(known.schema), _referred(known.schema.get("additionalProperties"))


def _referred(schema: Any) -> str | None:
    if isinstance(schema, Mapping) and "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    return None
