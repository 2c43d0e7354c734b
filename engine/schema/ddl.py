"""The SQL text of every change of a table that a plan can contain, for both databases."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Executable,
    ForeignKeyConstraint,
    Index,
    Table,
    Update,
    literal,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable, ExecutableDDLElement

# Not the driver's dialect: that one doubles every percent sign for a statement with parameters.
DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": PGDialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}


def create_table(table: Table, existing: Collection[str], dialect: str) -> list[str]:
    """CREATE TABLE with its indexes.

    On PostgreSQL foreign keys to tables that are not among `existing` are left to `foreign_keys_to`; SQLite
    looks for the other table only when a row is written.
    """
    near = {*existing, table.name}
    inline = [key for key in _foreign_keys(table) if dialect == "sqlite" or key.referred_table.name in near]
    creation = CreateTable(table, include_foreign_key_constraints=inline)
    return [_text(creation, dialect), *(create_index(index, dialect) for index in _sorted_indexes(table))]


def foreign_keys_to(table: Table, earlier: Collection[Table], dialect: str) -> list[str]:
    """The foreign keys of `earlier` tables that had to wait for `table`."""
    if dialect == "sqlite":
        return []
    return [
        _text(AddConstraint(key, isolate_from_table=False), dialect)
        for other in earlier
        for key in _foreign_keys(other)
        if key.referred_table is table
    ]


def add_column(column: Column[Any], nullable: bool, dialect: str) -> str:
    """ALTER TABLE … ADD COLUMN, its foreign key and its check with it."""
    table = column.table
    assert isinstance(table, Table)
    parts = [
        f"ALTER TABLE {quoted(table.name, dialect)} ADD COLUMN {quoted(column.name, dialect)}",
        DIALECTS[dialect].type_compiler_instance.process(column.type),
        *([] if nullable else ["NOT NULL"]),
    ]
    for key in _foreign_keys(table):
        if list(key.columns.keys()) == [column.name]:
            target = quoted(key.referred_table.name, dialect)
            name = quoted(str(key.name), dialect)
            parts.append(f"CONSTRAINT {name} REFERENCES {target} (id) ON DELETE {key.ondelete}")
    parts += [_check_clause(check, dialect) for check in checks_on(column)]
    return " ".join(parts)


def add_filled_column(column: Column[Any], value: Any, dialect: str) -> list[str]:
    """For PostgreSQL: the column with `value` in every row, at once however many there are."""
    given = expression_text(literal(value, column.type), dialect)
    return [
        f"{add_column(column, bool(column.nullable), dialect)} DEFAULT {given}",
        f"{_alter_column(column, dialect)} DROP DEFAULT",
    ]


def fill_column(column: Column[Any], value: Any, dialect: str) -> str:
    """UPDATE that gives `value` to every row that has none."""
    table = column.table
    assert isinstance(table, Table)
    statement = update(table).values({column: literal(value, column.type)}).where(column.is_(None))
    return _text(statement, dialect)


def value_text(column: Column[Any], value: Any, dialect: str) -> str:
    """A value of the column as it stands in a statement."""
    return expression_text(literal(value, column.type), dialect)


def create_index(index: Index, dialect: str) -> str:
    """CREATE INDEX, unique or not."""
    return _text(CreateIndex(index), dialect)


def create_index_meanwhile(index: Index) -> str:
    """For PostgreSQL: CREATE INDEX CONCURRENTLY, which lets writers go on and stands outside transactions."""
    return create_index(index, "postgresql").replace(" INDEX ", " INDEX CONCURRENTLY ", 1)


def drop_index(name: str, dialect: str) -> str:
    """DROP INDEX; indexes of both databases have names of their own."""
    return f"DROP INDEX {quoted(name, dialect)}"


def add_check(check: CheckConstraint, dialect: str) -> str:
    """For PostgreSQL; on SQLite the table is rebuilt."""
    assert isinstance(check.table, Table)
    return f"ALTER TABLE {quoted(check.table.name, dialect)} ADD {_check_clause(check, dialect)}"


def drop_check(table: str, name: str, dialect: str) -> str:
    """For PostgreSQL; on SQLite the table is rebuilt."""
    return f"ALTER TABLE {quoted(table, dialect)} DROP CONSTRAINT {quoted(name, dialect)}"


def allow_blank(column: Column[Any], dialect: str) -> str:
    """For PostgreSQL; on SQLite the table is rebuilt."""
    return f"{_alter_column(column, dialect)} DROP NOT NULL"


def refuse_blank(column: Column[Any], dialect: str) -> str:
    """For PostgreSQL; on SQLite the table is rebuilt."""
    return f"{_alter_column(column, dialect)} SET NOT NULL"


def rebuild(table: Table, copied: Mapping[str, str]) -> list[str]:
    """For SQLite: the table as defined now takes the place of the one there, with its rows.

    `copied`: the columns that have values → what gives them, in SQL. Foreign keys must not be enforced
    meanwhile. The counter of AUTOINCREMENT goes along, so that the number of a deleted record is never given
    again.
    """
    old, new = quoted(table.name, "sqlite"), quoted(f"_new_{table.name}", "sqlite")
    inline = list(_foreign_keys(table))
    creation = _text(CreateTable(table, include_foreign_key_constraints=inline), "sqlite")
    columns = ", ".join(quoted(column.name, "sqlite") for column in table.c if column.name in copied)
    values = ", ".join(copied[column.name] for column in table.c if column.name in copied)
    return [
        creation.replace(f"CREATE TABLE {old}", f"CREATE TABLE {new}", 1),
        f"INSERT INTO {new} ({columns}) SELECT {values} FROM {old}",  # noqa: S608  names are quoted
        f"DELETE FROM sqlite_sequence WHERE name = '_new_{table.name}'",  # noqa: S608
        f"UPDATE sqlite_sequence SET name = '_new_{table.name}' WHERE name = '{table.name}'",  # noqa: S608
        f"DROP TABLE {old}",
        f"ALTER TABLE {new} RENAME TO {old}",
        *(create_index(index, "sqlite") for index in _sorted_indexes(table)),
    ]


def statement_text(statement: Executable, dialect: str) -> str:
    """A statement with its values in it."""
    assert isinstance(statement, ClauseElement)
    return str(statement.compile(dialect=DIALECTS[dialect], compile_kwargs={"literal_binds": True}))


def expression_text(expression: ColumnElement[Any], dialect: str) -> str:
    """An expression about a row, its columns without the name of the table."""
    kwargs = {"literal_binds": True, "include_table": False}
    return str(expression.compile(dialect=DIALECTS[dialect], compile_kwargs=kwargs))


def column_type(column: Column[Any], dialect: str) -> str:
    """The column's type as the database writes it."""
    return str(DIALECTS[dialect].type_compiler_instance.process(column.type))


def constraint(key: ForeignKeyConstraint, dialect: str) -> str:
    """ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY, for PostgreSQL."""
    return _text(AddConstraint(key, isolate_from_table=False), dialect)


def foreign_key_of(column: Column[Any]) -> ForeignKeyConstraint | None:
    """The foreign key of this column alone."""
    table = column.table
    assert isinstance(table, Table)
    return next((key for key in _foreign_keys(table) if list(key.columns.keys()) == [column.name]), None)


def checks_on(column: Column[Any]) -> list[CheckConstraint]:
    """The checks that concern only this column."""
    table = column.table
    assert isinstance(table, Table)
    return [
        check
        for check in sorted(table.constraints, key=lambda each: str(each.name))
        if isinstance(check, CheckConstraint) and list(check.columns) == [column]
    ]


def quoted(name: str, dialect: str) -> str:
    """A name as it stands in SQL."""
    return DIALECTS[dialect].identifier_preparer.quote(name)


def _alter_column(column: Column[Any], dialect: str) -> str:
    return f"ALTER TABLE {quoted(column.table.name, dialect)} ALTER COLUMN {quoted(column.name, dialect)}"


def _check_clause(check: CheckConstraint, dialect: str) -> str:
    condition = check.sqltext.compile(
        dialect=DIALECTS[dialect], compile_kwargs={"literal_binds": True, "include_table": False}
    )
    return f"CONSTRAINT {quoted(str(check.name), dialect)} CHECK ({condition})"


def _foreign_keys(table: Table) -> Iterator[ForeignKeyConstraint]:
    yield from sorted(table.foreign_key_constraints, key=lambda key: str(key.name))


def _sorted_indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _text(element: ExecutableDDLElement | Update, dialect: str) -> str:
    compiled = element.compile(dialect=DIALECTS[dialect], compile_kwargs={"literal_binds": True})
    return str(compiled).strip()
