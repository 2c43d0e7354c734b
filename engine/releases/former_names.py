"""How things were called at an earlier release, so that what was written then is read rightly now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from engine.schema.system_tables import rename

ENTITY, FIELD, STAGE = "entity", "field", "stage"


@dataclass(frozen=True, slots=True)
class FormerNames:
    """The renamings of one entity: kind → (release, former name, new name), the earliest first."""

    renamed: Mapping[str, tuple[tuple[int, str, str], ...]] = field(default_factory=dict)

    def now(self, kind: str, release: int, name: str) -> str:
        """What was called `name` in `release`, by the name that it has now."""
        for since, was, now in self.renamed.get(kind, ()):
            if since > release and was == name:
                name = now
        return name

    def since(self, kind: str, name: str) -> int:
        """The release since which what was once `name` has the name that it has now; 0 when it always had."""
        found = 0
        for since, was, now in self.renamed.get(kind, ()):
            if was == name:
                name, found = now, since
        return found

    def then(self, kind: str, release: int, name: str) -> str:
        """What is called `name` now, by the name that it had in `release`."""
        for since, was, now in reversed(self.renamed.get(kind, ())):
            if since > release and now == name:
                name = was
        return name


def former_names(connection: Connection, entity: str) -> FormerNames:
    """The renamings of an entity that is called `entity` now, of its fields and stages."""
    rows = connection.execute(
        select(rename.c.kind, rename.c.release, rename.c.was, rename.c.now)
        .where(rename.c.entity == entity)
        .order_by(rename.c.release)
    )
    found: dict[str, list[tuple[int, str, str]]] = {}
    for kind, release, was, now in rows:
        found.setdefault(kind, []).append((release, was, now))
    return FormerNames({kind: tuple(each) for kind, each in found.items()})


def renamed_since(connection: Connection, former: str) -> int:
    """The last release that renamed the entity that once was `former`."""
    found: int | None = connection.execute(
        select(func.max(rename.c.release)).where(rename.c.kind == ENTITY, rename.c.was == former)
    ).scalar()
    return found or 0


def entity_now(connection: Connection, former: str) -> str | None:
    """What the entity is called that once was `former`; None when there was none."""
    return connection.execute(
        select(rename.c.entity)
        .where(rename.c.kind == ENTITY, rename.c.was == former)
        .order_by(rename.c.release.desc())
        .limit(1)
    ).scalar()
