"""Statements compiled to text once, then only executed: most of a small query's time is its compilation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

Convert = Callable[[Any], Any]


class _Text:
    """A compiled statement with the conversions of its parameters."""

    def __init__(self, statement: Select[Any] | UpdateBase, dialect: Dialect, columns: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        assert isinstance(compiled, SQLCompiler)
        # Values come with each execution; those that are asked for already stand in lists of constants.
        asked = {name: None for name, parameter in compiled.binds.items() if parameter.required}
        state = compiled.construct_expanded_state(asked)
        self.text = state.statement
        self._fixed = dict(state.parameters)
        self._order: Sequence[str] | None = state.positiontup
        self._binds = {
            name: convert
            for name, parameter in compiled.binds.items()
            if (convert := parameter.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }

    def bound(self, parameters: Mapping[str, Any]) -> Any:
        """What is sent to the driver; parameters that the statement does not have are passed over."""
        bound = self._fixed | {name: parameters[name] for name in self._fixed if name in parameters}
        for name, bind in self._binds.items():
            if name in bound:
                bound[name] = bind(bound[name])
        return bound if self._order is None else tuple(bound[name] for name in self._order)


class Prepared:
    """A SELECT as text, with the conversions of its parameters and of its columns.

    With the number of a release, PostgreSQL keeps its plan for as long as that release lasts: planning live
    formulas takes ten times as long as computing them for one record.
    """

    def __init__(self, statement: Select[Any], dialect: Dialect, release: int | None = None) -> None:
        self._sent = _Text(statement, dialect, ())
        self._planned = {"prepare": True} if release is not None and dialect.name == "postgresql" else {}
        self.text = f"/* {release} */ {self._sent.text}" if self._planned else self._sent.text
        self.names = tuple(str(column.key) for column in statement.selected_columns)
        self._types = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
        self._dialect = dialect
        self._results: list[tuple[int, Convert]] | None = None

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """The rows as lists of values; parameters that the statement does not have are passed over.

        `connection` is in its transaction already.
        """
        # The driver's own cursor: an SQLAlchemy result costs as much as a small query.
        cursor = connection.connection.cursor()
        cursor.execute(self.text, self._sent.bound(parameters), **self._planned)
        rows = [list(row) for row in cursor.fetchall()]
        if self._results is None:
            self._results = self._conversions(cursor.description)
        cursor.close()
        for position, convert in self._results:
            for row in rows:
                if row[position] is not None:
                    row[position] = convert(row[position])
        return rows

    def _conversions(self, description: Sequence[Any]) -> list[tuple[int, Convert]]:
        """The conversions of the columns, which depend on the types that the database answers with."""
        found: list[tuple[int, Convert]] = []
        for position, (type_, (_, code, *_)) in enumerate(zip(self._types, description, strict=True)):
            convert = type_.result_processor(self._dialect, code)
            if convert is not None:
                found.append((position, convert))
        return found


class PreparedChange:
    """An INSERT, UPDATE or DELETE as text; an INSERT or UPDATE without values fills `columns`.

    It is for Dougong's own tables: what the database refuses comes as the driver's exception.
    """

    def __init__(self, statement: UpdateBase, dialect: Dialect, columns: Sequence[str] = ()) -> None:
        self._sent = _Text(statement, dialect, columns)
        self.text = self._sent.text

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Executes it for each of these; how many rows that concerned."""
        if not rows:
            return 0
        cursor = connection.connection.cursor()
        if len(rows) == 1:
            cursor.execute(self.text, self._sent.bound(rows[0]))
        else:
            cursor.executemany(self.text, [self._sent.bound(row) for row in rows])
        concerned: int = cursor.rowcount
        cursor.close()
        return concerned

    def returned(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int | None]:
        """Executes one RETURNING a number for each of these; None where nothing was written."""
        found: list[int | None] = []
        cursor = connection.connection.cursor()
        for row in rows:
            cursor.execute(self.text, self._sent.bound(row))
            answer = cursor.fetchone()
            found.append(None if answer is None else int(answer[0]))
        cursor.close()
        return found


def each_of(column: ColumnElement[Any], names: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a column has one of the values sent under these names."""
    return column.in_([bindparam(name, type_=column.type) for name in names])


def places(count: int) -> tuple[str, ...]:
    """Names for so many values, or some more: statements for 1, 2, 4, 8 … values are prepared, not each.

    >>> places(3)
    ('one_of_0', 'one_of_1', 'one_of_2', 'one_of_3')
    """
    return tuple(f"one_of_{number}" for number in range(1 << (count - 1).bit_length()))


def placed(values: Sequence[Any]) -> dict[str, Any]:
    """The values under the names of `places`; the last one fills what is left over.

    >>> placed([5, 6, 7])
    {'one_of_0': 5, 'one_of_1': 6, 'one_of_2': 7, 'one_of_3': 7}
    """
    return {name: values[min(number, len(values) - 1)] for number, name in enumerate(places(len(values)))}
