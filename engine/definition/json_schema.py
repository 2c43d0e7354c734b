"""The JSON Schema of the definition language, made from the tables that loading reads.

`python -m engine.definition.json_schema` writes it to docs/schema/app.schema.json, where editors find it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.definition.language import REFINED_OPTIONS, THINGS
from engine.definition.terms import JsonSchema, Thing
from engine.fields.registry import FIELD_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "app.schema.json"


def definition_schema() -> dict[str, Any]:
    """The schema of an app's own file; `$defs/part` is that of an included one."""
    things = {name: _thing(thing) for name, thing in THINGS.items() if name not in ("app", "field")}
    fields = {f"{name}_field": _field(name) for name in FIELD_TYPES}
    return {
        "$schema": DIALECT,
        **_thing(THINGS["app"]),
        "$defs": {**things, "common": _common_keys(), "field": _any_field(), **fields},
    }


def field_keys(field_type: str) -> Mapping[str, JsonSchema]:
    """The schemas of all keys that a field of this type may have."""
    common = {name: {"$ref": f"#/$defs/common/properties/{name}"} for name in THINGS["field"].keys}
    own = {
        name: {**schema, **REFINED_OPTIONS.get(name, {})}
        for name, schema in FIELD_TYPES[field_type].option_schemas.items()
    }
    return {**common, "type": {"const": field_type}, **own}


def _thing(thing: Thing) -> JsonSchema:
    if thing.kinds is not None:
        return _thing_of_kinds(thing, *thing.kinds)
    return {
        "title": str(thing.subject),
        "type": ["object", "null"] if thing.may_be_empty else "object",
        "properties": {name: _described(key.schema, key.description) for name, key in thing.keys.items()}
        | (_refused(thing) if thing.others is not None else {}),
        "additionalProperties": False if thing.others is None else thing.others,
        **({"required": list(thing.required)} if thing.required else {}),
    }


def _thing_of_kinds(thing: Thing, key: str, kinds: Mapping[str, str]) -> JsonSchema:
    """One key says which kind it is; the other keys are those of the kind."""
    return {
        "title": str(thing.subject),
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(kinds), "description": thing.keys[key].description}},
        "allOf": [
            {
                "if": {"properties": {key: {"const": value}}, "required": [key]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for value, name in kinds.items()
        ],
    }


def _refused(thing: Thing) -> JsonSchema:
    """Keys of later versions, which further attributes must not be called."""
    return {
        name: _described({"not": {}}, f"Not in this version: {feature}.")
        for name, feature in thing.later.items()
    }


def _common_keys() -> JsonSchema:
    """The keys that all fields have; `$defs/…_field` refer to them."""
    return {
        "properties": {
            name: _described(key.schema, key.description) for name, key in THINGS["field"].keys.items()
        }
    }


def _any_field() -> JsonSchema:
    """What kind of field it is decides which further keys it may have."""
    return {
        "title": str(THINGS["field"].subject),
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"enum": list(FIELD_TYPES), "description": THINGS["field"].keys["type"].description}
        },
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{name}_field"},
            }
            for name in FIELD_TYPES
        ],
    }


def _field(field_type: str) -> JsonSchema:
    required = FIELD_TYPES[field_type].required_options
    return {
        "properties": dict(field_keys(field_type)),
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


def _described(schema: JsonSchema, description: str) -> JsonSchema:
    return {**schema, "description": description}


def main() -> None:
    """Write the published schema."""
    PUBLISHED.parent.mkdir(parents=True, exist_ok=True)
    PUBLISHED.write_text(published_text(), encoding="utf-8")


def published_text() -> str:
    """What the published file holds."""
    return json.dumps(definition_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main()
