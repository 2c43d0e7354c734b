"""The values of a field as those of another type: counted for a plan, and carried over when it is applied.

Where the database can convert by itself (`FieldType.take_over`) it does; otherwise every value goes through
`FieldType.convert`, so that both databases give the same, and waits in a temporary table for its UPDATE.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    and_,
    bindparam,
    func,
    insert,
    not_,
    null,
    or_,
    select,
)

from engine.definition.model import Field
from engine.fields.field_type import Converted, TakeOver, ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.schema import ddl
from engine.schema.tables import column_type

AT_ONCE = 20_000
REMEMBERED = 100_000
"""Values of which the conversion is kept, so that what many records hold is read once."""

Rows = list[tuple[int, Any]]
Write = Callable[[Rows, int], None]
"""Takes (id, value) of a lot, and how many records were read for it."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """From a column to a temporary table `name` (id, now). `table` has the column as `before` names it.

    `kept` is the column that still holds values of the type that is come back to: where nobody has changed
    since what became of one, it is that one again.
    """

    name: str
    table: Table
    before: Field
    after: Field
    kept: str | None = None
    own: TakeOver | None = None
    """What the database converts by itself, for the values that fit; the others are read one by one."""

    @property
    def only_kept_otherwise(self) -> bool:
        """Whether the values stay what they are, and are encrypted from now on or no longer."""
        return self.before.encrypted != self.after.encrypted

    def converted(self, value: Any) -> Converted | None:
        """What the value becomes; None where it cannot be converted."""
        source, target = FIELD_TYPES[self.before.type], FIELD_TYPES[self.after.type]
        try:
            return target.convert(self.after.options, source, self.before.options, value)
        except ValueRefused:
            return None

    def results(self, connection: Connection) -> Iterator[list[tuple[int, Converted | None]]]:
        """(id, result) of every record that has a value, by lots."""
        key, value = self.table.c.id, self.table.c[self.before.name]
        kept = null() if self.kept is None else self.table.c[self.kept]
        lot = (
            select(key, value, kept.label("kept"))
            .where(key > bindparam("last"), self._read_one_by_one())
            .order_by(key)
            .limit(AT_ONCE)
        )
        known: dict[Any, Converted | None] = {}
        last = 0
        while rows := connection.execute(lot, {"last": last}).all():
            last = rows[-1][0]
            if len(known) > REMEMBERED:
                known.clear()
            if self.only_kept_otherwise:
                yield [(identity, Converted(each)) for identity, each, _ in rows]
                continue
            for _, each, old in rows:
                if (each, old) not in known:
                    known[each, old] = self.result(each, old)
            # A record that has a value neither before nor after is none of those that are converted.
            yield [
                (identity, known[each, old])
                for identity, each, old in rows
                if each is not None or known[each, old] is not None
            ]

    def result(self, value: Any, kept: Any) -> Converted | None:
        """What the value becomes, given what was kept for its record."""
        if kept is not None and self._still_stands_for(value, kept):
            return Converted(kept)
        return None if value is None else self.converted(value)

    def _still_stands_for(self, value: Any, kept: Any) -> bool:
        source, target = FIELD_TYPES[self.before.type], FIELD_TYPES[self.after.type]
        try:
            became = source.convert(self.before.options, target, self.after.options, kept).value
        except ValueRefused:
            became = None
        return bool(became == value)

    def creation(self, dialect: str) -> str:
        """The statement that makes the temporary table."""
        text = ddl.create_table(self._waiting(), (), dialect)[0]
        return text.replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1)

    def begin(self, connection: Connection) -> "Write":
        """Makes the temporary table and gives what writes (id, value) into it."""
        execute_text(connection, self.creation(connection.dialect.name))
        waiting, write = self._waiting(), _WRITERS[connection.dialect.name]
        if self.own is not None:
            fitting = select(self.table.c.id, self.own.value).where(self._fitting())
            connection.execute(insert(waiting).from_select(["id", "now"], fitting))

        def take(rows: Rows, _read: int) -> None:
            if rows:
                write(connection, waiting, rows)

        return take

    def one_by_one(self, connection: Connection) -> int:
        """How many records `results` reads."""
        return connection.execute(
            select(func.count()).select_from(self.table).where(self._read_one_by_one())
        ).scalar_one()

    def _read_one_by_one(self) -> ColumnElement[bool]:
        value = self.table.c[self.before.name]
        there: ColumnElement[bool] = value.is_not(None)
        if self.kept is not None:
            there = or_(there, self.table.c[self.kept].is_not(None))
        return there if self.own is None else and_(there, not_(self.own.fits))

    def fitting(self, connection: Connection) -> int:
        """How many values the database converts by itself."""
        if self.own is None:
            return 0
        return connection.execute(
            select(func.count()).select_from(self.table).where(self._fitting())
        ).scalar_one()

    def _fitting(self) -> ColumnElement[bool]:
        assert self.own is not None
        return and_(self.table.c[self.before.name].is_not(None), self.own.fits)

    def _waiting(self) -> Table:
        column = column_type(self.after)
        assert column is not None
        key = self.table.c.id
        return Table(
            self.name,
            MetaData(),
            Column("id", key.type, primary_key=True, autoincrement=False),
            Column("now", column),
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """What a conversion would do: how many values there are, are lost, are rounded.

    `repeated`: a converted value that several records would have, where that was looked for.
    """

    values: int
    lost: int
    rounded: int
    repeated: Any = None


def survey(connection: Connection, conversion: Conversion, unique: bool, write: Write) -> Survey:
    """Converts every value and counts; `unique`: looks for values that become the same.

    `write` is given what is converted, by lots.
    """
    lost = rounded = 0
    values = conversion.fitting(connection)
    seen: set[Any] = set()
    repeated = None
    for lot in conversion.results(connection):
        values += len(lot)
        found = [(identity, result.value) for identity, result in lot if result is not None]
        lost += len(lot) - len(found)
        rounded += sum(result is not None and not result.exact for _, result in lot)
        if unique and repeated is None:
            for _, value in found:
                if value in seen:
                    repeated = value
                    break
                seen.add(value)
        write(found, len(lot))
    return Survey(values, lost, rounded, repeated)


def only_counted(_rows: Rows, _read: int) -> None:
    """While a plan is only made, nothing is written."""


def execute_text(connection: Connection, statement: str) -> None:
    """Executes a statement in which a percent sign is a percent sign."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    bind = table.c.now.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    driver: Any = connection.connection.dbapi_connection
    bound = [(identity, bind(value)) for identity, value in rows] if bind else rows
    driver.executemany(f"INSERT INTO {table.name} (id, now) VALUES (?, ?)", bound)  # noqa: S608


def _copy_rows(connection: Connection, table: Table, rows: Rows) -> None:
    bind = table.c.now.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    driver: Any = connection.connection.dbapi_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} (id, now) FROM STDIN") as copy,
    ):
        for identity, value in rows:
            copy.write_row((identity, bind(value) if bind else value))


_WRITERS: dict[str, Callable[[Connection, Table, Rows], None]] = {
    "sqlite": _insert_rows,
    "postgresql": _copy_rows,
}
