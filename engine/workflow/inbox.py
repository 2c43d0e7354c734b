"""Inboxes: what waits for me, what I wait for, what I have done, what I was told; each by one statement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
)

from engine.definition.approval import Ask, Collect
from engine.fields.types.link import Link
from engine.formula.compile_sql import moment_parameters
from engine.problems import Malformed, NotPossible, unknown
from engine.records.select import title_column
from engine.schema.prepared import Prepared
from engine.schema.workflow_tables import workflow_instance, workflow_task
from engine.text import Message, Text, say
from engine.transaction import Transaction, require_whole_scope
from engine.workflow.answering import ACTIONS
from engine.workflow.releases import catalog_of, flow_of

LARGEST_PAGE = 200
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
KINDS = ("decide", "tie", "choose", "answer", "revise")
DONE = ("approved", "rejected", "returned", "answered", "chosen", "transferred", "delegated")


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: in which box, of which app, entity and transition, overdue ones, a word."""

    box: str = "mine"
    app: str | None = None
    entity: str | None = None
    transition: str | None = None
    overdue: bool = False
    search: str = ""
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A task as it is listed. `decisions` are what its person may do with it now."""

    id: int
    kind: str
    status: str
    entity: str
    entity_label: Text
    record: Link
    transition: str
    transition_label: Text
    step: str
    step_label: Text
    person: Link | None
    instead_of: Link | None
    submitter: Link | None
    opened_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    comment: str
    overdue: bool
    decisions: tuple[str, ...]
    instance: int
    incident: Text | None = None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some entries; `next` is the cursor of the page after, None on the last one."""

    entries: list[Entry]
    next: str | None


def inbox(transaction: Transaction, question: Question) -> InboxPage:
    """The entries of a box of the actor, those that are due first; Malformed for an unknown box or cursor."""
    require_whole_scope(transaction.actor, "read")
    if question.box not in BOXES:
        sentence = say("There is no box '{name}' in the inbox.", name=question.box)
        raise Malformed(unknown(sentence, question.box, BOXES))
    limit = max(1, min(question.limit, LARGEST_PAGE))
    statement = _statement(transaction, question)
    parameters = moment_parameters(transaction.moment)
    rows = transaction.connection.execute(statement.limit(limit + 1), parameters).mappings().all()
    entries = [_entry(transaction, row) for row in rows[:limit]]
    following = _write_cursor(rows[limit - 1]) if len(rows) > limit else None
    return InboxPage(entries, following)


def open_count(transaction: Transaction) -> int:
    """How many tasks wait for the actor."""

    def make() -> Prepared:
        person: BindParameter[int] = bindparam("person")
        counted = select(func.count().label("count")).select_from(workflow_task)
        return Prepared(counted.where(_open_to(transaction, person)), transaction.connection.dialect)

    statement = transaction.catalog.once(("open tasks", transaction.actor.administrator), make)
    found: int = statement.rows(transaction.connection, {"person": transaction.actor.id})[0][0]
    return found


def _statement(transaction: Transaction, question: Question) -> Select[Any]:
    task, instance = workflow_task, workflow_instance
    users = transaction.catalog.tables.table("system.user")
    people = {name: users.alias() for name in ("person", "instead_of", "submitter")}
    joined = task.join(instance, instance.c.id == task.c.instance_id)
    for name, alias in people.items():
        column = instance.c.submitter if name == "submitter" else task.c[name]
        joined = joined.outerjoin(alias, alias.c.id == column)
    order = BOXES[question.box].order()
    title = _title(transaction)
    statement = (
        select(
            task,
            instance.c.transition,
            instance.c.release,
            instance.c.submitter,
            instance.c.status.label("instance_status"),
            *(alias.c.name.label(f"name_of_{name}") for name, alias in people.items()),
            title.label("title"),
            order.label("sorted_by"),
        )
        .select_from(joined)
        .where(BOXES[question.box].condition(transaction))
    )
    if question.entity:
        statement = statement.where(task.c.entity == question.entity)
    if question.app:
        statement = statement.where(task.c.entity.startswith(f"{question.app}.", autoescape=True))
    if question.transition:
        statement = statement.where(instance.c.transition == question.transition)
    if question.overdue:
        statement = statement.where(task.c.due_at < transaction.now)
    if question.search:
        statement = statement.where(title.icontains(question.search, autoescape=True))
    if question.after:
        at, identity = _read_cursor(question.after)
        statement = statement.where(_beyond(BOXES[question.box], order, at, identity))
    if BOXES[question.box].latest_first:
        return statement.order_by(order.desc(), task.c.id.desc())
    return statement.order_by(order, task.c.id)


def _title(transaction: Transaction) -> ColumnElement[Any]:
    """The title of the record of a task, of whichever entity it is."""
    catalog, task = transaction.catalog, workflow_task
    whens = []
    for key, entity in catalog.entities.items():
        workflow = entity.definition.workflow
        if workflow and any(each.approval for each in workflow.transitions.values()):
            rows = entity.table.alias()
            found = select(title_column(transaction, key, rows)).where(rows.c.id == task.c.record_id)
            whens.append((task.c.entity == key, found.correlate(task).scalar_subquery()))
    return case(*whens, else_=null()) if whens else literal("")


@dataclass(frozen=True, slots=True)
class _Box:
    """A condition on tasks, and the instant by which they are sorted."""

    condition: Callable[[Transaction], ColumnElement[bool]]
    order: Callable[[], ColumnElement[Any]]
    latest_first: bool = False


def _mine(transaction: Transaction) -> ColumnElement[bool]:
    return _open_to(transaction, transaction.actor.id)


def _open_to(transaction: Transaction, person: Any) -> ColumnElement[bool]:
    """What waits for this person, who is the actor."""
    task = workflow_task
    own = and_(task.c.person == person, task.c.status == "open", task.c.kind.in_(KINDS))
    if not transaction.actor.administrator:
        return own
    return or_(own, and_(task.c.person.is_(None), task.c.status == "open"))


def _waiting(transaction: Transaction) -> ColumnElement[bool]:
    """What others are asked about requests of the actor."""
    task, instance = workflow_task, workflow_instance
    mine = select(instance.c.id).where(
        instance.c.submitter == transaction.actor.id, instance.c.status.in_(("open", "returned"))
    )
    return and_(
        task.c.instance_id.in_(mine),
        task.c.status == "open",
        or_(task.c.person != transaction.actor.id, task.c.person.is_(None)),
    )


def _done(transaction: Transaction) -> ColumnElement[bool]:
    task = workflow_task
    return and_(task.c.decided_by == transaction.actor.id, task.c.status.in_(DONE))


def _copied(transaction: Transaction) -> ColumnElement[bool]:
    return and_(workflow_task.c.person == transaction.actor.id, workflow_task.c.kind == "copy")


def _by_due() -> ColumnElement[Any]:
    return func.coalesce(workflow_task.c.due_at, literal(NEVER, workflow_task.c.due_at.type))


BOXES: Mapping[str, _Box] = {
    "mine": _Box(_mine, _by_due),
    "waiting": _Box(_waiting, _by_due),
    "done": _Box(_done, lambda: workflow_task.c.decided_at, latest_first=True),
    "copied": _Box(_copied, lambda: workflow_task.c.opened_at, latest_first=True),
}
"""The boxes of an inbox: mine, waiting for others, done, copied to me."""


def _beyond(box: _Box, order: ColumnElement[Any], at: datetime, identity: int) -> ColumnElement[bool]:
    task = workflow_task
    mark = literal(at, task.c.due_at.type)
    if box.latest_first:
        return or_(order < mark, and_(order == mark, task.c.id < identity))
    return or_(order > mark, and_(order == mark, task.c.id > identity))


def _write_cursor(row: Mapping[Any, Any]) -> str:
    return orjson.dumps([row["sorted_by"].astimezone(UTC).isoformat(), row["id"]]).decode()


def _read_cursor(text: str) -> tuple[datetime, int]:
    try:
        at, identity = orjson.loads(text)
        return datetime.fromisoformat(at), int(identity)
    except (ValueError, TypeError) as error:
        raise Malformed(say("“{value}” is no cursor of the inbox.", value=text[:80])) from error


def _entry(transaction: Transaction, row: Mapping[Any, Any]) -> Entry:
    entity = transaction.catalog.entity(row["entity"]).definition
    labels = _labels(transaction, row)
    words = row["detail"].get("words")
    return Entry(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        entity=row["entity"],
        entity_label=entity.label,
        record=Link(row["record_id"], str(row["title"] or "")),
        transition=row["transition"],
        transition_label=labels[0],
        step=row["step"],
        step_label=labels[1],
        person=_link(row, "person"),
        instead_of=_link(row, "instead_of"),
        submitter=_link(row, "submitter"),
        opened_at=row["opened_at"],
        due_at=row["due_at"],
        decided_at=row["decided_at"],
        comment=row["comment"],
        overdue=row["status"] == "open" and row["due_at"] is not None and row["due_at"] < transaction.now,
        decisions=decisions(transaction, row["entity"], row["transition"], row["release"], row)
        if row["status"] == "open" and row["person"] == transaction.actor.id
        else (),
        instance=row["instance_id"],
        incident=Text(words) if words else None,
    )


def _link(row: Mapping[Any, Any], name: str) -> Link | None:
    return None if row[name] is None else Link(row[name], str(row[f"name_of_{name}"] or ""))


def _labels(transaction: Transaction, row: Mapping[Any, Any]) -> tuple[Text, Text]:
    plain = (Text({"en": row["transition"]}), Text({"en": row["step"]}))
    try:
        flow = flow_of(catalog_of(transaction, row["release"]), row["entity"], row["transition"])
    except NotPossible:
        return plain
    if flow is None:
        return plain
    step = flow.steps.get(row["step"])
    return flow.label, step.label if step else plain[1]


def decisions(
    transaction: Transaction, entity: str, transition: str, release: int, task: Mapping[Any, Any]
) -> tuple[str, ...]:
    """What the person of an open task may do with it, as its kind and the definition say."""
    flow = flow_of(catalog_of(transaction, release), entity, transition)
    step = flow.steps.get(task["step"]) if flow else None
    may = step.may if isinstance(step, (Ask, Collect)) else frozenset()
    return tuple(
        action.name
        for action in ACTIONS.values()
        if action.own
        and task["kind"] in action.kinds
        and task["status"] in action.statuses
        and (action.right is None or action.right in may)
        and not (action.right == "return" and task["relation"] in ("delegated", "before", "after"))
    )


def box_labels() -> Sequence[tuple[str, Message]]:
    """The boxes with what they are called, in their order."""
    return (
        ("mine", say("Waiting for me")),
        ("waiting", say("Waiting for others")),
        ("done", say("Done")),
        ("copied", say("Copied to me")),
    )
