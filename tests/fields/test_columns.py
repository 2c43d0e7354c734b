"""What is stored comes back the same on both databases, and they sort as the values do."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Engine, MetaData, Table, create_engine, select

from engine.fields.field_type import FieldType, Options
from engine.fields.registry import FIELD_TYPES
from engine.fields.types.link import ByTitle

WIDEST = Decimal("9999999999999999.99")
MORE_VALUES: dict[str, list[Any]] = {
    "text": ["a", "B", "b", "Z", "ä", "中文", "一", "10", "9", "a b", "a-b", "😀"],
    "integer": [-(10**15), -1, 0, 9, 10, 10**15],
    "decimal": [-WIDEST, Decimal("-0.01"), Decimal("0.00"), WIDEST],
    "money": [-WIDEST, Decimal("0.01"), WIDEST],
    "percent": [Decimal("-1.0000"), Decimal("0.0001"), Decimal("99999999999999.9999")],
    "date": [date(1, 1, 1), date(1969, 12, 31), date(9999, 12, 31)],
    "month": [date(1, 1, 1), date(9999, 12, 1)],
    "time": [time(0, 0), time(23, 59, 59), time(9, 5)],
    "datetime": [
        datetime(1, 1, 3, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1000, UTC),
        datetime(9999, 12, 1, tzinfo=UTC),
    ],
    "duration": [timedelta(days=-999_999), timedelta(0), timedelta(seconds=1), timedelta(days=999_999)],
    "link": [1, 2**63 - 1],
    "rating": [1, 2, 5],
    "user": [1, 2**63 - 1],
    "department": [1, 20],
}


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    database = create_engine(database_url)
    yield database
    database.dispose()


def values_of(field_type: FieldType, options: Options) -> list[Any]:
    """The values of its examples that fit these options, and some at the limits, in no order."""
    values = [
        good.value for good in field_type.good if field_type.read_options(good.options or {}) == options
    ]
    values += MORE_VALUES.get(field_type.name, [])
    distinct = {value: None for value in values if value is not None and not isinstance(value, ByTitle)}
    shuffled = list(distinct)
    random.Random(7).shuffle(shuffled)
    return shuffled


def stored(database: Engine, table: Table) -> list[Any]:
    with database.connect() as connection:
        return list(connection.scalars(select(table.c.value).order_by(table.c.id)))


def test_values_come_back_and_sort(database: Engine, subtests: pytest.Subtests) -> None:
    for field_type in FIELD_TYPES.values():
        options = field_type.read_options(field_type.good[0].options or {})
        column = field_type.column(options)
        if column is None:
            continue
        with subtests.test(field_type.name):
            values = values_of(field_type, options)
            assert len(values) > 1
            table = Table(
                f"of_{field_type.name}",
                MetaData(),
                Column("id", BigInteger(), primary_key=True, autoincrement=False),
                Column("value", column),
            )
            table.create(database)
            rows = [{"id": number, "value": value} for number, value in enumerate([*values, None])]
            with database.begin() as connection:
                connection.execute(table.insert(), rows)
            back = stored(database, table)
            assert back == [*values, None]
            assert [type(each) for each in back[:-1]] == [type(each) for each in values]
            assert [field_type.to_json(options, each) for each in back] == [
                field_type.to_json(options, each) for each in [*values, None]
            ]
            with database.connect() as connection:
                for value in values:
                    query = select(table.c.id).where(table.c.value == value)
                    assert connection.scalars(query).all() == [values.index(value)]
                if field_type.sortable:
                    ordered = select(table.c.value).where(table.c.value.is_not(None)).order_by(table.c.value)
                    assert list(connection.scalars(ordered)) == sorted(values)


def test_what_has_no_column_is_a_relation() -> None:
    for field_type in FIELD_TYPES.values():
        options = field_type.read_options(field_type.good[0].options or {})
        if field_type.column(options) is None:
            assert field_type.relation is not None
            assert not field_type.sortable
