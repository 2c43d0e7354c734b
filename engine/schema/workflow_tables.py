"""The tables of approvals: instances, their steps, the tasks of people, what happened, timers, substitutes.

They are tables rather than one stored state, since inbox, timeline and reports ask them by single statements.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from engine.formula.sql_types import UtcDateTime
from engine.schema.system_tables import BIG_ID

WORKFLOW = MetaData()

ONGOING = text("status IN ('open', 'returned')")

workflow_instance = Table(
    "dougong_workflow_instance",
    WORKFLOW,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("transition", String, nullable=False),
    Column("release", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("submitter", BigInteger),
    Column("source", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("parent", BigInteger),
    Column("parent_step", String),
    Column("reminded_at", UtcDateTime),
    # One that goes on for each record and transition, whoever asks at the same moment.
    Index(
        "uq_dougong_workflow_instance__ongoing",
        "entity",
        "record_id",
        "transition",
        unique=True,
        sqlite_where=ONGOING,
        postgresql_where=ONGOING,
    ),
    Index("ix_dougong_workflow_instance__entity_record_id", "entity", "record_id"),
    Index("ix_dougong_workflow_instance__submitter_status", "submitter", "status"),
    sqlite_autoincrement=True,
)

workflow_step = Table(
    "dougong_workflow_step",
    WORKFLOW,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("instance_id", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("detail", JSON, nullable=False),
    Index("ix_dougong_workflow_step__instance_id", "instance_id"),
    sqlite_autoincrement=True,
)

workflow_task = Table(
    "dougong_workflow_task",
    WORKFLOW,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("instance_id", BigInteger, nullable=False),
    Column("step_id", BigInteger, nullable=False),
    Column("step", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("person", BigInteger),
    Column("status", String, nullable=False),
    Column("seat", Integer, nullable=False),
    # An exact fraction as text, such as 1 or 1/3.
    Column("weight", String, nullable=False),
    Column("instead_of", BigInteger),
    Column("origin", BigInteger),
    Column("relation", String),
    Column("opened_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("decided_at", UtcDateTime),
    Column("decided_by", BigInteger),
    Column("comment", String, nullable=False),
    Column("answer", BigInteger),
    Column("detail", JSON, nullable=False),
    Index("ix_dougong_workflow_task__instance_id", "instance_id"),
    Index("ix_dougong_workflow_task__person_status", "person", "status"),
    Index("ix_dougong_workflow_task__entity_record_id_person", "entity", "record_id", "person"),
    sqlite_autoincrement=True,
)

workflow_event = Table(
    "dougong_workflow_event",
    WORKFLOW,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("instance_id", BigInteger),
    Column("at", UtcDateTime, nullable=False),
    Column("by", BigInteger),
    Column("instead_of", BigInteger),
    Column("kind", String, nullable=False),
    Column("transition", String),
    Column("step", String),
    Column("task_id", BigInteger),
    Column("comment", String, nullable=False),
    Column("release", Integer, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_dougong_workflow_event__entity_record_id_id", "entity", "record_id", "id"),
    Index("ix_dougong_workflow_event__instance_id", "instance_id"),
    sqlite_autoincrement=True,
)
"""`by` is None where time or the product itself acted; `instead_of`: for whom a substitute acted."""

workflow_request = Table(
    "dougong_workflow_request",
    WORKFLOW,
    Column("user_id", BigInteger, nullable=False),
    Column("request", String, nullable=False),
    Column("task_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("answer", JSON, nullable=False),
    PrimaryKeyConstraint("user_id", "request", name="pk_dougong_workflow_request"),
)
"""What a decision was answered, so that the same request gets the same answer again."""

workflow_timer = Table(
    "dougong_workflow_timer",
    WORKFLOW,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("entity", String, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("instance_id", BigInteger),
    Column("step_id", BigInteger),
    Column("name", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("fired_at", UtcDateTime),
    Column("outcome", String),
    Index("uq_dougong_workflow_timer__key", "key", unique=True),
    Index("ix_dougong_workflow_timer__fired_at_due_at", "fired_at", "due_at"),
    Index("ix_dougong_workflow_timer__entity_record_id", "entity", "record_id"),
    sqlite_autoincrement=True,
)
"""What is to be looked at again at `due_at`.

`kind` is overdue (a step), stage (a record that stays too long in the stage `name`) or transition (`name`
happens by itself). `outcome` says what came of it once `fired_at` is filled; one that is not needed any more
is `stale`.
"""

workflow_substitute = Table(
    "dougong_workflow_substitute",
    WORKFLOW,
    Column("id", BIG_ID, Identity(), primary_key=True),
    Column("person", BigInteger, nullable=False),
    Column("substitute", BigInteger, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", BigInteger),
    Index("ix_dougong_workflow_substitute__person", "person"),
    sqlite_autoincrement=True,
)
"""Who is asked instead of a person, from the first to the last day, both included."""
