"""Who is asked instead of somebody, and from when to when (rule 8)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, insert, select

from engine.access.people import People
from engine.fields.types.link import Link
from engine.problems import InputRefused, NotAllowed, NotFound, Problem
from engine.records.read import titles
from engine.schema.workflow_tables import workflow_substitute
from engine.text import say
from engine.transaction import Transaction

MOST = 50


@dataclass(frozen=True, slots=True)
class Substitute:
    """From the first to the last day, both included, `substitute` is asked instead of `person`."""

    id: int
    person: Link
    substitute: Link
    first_day: date
    last_day: date


def substitutes(transaction: Transaction) -> list[Substitute]:
    """The actor's substitutes, the latest first; those of everybody for an administrator."""
    table = workflow_substitute
    statement = select(table).order_by(table.c.first_day.desc(), table.c.id.desc())
    if not transaction.actor.administrator:
        statement = statement.where(table.c.person == transaction.actor.id)
    return _read(transaction, statement)


def standing_in(transaction: Transaction) -> list[Substitute]:
    """For whom the actor stands in, the latest first."""
    table = workflow_substitute
    mine = select(table).where(table.c.substitute == transaction.actor.id)
    return _read(transaction, mine.order_by(table.c.first_day.desc(), table.c.id.desc()))


def _read(transaction: Transaction, statement: Select[Any]) -> list[Substitute]:
    rows = transaction.connection.execute(statement).all()
    people = {row.person for row in rows} | {row.substitute for row in rows}
    names = titles(transaction, "system.user", people)
    return [
        Substitute(
            row.id,
            Link(row.person, names.get(row.person, "")),
            Link(row.substitute, names.get(row.substitute, "")),
            row.first_day,
            row.last_day,
        )
        for row in rows
    ]


def name_substitute(
    transaction: Transaction, substitute: int, first_day: date, last_day: date, person: int | None = None
) -> int:
    """Has somebody asked instead of the actor; gives its id. Only administrators name one for another person.

    InputRefused for oneself, for people who are not active, for a last day before the first.
    """
    actor = transaction.actor
    absent = actor.id if person is None else person
    if absent != actor.id and not actor.administrator:
        raise NotAllowed(say("You can name a substitute for yourself only."))
    problems = _problems(transaction, absent, substitute, first_day, last_day)
    if problems:
        raise InputRefused(problems)
    made = transaction.connection.execute(
        insert(workflow_substitute).values(
            person=absent,
            substitute=substitute,
            first_day=first_day,
            last_day=last_day,
            created_at=transaction.now,
            created_by=actor.id,
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def _problems(
    transaction: Transaction, absent: int | None, substitute: int, first_day: date, last_day: date
) -> list[Problem]:
    people = People(transaction)
    problems = []
    if absent is None or not people.active([absent]):
        problems.append(Problem("person", say("There is no active person {id}.", id=absent or "")))
    if substitute == absent:
        problems.append(Problem("substitute", say("Nobody stands in for themselves.")))
    elif not people.active([substitute]):
        problems.append(Problem("substitute", say("There is no active person {id}.", id=substitute)))
    if last_day < first_day:
        problems.append(Problem("last_day", say("The last day lies before the first.")))
    if not problems and absent is not None and _overlaps(transaction, absent, first_day, last_day):
        problems.append(Problem("first_day", say("There is a substitute for some of these days already.")))
    return problems


def _overlaps(transaction: Transaction, absent: int, first_day: date, last_day: date) -> bool:
    table = workflow_substitute
    found = transaction.connection.execute(
        select(table.c.id).where(
            table.c.person == absent, table.c.first_day <= last_day, table.c.last_day >= first_day
        )
    )
    return found.first() is not None


def remove_substitute(transaction: Transaction, identity: int) -> None:
    """Ends a substitution at once; tasks that were given stay where they are."""
    table = workflow_substitute
    row: Any = transaction.connection.execute(select(table.c.person).where(table.c.id == identity)).first()
    if row is None or (row.person != transaction.actor.id and not transaction.actor.administrator):
        raise NotFound(say("You have no substitution {id}.", id=identity))
    transaction.connection.execute(delete(table).where(table.c.id == identity))
