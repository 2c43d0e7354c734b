"""What an action acts on: the record that moved, on the authority of the definition that says so."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.definition.action import Action
from engine.records.subject import Subject
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Acting:
    """The record, and who moved it. What a definition does it may do; the actor stays who did it."""

    subject: Subject
    submitter: int | None

    @property
    def transaction(self) -> Transaction:
        actual = self.subject.transaction
        return replace(actual, actor=replace(actual.actor, administrator=True))


Run = Callable[[Acting, Action], None]
