"""The releases that were published: each with the texts of every app, verbatim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select

from engine.definition.check import Checked, check_texts
from engine.definition.load import SYSTEM, load_apps, load_system_app
from engine.definition.model import App
from engine.problems import NotFound
from engine.schema.system_tables import release as release_table
from engine.text import say

Texts = Mapping[str, Mapping[str, str]]
"""App → path → text."""

COLUMNS = tuple(column for column in release_table.c if column is not release_table.c.plan)


@dataclass(frozen=True, slots=True)
class Release:
    """A published version of the definitions. `published_by` is a user name.

    `apps` does not hold the app `system`, which is part of the program.
    """

    number: int
    published_at: datetime
    published_by: str
    message: str
    sha: str
    apps: Texts


def as_json(release: Release) -> dict[str, Any]:
    """A release for programs, without its texts."""
    return {
        "release": release.number,
        "published_at": release.published_at.isoformat(),
        "published_by": release.published_by,
        "message": release.message,
        "apps": sorted(release.apps),
    }


def current_number(connection: Connection) -> int:
    """The number of the current release, 0 before the first."""
    if not connection.in_transaction():
        connection.begin()
    # The driver's own cursor: every transaction begins with this.
    cursor = connection.connection.cursor()
    cursor.execute("SELECT max(number) FROM dougong_release")
    found = cursor.fetchone()
    cursor.close()
    return int((found and found[0]) or 0)


def current_release(connection: Connection) -> Release | None:
    """The current release, None before the first."""
    latest = select(func.max(release_table.c.number)).scalar_subquery()
    row = connection.execute(select(*COLUMNS).where(release_table.c.number == latest)).first()
    return None if row is None else _release(row)


def release_of(connection: Connection, number: int) -> Release | None:
    """A release by its number."""
    row = connection.execute(select(*COLUMNS).where(release_table.c.number == number)).first()
    return None if row is None else _release(row)


def find_release(connection: Connection, number: int) -> Release:
    """The release of this number; NotFound when there is none."""
    found = release_of(connection, number)
    if found is None:
        raise NotFound(say("There is no release {number}.", number=number))
    return found


def same_texts_before(connection: Connection, release: Release) -> int | None:
    """The number of the latest earlier release with exactly these texts."""
    columns = release_table.c
    same = select(func.max(columns.number)).where(columns.number < release.number, columns.sha == release.sha)
    found: int | None = connection.execute(same).scalar()
    return found


def all_releases(connection: Connection) -> list[Release]:
    """Every release, the latest first."""
    rows = connection.execute(select(*COLUMNS).order_by(release_table.c.number.desc()))
    return [_release(row) for row in rows]


def plan_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    """The steps that led to a release, as Step.to_json gave them."""
    found: list[dict[str, Any]] = connection.execute(
        select(release_table.c.plan).where(release_table.c.number == number)
    ).scalar_one()
    return found


def load_release(release: Release | None) -> dict[str, App]:
    """The definitions of a release; before the first one, the app `system` alone.

    That belongs to the program, is the same in all releases, and its tables are always there.
    """
    published = release.apps if release else {}
    return {SYSTEM: load_system_app(), **load_apps(published.values())}


def checked_release(release: Release | None) -> Checked:
    """The definitions of a release, checked."""
    return check_texts(release.apps.values() if release else ())


def fingerprint(apps: Texts) -> str:
    """The SHA-256 of the texts, whatever the order of the apps."""
    return sha256(orjson.dumps(apps, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _release(row: Row[Any]) -> Release:
    return Release(
        number=row.number,
        published_at=row.published_at,
        published_by=row.published_by,
        message=row.message,
        sha=row.sha,
        apps=row.apps,
    )
