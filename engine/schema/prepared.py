"""Statements compiled to text once, then only executed: most of a small query's time is its compilation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class Prepared:
    """A SELECT as text, with the conversions of its parameters and of its columns.

    With the number of a release, PostgreSQL keeps its plan for as long as that release lasts: planning live
    formulas takes ten times as long as computing them for one record.
    """

    def __init__(self, statement: Select[Any], dialect: Dialect, release: int | None = None) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        # Values come with each execution; those that are asked for already stand in lists of constants.
        asked = {name: None for name, parameter in compiled.binds.items() if parameter.required}
        state = compiled.construct_expanded_state(asked)
        self._planned = {"prepare": True} if release is not None and dialect.name == "postgresql" else {}
        self.text = f"/* {release} */ {state.statement}" if self._planned else state.statement
        self.names = tuple(str(column.key) for column in statement.selected_columns)
        self._fixed = dict(state.parameters)
        self._order: Sequence[str] | None = state.positiontup
        self._binds = {
            name: convert
            for name, parameter in compiled.binds.items()
            if (convert := parameter.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        self._types = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
        self._dialect = dialect
        self._results: list[tuple[int, Convert]] | None = None

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """The rows as lists of values; parameters that the statement does not have are passed over.

        `connection` is in its transaction already.
        """
        bound = self._fixed | {name: parameters[name] for name in self._fixed if name in parameters}
        for name, bind in self._binds.items():
            if name in bound:
                bound[name] = bind(bound[name])
        sent = bound if self._order is None else tuple(bound[name] for name in self._order)
        # The driver's own cursor: an SQLAlchemy result costs as much as a small query.
        cursor = connection.connection.cursor()
        cursor.execute(self.text, sent, **self._planned)
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
