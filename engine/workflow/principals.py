"""Whether the actor is one of the principals of a transition or of a withdrawal."""

from collections.abc import Sequence

from sqlalchemy import select

from engine.access.policy import concerns, principals_condition, rights_key
from engine.catalog import CompiledEntity
from engine.definition.approval import SUBMITTER
from engine.definition.model import Transition
from engine.formula.compile_sql import moment_parameters
from engine.transaction import Transaction


def concerned(
    transaction: Transaction, entity: CompiledEntity, transition: Transition, identity: int
) -> bool:
    """Whether the actor is one of the transition's principals for this record."""
    return transaction.actor.administrator or is_among(transaction, entity, transition.by, identity)


def is_among(
    transaction: Transaction,
    entity: CompiledEntity,
    principals: Sequence[str],
    identity: int,
    submitter: int | None = None,
) -> bool:
    """Whether the actor is one of these for a record; `submitter` is who asked for its approval."""
    if SUBMITTER in principals and submitter is not None and submitter == transaction.actor.id:
        return True
    named = tuple(each for each in principals if each != SUBMITTER)
    answers = [concerns(transaction, principal) for principal in named]
    if True in answers:
        return True
    depends = tuple(each for each, answer in zip(named, answers, strict=True) if answer is None)
    if not depends:
        return False
    statement = transaction.catalog.once(
        ("concerned", entity.key, depends, rights_key(transaction)),
        lambda: principals_condition(transaction, depends, entity, entity.table),
    )
    found = transaction.connection.execute(
        select(entity.table.c.id).where(entity.table.c.id == identity, statement),
        moment_parameters(transaction.moment),
    )
    return found.first() is not None
