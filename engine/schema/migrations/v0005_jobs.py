"""What is to be done after a transaction is kept in it, and done by processes of their own."""

from sqlalchemy import Column, Connection, Identity, Index, Integer, MetaData, Table
from sqlalchemy.types import JSON, BigInteger, String

from engine.formula.sql_types import UtcDateTime


def upgrade(connection: Connection) -> None:
    """Adds the tables of jobs and of the processes that work on them."""
    tables = MetaData()
    Table(
        "dougong_job",
        tables,
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True),
        Column("key", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("payload", JSON, nullable=False),
        Column("state", String, nullable=False),
        Column("due_at", UtcDateTime, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        Column("changed_at", UtcDateTime, nullable=False),
        Column("worker", String),
        Column("reason", String),
        Index("uq_dougong_job__key", "key", unique=True),
        Index("ix_dougong_job__state_due_at", "state", "due_at"),
        sqlite_autoincrement=True,
    )
    Table(
        "dougong_worker",
        tables,
        Column("name", String, primary_key=True),
        Column("host", String, nullable=False),
        Column("process", Integer, nullable=False),
        Column("started_at", UtcDateTime, nullable=False),
        Column("seen_at", UtcDateTime, nullable=False),
    )
    tables.create_all(connection)
