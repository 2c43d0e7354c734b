"""What a person changed last, of all entities: read from their part of the history, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from engine.schema.prepared import Prepared
from engine.schema.system_tables import history
from engine.transaction import Transaction

READ_AT_ONCE = 200
"""How many events of the person are read for a start; an import may have written very many at once."""
READ_AT_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that the actor changed, and when last."""

    entity: str
    id: int
    at: datetime


def changed_lately(transaction: Transaction, most: int) -> list[Changed]:
    """At least so many of the records that the actor changed last, if there are; some may be gone by now.

    Behind thousands of events of the same few records, older ones are not looked for.
    """
    statement = transaction.catalog.once(("changed lately",), lambda: _statement(transaction))
    found: dict[tuple[str, int], Changed] = {}
    for limit in (READ_AT_ONCE, READ_AT_MOST):
        rows = statement.rows(transaction.connection, {"person": transaction.actor.id, "events_limit": limit})
        for entity, identity, at in rows:
            found.setdefault((entity, identity), Changed(entity, identity, at))
        if len(found) >= most or len(rows) < limit:
            break
    return list(found.values())


def _statement(transaction: Transaction) -> Prepared:
    own = select(history.c.entity, history.c.record_id, history.c.at).where(
        history.c.by == bindparam("person")
    )
    latest = own.order_by(history.c.id.desc()).limit(bindparam("events_limit", 0))
    return Prepared(latest, transaction.connection.dialect)
