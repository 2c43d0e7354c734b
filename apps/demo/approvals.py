"""What waits for approval in the demonstration company: those who sign in find something to decide."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine.access.actors import find_actor
from engine.records import write
from engine.transaction import Actor, Transaction
from engine.workflow.firing import fire
from engine.workflow.inbox import Question, inbox
from engine.workflow.substitutes import name_substitute
from engine.workflow.tasks import Sent, decide

DEALS = 3


def add_approvals(transaction: Transaction, today: date) -> None:
    """Discounts, a leave and an appraisal on their way; the head of a sales team is away."""
    sales, manager, employee = (_actor(transaction, name) for name in ("sales", "manager", "employee"))
    lead, head = _manager(transaction, sales), _manager(transaction, employee)
    days = (today - timedelta(days=1), today + timedelta(days=13))
    name_substitute(_as(transaction, lead), manager.id or 0, *days)
    for identity in _discounted(transaction, sales):
        fire(_as(transaction, sales), "crm.deal", identity, "win", {})
    _ask_for_leave(transaction, employee, head, today)
    _hand_in_appraisal(transaction, employee, head)


def _as(transaction: Transaction, actor: Actor) -> Transaction:
    return replace(transaction, actor=actor)


def _actor(transaction: Transaction, username: str) -> Actor:
    users = transaction.catalog.tables.table("system.user")
    identity = transaction.connection.execute(select(users.c.id).where(users.c.username == username))
    found = find_actor(transaction.catalog, transaction.connection, identity.scalar_one())
    assert found is not None
    return found


def _manager(transaction: Transaction, actor: Actor) -> Actor:
    """Who decides first: the manager of a person, in the table of users or of employees."""
    users = transaction.catalog.tables.table("system.user")
    employees = transaction.catalog.tables.table("hrm.employee")
    line = select(users.c.manager).where(users.c.id == actor.id)
    of_employee = select(employees.c.manager).where(employees.c.user == actor.id)
    identity = (
        transaction.connection.execute(line).scalar() or transaction.connection.execute(of_employee).scalar()
    )
    found = find_actor(transaction.catalog, transaction.connection, int(identity or 0))
    assert found is not None
    return found


def _discounted(transaction: Transaction, sales: Actor) -> list[int]:
    """Some deals in negotiation whose discount is not the salesperson's own decision."""
    deals = transaction.catalog.tables.table("crm.deal")
    found = transaction.connection.execute(
        select(deals.c.id)
        .where(deals.c.owner == sales.id, deals.c.stage == "negotiation", deals.c.amount > 0)
        .order_by(deals.c.id)
        .limit(DEALS)
    )
    identities = list(found.scalars())
    for number, identity in enumerate(identities):
        write.update(transaction, "crm.deal", identity, {"discount": f"{12 + 6 * number}%"})
    return identities


def _ask_for_leave(transaction: Transaction, employee: Actor, head: Actor, today: date) -> None:
    """A marriage leave that the manager has approved: it waits for human resources."""
    start = today + timedelta(days=21)
    values = {"kind": "marriage", "start": start, "end": start + timedelta(days=6), "reason": "Wedding 婚礼"}
    identity = write.create(_as(transaction, employee), "hrm.leave_request", values)
    fire(_as(transaction, employee), "hrm.leave_request", identity, "submit", {})
    _decide(transaction, head, "approve", Sent(comment="Congratulations 恭喜！"))


def _hand_in_appraisal(transaction: Transaction, employee: Actor, head: Actor) -> None:
    """An appraisal on which colleagues are asked."""
    values = {"self_review": "Released two versions 发布了两个版本", "self_score": "4.0"}
    identity = write.create(_as(transaction, employee), "hrm.appraisal", values)
    fire(_as(transaction, employee), "hrm.appraisal", identity, "submit", {})
    colleagues = tuple(_actor(transaction, name).id or 0 for name in ("sales", "payroll", "hr"))
    _decide(transaction, head, "choose", Sent(to=colleagues))


def _decide(transaction: Transaction, actor: Actor, decision: str, sent: Any) -> None:
    """Does an action on the person's only task."""
    deciding = _as(transaction, actor)
    (entry,) = inbox(deciding, Question()).entries
    decide(deciding, entry.id, decision, sent)
