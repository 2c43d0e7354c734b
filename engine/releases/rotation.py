"""Encrypting everything with the newest key, lot by lot: people go on working, as old keys still read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    TableClause,
    Text,
    column,
    func,
    literal_column,
    select,
    table,
    update,
)

from engine.fields.encrypted_column import keys_of
from engine.fields.encryption import ID_LENGTH, FieldKeys
from engine.releases.encryption import encrypted_fields
from engine.releases.history import checked_release, current_release
from engine.releases.kept_beside import count_beside, encrypt_beside
from engine.releases.retired import COLUMN, ENCRYPTED, all_retired
from engine.schema.database import Database
from engine.schema.names import table_name

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Values:
    """A column of encrypted values, as the texts that they are."""

    rows: TableClause
    value: ColumnClause[str]

    @property
    def key(self) -> ColumnElement[str]:
        """The id of the key of each value."""
        return func.substr(self.value, literal_column("1"), literal_column(str(ID_LENGTH)))


def encrypted_columns(connection: Connection) -> Iterator[Values]:
    """All columns with encrypted values, those out of use included."""
    found = [
        (table_name(entity.key), each.name)
        for entity, each in encrypted_fields(checked_release(current_release(connection)))
    ]
    found += [
        (each.table, each.column or "")
        for each in all_retired(connection)
        if each.kind == COLUMN and (each.options or {}).get(ENCRYPTED)
    ]
    for owner, name in found:
        value: ColumnClause[str] = column(name, Text)
        yield Values(table(owner, column("id"), value), value)


def values_by_key(database: Database) -> Mapping[str, int]:
    """How many values each key opens, by the ids of the keys: of fields, and of what is kept beside them."""
    counts: Counter[str] = Counter()
    with database.reading() as connection:
        for each in encrypted_columns(connection):
            counting = select(each.key, func.count()).where(each.value.is_not(None)).group_by(each.key)
            for name, count in connection.execute(counting):
                counts[name] += count
        counts.update(count_beside(connection))
    return counts


def encrypt_anew(database: Database, keys: FieldKeys) -> int:
    """Encrypts every value that another key opens with the newest one; how many there were.

    Stopped on the way, it leaves values of both keys, which are all read; the next time it goes on.
    """
    newest, done = keys.newest, 0
    with database.reading() as connection:
        columns = list(encrypted_columns(connection))
    for each in columns:
        while True:
            with database.writing() as connection:
                changed = _lot(connection, each, keys_of(connection.dialect), newest)
            if not changed:
                break
            done += changed
    return done + encrypt_beside(database, keys)


def _lot(connection: Connection, each: Values, keys: FieldKeys, newest: str) -> int:
    rows, value = each.rows, each.value
    old = select(rows.c.id, value).where(value.is_not(None), each.key != newest).limit(AT_ONCE)
    found = connection.execute(old).all()
    for identity, kept in found:
        # Whoever saves at this moment has encrypted with the newest key: that value stays.
        same = rows.c.id == identity, value == kept
        connection.execute(update(rows).where(*same).values({value.name: keys.encrypt(keys.decrypt(kept))}))
    return len(found)
