"""What people read of the two applications: in English and Chinese, and nothing left out of the forms."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine.definition.files import read_files
from engine.definition.load import load_app
from engine.definition.model import App, Entity
from engine.text import LOCALES, Text
from tests.apps.office import APPS

LOADED = {app.name: app for app in map(load_app, read_files(APPS).values())}
ENTITIES = {entity.key: entity for app in LOADED.values() for entity in app.entities.values()}


def texts(value: Any, path: str) -> Iterator[tuple[str, Text]]:
    """Every Text inside a definition with the way to it; the system's own fields are left out."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts(each, f"{path}.{name}")
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from texts(each, f"{path}[{number}]")
    elif dataclasses.is_dataclass(value) and not getattr(value, "system", False):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name), f"{path}.{field.name}")


@pytest.mark.parametrize("app", LOADED.values(), ids=LOADED)
def test_every_text_is_written_in_every_locale(app: App) -> None:
    found = list(texts(app, app.name))
    assert len(found) > 150
    assert [path for path, text in found if set(text.words) < set(LOCALES)] == []


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
def test_every_field_stands_in_the_form(entity: Entity) -> None:
    """Child rows are edited in the form of their owner and need none."""
    shown = {name for section in entity.form for name in section.fields}
    assert {each.name for each in entity.declared} - shown == set()


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
def test_an_entity_has_an_icon_and_a_word_for_many(entity: Entity) -> None:
    assert entity.icon
    assert entity.label_plural is not None


def test_every_stage_has_a_colour() -> None:
    for entity in ENTITIES.values():
        for stage in entity.workflow.stages.values() if entity.workflow else ():
            assert stage.color, f"{entity.key}.{stage.name}"
