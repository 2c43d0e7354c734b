"""Who acts, and the one transaction in which everything of a request happens."""

from dataclasses import dataclass, field
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
    address: str | None = None
    """Where the request comes from, as far as the site can tell."""
    viewer: "Actor | None" = None
    """The administrator who looks at the product as this person."""


SYSTEM = Actor(None, "system", "System", frozenset(), administrator=True)
"""The product itself: demo data, command line, imports by an operator."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A database transaction on behalf of an actor; `now` is the one instant that all of it happens at."""

    catalog: Catalog
    connection: Connection
    actor: Actor
    now: datetime
    moment: Moment = field(init=False)
    """What `user`, `now()` and `today()` mean in the formulas of this transaction."""

    def __post_init__(self) -> None:
        actor = self.actor
        moment = Moment(user=actor.id, roles=actor.roles, now=self.now, time_zone=actor.time_zone)
        object.__setattr__(self, "moment", moment)

    @property
    def dialect(self) -> str:
        return self.catalog.dialect
