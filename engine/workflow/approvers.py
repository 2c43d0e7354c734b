"""Rule 8: from the people whom a step names to those who are asked. Pure: people come from a Directory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.workflow.surroundings import Asked

FARTHEST = 5
"""How many substitutes are followed."""
DEEPEST = 20


class Directory(Protocol):
    """What the rule asks about people."""

    def active(self, identities: Iterable[int]) -> list[int]: ...

    def manager(self, identity: int) -> int | None: ...

    def substitutes(self, identities: Iterable[int]) -> Mapping[int, int]: ...


@dataclass(frozen=True, slots=True)
class Resolving:
    """A resolution: who asks about whom, and what to do with the submitter."""

    directory: Directory
    submitter: int | None
    if_submitter: str


def resolve(resolving: Resolving, named: Sequence[int]) -> tuple[Asked, ...]:
    """Those who are asked, each once: inactive people dropped, substitutes applied, the submitter replaced.

    Substitutes come before `if_submitter`, so that a substitute who is the submitter is never asked.
    """
    present = resolving.directory.active(named)
    asked = [_substituted(resolving, person) for person in dict.fromkeys(present)]
    kept: list[Asked] = []
    for each in asked:
        kept += IF_SUBMITTER[resolving.if_submitter](resolving, each)
    found: dict[int, Asked] = {}
    for each in kept:
        found.setdefault(each.person, each)
    return tuple(found.values())


def _substituted(resolving: Resolving, person: int) -> Asked:
    """The last of a chain of substitutes: at most five, none twice, never the submitter, nobody inactive."""
    at, seen = person, [person]
    for _ in range(FARTHEST):
        following = resolving.directory.substitutes([at]).get(at)
        if (
            following is None
            or following in seen
            or following == resolving.submitter
            or not resolving.directory.active([following])
        ):
            break
        seen.append(following)
        at = following
    return Asked(at, person if at != person else None)


def _go_up(resolving: Resolving, asked: Asked) -> Iterable[Asked]:
    """The submitter's manager instead, or the first active one above."""
    if asked.person != resolving.submitter:
        return [asked]
    at: int | None = asked.person
    for _ in range(DEEPEST):
        at = resolving.directory.manager(at) if at is not None else None
        if at is None or at == resolving.submitter:
            return []
        if resolving.directory.active([at]):
            return [_substituted(resolving, at)]
    return []


def _skip(resolving: Resolving, asked: Asked) -> Iterable[Asked]:
    return [] if asked.person == resolving.submitter else [asked]


def _ask(_: Resolving, asked: Asked) -> Iterable[Asked]:
    return [asked]


IF_SUBMITTER: Mapping[str, Callable[[Resolving, Asked], Iterable[Asked]]] = {
    "go_up": _go_up,
    "skip": _skip,
    "ask": _ask,
}
