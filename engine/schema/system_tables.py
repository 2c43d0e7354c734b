"""Dougong's own tables: releases, sign-in, history, counters. Those of the applications are in tables.py.

No foreign keys lead to `system__user`: users are an ordinary entity, whose table comes with the first
release, while these tables are there before it.

Which columns follow when something is renamed tells `own_tables` in upgrade.py.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from engine.formula.sql_types import UtcDateTime
from engine.schema.append_only import append_only

SYSTEM = MetaData()

# SQLite counts up by itself only in a column of exactly this type.
BIG_ID = BigInteger().with_variant(Integer(), "sqlite")

schema_version = Table(
    "dougong_schema",
    SYSTEM,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("upgraded_at", UtcDateTime, nullable=False),
)

release = Table(
    "dougong_release",
    SYSTEM,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", String, nullable=False),
    Column("message", String, nullable=False),
    Column("sha", String, nullable=False),
    Column("apps", JSON, nullable=False),
    Column("plan", JSON, nullable=False),
)
"""`apps`: app → path → text, verbatim, of every app as of this release."""

credential = Table(
    "dougong_credential",
    SYSTEM,
    Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
    Column("password_hash", String, nullable=False),
    Column("changed_at", UtcDateTime),
)

grant = Table(
    "dougong_grant",
    SYSTEM,
    Column("user_id", BigInteger, nullable=False),
    Column("role", String, nullable=False),
    PrimaryKeyConstraint("user_id", "role", name="pk_dougong_grant"),
    Index("ix_dougong_grant__role", "role"),
)

token = Table(
    "dougong_token",
    SYSTEM,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("token_hash", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("scopes", JSON(none_as_null=True)),
    Column("expires_at", UtcDateTime),
    Index("uq_dougong_token__token_hash", "token_hash", unique=True),
    Index("ix_dougong_token__user_id", "user_id"),
    sqlite_autoincrement=True,
)

DELETED = text("kind = 'deleted'")
"""Written out, not sent as a parameter: databases see by it that the indexes of deletions will do."""

history = Table(
    "dougong_history",
    SYSTEM,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", BigInteger),
    Column("kind", String, nullable=False),
    Column("transition", String),
    Column("from_stage", String),
    Column("to_stage", String),
    Column("comment", String),
    Column("changes", JSON, nullable=False),
    Column("release", Integer, nullable=False),
    Index("ix_dougong_history__entity_record_id_id", "entity", "record_id", "id"),
    Index("ix_dougong_history__by_id", "by", "id"),
    # Deletions are listed the latest first: everybody's, and one's own.
    *(
        Index(name, *columns, "at", "id", sqlite_where=DELETED, postgresql_where=DELETED)
        for name, columns in (
            ("ix_dougong_history__deleted", ("entity",)),
            ("ix_dougong_history__deleted_by", ("entity", "by")),
        )
    ),
    sqlite_autoincrement=True,
)
"""`by` is None where the product itself acted; `changes`: field → [before, after]."""

sequence = Table(
    "dougong_sequence",
    SYSTEM,
    Column("entity", String, nullable=False),
    Column("field", String, nullable=False),
    Column("period", String, nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("entity", "field", "period", name="pk_dougong_sequence"),
)

idempotency = Table(
    "dougong_idempotency",
    SYSTEM,
    Column("user_id", BigInteger, nullable=False),
    Column("key", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", JSON, nullable=False),
    PrimaryKeyConstraint("user_id", "key", name="pk_dougong_idempotency"),
    Index("ix_dougong_idempotency__at", "at"),
)

explanation = Table(
    "dougong_explanation",
    SYSTEM,
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("stage", String, nullable=False),
    Column("fields", JSON, nullable=False),
    PrimaryKeyConstraint("entity", "record_id", "stage", name="pk_dougong_explanation"),
)
"""How the values came about that a record froze at a stage. `fields`: `=` → the facts (`records/facts.py`);
in rows of earlier versions, field → its breakdown."""

notification = Table(
    "dougong_notification",
    SYSTEM,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("words", JSON, nullable=False),
    Column("entity", String),
    Column("record_id", BigInteger),
    Column("read_at", UtcDateTime),
    Index("uq_dougong_notification__user_id_key", "user_id", "key", unique=True),
    Index("ix_dougong_notification__user_id_read_at", "user_id", "read_at"),
    Index("ix_dougong_notification__user_id_id", "user_id", "id"),
    sqlite_autoincrement=True,
)
"""What people are told. `words`: locale → sentence; `key` keeps one thing from being told twice."""

mail_choice = Table(
    "dougong_mail_choice",
    SYSTEM,
    Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
    Column("wanted", Boolean, nullable=False),
)
"""Who said whether notifications are to come by mail too; who said nothing gets them."""

job = Table(
    "dougong_job",
    SYSTEM,
    Column("id", BIG_ID, Identity(), primary_key=True),
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
    Column("words", JSON),
    Index("uq_dougong_job__key", "key", unique=True),
    Index("ix_dougong_job__state_due_at", "state", "due_at"),
    sqlite_autoincrement=True,
)
"""`state`: waiting → handed (over to the job engine) → running → done, failed, or waiting again.

`attempts` are those that ended with an error; `reason` says why the last one did, or why nothing was to do;
`words` is the same in every language, where it is a sentence of Dougong's.
"""

worker = Table(
    "dougong_worker",
    SYSTEM,
    Column("name", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("process", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""The processes that work on jobs; `seen_at` is a heartbeat by the database's own clock."""


file = Table(
    "dougong_file",
    SYSTEM,
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
"""Files in the folder of files, each under the SHA-256 of its content.

`entity` is None until a record takes the file; `field` is "" for attachments; `removed_at`: when its record
let it go, after which it can be brought back for a while.
"""

follow = Table(
    "dougong_follow",
    SYSTEM,
    Column("user_id", BigInteger, nullable=False),
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("entity", "record_id", "user_id", name="pk_dougong_follow"),
    Index("ix_dougong_follow__user_id", "user_id"),
)
"""Who wants to be told of changes of which records."""

retired = Table(
    "dougong_retired",
    SYSTEM,
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
"""Data that no definition names any more, kept until it is purged.

`kind`: column (a column of `table_name`), pairs (the table of a many-to-many field) or table (of an entity);
`release`: the one that took it out of use; `type`, `options`: of the field, as JSON; `label`: locale → words.
"""

rename = Table(
    "dougong_rename",
    SYSTEM,
    Column("release", Integer, nullable=False),
    Column("entity", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("was", String, nullable=False),
    Column("now", String, nullable=False),
    PrimaryKeyConstraint("release", "entity", "kind", "now", name="pk_dougong_rename"),
)
"""Which release gave an entity, a field or a stage another name, by which older entries are read.

`kind`: entity, field or stage; `entity` is the name that the entity has now.
"""

attempt = Table(
    "dougong_attempt",
    SYSTEM,
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "subject", "ends_at", name="pk_dougong_attempt"),
    Index("ix_dougong_attempt__ends_at", "ends_at"),
)
"""What is limited in number, counted in windows of time. `kind`: account, address, form …"""

audit = append_only(
    Table(
        "dougong_audit",
        SYSTEM,
        Column("id", BIG_ID, Identity(), primary_key=True),
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
)
"""Who did what that concerns rights and safety. `as_user_id`: as whom an administrator was looking.

`about`: the entity as it was called then, or another kind of thing; `about_id`: which one; `subject`: its
name then. Names are copied, and no column follows a renaming: what is written stays.
"""

session = Table(
    "dougong_session",
    SYSTEM,
    Column("id", BIG_ID, Identity(), primary_key=True),
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
"""That somebody is signed in. `renew`: the secret is to be replaced at the next request; `secret_before`: the
one that it replaced at `renewed_at`; `seeing`: as whom an administrator looks at the product."""

account = Table(
    "dougong_account",
    SYSTEM,
    Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
    Column("service", Boolean, nullable=False),
    Column("links", Integer, nullable=False),
)
"""What else is known of a user who signs in: `service`, whether it is a program; `links`, the number that a
link to set a password has to name. Users without a row are people with the number 0."""

second_factor = Table(
    "dougong_second_factor",
    SYSTEM,
    Column("user_id", BIG_ID, primary_key=True, autoincrement=False),
    Column("secret", String, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("confirmed_at", UtcDateTime),
)
"""`secret` is encrypted with the key of the site; `last_step`: the period of the last code that was taken."""

recovery_code = Table(
    "dougong_recovery_code",
    SYSTEM,
    Column("user_id", BigInteger, nullable=False),
    Column("code_hash", String, nullable=False),
    Column("used_at", UtcDateTime),
    PrimaryKeyConstraint("user_id", "code_hash", name="pk_dougong_recovery_code"),
)

identity = Table(
    "dougong_identity",
    SYSTEM,
    Column("issuer", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("issuer", "subject", name="pk_dougong_identity"),
    Index("ix_dougong_identity__user_id", "user_id"),
)
"""Who a person is at a provider of sign-ins (OpenID Connect)."""

searched = Table(
    "dougong_searched",
    SYSTEM,
    Column("entity", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("fields", JSON, nullable=False),
    Index("uq_dougong_searched__number", "number", unique=True),
)
"""By which fields each entity is searched: name → class. search_index.py makes the table of words.

`number` stands for the entity in that table and is never used again.
"""

view = Table(
    "dougong_view",
    SYSTEM,
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
"""Lists as people keep them. `settings`: parameter of the address → its values."""

view_choice = Table(
    "dougong_view_choice",
    SYSTEM,
    Column("user_id", BigInteger, nullable=False),
    Column("entity", String, nullable=False),
    Column("view", String, nullable=False),
    PrimaryKeyConstraint("user_id", "entity", name="pk_dougong_view_choice"),
)
"""With which view a person begins: the name of one of the definition's, or the number of a kept one."""

import_file = Table(
    "dougong_import",
    SYSTEM,
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
"""Files that people import. `content` is kept until it is done; `columns`: for each, a field or null."""

import_row = Table(
    "dougong_import_row",
    SYSTEM,
    Column("import_id", BigInteger, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("before", JSON),
    PrimaryKeyConstraint("import_id", "record_id", name="pk_dougong_import_row"),
)
"""What an import wrote, to undo it. `revision`: that it left; `before`: what it changed, null if new."""

public_form = Table(
    "dougong_public_form",
    SYSTEM,
    Column("entity", String, nullable=False),
    Column("view", String, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("by", BigInteger),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("entity", "view", name="pk_dougong_public_form"),
)
"""Public forms that somebody closed, or opened again; one that is not here is open."""
