"""Who acts, and the one transaction in which everything of a request happens."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from engine.catalog import Catalog
from engine.formula.evaluate import Moment
from engine.problems import NotAllowed
from engine.text import say


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
    scopes: frozenset[str] | None = None
    """What the token that was sent reaches to (`access/scopes.py`); None for everything."""

    def seen_by(self, viewer: "Actor") -> "Actor":
        """The person as whom an administrator looks at the product, in the viewer's own language."""
        return replace(
            self, viewer=viewer, locale=viewer.locale, time_zone=viewer.time_zone, address=viewer.address
        )


SYSTEM = Actor(None, "system", "System", frozenset(), administrator=True)
"""The product itself: demo data, command line, imports by an operator."""


def require_writer(actor: Actor) -> None:
    """NotAllowed for whoever looks at the product as somebody else: nothing is done in another's name."""
    if actor.viewer is not None:
        sentence = "You are looking at this as {name}: nothing can be changed. End the view to go on working."
        raise NotAllowed(say(sentence, name=actor.name))
    if actor.scopes is not None and not any(each.startswith("write") for each in actor.scopes):
        raise _beyond(actor.scopes, "write")


def require_whole_scope(actor: Actor, kind: str) -> None:
    """NotAllowed unless the token may `kind`, read or write, everything that its person may."""
    if actor.scopes is not None and kind not in actor.scopes and "write" not in actor.scopes:
        raise _beyond(actor.scopes, kind)


def require_no_scope(actor: Actor) -> None:
    """NotAllowed for a token with scopes: administration, publishing and tokens are not among them."""
    if actor.scopes is not None:
        raise NotAllowed(say("A token with scopes is for records; it administers nothing."))


def _beyond(scopes: frozenset[str], needed: str) -> NotAllowed:
    sentence = "The token has the scopes {scopes}. For this it needs “{scope}”."
    return NotAllowed(say(sentence, scopes=", ".join(sorted(scopes)), scope=needed))


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
