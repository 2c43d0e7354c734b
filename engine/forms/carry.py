"""A form that was opened before a release and is sent after it: what of it is still what it was.

Fields that are as they were are simply bound. Where one that was sent has another name, is gone or takes
other values now, nothing is written: the person gets the form of the present release with what they entered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.catalog import CompiledEntity
from engine.definition.model import App, Entity, Field
from engine.releases.former_names import ENTITY, FIELD, FormerNames, former_names
from engine.releases.history import load_release, release_of
from engine.releases.sameness import stored_alike
from engine.text import Message, say
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Carried:
    """`paths`: where a text was sent → where it belongs now; `notes`: what is different, in sentences."""

    paths: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()

    @property
    def message(self) -> Message:
        """All of it for the person."""
        told = self.notes[0]
        for each in self.notes[1:]:
            told = say("{first} {second}", first=told, second=each)
        return say(
            "The form was changed while you filled it in, and nothing was saved yet. {changes} Please look "
            "it over and save again.",
            changes=told,
        )


def carry_over(transaction: Transaction, key: str, release: int, sent: Mapping[str, str]) -> Carried:
    """Compares the form of `release` with the present one; `sent` are paths with what was typed."""
    found = None if release == transaction.catalog.release else release_of(transaction.connection, release)
    if found is None:
        return Carried()
    apps = load_release(found)
    own = _compared(transaction, apps, key, release)
    if own is None:
        return Carried()
    children = {
        name: _compared(transaction, apps, child, release) for name, child in own.entity.children.items()
    }
    paths: dict[str, str] = {}
    notes: dict[str, Message] = {}
    for path, text in sent.items():
        head, *rest = path.split("-")
        name, note = own.now(head, "" if rest else text)
        rows = children.get(name)
        if rows and len(rest) > 1:
            rest[1], inside = rows.now(rest[1], "" if rest[2:] else text)
            note = note or inside
        now = "-".join([name, *rest])
        if now != path:
            paths[path] = now
        if note is not None:
            notes.setdefault(str(note.parameters["field"]), note)
    return Carried(paths, tuple(notes.values()))


@dataclass(frozen=True, slots=True)
class _Compared:
    """An entity as it was in a release, and as it is."""

    before: Entity
    entity: CompiledEntity
    names: FormerNames
    release: int

    def now(self, field: str, text: str) -> tuple[str, Message | None]:
        """The name of the field now, and what to tell about it to whoever entered `text`."""
        old = self.before.fields.get(field)
        if old is None:
            return field, None
        name = self.names.now(FIELD, self.release, field)
        return name, _note(old, self.entity, name, text)


def _compared(transaction: Transaction, apps: Mapping[str, App], key: str, release: int) -> _Compared | None:
    names = former_names(transaction.connection, key)
    app, _, name = names.then(ENTITY, release, key).partition(".")
    before = apps[app].entities.get(name) if app in apps else None
    return None if before is None else _Compared(before, transaction.catalog.entity(key), names, release)


def _note(old: Field, entity: CompiledEntity, name: str, text: str) -> Message | None:
    compiled = entity.fields.get(name)
    new = compiled.definition if compiled else None
    if new is None or new.retired:
        template = (
            "{field} is no longer part of it; you had entered “{text}”."
            if text
            else "{field} is no longer part of it."
        )
        return say(template, field=old.label, text=text)
    if new.formula and not old.formula:
        return say("{field} is computed now.", field=new.label)
    if old.formula or old.read_only:
        return None
    if name != old.name:
        return say("{field} is called {name} now.", field=old.label, name=new.label)
    if not stored_alike(old, new):
        return say("{field} takes other values now.", field=new.label)
    return None
