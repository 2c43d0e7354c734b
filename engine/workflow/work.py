"""What all that changes a workflow is given: the transaction, and how further transitions are fired."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.transaction import SYSTEM, Transaction

DEEPEST = 10
"""How many transitions may follow from one another by themselves (rule 15)."""

Fire = Callable[["Work", str, int, str, "Parent | None"], str]


@dataclass(frozen=True, slots=True)
class Parent:
    """The step of another instance that waits for what is fired."""

    instance: int
    step: str


@dataclass(frozen=True, slots=True)
class Work:
    """A transaction in which workflows are changed. `depth` counts what followed by itself."""

    transaction: Transaction
    fire: Fire
    """Fires a transition by itself: (work, entity, record, name, parent) → the state of its gate."""
    depth: int = 0

    @property
    def whole(self) -> Transaction:
        """The transaction for looking at records that the actor need not see."""
        return replace(self.transaction, actor=SYSTEM)

    def deeper(self) -> "Work":
        return replace(self, depth=self.depth + 1)
