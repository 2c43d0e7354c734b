"""Writes the demonstration company into a workspace in one transaction: all of it, or nothing."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import func, insert, select

from apps.demo.approvals import add_approvals
from apps.demo.batches import Reference, Row
from apps.demo.generate import PASSWORD, SEED, SIGN_INS, Company, demo_company
from apps.demo.market import DEALS
from apps.demo.people import MAIL
from engine.access.accounts import grant_roles, set_password
from engine.access.actors import ADMINISTRATOR
from engine.records import write
from engine.records.bulk import insert_many
from engine.records.freeze import freeze
from engine.schema.system_tables import sequence
from engine.transaction import Transaction
from engine.workflow.firing import fire
from engine.workspace import Workspace

Progress = Callable[[str], object]
Identities = dict[str, list[int]]
"""Entity → the ids of the rows written to it, in order."""

ROWS_AT_ONCE = 2_000
TIME_ZONE = ZoneInfo("Asia/Shanghai")


def load(workspace: Workspace, progress: Progress, deals: int = DEALS) -> None:
    """Fills a workspace in which HRM and CRM are published; one that holds anything is left as it is.

    `progress` is told in sentences what happens.
    """
    started = time.monotonic()
    with workspace.writing() as transaction:
        if _is_loaded(transaction):
            progress("Nothing to do: the demonstration data is already there.")
            return
        taken = next(
            (key for key in ("system.user", "hrm.employee", "crm.account") if _count(transaction, key)), None
        )
        if taken is not None:
            progress(f"The demonstration data is left out, because there are records in {taken} already.")
            return
        company = demo_company(SEED, datetime.now(TIME_ZONE).date(), deals)
        identities = _write(transaction, company, progress)
        _open_doors(transaction, company, identities["system.user"])
        _continue_numbers(transaction, company)
        _pay_earlier_months(transaction, progress)
        progress("What waits for approval")
        add_approvals(transaction, datetime.now(TIME_ZONE).date())
    workspace.database.take_stock()
    progress(f"The demonstration data is there after {time.monotonic() - started:.0f} seconds.")
    progress(f"Sign in as {', '.join(SIGN_INS)}; the password of each is {PASSWORD}")


def _is_loaded(transaction: Transaction) -> bool:
    users = transaction.catalog.tables.table("system.user")
    marks = select(func.count()).where(users.c.username == "admin", users.c.email == f"admin@{MAIL}")
    return bool(transaction.connection.execute(marks).scalar_one())


def _count(transaction: Transaction, key: str) -> int:
    table = transaction.catalog.entity(key).table
    return int(transaction.connection.execute(select(func.count()).select_from(table)).scalar_one())


def _write(transaction: Transaction, company: Company, progress: Progress) -> Identities:
    identities: Identities = {}
    for entity, rows in company.batches:
        label = transaction.catalog.entity(entity).definition.label_plural
        progress(f"{label or entity}: {len(rows):,}")
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = [_resolved(row, identities) for row in rows[start : start + ROWS_AT_ONCE]]
            new = [row for row in part if "id" not in row]
            if new:
                identities.setdefault(entity, []).extend(insert_many(transaction, entity, new))
            for row in part:
                if "id" in row:
                    values = {name: value for name, value in row.items() if name != "id"}
                    write.update(transaction, entity, row["id"], values)
    return identities


def _resolved(row: Row, identities: Mapping[str, list[int]]) -> dict[str, Any]:
    return {
        name: identities[value.entity][value.row] if isinstance(value, Reference) else value
        for name, value in row.items()
    }


def _open_doors(transaction: Transaction, company: Company, users: list[int]) -> None:
    """Gives everybody their roles, and a few the password."""
    hasher = PasswordHasher()
    rows = [row for key, batch in company.batches if key == "system.user" for row in batch]
    for identity, row in zip(users, rows, strict=True):
        username = row["username"]
        roles = company.roles.get(username, ())
        if username in company.administrators:
            roles = (*roles, ADMINISTRATOR)
        grant_roles(transaction, identity, roles)
        if username in SIGN_INS:
            set_password(transaction, identity, PASSWORD, hasher)


def _continue_numbers(transaction: Transaction, company: Company) -> None:
    """Deals came with their numbers; the next one continues after the last of its year."""
    numbers = [row["number"] for key, rows in company.batches if key == "crm.deal" for row in rows]
    last = Counter(number.split("-")[1] for number in numbers)
    counters = [
        {"entity": "crm.deal", "field": "number", "period": year, "last": count}
        for year, count in last.items()
    ]
    transaction.connection.execute(insert(sequence), counters)


def _release_earlier_periods(transaction: Transaction) -> None:
    """The periods that are over were released, with their totals as they are now."""
    entity = transaction.catalog.entity("hrm.payroll_period")
    periods, today = entity.table, transaction.now.astimezone(TIME_ZONE).date()
    over = transaction.connection.execute(select(periods.c.id).where(periods.c.end < today)).scalars().all()
    transaction.connection.execute(periods.update().where(periods.c.id.in_(over)).values(stage="released"))
    freeze(transaction, entity, over, "released")


def _pay_earlier_months(transaction: Transaction, progress: Progress) -> None:
    """Payslips of earlier months are approved when they are written; now they are paid."""
    _release_earlier_periods(transaction)
    table = transaction.catalog.entity("hrm.payslip").table
    approved = select(table.c.id).where(table.c.stage == "approved").order_by(table.c.id)
    identities = transaction.connection.execute(approved).scalars().all()
    progress(f"Payslips of earlier months to pay: {len(identities):,}")
    for identity in identities:
        fire(transaction, "hrm.payslip", identity, "pay", {})
