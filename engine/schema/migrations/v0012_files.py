"""Files of records, and who follows which record."""

from sqlalchemy import Column, Connection, Identity, Index, Integer, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.types import BigInteger, String

from engine.formula.sql_types import UtcDateTime

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(connection: Connection) -> None:
    """Adds the tables of files and of followers."""
    tables = MetaData()
    Table(
        "dougong_file",
        tables,
        Column("id", BIG_ID, Identity(), primary_key=True),
        Column("sha256", String, nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("media_type", String, nullable=False),
        Column("name", String, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        Column("by", BigInteger),
        Column("entity", String),
        Column("record_id", BigInteger),
        Column("field", String),
        Column("removed_at", UtcDateTime),
        Index("ix_dougong_file__entity_record_id", "entity", "record_id"),
        Index("ix_dougong_file__sha256", "sha256"),
        sqlite_autoincrement=True,
    )
    Table(
        "dougong_follow",
        tables,
        Column("user_id", BigInteger, nullable=False),
        Column("entity", String, nullable=False),
        Column("record_id", BigInteger, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        PrimaryKeyConstraint("entity", "record_id", "user_id", name="pk_dougong_follow"),
        Index("ix_dougong_follow__user_id", "user_id"),
    )
    tables.create_all(connection)
