"""By what rows are put in groups, told so that SQLite looks for few rows before it thinks of their order."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlalchemy.sql import operators
from sqlalchemy.sql.expression import UnaryExpression


def group_keys(
    dialect: str, keys: Iterable[ColumnElement[Any]], conditions: Iterable[ColumnElement[bool]]
) -> list[ColumnElement[Any]]:
    """The keys for GROUP BY of rows for which these conditions hold.

    SQLite likes to read all rows by an index that has the groups together, even where a condition leaves two
    hundred of a million. A plus sign takes such an index out of its choice.
    """
    narrowed = any(each is not true() for each in conditions)
    if dialect != "sqlite" or not narrowed:
        return list(keys)
    return [UnaryExpression(each, operator=operators.custom_op("+"), type_=each.type) for each in keys]
