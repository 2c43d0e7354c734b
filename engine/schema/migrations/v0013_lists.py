"""Lists: what they are searched by, as people keep them, and what was imported."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

from engine.formula.sql_types import UtcDateTime

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
WORDS = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE dougong_search USING fts5"
            "(words, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0')"
        ),
    ),
    "postgresql": (
        (
            "CREATE TABLE dougong_search (number integer NOT NULL, record_id bigint NOT NULL, "
            "words tsvector NOT NULL, CONSTRAINT pk_dougong_search PRIMARY KEY (number, record_id))"
        ),
        "CREATE INDEX ix_dougong_search__words ON dougong_search USING gin (words)",
    ),
}


def upgrade(connection: Connection) -> None:
    """Adds the tables; what is there already is found by its words after the next publish."""
    tables = MetaData()
    Table(
        "dougong_searched",
        tables,
        Column("entity", String, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("fields", JSON, nullable=False),
        Index("uq_dougong_searched__number", "number", unique=True),
    )
    Table(
        "dougong_view",
        tables,
        Column("id", BIG_ID, Identity(), primary_key=True),
        Column("entity", String, nullable=False),
        Column("owner", BigInteger, nullable=False),
        Column("shared", Boolean, nullable=False),
        Column("name", String, nullable=False),
        Column("settings", JSON, nullable=False),
        Column("changed_at", UtcDateTime, nullable=False),
        Index("ix_dougong_view__entity_owner", "entity", "owner"),
        sqlite_autoincrement=True,
    )
    Table(
        "dougong_view_choice",
        tables,
        Column("user_id", BigInteger, nullable=False),
        Column("entity", String, nullable=False),
        Column("view", String, nullable=False),
        PrimaryKeyConstraint("user_id", "entity", name="pk_dougong_view_choice"),
    )
    Table(
        "dougong_import",
        tables,
        Column("id", BIG_ID, Identity(), primary_key=True),
        Column("entity", String, nullable=False),
        Column("by", BigInteger),
        Column("at", UtcDateTime, nullable=False),
        Column("name", String, nullable=False),
        Column("content", LargeBinary),
        Column("columns", JSON, nullable=False),
        Column("done_at", UtcDateTime),
        Column("undone_at", UtcDateTime),
        Index("ix_dougong_import__entity_by", "entity", "by"),
        sqlite_autoincrement=True,
    )
    Table(
        "dougong_import_row",
        tables,
        Column("import_id", BigInteger, nullable=False),
        Column("record_id", BigInteger, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("before", JSON),
        PrimaryKeyConstraint("import_id", "record_id", name="pk_dougong_import_row"),
    )
    tables.create_all(connection)
    for statement in WORDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
