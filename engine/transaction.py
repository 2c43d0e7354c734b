"""Who acts, and the one transaction in which everything of a request happens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.catalog import Catalog
from engine.formula.evaluate import Moment


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program that asks for something. `roles` are names in full, included roles among them."""

    id: int | None
    username: str
    name: str
    roles: frozenset[str]
    administrator: bool
    locale: str = "en"
    time_zone: str = "Asia/Shanghai"


SYSTEM = Actor(None, "system", "System", frozenset(), administrator=True)
"""The product itself: demo data, command line, imports by an operator."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A database transaction on behalf of an actor; `now` is the one instant that all of it happens at."""

    catalog: Catalog
    connection: Connection
    actor: Actor
    now: datetime

    @property
    def dialect(self) -> str:
        return self.catalog.dialect

    @property
    def moment(self) -> Moment:
        """What `user`, `now()` and `today()` mean in the formulas of this transaction."""
        return Moment(
            user=self.actor.id, roles=self.actor.roles, now=self.now, time_zone=self.actor.time_zone
        )
