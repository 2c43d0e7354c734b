"""What concerns rights and safety is written down for good."""

from sqlalchemy import JSON, BigInteger, Column, Connection, Identity, Index, Integer, MetaData, String, Table

from engine.formula.sql_types import UtcDateTime
from engine.schema.append_only import append_only


def upgrade(connection: Connection) -> None:
    """Adds the table of the audit; it begins with this version."""
    table = Table(
        "dougong_audit",
        MetaData(),
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True),
        Column("at", UtcDateTime, nullable=False),
        Column("event", String, nullable=False),
        Column("user_id", BigInteger),
        Column("username", String, nullable=False),
        Column("as_user_id", BigInteger),
        Column("as_username", String),
        Column("about", String),
        Column("about_id", BigInteger),
        Column("subject", String, nullable=False),
        Column("detail", JSON, nullable=False),
        Column("address", String),
        Index("ix_dougong_audit__at", "at"),
        Index("ix_dougong_audit__event_id", "event", "id"),
        Index("ix_dougong_audit__user_id_id", "user_id", "id"),
        Index("ix_dougong_audit__about_about_id_id", "about", "about_id", "id"),
        sqlite_autoincrement=True,
    )
    append_only(table).create(connection)
