"""The navigation: the applications with those of their entities that the visitor may see."""

from dataclasses import dataclass
from functools import lru_cache

from flask import request
from jinja2 import Environment, pass_environment
from markupsafe import Markup

from blueprints import visitor
from blueprints.values import entity_url
from engine.access.policy import may, rights_key
from engine.catalog import CompiledEntity
from engine.notifications import unread_count
from engine.transaction import Transaction
from engine.workflow.inbox import open_count

SYSTEM = "system"
KEPT_AT_MOST = 500
"""How many navigations are kept as they are drawn."""


@dataclass(frozen=True, slots=True)
class Place:
    """An entity in the navigation."""

    key: str
    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """An application in the navigation; the same one for everybody who sees the same of it."""

    name: str
    label: str
    icon: str
    entities: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around every page: the areas, how many tasks wait for the visitor, and is unread.

    `entity` is the one that the page is about; `exact`: the page is its list itself.
    """

    entity: str = ""
    exact: bool = False
    areas: tuple[Area, ...] = ()
    waiting: int = 0
    unread: int = 0


def around_the_page() -> Around:
    """The areas of the visitor, the system's own at the end, and the counts; read by one transaction."""
    arguments = request.view_args or {}
    with visitor.reading_around() as transaction:
        return Around(
            entity=f"{arguments.get('app')}.{arguments.get('entity')}",
            exact=request.endpoint == "records.listing",
            areas=areas(transaction),
            waiting=open_count(transaction),
            unread=unread_count(transaction),
        )


def areas(transaction: Transaction) -> tuple[Area, ...]:
    """The areas of the transaction's actor; the same for everybody with the same rights and language."""
    locale, root = visitor.locale(), request.script_root
    return transaction.catalog.once(
        ("areas", rights_key(transaction), locale, root), lambda: _areas(transaction, locale)
    )


def _areas(transaction: Transaction, locale: str) -> tuple[Area, ...]:
    found = []
    apps = sorted(transaction.catalog.apps.values(), key=lambda app: app.name == SYSTEM)
    for app in apps:
        entities = tuple(
            _place(transaction.catalog.entities[entity.key], locale)
            for entity in app.entities.values()
            if is_shown(transaction, transaction.catalog.entities[entity.key])
        )
        if entities and not app.hidden:
            found.append(Area(app.name, app.label.to(locale), app.icon or "apps", entities))
    return tuple(found)


@pass_environment
def shown_areas(environment: Environment, around: Around) -> Markup:
    """The areas as they stand on a page; drawn once for those who see the same."""
    return _drawn(environment, around.areas, around.entity, around.exact)


@lru_cache(maxsize=KEPT_AT_MOST)
def _drawn(environment: Environment, areas: tuple[Area, ...], here: str, exact: bool) -> Markup:
    drawn = environment.get_template("parts/areas.html").render(areas=areas, here=here, exact=exact)
    return Markup(drawn)  # noqa: S704 (a template escapes)


def is_shown(transaction: Transaction, entity: CompiledEntity) -> bool:
    """Whether the entity stands in the navigation: child rows are edited inside their owner."""
    definition = entity.definition
    return not definition.hidden and definition.parent is None and may(transaction, "read", entity).allowed


def plural(entity: CompiledEntity, locale: str) -> str:
    """The entity's label for several."""
    definition = entity.definition
    return (definition.label_plural or definition.label).to(locale)


def _place(entity: CompiledEntity, locale: str) -> Place:
    return Place(
        key=entity.key,
        label=plural(entity, locale),
        icon=entity.definition.icon or "file",
        url=entity_url(entity.key),
    )
