"""What is encrypted beside the columns of fields: answers to repeated requests, and files to import.

Values of encrypted fields may stand in them, so that a key is used until they are encrypted anew, too.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, LargeBinary, delete, func, literal_column, select, update

from engine.fields.encryption import FieldKeys, is_kept, key_of
from engine.schema.database import Database
from engine.schema.system_tables import idempotency, import_file

ANSWERS_KEPT_FOR = timedelta(days=2)
ENCRYPTED_ANSWER = "encrypted"
"""The key under which an encrypted answer stands."""
AT_ONCE = 500
BEGINNING = 100
"""So many bytes of a file tell whether it is encrypted, and with which key."""
LOCKED = idempotency.c.answer[ENCRYPTED_ANSWER].as_string()


def count_beside(connection: Connection) -> Mapping[str, int]:
    """How many of them each key opens, by the ids of the keys."""
    counts: Counter[str] = Counter()
    key = func.substr(LOCKED, literal_column("1"), literal_column("8"))
    for name, count in connection.execute(select(key, func.count()).where(LOCKED.is_not(None)).group_by(key)):
        counts[name] += count
    counts.update(key for _, key in _locked_files(connection))
    return counts


def encrypt_beside(database: Database, keys: FieldKeys) -> int:
    """Encrypts them with the newest key, lot by lot; how many there were.

    Raises KeyMissing for an answer that no key opens: without it a request could be done twice. A file that
    no key opens is of no use to anybody and goes.
    """
    newest, done = keys.newest, 0
    with database.writing() as connection:
        past = idempotency.c.at < datetime.now(UTC) - ANSWERS_KEPT_FOR
        connection.execute(delete(idempotency).where(past))
    while True:
        with database.writing() as connection:
            changed = _answers(connection, keys, newest)
        if not changed:
            break
        done += changed
    with database.reading() as connection:
        files = [identity for identity, key in _locked_files(connection) if key != newest]
    for identity in files:
        with database.writing() as connection:
            done += _file(connection, keys, identity)
    return done


def _answers(connection: Connection, keys: FieldKeys, newest: str) -> int:
    rows = select(idempotency.c.user_id, idempotency.c.key, LOCKED.label("kept"))
    other = rows.where(LOCKED.not_like(f"{newest}:%")).limit(AT_ONCE)
    found = connection.execute(other).all()
    for row in found:
        one = idempotency.c.user_id == row.user_id, idempotency.c.key == row.key, row.kept == LOCKED
        answer = {ENCRYPTED_ANSWER: keys.encrypt(keys.decrypt(row.kept))}
        connection.execute(update(idempotency).where(*one).values(answer=answer))
    return len(found)


def _locked_files(connection: Connection) -> list[tuple[int, str]]:
    """The ids of the encrypted files with those of their keys."""
    beginning = func.substr(import_file.c.content, 1, BEGINNING, type_=LargeBinary())
    rows = connection.execute(select(import_file.c.id, beginning).where(import_file.c.content.is_not(None)))
    return [(identity, key_of(text)) for identity, text in rows if is_kept(text)]


def _file(connection: Connection, keys: FieldKeys, identity: int) -> int:
    mine = import_file.c.id == identity
    # Until the end nobody changes it: what is encrypted here is what is there.
    kept = connection.execute(select(import_file.c.content).where(mine).with_for_update()).scalar()
    if kept is None:
        # Imported meanwhile, or replaced by another one.
        return 0
    if key_of(kept) not in keys.ids:
        connection.execute(delete(import_file).where(mine))
        return 0
    content = keys.encrypt(keys.decrypt(kept.decode())).encode()
    connection.execute(update(import_file).where(mine).values(content=content))
    return 1
