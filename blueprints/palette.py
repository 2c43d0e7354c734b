"""The search for everything: records, pages and what can be done, in both languages; Ctrl-K opens it.

Which records somebody looked at lately only their browser knows: it sends the numbers, and gets those back
that its person may still see.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from blueprints import visitor
from blueprints.again import reading
from blueprints.dashboards import address_of, dashboards_of
from blueprints.navigation import is_shown, plural
from blueprints.texts import words
from blueprints.values import entity_url, inside, label
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.definition.view_type_registry import VIEW_TYPES
from engine.records.best_hits import search_everywhere
from engine.records.follow import followed
from engine.records.read import titles
from engine.text import LOCALES
from engine.transaction import Transaction

blueprint = Blueprint("palette", __name__)

LONGEST = 200
RECORDS = 12
PAGES = 6
ACTIONS = 5
RECENT = 8
FOLLOWED = 6
SENT_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Item:
    """Something to go to: a record, a page, or the beginning of doing something."""

    label: str
    about: str
    url: str
    icon: str
    names: tuple[str, ...] = ()
    """What it is called, in every language."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one kind under their heading."""

    name: str
    label: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page that is no entity's."""

    endpoint: str
    icon: str
    name: str
    administrators: bool = False


SITE_PAGES = (
    SitePage("home.show", icon="home", name="Home"),
    SitePage("inbox.show", icon="inbox", name="Inbox"),
    SitePage("notifications.show", icon="bell", name="Notifications"),
    SitePage("substitutes.show", icon="user", name="My substitutes"),
    SitePage("profile.show", icon="user-circle", name="Your profile"),
    SitePage("people.listing", icon="users", name="People and programs", administrators=True),
    SitePage("releases.listing", icon="versions", name="Releases", administrators=True),
    SitePage("rights_matrix.show", icon="lock", name="Rights", administrators=True),
    SitePage("personal.show", icon="user", name="Personal data", administrators=True),
    SitePage("jobs.show", icon="list-check", name="Jobs", administrators=True),
    SitePage("approvals.standing", icon="gavel", name="Approvals", administrators=True),
)


@blueprint.get("/search", endpoint="show")
def show() -> Response:
    """The search: a page of its own, or with `part` what scripts show of it: palette, results or recent."""
    sought = request.args.get("q", "").strip()[:LONGEST]
    part = request.args.get("part", "")
    seen = _sent_records(request.args.getlist("seen"))
    with reading() as transaction:
        if part == "recent":
            groups = [_recent(transaction, seen)]
        else:
            groups = _found(transaction, sought) if sought else _beginning(transaction, seen)
    shown = [each for each in groups if each.items]
    count = sum(len(each.items) for each in shown)
    return make_response(
        render_template(TEMPLATES.get(part, "search.html"), groups=shown, sought=sought, count=count)
    )


TEMPLATES: Mapping[str, str] = {
    "palette": "parts/palette.html",
    "results": "parts/palette_results.html",
    "recent": "parts/recent.html",
}


def followed_items(transaction: Transaction) -> list[Item]:
    """The records that the visitor follows, those followed last first."""
    return _records(transaction, followed(transaction, FOLLOWED))


def _beginning(transaction: Transaction, seen: Sequence[tuple[str, int]]) -> list[Group]:
    """What stands there before anything is typed."""
    return [
        _recent(transaction, seen),
        Group("followed", visitor.translated("You follow"), followed_items(transaction)),
        Group("actions", visitor.translated("Actions"), list(_actions(transaction))[:ACTIONS]),
        Group("pages", visitor.translated("Places"), list(_site_pages(transaction))[:PAGES]),
    ]


def _recent(transaction: Transaction, seen: Sequence[tuple[str, int]]) -> Group:
    return Group("recent", visitor.translated("Looked at lately"), _records(transaction, seen)[:RECENT])


def _found(transaction: Transaction, sought: str) -> list[Group]:
    hits = [(each.entity, each.id) for each in search_everywhere(transaction, sought, RECORDS)]
    pages = (*_site_pages(transaction), *_entity_pages(transaction))
    return [
        Group("records", visitor.translated("Records"), _records(transaction, hits)),
        Group("actions", visitor.translated("Actions"), _matching(_actions(transaction), sought, ACTIONS)),
        Group("pages", visitor.translated("Places"), _matching(pages, sought, PAGES)),
    ]


def _matching(items: Iterable[Item], sought: str, most: int) -> list[Item]:
    """Those whose name in some language has all the words, beginnings of words first."""
    wanted = sought.casefold().split()
    ranked = []
    for item in items:
        ranks = [rank for name in item.names if (rank := _rank(name.casefold(), wanted)) is not None]
        if ranks:
            ranked.append((min(ranks), len(item.label), item))
    ranked.sort(key=lambda each: each[:2])
    return [item for *_, item in ranked[:most]]


def _rank(name: str, wanted: Sequence[str]) -> int | None:
    if not all(word in name for word in wanted):
        return None
    if name.startswith(" ".join(wanted)):
        return 0
    return 1 if all(f" {word}" in f" {name}" for word in wanted) else 2


def _site_pages(transaction: Transaction) -> Iterator[Item]:
    for each in SITE_PAGES:
        if transaction.actor.administrator or not each.administrators:
            names = tuple(words(each.name, locale) for locale in LOCALES)
            yield Item(words(each.name, visitor.locale()), "", url_for(each.endpoint), each.icon, names)


def _shown(transaction: Transaction) -> Iterator[CompiledEntity]:
    for entity in transaction.catalog.entities.values():
        if is_shown(transaction, entity):
            yield entity


def _entity_pages(transaction: Transaction) -> Iterator[Item]:
    """Dashboards, and each entity's list with its further views."""
    for app, board in dashboards_of(transaction):
        names = tuple(board.label.to(locale) for locale in LOCALES)
        yield Item(
            label(board.label),
            _app(transaction, app),
            address_of(app, board),
            board.icon or "chart-bar",
            names,
        )
    for entity in _shown(transaction):
        definition, base = entity.definition, entity_url(entity.key)
        many = tuple(plural(entity, locale) for locale in LOCALES)
        about = _app(transaction, definition.app)
        yield Item(plural(entity, visitor.locale()), about, base, definition.icon or "file", many)
        if len(definition.views) > 1:
            for view in definition.views.values():
                both = zip(many, (view.label.to(locale) for locale in LOCALES), strict=True)
                names = tuple(f"{entities} {name}" for entities, name in both)
                named = f"{plural(entity, visitor.locale())} · {label(view.label)}"
                yield Item(named, about, f"{base}?view={view.name}", VIEW_TYPES[view.kind].icon, names)


def _actions(transaction: Transaction) -> Iterator[Item]:
    """What can be begun: new records, and imports."""
    creatable = [each for each in _shown(transaction) if may(transaction, "create", each).allowed]
    for entity in creatable:
        names = tuple(
            words("New {entity}", locale, entity=entity.definition.label.to(locale)) for locale in LOCALES
        )
        named = visitor.translated("New {entity}", entity=inside(label(entity.definition.label)))
        yield Item(named, "", f"{entity_url(entity.key)}/new", "plus", names)
    for entity in creatable:
        names = tuple(words("Import {entities}", each, entities=plural(entity, each)) for each in LOCALES)
        named = visitor.translated("Import {entities}", entities=inside(plural(entity, visitor.locale())))
        yield Item(named, "", f"{entity_url(entity.key)}/import", "upload", names)


def _records(transaction: Transaction, wanted: Sequence[tuple[str, int]]) -> list[Item]:
    """Those of these records that the visitor may see, in this order."""
    by_entity: dict[str, list[int]] = {}
    for key, identity in wanted:
        by_entity.setdefault(key, []).append(identity)
    named = {
        key: titles(transaction, key, identities)
        for key, identities in by_entity.items()
        if key in transaction.catalog.entities
    }
    return [
        _record(transaction.catalog.entities[key], identity, named[key][identity])
        for key, identity in wanted
        if identity in named.get(key, {})
    ]


def _record(entity: CompiledEntity, identity: int, title: str) -> Item:
    definition = entity.definition
    about = label(definition.label)
    return Item(title or f"#{identity}", about, entity_url(entity.key, identity), definition.icon or "file")


def _app(transaction: Transaction, name: str) -> str:
    return label(transaction.catalog.apps[name].label)


def _sent_records(sent: Sequence[str]) -> list[tuple[str, int]]:
    """`crm.deal:12` … as entities and numbers; what is none is left out."""
    found: dict[tuple[str, int], Any] = {}
    for each in sent[:SENT_AT_MOST]:
        key, _, number = each.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 19:
            found[key, int(number)] = None
    return list(found)
