"""Which public forms are closed."""

from sqlalchemy import Boolean, Column, Connection, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.types import BigInteger, String

from engine.formula.sql_types import UtcDateTime


def upgrade(connection: Connection) -> None:
    """Adds the table of public forms that somebody opened or closed."""
    tables = MetaData()
    Table(
        "dougong_public_form",
        tables,
        Column("entity", String, nullable=False),
        Column("view", String, nullable=False),
        Column("open", Boolean, nullable=False),
        Column("by", BigInteger),
        Column("at", UtcDateTime, nullable=False),
        PrimaryKeyConstraint("entity", "view", name="pk_dougong_public_form"),
    )
    tables.create_all(connection)
