"""Second factors, service users, sign-in providers, and tokens with scopes that expire."""

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)
from sqlalchemy.types import BigInteger

from engine.formula.sql_types import UtcDateTime

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(connection: Connection) -> None:
    """Adds the tables and columns; tokens of before have all rights of their person and do not expire."""
    tables = MetaData()
    Table(
        "dougong_account",
        tables,
        Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
        Column("service", Boolean, nullable=False),
        Column("links", Integer, nullable=False),
    )
    Table(
        "dougong_second_factor",
        tables,
        Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
        Column("secret", String, nullable=False),
        Column("last_step", BigInteger, nullable=False),
        Column("confirmed_at", UtcDateTime),
    )
    Table(
        "dougong_recovery_code",
        tables,
        Column("user_id", BigInteger, nullable=False),
        Column("code_hash", String, nullable=False),
        Column("used_at", UtcDateTime),
        PrimaryKeyConstraint("user_id", "code_hash", name="pk_dougong_recovery_code"),
    )
    Table(
        "dougong_identity",
        tables,
        Column("issuer", String, nullable=False),
        Column("subject", String, nullable=False),
        Column("user_id", BigInteger, nullable=False),
        Column("linked_at", UtcDateTime, nullable=False),
        PrimaryKeyConstraint("issuer", "subject", name="pk_dougong_identity"),
        Index("ix_dougong_identity__user_id", "user_id"),
    )
    tables.create_all(connection)
    operations = Operations(MigrationContext.configure(connection))
    operations.add_column("dougong_token", Column("scopes", JSON(none_as_null=True)))
    operations.add_column("dougong_token", Column("expires_at", UtcDateTime))
