"""The record's own values as bind parameters of a statement.

A link goes as its id, options as one text, child rows and many links as JSON that the statement reads like a
table.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.formula.evaluate import link_id, option_list, plain_value
from engine.formula.sql_value import storage_type
from engine.formula.storage import encode, letter
from engine.formula.types import Kind, Type


class LinkId(TypeDecorator[int]):
    """The id of a linked record, however the link is given."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else link_id(value)


class OptionList(TypeDecorator[str]):
    """Several options as one text, `,a,b,`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return option_list(value)


class RowsText(TypeDecorator[str]):
    """Child rows (mappings) or linked records (ids) as a JSON text of their stored values."""

    impl = Text
    cache_ok = True

    def __init__(self, types: tuple[tuple[str, Type], ...]) -> None:
        super().__init__()
        self.types = types

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        rows = [_row(each, index) for index, each in enumerate(value or ())]
        write = _sqlite_value if dialect.name == "sqlite" else _postgresql_value
        stored = [
            {
                name: write(type_, plain_value(row.get(name), type_))
                for name, type_ in self.types
                if row.get(name) is not None and not _has_rows(type_)
            }
            for row in rows
        ]
        return orjson.dumps(stored).decode()


def own_type(type_: Type) -> TypeEngine[Any]:
    """The type of a bind parameter for one of the record's own fields."""
    if type_.kind is Kind.LINK:
        return LinkId()
    if type_.kind is Kind.SET:
        return OptionList()
    return storage_type(type_)


def own_rows(name: str, types: Mapping[str, Type], dialect: str) -> Subquery:
    """The rows of an own set field as something to select from; their JSON is the parameter own_<name>."""
    rows = bindparam(f"own_{name}", type_=RowsText(tuple(types.items())))
    listed = func.json_each(rows) if dialect == "sqlite" else func.jsonb_array_elements(cast(rows, JSONB))
    value = listed.table_valued("value").c.value
    extract = _extract_sqlite if dialect == "sqlite" else _extract_postgresql
    columns = [
        extract(value, field, type_).label(field) for field, type_ in types.items() if not _has_rows(type_)
    ]
    return select(*columns).subquery()


def _extract_sqlite(value: ColumnElement[Any], field: str, type_: Type) -> ColumnElement[Any]:
    return func.json_extract(value, literal_column(f"'$.{field}'"), type_=storage_type(type_))


def _extract_postgresql(value: ColumnElement[Any], field: str, type_: Type) -> ColumnElement[Any]:
    text = func.jsonb_extract_path_text(value, literal_column(f"'{field}'"), type_=SqlText())
    return cast(text, storage_type(type_))


def _sqlite_value(type_: Type, value: Any) -> Any:
    return value if type_.kind is Kind.SET else encode(letter(type_), value)


def _postgresql_value(type_: Type, value: Any) -> Any:
    match value:
        case bool() | int() | str():
            return value
        case Decimal():
            return format(value, "f")
        case timedelta():
            return value.days * 86_400 + value.seconds
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            raise TypeError(value)


def _has_rows(type_: Type) -> bool:
    return type_.kind is Kind.SET and type_.element is not None and type_.element.kind is Kind.LINK


def _row(value: Any, index: int) -> Mapping[str, Any]:
    row = value if isinstance(value, Mapping) else {"id": link_id(value)}
    return row if row.get("id") is not None else {**row, "id": -1 - index}
