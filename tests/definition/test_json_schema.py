import json
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from engine.definition.json_schema import PUBLISHED, definition_schema, published_text
from engine.definition.language import THINGS
from engine.fields.registry import FIELD_TYPES

ROOT = Path(__file__).parents[2]


def test_the_published_schema_is_up_to_date() -> None:
    written = PUBLISHED.read_text(encoding="utf-8")
    assert written == published_text(), "run: python -m engine.definition.json_schema"


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(definition_schema())


def test_every_key_of_every_field_type_is_described() -> None:
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    for name in FIELD_TYPES:
        for key, value in schema["$defs"][f"{name}_field"]["properties"].items():
            described = value.get("description") or THINGS["field"].keys[key].description
            assert described, f"{name}.{key}"


def test_the_shipped_apps_fit_the_published_schema_as_other_tools_read_it() -> None:
    validator = Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    for name in ("hrm_app.yaml", "crm_app.yaml"):
        app = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        assert [error.message for error in validator.iter_errors(app)] == []


def test_a_wrong_key_is_refused_by_other_tools_too() -> None:
    validator = Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    app = {"app": "shop", "entities": {"order": {"fields": {"name": {"type": "text", "requird": True}}}}}
    assert not validator.is_valid(app)
