"""What the index of words gives: the records that have them, and whether one record has them."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Function,
    Select,
    String,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from engine.schema.kept_words import FUNCTION
from engine.schema.search_index import ENTITY_STRIDE
from engine.transaction import Transaction

_SQLITE = table("dougong_search", column("rowid"), column("words"))

_SQLITE_KEPT = table("dougong_search_content", column("id"), column("c0"))
"""Where FTS5 keeps what was written; to read it there costs a fifth."""

_POSTGRESQL = table("dougong_search", column("number"), column("record_id"), column("words", TSVECTOR()))


def hits_of(transaction: Transaction, number: int, parameter: str) -> Select[Any]:
    """The ids of the records for which a question holds."""
    asked = bindparam(parameter, type_=String())
    if transaction.dialect == "sqlite":
        found = literal_column("dougong_search").op("MATCH", is_comparison=True)(asked)
        identity = (_SQLITE.c.rowid - literal_column(str(number * ENTITY_STRIDE))).label("id")
        return select(identity).select_from(_SQLITE).where(found)
    rows = _POSTGRESQL.alias()
    return select(rows.c.record_id.label("id")).where(
        rows.c.words.op("@@", is_comparison=True)(cast(asked, TSQUERY)),
        rows.c.number == literal_column(str(number)),
    )


def newest_hits(transaction: Transaction, number: int, parameter: str) -> Select[Any]:
    """The same, newest first where the index has them in that order."""
    found = hits_of(transaction, number, parameter)
    return found.order_by(_SQLITE.c.rowid.desc()) if transaction.dialect == "sqlite" else found


def has_words(
    transaction: Transaction, number: int, identity: ColumnElement[Any], parameter: str
) -> ColumnElement[bool]:
    """Whether the words that are kept of one record answer a question."""
    if transaction.dialect == "sqlite":
        row: ColumnElement[int] = literal_column(str(number * ENTITY_STRIDE)) + identity
        words = select(_SQLITE_KEPT.c.c0).where(_SQLITE_KEPT.c.id == row).scalar_subquery()
        asked = bindparam(f"each_{parameter}", type_=String())
        return Function(FUNCTION, words, asked, type_=Boolean())
    rows = _POSTGRESQL.alias()
    found = rows.c.words.op("@@", is_comparison=True)(cast(bindparam(parameter, type_=String()), TSQUERY))
    own = (rows.c.number == literal_column(str(number)), rows.c.record_id == identity)
    # A value, not EXISTS: PostgreSQL would turn that into a join with all hits.
    return func.coalesce(select(found).where(*own).scalar_subquery(), false())
