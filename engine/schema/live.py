"""What the database really holds: the tables as they are found, not as definitions say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text


@dataclass(frozen=True, slots=True)
class LiveIndex:
    """An index of the database. One that is not `valid` was left by a build that was killed."""

    columns: tuple[str, ...]
    unique: bool
    valid: bool = True


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table of the database. `columns`: name → whether it may be blank; `types`: name → its type.

    `links`: column → the name of its foreign key.
    """

    name: str
    columns: Mapping[str, bool]
    types: Mapping[str, str]
    indexes: Mapping[str, LiveIndex]
    checks: frozenset[str]
    links: Mapping[str, str]


def live_tables(connection: Connection, wanted: Iterable[str]) -> dict[str, LiveTable]:
    """Those of the `wanted` tables that exist, by name."""
    inspector = inspect(connection)
    names = sorted(set(wanted) & set(inspector.get_table_names()))
    if not names:
        return {}
    columns = inspector.get_multi_columns(filter_names=names)
    indexes = inspector.get_multi_indexes(filter_names=names)
    checks = inspector.get_multi_check_constraints(filter_names=names)
    links = inspector.get_multi_foreign_keys(filter_names=names)
    invalid = _invalid_indexes(connection)
    return {
        name: LiveTable(
            name=name,
            columns={column["name"]: column["nullable"] for column in columns[None, name]},
            types={column["name"]: str(column["type"]) for column in columns[None, name]},
            indexes={
                str(index["name"]): LiveIndex(
                    tuple(str(column) for column in index["column_names"]),
                    bool(index["unique"]),
                    index["name"] not in invalid,
                )
                for index in indexes.get((None, name)) or ()
            },
            checks=frozenset(str(check["name"]) for check in checks.get((None, name)) or ()),
            links={
                link["constrained_columns"][0]: str(link["name"]) for link in links.get((None, name)) or ()
            },
        )
        for name in names
    }


def _invalid_indexes(connection: Connection) -> set[str]:
    if connection.dialect.name != "postgresql":
        return set()
    found = text(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
    )
    return set(connection.execute(found).scalars())
