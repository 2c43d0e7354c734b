"""Who may change tables, and who may write meanwhile.

On PostgreSQL every transaction that writes shares a lock which a publish takes for itself: what was
checked by the old definitions is committed before the tables change. SQLite needs none of it: a transaction
that writes is alone there.
"""

from sqlalchemy import Connection

STRUCTURE = 0x446F75676F6E67
"""“Dougong”: the advisory lock that everything takes which changes tables."""
WRITERS = STRUCTURE + 1
"""The lock that writers share."""
INDEXES = STRUCTURE + 2
"""The lock of the one process that makes indexes while others write."""

JOIN = f"SELECT pg_advisory_xact_lock_shared({WRITERS})"


def lock_structure(connection: Connection) -> None:
    """Waits until no other process changes tables; the lock ends with the transaction."""
    _lock(connection, f"SELECT pg_advisory_xact_lock({STRUCTURE})")


def hold_writers(connection: Connection) -> None:
    """Waits until nobody is writing; until the end of the transaction nobody begins to."""
    _lock(connection, f"SELECT pg_advisory_xact_lock({WRITERS})")


def join_writers(connection: Connection) -> None:
    """Waits until no publish is under way, and keeps the next one waiting until the transaction ends."""
    if connection.dialect.name == "postgresql":
        # The driver's own cursor: every transaction that writes begins with this.
        cursor = connection.connection.cursor()
        cursor.execute(JOIN)
        cursor.close()


def try_to_build(connection: Connection) -> bool:
    """Whether this connection now is the one that makes indexes, until it is closed; for PostgreSQL."""
    return bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({INDEXES})").scalar())


def _lock(connection: Connection, statement: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(statement)
