"""Frozen values keep how they came about."""

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.types import JSON, BigInteger, String


def upgrade(connection: Connection) -> None:
    """Adds the table of explanations; values that froze before have none."""
    table = Table(
        "dougong_explanation",
        MetaData(),
        Column("entity", String, nullable=False),
        Column("record_id", BigInteger, nullable=False),
        Column("stage", String, nullable=False),
        Column("fields", JSON, nullable=False),
        PrimaryKeyConstraint("entity", "record_id", "stage", name="pk_dougong_explanation"),
    )
    table.create(connection)
