"""Data that is out of use is kept and known, and so are the former names of things."""

from sqlalchemy import Column, Connection, Identity, Index, Integer, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.types import JSON, BigInteger, String

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(connection: Connection) -> None:
    """Adds the list of retired columns and tables, and that of renamings."""
    tables = MetaData()
    Table(
        "dougong_retired",
        tables,
        Column("id", BIG_ID, Identity(), primary_key=True),
        Column("release", Integer, nullable=False),
        Column("entity", String, nullable=False),
        Column("field", String),
        Column("kind", String, nullable=False),
        Column("table_name", String, nullable=False),
        Column("column_name", String),
        Column("type", String),
        Column("options", JSON),
        Column("label", JSON, nullable=False),
        Index("ix_dougong_retired__entity", "entity"),
        sqlite_autoincrement=True,
    )
    Table(
        "dougong_rename",
        tables,
        Column("release", Integer, nullable=False),
        Column("entity", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("was", String, nullable=False),
        Column("now", String, nullable=False),
        PrimaryKeyConstraint("release", "entity", "kind", "now", name="pk_dougong_rename"),
    )
    tables.create_all(connection)
