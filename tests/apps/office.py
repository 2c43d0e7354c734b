"""A workspace with both applications published, and short ways to do in it what people do."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from apps.demo.payroll import TAX_BRACKETS
from engine.access.accounts import grant_roles
from engine.commands import create_record, decide_task, fire_transition, update_record
from engine.definition.check import check_texts
from engine.definition.files import read_files
from engine.records.query import Query
from engine.records.read import get, page
from engine.releases.apply import apply_plan
from engine.transaction import SYSTEM, Actor
from engine.workflow.inbox import Question, inbox
from engine.workflow.tasks import Sent
from engine.workspace import Workspace, open_workspace
from tests.fixtures.keys import field_keys
from tests.fixtures.workspaces import person

ROOT = Path(__file__).parents[2]
APPS = (ROOT / "crm_app.yaml", ROOT / "hrm_app.yaml")

KEPT = ("dougong_release", "dougong_schema", "dougong_audit", "dougong_searched")
"""What is published, the version of our own tables, and what cannot be taken out."""

Record = Mapping[str, Any]


def open_with_apps(url: str) -> Workspace:
    """A workspace in an empty database, with CRM and HRM published."""
    workspace = open_workspace(url, field_keys())
    checked = check_texts(list(read_files(APPS).values()))
    apply_plan(workspace.database, checked, message="test", by="test")
    return workspace


def empty(workspace: Workspace) -> None:
    """Takes out all records and counters; what is published stays."""
    database = workspace.database
    named = inspect(database.engine).get_table_names()
    # What SQLite keeps an index of words in is emptied with the index itself.
    tables = [name for name in named if name not in KEPT and not name.startswith("dougong_search_")]
    if database.dialect == "postgresql":
        with database.writing() as connection:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        return
    # A connection of its own does not watch foreign keys, so that the order does not matter.
    with closing(sqlite3.connect(database.engine.url.database or "")) as connection, connection:
        for name in tables:
            connection.execute(f"DELETE FROM {name}")


@dataclass(frozen=True, slots=True)
class Office:
    """What the tests do in a workspace; everything is done as `actor`, the product itself by default."""

    workspace: Workspace

    def create(self, key: str, actor: Actor = SYSTEM, /, **values: Any) -> Record:
        return create_record(self.workspace, actor, key, values)

    def update(self, key: str, record: Record, actor: Actor = SYSTEM, /, **values: Any) -> Record:
        return update_record(self.workspace, actor, key, record["id"], values)

    def move(
        self, key: str, record: Record, name: str, actor: Actor = SYSTEM, /, comment: str = "", **values: Any
    ) -> Record:
        return fire_transition(self.workspace, actor, key, record["id"], name, values, comment)

    def decide(
        self, key: str, record: Record, decision: str, actor: Actor, comment: str = "", **sent: Any
    ) -> Record:
        """Does an action on the actor's open task about a record."""
        with self.workspace.reading(actor) as transaction:
            found = inbox(transaction, Question(entity=key)).entries
        task = next(each.id for each in found if each.record.id == record["id"])
        decide_task(self.workspace, actor, task, decision, Sent(comment=comment, **sent))
        return self.read(key, record)

    def read(self, key: str, record: Record, actor: Actor = SYSTEM) -> Record:
        with self.workspace.reading(actor) as transaction:
            return get(transaction, key, record["id"])

    def seen(self, key: str, actor: Actor, view: str | None = None) -> list[int]:
        """The ids of all records that the actor sees, by a view or all."""
        with self.workspace.reading(actor) as transaction:
            return sorted(record["id"] for record in page(transaction, key, Query(view=view)).records)

    def sign_in(self, username: str, *roles: str, manager: Actor | None = None) -> Actor:
        """A new person with these roles, as the actor they are."""
        actor = person(self.workspace, username, *roles, manager=manager.id if manager else None)
        with self.workspace.writing() as transaction:
            grant_roles(transaction, actor.id or 0, roles)
        return actor

    def add_brackets(self, year: int) -> None:
        for up_to, rate, quick in TAX_BRACKETS:
            self.create("hrm.tax_bracket", year=year, up_to=up_to, rate=rate, quick_deduction=quick)

    def add_deals(self, deals: Iterable[Mapping[str, Any]]) -> list[int]:
        """Deals as they are after a past that the commands would not write, such as won last March."""
        ids = []
        for deal in deals:
            made = self.create("crm.deal", **{name: value for name, value in deal.items() if name in PLAIN})
            ids.append(made["id"])
            table = self.workspace.catalog.entity("crm.deal").table
            late = {name: value for name, value in deal.items() if name not in PLAIN}
            with self.workspace.writing() as transaction:
                transaction.connection.execute(table.update().where(table.c.id == made["id"]).values(late))
        return ids


PLAIN = frozenset({"name", "account", "amount", "owner", "close_date", "discount"})


def money(value: str | int) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))
