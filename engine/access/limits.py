"""How often a sign-in may fail: counted in windows, in the database, for all processes together."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, select, tuple_, update

from engine.problems import Refused
from engine.schema.system_tables import attempt
from engine.schema.upsert import INSERT
from engine.text import Message, say
from engine.transaction import Transaction

SECONDS = 900
"""How long a window lasts."""

KEY = (attempt.c.kind, attempt.c.subject, attempt.c.ends_at)

SIGN_INS = {"account": 10, "address": 100}
"""How many may fail in a window: for one user name, and from one address, perhaps that of an office."""

FORGOTTEN = {"forgotten": 3, "forgotten_address": 30}
"""How many links to set a password may be asked for in a window, in the same way."""


class TooMany(Refused):
    """It was tried too often; after `seconds` it may be tried again: HTTP 429."""

    def __init__(self, seconds: int, message: Message | None = None) -> None:
        self.seconds = seconds
        sentence = "There were too many failed sign-ins. Please try again in {minutes} minutes."
        super().__init__(message or say(sentence, minutes=-(-seconds // 60)))


def whose_sign_in(username: str, address: str | None) -> Mapping[str, str]:
    """What an attempt counts for: kind → whom. Names that nobody has are counted like all others."""
    found = {"account": sha256(username.strip().lower().encode()).hexdigest()}
    network = network_of(address)
    return found if network is None else {**found, "address": network}


def begin_sign_in(transaction: Transaction, whose: Mapping[str, str]) -> int | None:
    """Counts an attempt before the password is looked at, so that many at one moment cannot pass together.

    Gives the seconds until the next window when there were too many; None when it may go on.
    """
    ends_at = end_of_window(transaction.now)
    counted = {kind: _count(transaction, kind, subject, ends_at) for kind, subject in sorted(whose.items())}
    if all(count <= SIGN_INS[kind] for kind, count in counted.items()):
        return None
    return max(1, int((ends_at - transaction.now).total_seconds()))


def ask_for_link(transaction: Transaction, whose: Mapping[str, str]) -> bool:
    """Counts that a forgotten password was told; whether a link may be sent for it."""
    ends_at = end_of_window(transaction.now)
    kinds = {"account": "forgotten", "address": "forgotten_address"}
    counted = {
        kinds[kind]: _count(transaction, kinds[kind], subject, ends_at)
        for kind, subject in sorted(whose.items())
    }
    return all(count <= FORGOTTEN[kind] for kind, count in counted.items())


def sign_in_succeeded(transaction: Transaction, whose: Mapping[str, str]) -> None:
    """Takes the attempt back: only those that fail count, and the account begins anew."""
    connection = transaction.connection
    connection.execute(
        delete(attempt).where(attempt.c.kind == "account", attempt.c.subject == whose["account"])
    )
    if "address" in whose:
        connection.execute(
            update(attempt)
            .where(
                attempt.c.kind == "address",
                attempt.c.subject == whose["address"],
                attempt.c.ends_at == end_of_window(transaction.now),
                attempt.c.count > 0,
            )
            .values(count=attempt.c.count - 1)
        )


def _count(transaction: Transaction, kind: str, subject: str, ends_at: datetime) -> int:
    """How many there are in this window, with this one."""
    return add_to_count(transaction, kind, subject, ends_at, 1)


def add_to_count(transaction: Transaction, kind: str, subject: str, ends_at: datetime, more: int) -> int:
    """Counts `more` in the window of a kind that ends then; how many there are with them."""
    statement = INSERT[transaction.dialect](attempt).values(
        kind=kind, subject=subject, ends_at=ends_at, count=more
    )
    statement = statement.on_conflict_do_update(
        index_elements=KEY,
        set_={"count": attempt.c.count + more},
    ).returning(attempt.c.count)
    count = int(transaction.connection.execute(statement).scalar_one())
    if count == more:
        # What another transaction removes at this moment is left to it, so that none waits in a circle.
        past = select(*KEY).where(attempt.c.ends_at < transaction.now).with_for_update(skip_locked=True)
        transaction.connection.execute(delete(attempt).where(tuple_(*KEY).in_(past)))
    return count


def end_of_window(now: datetime) -> datetime:
    """When the window of this moment ends."""
    begun = int(now.timestamp()) // SECONDS * SECONDS
    return datetime.fromtimestamp(begun + SECONDS, UTC)


def network_of(address: str | None) -> str | None:
    """The address; of IPv6 the /64 that one customer gets. None for this machine, where a proxy may stand."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return network_of(str(found.ipv4_mapped))
        return None if found.is_loopback else str(ip_network((found, 64), strict=False))
    return None if found.is_loopback else str(found)
