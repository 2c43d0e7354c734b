"""What the database really holds: the tables as they are found, not as definitions say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, inspect


@dataclass(frozen=True, slots=True)
class LiveIndex:
    """An index of the database."""

    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table of the database. `columns`: name → whether it may be blank."""

    name: str
    columns: Mapping[str, bool]
    indexes: Mapping[str, LiveIndex]
    checks: frozenset[str]


def live_tables(connection: Connection, wanted: Iterable[str]) -> dict[str, LiveTable]:
    """Those of the `wanted` tables that exist, by name."""
    inspector = inspect(connection)
    names = sorted(set(wanted) & set(inspector.get_table_names()))
    if not names:
        return {}
    columns = inspector.get_multi_columns(filter_names=names)
    indexes = inspector.get_multi_indexes(filter_names=names)
    checks = inspector.get_multi_check_constraints(filter_names=names)
    return {
        name: LiveTable(
            name=name,
            columns={column["name"]: column["nullable"] for column in columns[None, name]},
            indexes={
                str(index["name"]): LiveIndex(
                    tuple(str(column) for column in index["column_names"]), bool(index["unique"])
                )
                for index in indexes.get((None, name)) or ()
            },
            checks=frozenset(str(check["name"]) for check in checks.get((None, name)) or ()),
        )
        for name in names
    }
