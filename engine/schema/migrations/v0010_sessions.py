"""Who is signed in where is kept in the database."""

from sqlalchemy import Boolean, Column, Connection, Identity, Index, Integer, MetaData, String, Table
from sqlalchemy.types import BigInteger

from engine.formula.sql_types import UtcDateTime


def upgrade(connection: Connection) -> None:
    """Adds the table of sessions; everybody signs in anew once."""
    table = Table(
        "dougong_session",
        MetaData(),
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True),
        Column("secret_hash", String, nullable=False),
        Column("secret_before", String),
        Column("renewed_at", UtcDateTime, nullable=False),
        Column("renew", Boolean, nullable=False),
        Column("user_id", BigInteger, nullable=False),
        Column("seeing", BigInteger),
        Column("created_at", UtcDateTime, nullable=False),
        Column("seen_at", UtcDateTime, nullable=False),
        Column("expires_at", UtcDateTime, nullable=False),
        Column("address", String),
        Column("browser", String, nullable=False),
        Column("system", String, nullable=False),
        Index("uq_dougong_session__secret_hash", "secret_hash", unique=True),
        Index("ix_dougong_session__secret_before", "secret_before"),
        Index("ix_dougong_session__user_id", "user_id"),
        Index("ix_dougong_session__expires_at", "expires_at"),
        Index("ix_dougong_session__seen_at", "seen_at"),
        sqlite_autoincrement=True,
    )
    table.create(connection)
