import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from engine.definition.files import merged, read_files
from engine.definition.load import load_app, load_system_app
from engine.definition.model import App, Entity
from engine.definition.nodes import plain
from engine.definition.schema_export import entity_to_json_schema
from engine.formula.expression import Expression
from engine.problems import Place
from tests.definition.made_entities import made_entities

ROOT = Path(__file__).parents[2]


def shipped() -> list[App]:
    texts = read_files([ROOT / "hrm_app.yaml", ROOT / "crm_app.yaml"])
    return [load_system_app(), *map(load_app, texts.values())]


def placeless(value: Any) -> Any:
    """The value without the places where its parts were written."""
    if isinstance(value, Place):
        return None
    if isinstance(value, Expression):
        return value.text
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {
            each.name: placeless(getattr(value, each.name)) for each in fields(value) if each.compare
        }
    if isinstance(value, dict):
        return {key: placeless(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [placeless(each) for each in value]
    return value


def imported(entity: Entity, app: App) -> Entity:
    """The entity in an app where its JSON Schema stands instead of its definition."""
    schema = json.dumps(entity_to_json_schema(entity), ensure_ascii=False)
    root = merged(app.texts).root
    assert root is not None
    written = plain(root)
    written["app"] = again(app)
    written["entities"][entity.name] = {"schema": "schema.json"}
    texts = {"again.yaml": json.dumps(written, ensure_ascii=False, default=float), **app.texts}
    texts["schema.json"] = schema
    return load_app(texts).entities[entity.name]


def again(app: App) -> str:
    """The name under which the app is loaded once more; nobody may write an app `system`."""
    return "again" if app.name == "system" else app.name


CASES = [pytest.param(entity, app, id=entity.key) for app in shipped() for entity in app.entities.values()]


@pytest.mark.parametrize(("entity", "app"), CASES)
def test_an_exported_entity_imports_as_the_same_entity(entity: Entity, app: App) -> None:
    _, found = placeless(imported(entity, app))
    _, expected = placeless(replace(entity, app=again(app)))
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}


@pytest.mark.parametrize(("entity", "app"), CASES)
def test_an_exported_entity_is_valid_json_schema(entity: Entity, app: App) -> None:
    schema = json.loads(json.dumps(entity_to_json_schema(entity)))
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == entity.label.to("en")
    assert list(schema["properties"]) == [each.name for each in app.entities[entity.name].declared]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(made_entities())
def test_any_entity_imports_as_itself(definition: dict[str, Any]) -> None:
    app = {"app": "made", "entities": {"book": definition, "shelf": {"fields": {"name": {"type": "text"}}}}}
    text = json.dumps(app, ensure_ascii=False, default=float)
    loaded = load_app({"made.yaml": text})
    _, found = placeless(imported(loaded.entities["book"], loaded))
    _, expected = placeless(loaded.entities["book"])
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}
