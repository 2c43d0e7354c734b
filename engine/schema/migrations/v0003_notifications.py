"""People are told what concerns them."""

from sqlalchemy import Boolean, Column, Connection, Identity, Index, Integer, MetaData, Table
from sqlalchemy.types import JSON, BigInteger, String

from engine.formula.sql_types import UtcDateTime

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(connection: Connection) -> None:
    """Adds the tables of notifications and of who wants them by mail."""
    tables = MetaData()
    Table(
        "dougong_notification",
        tables,
        Column("id", BIG_ID, Identity(), primary_key=True),
        Column("user_id", BigInteger, nullable=False),
        Column("key", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        Column("words", JSON, nullable=False),
        Column("entity", String),
        Column("record_id", BigInteger),
        Column("read_at", UtcDateTime),
        Index("uq_dougong_notification__user_id_key", "user_id", "key", unique=True),
        Index("ix_dougong_notification__user_id_read_at", "user_id", "read_at"),
        Index("ix_dougong_notification__user_id_id", "user_id", "id"),
        sqlite_autoincrement=True,
    )
    Table(
        "dougong_mail_choice",
        tables,
        Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
        Column("wanted", Boolean, nullable=False),
    )
    tables.create_all(connection)
