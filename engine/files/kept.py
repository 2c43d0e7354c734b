"""Files as the database knows them: a row of `dougong_file` each, written in the transaction it belongs to.

A file is uploaded first and belongs to whoever sent it; writing a record then gives it to that record. What a
record lets go is kept for a while, so that a change can be undone, and is then swept away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, text, update

from engine.fields.field_type import FileRule
from engine.fields.file_kinds import BY_EXTENSION, FileKind, extension_of
from engine.fields.file_type import tidy_name
from engine.files.pictures import NoPicture, written_anew
from engine.files.store import Store, Taken, TooLarge, size_words
from engine.problems import InputRefused, Problem
from engine.schema.prepared import Prepared
from engine.schema.system_tables import file as table
from engine.text import Message, say
from engine.transaction import Transaction

UNCLAIMED_FOR = timedelta(days=1)
"""How long an uploaded file waits for the record that it was uploaded for."""
REMOVED_FOR = timedelta(days=30)
"""How long a file that was taken out of its record can be brought back."""
SHOWN_AT_MOST = 12
"""How many kinds a sentence names."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A kept file; `entity`, `record_id` and `field` say where it belongs, `field` is "" for attachments."""

    id: int
    sha256: str
    size: int
    media_type: str
    name: str
    at: datetime
    by: int | None
    entity: str | None
    record_id: int | None
    field: str | None
    removed_at: datetime | None

    @property
    def kind(self) -> FileKind | None:
        return BY_EXTENSION.get(extension_of(self.name))

    @property
    def is_picture(self) -> bool:
        """Whether a small picture of it can be shown."""
        return self.kind is not None and self.kind.group == "image" and self.kind.shown


def take(store: Store, stream: Any, name: str, rule: FileRule | None = None) -> tuple[Taken, str]:
    """Receives content for a field (or as an attachment), checked by `rule`; with its tidied name.

    InputRefused at `file` for what is too large or of the wrong kind. Pictures of fields are written anew.
    """
    shown = tidy_name(name)
    try:
        taken = store.take(stream, rule.largest if rule else None)
        wrong = kind_problem(shown, taken.head, rule)
        if wrong is None and taken.size == 0:
            wrong = say("“{name}” is empty.", name=shown)
        if wrong is not None:
            taken.drop()
            raise InputRefused([Problem("file", wrong)])
        if rule is not None and rule.pictures:
            original = taken
            try:
                with written_anew(original.path) as anew:
                    taken = store.take(anew)
            finally:
                original.drop()
            shown = _renamed(shown, taken.head)
    except NoPicture as error:
        raise InputRefused([Problem("file", error.message)]) from error
    except TooLarge as error:
        sentence = say("“{name}” cannot be kept: {reason}", name=shown, reason=error.message)
        raise InputRefused([Problem("file", sentence)]) from error
    return taken, shown


def _renamed(name: str, head: bytes) -> str:
    """A picture's name with the extension of what it has become: a GIF becomes a PNG."""
    kind = BY_EXTENSION.get(extension_of(name))
    if kind is not None and kind.is_content(head):
        return name
    return f"{name.rpartition('.')[0]}.png"


def kind_problem(name: str, head: bytes, rule: FileRule | None) -> Message | None:
    """Why a file of this name and these first bytes cannot be kept; None when it can."""
    extension = extension_of(name)
    possible = rule.extensions if rule else tuple(BY_EXTENSION)
    if extension not in possible:
        kinds = possible[:SHOWN_AT_MOST]
        more = ("…",) if len(possible) > SHOWN_AT_MOST else ()
        return say("“{name}” cannot be kept here; possible are {kinds}.", name=name, kinds=(*kinds, *more))
    if not BY_EXTENSION[extension].is_content(head):
        return say("“{name}” is not what its name says: its content is of another kind.", name=name)
    return None


def keep(transaction: Transaction, store: Store, taken: Taken, name: str, **belongs: Any) -> FileRow:
    """Writes the row of received content and moves it to its place. `belongs`: entity, record_id, field."""
    kind = BY_EXTENSION[extension_of(name)]
    row = {
        "sha256": taken.sha256,
        "size": taken.size,
        "media_type": kind.media_type,
        "name": name,
        "at": transaction.now,
        "by": transaction.actor.id,
        "entity": None,
        "record_id": None,
        "field": None,
        **belongs,
    }
    inserted = transaction.connection.execute(insert(table), row)
    # After the row: who sweeps waits for this transaction before looking which content has none.
    store.keep(taken)
    return FileRow(id=int(inserted.inserted_primary_key[0]), removed_at=None, **row)  # type: ignore[index]


def rows(transaction: Transaction, identities: Iterable[int]) -> dict[int, FileRow]:
    """The files with these numbers, whoever asks."""
    wanted = sorted(set(identities))
    if not wanted:
        return {}
    found = transaction.connection.execute(select(table).where(table.c.id.in_(wanted))).mappings()
    return {row["id"]: FileRow(**row) for row in found}


def of_record(transaction: Transaction, entity: str, record_id: int) -> list[FileRow]:
    """The attachments of a record, the oldest first; whoever asks has the right to see it."""

    def make() -> Prepared:
        of = (table.c.entity == bindparam("of"), table.c.record_id == bindparam("identity"))
        whole = (table.c.field == "", table.c.removed_at.is_(None))
        return Prepared(select(table).where(*of, *whole).order_by(table.c.id), transaction.connection.dialect)

    statement = transaction.catalog.once(("attachments",), make)
    found = statement.rows(transaction.connection, {"of": entity, "identity": record_id})
    return [FileRow(**dict(zip(statement.names, row, strict=True))) for row in found]


def claim(
    transaction: Transaction, identities: Iterable[int], entity: str, record_id: int, field: str
) -> None:
    """Gives files to a record; they are nobody else's, as `engine/records/files.py` has looked."""
    wanted = list(identities)
    if wanted:
        where = {"entity": entity, "record_id": record_id, "field": field, "removed_at": None}
        transaction.connection.execute(update(table).where(table.c.id.in_(wanted)).values(where))


def let_go(transaction: Transaction, identities: Iterable[int]) -> None:
    """Takes files out of their record; they can be brought back for 30 days."""
    wanted = list(identities)
    if wanted:
        gone = update(table).where(table.c.id.in_(wanted)).values(removed_at=transaction.now)
        transaction.connection.execute(gone)


def let_go_of_record(transaction: Transaction, entity: str, record_id: int) -> None:
    """Takes all files out of a record that is deleted."""
    own = and_(table.c.entity == entity, table.c.record_id == record_id, table.c.removed_at.is_(None))
    transaction.connection.execute(update(table).where(own).values(removed_at=transaction.now))


def bring_back_of_record(transaction: Transaction, entity: str, record_id: int, at: datetime) -> None:
    """Gives a record that is brought back the files that were taken out of it at a moment."""
    own = and_(table.c.entity == entity, table.c.record_id == record_id, table.c.removed_at == at)
    transaction.connection.execute(update(table).where(own).values(removed_at=None))


def copies(transaction: Transaction, found: Iterable[FileRow]) -> Mapping[int, int]:
    """New rows with the same content that belong to the actor: number of the original → of its copy."""
    made = {}
    for each in found:
        row = {
            **{name: getattr(each, name) for name in ("sha256", "size", "media_type", "name")},
            "at": transaction.now,
            "by": transaction.actor.id,
        }
        inserted = transaction.connection.execute(insert(table), row)
        made[each.id] = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    return made


def sweep(transaction: Transaction, store: Store) -> int:
    """Forgets files that no record wants, and removes content that has no row; how many contents went."""
    if transaction.dialect == "postgresql":
        # Whoever inserts a row waits until the folder has been looked through.
        transaction.connection.execute(text("LOCK TABLE dougong_file IN SHARE ROW EXCLUSIVE MODE"))
    now = transaction.now
    stale = or_(
        and_(table.c.entity.is_(None), table.c.at < now - UNCLAIMED_FOR),
        table.c.removed_at < now - REMOVED_FOR,
    )
    transaction.connection.execute(delete(table).where(stale))
    wanted = set(transaction.connection.execute(select(table.c.sha256).distinct()).scalars())
    orphans = [digest for digest in store.digests() if digest not in wanted]
    for digest in orphans:
        store.remove(digest)
    for path in store.forsaken((now - UNCLAIMED_FOR).timestamp()):
        path.unlink(missing_ok=True)
    return len(orphans)


def too_large(row: FileRow, rule: FileRule) -> Message | None:
    """Why a kept file is too large for a field."""
    if row.size <= rule.largest:
        return None
    most = size_words(rule.largest)
    return say("“{name}” is larger than {most}.", name=row.name, most=most)
