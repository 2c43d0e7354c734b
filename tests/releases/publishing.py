"""What the tests of releases share: small definitions, rows, and a picture of the live tables."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from sqlalchemy import Connection, Inspector, MetaData, inspect, text

from engine.definition.check import Checked, check_texts
from engine.releases.apply import apply_plan
from engine.releases.history import Release
from engine.releases.step import Risk
from engine.schema.database import Database, open_database
from engine.schema.names import is_retired
from engine.schema.tables import entity_tables

EVERYTHING = frozenset(Risk)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def crm(fields: str, rest: str = "", entities: str = "", app: str = "") -> str:
    """The text of an app `crm` with an entity `deal` of these fields; `rest` are further keys of it."""
    parts = [
        "app: crm",
        "label: {en: CRM, zh: 客户管理}",
        dedent(app).strip(),
        "entities:",
        "  deal:",
        "    label: {en: Deal, zh: 商机}",
        "    label_plural: {en: Deals, zh: 商机}",
        "    fields:",
        indent(dedent(fields).strip(), "      "),
        indent(dedent(rest).strip(), "    "),
        indent(dedent(entities).strip(), "  "),
    ]
    return "\n".join(part for part in parts if part.strip()) + "\n"


@cache
def checked(*texts: str) -> Checked:
    """Checked definitions, each text an app of its own file."""
    return check_texts({f"{written.split()[1]}_app.yaml": written} for written in texts)


def publish(
    database: Database, *texts: str, allow: Collection[Risk] = EVERYTHING, message: str = "A change"
) -> Release:
    """The release of these texts."""
    return apply_plan(database, checked(*texts), message, "ada", allow)


def insert(connection: Connection, definitions: Checked, entity: str, **values: Any) -> int:
    """A row with what every row has; returns its id."""
    table = entity_tables(definitions).table(entity)
    system = {"created_at": NOW, "updated_at": NOW, "revision": 1}
    key = connection.execute(table.insert().values(**system, **values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def rows(connection: Connection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    chosen = ", ".join(columns)
    return [tuple(row) for row in connection.execute(text(f"SELECT {chosen} FROM {table} ORDER BY id"))]


def live_schema(database: Database) -> Mapping[str, Any]:
    """Every table of the applications as the database describes it, without the order of columns."""
    with database.reading() as connection:
        inspector = inspect(connection)
        names = [name for name in inspector.get_table_names() if not name.startswith(("dougong_", "_old_"))]
        return {
            name: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"], column["default"])
                    for column in inspector.get_columns(name)
                    if column["name"] != "id" and not is_retired(column["name"])
                },
                "key": inspector.get_pk_constraint(name)["constrained_columns"],
                "links": _links(connection, inspector, name),
                "indexes": {
                    (index["name"], tuple(index["column_names"]), bool(index["unique"]))
                    for index in inspector.get_indexes(name)
                },
                "checks": {
                    (check["name"], check["sqltext"]) for check in inspector.get_check_constraints(name)
                },
            }
            for name in names
        }


def _links(connection: Connection, inspector: Inspector, table: str) -> set[tuple[str, str, str]]:
    """The foreign keys: (column, table, what a deletion does)."""
    if connection.dialect.name == "sqlite":
        # The inspector does not see what a deletion does for a key that came with ADD COLUMN.
        found = connection.execute(text(f"PRAGMA foreign_key_list({table})")).mappings()
        return {(key["from"], key["table"], key["on_delete"]) for key in found}
    return {
        (key["constrained_columns"][0], key["referred_table"], key["options"]["ondelete"])
        for key in inspector.get_foreign_keys(table)
    }


def fresh_schema(database: Database, folder: Path, *texts: str) -> Mapping[str, Any]:
    """The tables as they are when these texts are the first that is ever published."""
    if database.dialect == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        other = open_database(f"sqlite:///{folder / 'fresh.db'}")
    else:
        with database.writing() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        other = open_database(database.url.render_as_string(hide_password=False))
    publish(other, *texts)
    found = live_schema(other)
    other.close()
    return found


def table_names(connection: Connection) -> set[str]:
    metadata = MetaData()
    metadata.reflect(connection)
    return set(metadata.tables)
