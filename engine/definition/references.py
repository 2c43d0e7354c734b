"""What the names in definitions can stand for; what the checks of references share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.definition.model import App, Entity, Field, Reference
from engine.text import Message

USER = "system.user"


@dataclass(frozen=True, slots=True)
class Index:
    """What names can stand for. `live` are the fields that are computed when read."""

    apps: Mapping[str, App]
    entities: Mapping[str, Entity]
    live: frozenset[tuple[str, str]]

    @property
    def roles(self) -> dict[str, str]:
        """Role in full → app."""
        return {role.key: app.name for app in self.apps.values() for role in app.roles.values()}


FieldCheck = Callable[[Index, Entity, Field, Reference], Message | None]
"""What is wrong with a reference to a field of an entity; None when it fits."""


def in_full(app: App, name: str) -> str:
    """`deal` of this app as `crm.deal`."""
    return name if "." in name else f"{app.name}.{name}"


def near(app: App, names: Mapping[str, object]) -> list[str]:
    """Names as this app may write them: short for its own."""
    return [name.removeprefix(f"{app.name}.") for name in names] + list(names)


def in_use(entity: Entity) -> list[str]:
    """The fields that are not retired."""
    return [name for name, field in entity.fields.items() if not field.retired]
