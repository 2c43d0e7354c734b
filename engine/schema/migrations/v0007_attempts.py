"""Failed sign-ins are counted."""

from sqlalchemy import Column, Connection, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table

from engine.formula.sql_types import UtcDateTime


def upgrade(connection: Connection) -> None:
    """Adds the table in which attempts are counted."""
    table = Table(
        "dougong_attempt",
        MetaData(),
        Column("kind", String, nullable=False),
        Column("subject", String, nullable=False),
        Column("ends_at", UtcDateTime, nullable=False),
        Column("count", Integer, nullable=False),
        PrimaryKeyConstraint("kind", "subject", "ends_at", name="pk_dougong_attempt"),
        Index("ix_dougong_attempt__ends_at", "ends_at"),
    )
    table.create(connection)
