"""An earlier release as what is to be published next.

Its texts are published again as they were. What was renamed since goes back to its old name with its data:
the names are followed from release to release by what each said with `was:`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import Connection

from engine.definition.check import Checked, check_apps
from engine.definition.load import SYSTEM
from engine.definition.model import App, Entity, Field, Stage
from engine.fields.option import Option
from engine.problems import NotPossible
from engine.releases.history import (
    Release,
    current_number,
    find_release,
    load_release,
    plan_of,
    same_texts_before,
)
from engine.text import say

Named = TypeVar("Named", App, Entity, Field, Option, Stage)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier release, ready to be planned. `removed` are the apps that came after it."""

    checked: Checked
    removed: frozenset[str]


def earlier_release(connection: Connection, number: int) -> Earlier:
    """The definitions of release `number`, with `was:` wherever something has another name now.

    NotFound when there is no such release, NotPossible when it is the current one.
    """
    find_release(connection, number)
    last = current_number(connection)
    if number == last:
        raise NotPossible(say("Release {number} is the current one.", number=number))
    history = _History(connection)
    apps = history.named_as_in(last, number, _Trace(last - number + 1))
    now = {each.was or name for name, each in apps.items()}
    removed = frozenset(name for name in history.apps(last) if name != SYSTEM and name not in now)
    return Earlier(check_apps(apps), removed)


@dataclass(slots=True)
class _History:
    """The definitions of releases as they were published, each read once."""

    connection: Connection
    read: dict[int, Mapping[str, App]] = field(default_factory=dict)

    def apps(self, number: int) -> Mapping[str, App]:
        """The apps of a release; `was` says what it renamed, also when it was a way back itself."""
        if number not in self.read:
            release = find_release(self.connection, number)
            again = self._published_again(release)
            self.read[number] = (
                load_release(release)
                if again is None
                else self.named_as_in(number - 1, again, _Trace(number - again, keeps=True))
            )
        return self.read[number]

    def named_as_in(self, last: int, number: int, trace: "_Trace") -> dict[str, App]:
        """The apps of release `number`, with the names that things have in release `last` as `was`."""
        since = [self.apps(each) for each in range(number, last + 1)]
        return {
            name: trace.app(app, _followed(name, since)) for name, app in since[0].items() if name != SYSTEM
        }

    def _published_again(self, release: Release) -> int | None:
        """The earlier release with the same texts, when publishing them renamed things as a way back does."""
        if not any(step["kind"].endswith("_renamed") for step in plan_of(self.connection, release.number)):
            return None
        return same_texts_before(self.connection, release)


def _followed(name: str, since: Sequence[Mapping[str, Named]]) -> list[Named]:
    """The thing `name` of the first of these collections in all of them, as far as it lives on."""
    found: list[Named] = []
    for collection in since:
        if name not in collection:
            renamed = [other for other, each in collection.items() if each.was == name]
            if not renamed:
                break
            name = renamed[0]
        found.append(collection[name])
    return found


@dataclass(frozen=True, slots=True)
class _Trace:
    """Gives the things of the first of `length` releases the names that they have in the last, as `was`.

    What is not there any more in the last one has no name then, or `keeps` what it says itself.
    """

    length: int
    keeps: bool = False

    def app(self, app: App, found: Sequence[App]) -> App:
        entities = {
            name: self._entity(each, _followed(name, [every.entities for every in found]))
            for name, each in app.entities.items()
        }
        return replace(app, was=self._name_now(found), entities=entities)

    def _entity(self, entity: Entity, found: Sequence[Entity]) -> Entity:
        fields = {
            name: self._field(each, _followed(name, [every.fields for every in found]))
            for name, each in entity.fields.items()
        }
        workflow = entity.workflow
        if workflow:
            chain = [every.workflow.stages if every.workflow else {} for every in found]
            stages = {
                name: replace(each, was=self._name_now(_followed(name, chain)))
                for name, each in workflow.stages.items()
            }
            workflow = replace(workflow, stages=stages)
        return replace(entity, was=self._name_now(found), fields=fields, workflow=workflow)

    def _field(self, each: Field, found: Sequence[Field]) -> Field:
        options = dict(each.options)
        if choices := options.get("options"):
            chain = [every.options.get("options") or {} for every in found]
            options["options"] = {
                name: replace(option, was=self._name_now(_followed(name, chain)))
                for name, option in choices.items()
            }
        return replace(each, was=self._name_now(found), options=options)

    def _name_now(self, found: Sequence[Named]) -> str | None:
        if len(found) < self.length:
            return found[0].was if self.keeps and found else None
        return found[-1].name if found[-1].name != found[0].name else None
