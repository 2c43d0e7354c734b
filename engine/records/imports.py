"""Files that people import in a page: kept until they are done, tried out, written, and undone as one act."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.access.field_policy import writable
from engine.access.policy import may
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.encrypted_column import keys_of
from engine.fields.encryption import HIDDEN, is_kept
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Problem, Refused
from engine.records import exchange
from engine.records.exchange import RefusedRow
from engine.records.history import stored_json
from engine.records.named import Titles
from engine.records.saved_rows import linked_ids, stored_values
from engine.records.sheet import Sheet
from engine.records.workbook import read_file
from engine.records.write import create as create_record
from engine.records.write import update as update_record
from engine.schema.system_tables import import_file, import_row
from engine.text import say
from engine.transaction import Transaction

LONGEST_NAME = 200
PROGRESS_EACH = 50
SHOWN_AT_MOST = 20

Delete = Callable[[Transaction, str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file that somebody imports. `columns`: for each of its columns a field, or None: not read."""

    id: int
    entity: str
    name: str
    at: datetime
    columns: tuple[str | None, ...]
    done_at: datetime | None
    undone_at: datetime | None
    created: int = 0
    updated: int = 0


@dataclass(slots=True)
class Outcome:
    """How far an import is, and at its end what it did. `written` are the ids, `total` all rows."""

    total: int
    done: int = 0
    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def keep_file(transaction: Transaction, key: str, name: str, content: bytes) -> int:
    """Keeps a file to be imported, with a guess of what its columns mean. NotAllowed, Malformed."""
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "create", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    sheet = read_file(content)
    # Files that were left lying are not kept for ever.
    mine = (import_file.c.entity == key, import_file.c.by == transaction.actor.id)
    transaction.connection.execute(delete(import_file).where(*mine, import_file.c.done_at.is_(None)))
    made = transaction.connection.execute(
        insert(import_file).values(
            entity=key, by=transaction.actor.id, at=transaction.now, name=name[:LONGEST_NAME],
            content=_locked(transaction, entity, content), columns=guess(transaction, entity, sheet.header),
        )
    )  # fmt: skip
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def _locked(transaction: Transaction, entity: CompiledEntity, content: bytes) -> bytes:
    """The file as it is kept: encrypted where values of encrypted fields may be in it."""
    if not any(each.encrypted for each in entity.fields.values()):
        return content
    return keys_of(transaction.connection.dialect).encrypt(content).encode()


def _unlocked(transaction: Transaction, content: bytes) -> bytes:
    if not is_kept(content):
        return content
    return keys_of(transaction.connection.dialect).decrypt(content.decode())


def importable(transaction: Transaction, entity: CompiledEntity) -> list[CompiledField]:
    """The fields that a column can fill; the id recognises records that are changed."""
    allowed = writable(transaction, entity)
    return [
        each
        for name, each in exchange.named_fields(transaction, entity).items()
        if name == "id" or (name in allowed and not exchange.is_kept(entity, each))
    ]


def guess(transaction: Transaction, entity: CompiledEntity, header: Sequence[str]) -> list[str | None]:
    """For each column the field it seems to mean: by its name, or its label in any language."""
    names = exchange.column_names(transaction, entity)
    known = {each.name for each in importable(transaction, entity)}
    found: list[str | None] = []
    for text in header:
        plain = text.strip().rstrip("*").strip().casefold()
        options = [each.name for each in names.get(plain, ()) or names.get(plain.replace(" ", "_"), ())]
        fits = [name for name in options if name in known and name not in found]
        found.append(fits[0] if len(fits) == 1 else None)
    return found


def opened(transaction: Transaction, key: str, identity: int) -> tuple[ImportFile, Sheet | None]:
    """A file of the actor's, with its cells as long as it is not done. NotFound."""
    row = transaction.connection.execute(
        select(import_file).where(
            import_file.c.id == identity,
            import_file.c.entity == key,
            import_file.c.by == transaction.actor.id,
        )
    ).first()
    if row is None:
        raise NotFound(say("You have no import {id} here.", id=identity))
    content = _unlocked(transaction, row.content) if row.content is not None else None
    return _file(transaction, row), read_file(content) if content is not None else None


def _not_imported(transaction: Transaction, key: str, identity: int) -> tuple[ImportFile, Sheet]:
    found, sheet = opened(transaction, key, identity)
    if sheet is None:
        raise NotPossible(say("This file was imported already."))
    return found, sheet


def past_imports(transaction: Transaction, key: str) -> list[ImportFile]:
    """What the actor imported, newest first."""
    rows = transaction.connection.execute(
        select(import_file)
        .where(
            import_file.c.entity == key,
            import_file.c.by == transaction.actor.id,
            import_file.c.done_at.is_not(None),
        )
        .order_by(import_file.c.id.desc())
        .limit(SHOWN_AT_MOST)
    )
    return [_file(transaction, row) for row in rows]


def _file(transaction: Transaction, row: Any) -> ImportFile:
    written = transaction.connection.execute(
        select(import_row.c.before.is_(None)).where(import_row.c.import_id == row.id)
    ).scalars()
    new = [bool(each) for each in written]
    return ImportFile(
        row.id, row.entity, row.name, row.at, tuple(row.columns), row.done_at, row.undone_at,
        created=sum(new), updated=len(new) - sum(new),
    )  # fmt: skip


def choose_columns(transaction: Transaction, key: str, identity: int, columns: Sequence[str | None]) -> None:
    """Keeps what the columns of a file mean; InputRefused where that cannot be."""
    found, sheet = _not_imported(transaction, key, identity)
    entity = transaction.catalog.entity(key)
    known = {each.name for each in importable(transaction, entity)}
    problems = []
    chosen = [*columns, *[None] * len(sheet.header)][: len(sheet.header)]
    for place, name in enumerate(chosen):
        if name is None:
            continue
        if name not in known:
            sentence = say("{entity} has no field '{name}'.", entity=entity.definition.label, name=name)
            problems.append(Problem(f"column-{place}", sentence))
        elif name in chosen[:place]:
            words = entity.fields[name].definition.label
            problems.append(Problem(f"column-{place}", say("Two columns are for {field}.", field=words)))
    if not any(chosen):
        problems.append(Problem("column-0", say("Say for at least one column what it holds.")))
    if problems:
        raise InputRefused(problems)
    transaction.connection.execute(
        update(import_file).where(import_file.c.id == found.id).values(columns=chosen)
    )


def write_rows(transaction: Transaction, key: str, identity: int) -> Iterator[Outcome]:
    """Writes the rows of a file one by one, each in a savepoint, and tells every so often how far it is.

    What was written is remembered, so that it can be undone.
    """
    found, sheet = _not_imported(transaction, key, identity)
    entity = transaction.catalog.entity(key)
    fields = [None if name is None else entity.fields[name] for name in found.columns]
    titles = Titles(transaction)
    parsed = exchange.parsed_rows(transaction, entity, fields, sheet, titles)
    outcome = Outcome(len(parsed))
    for number, values, problems in parsed:
        row_id = values.pop("id", None)
        wrong = [*problems, *exchange.resolve(transaction, entity, titles, values)]
        if not wrong:
            wrong = _write(transaction, entity, found.id, row_id, values, outcome)
        if wrong:
            outcome.refused.append(RefusedRow(number, tuple(wrong)))
        outcome.done += 1
        if outcome.done % PROGRESS_EACH == 0:
            yield outcome
    yield outcome


def finish(transaction: Transaction, identity: int) -> None:
    """The import stands; its file is no longer needed."""
    transaction.connection.execute(
        update(import_file).where(import_file.c.id == identity).values(done_at=transaction.now, content=None)
    )


def undo(transaction: Transaction, key: str, identity: int, remove: Delete) -> int:
    """Takes a whole import back: new records are deleted, changed ones get their former values.

    Gives how many records. InputRefused, and nothing is undone, where a record was changed since or cannot
    be deleted; each problem names its record.
    """
    found, _ = opened(transaction, key, identity)
    if found.done_at is None or found.undone_at is not None:
        raise NotPossible(say("There is nothing to undo: this import did not happen, or was undone already."))
    rows = transaction.connection.execute(
        select(import_row).where(import_row.c.import_id == identity).order_by(import_row.c.record_id.desc())
    ).all()
    problems = []
    entity = transaction.catalog.entity(key)
    for row in rows:
        unknown = [
            name for name in row.before or () if name in entity.fields and entity.fields[name].encrypted
        ]
        if unknown:
            label = entity.fields[unknown[0]].definition.label
            sentence = say("{field} is encrypted; what it held is not kept.", field=label)
            problems.append(Problem(f"#{row.record_id}", sentence))
            continue
        try:
            with transaction.connection.begin_nested():
                if row.before is None:
                    remove(transaction, key, row.record_id, row.revision)
                else:
                    update_record(transaction, key, row.record_id, row.before, row.revision)
        except InputRefused as refused:
            problems += [Problem(f"#{row.record_id}", each.message) for each in refused.problems]
        except Refused as refused:
            problems.append(Problem(f"#{row.record_id}", refused.message))
    if problems:
        raise InputRefused(problems)
    transaction.connection.execute(
        update(import_file).where(import_file.c.id == identity).values(undone_at=transaction.now)
    )
    return len(rows)


def _write(
    transaction: Transaction,
    entity: CompiledEntity,
    file: int,
    row_id: int | None,
    values: dict[str, Any],
    outcome: Outcome,
) -> list[Problem]:
    """Writes a row in a savepoint of its own; what refuses it comes back."""
    before = None
    try:
        with transaction.connection.begin_nested():
            if row_id is None:
                given = {name: each for name, each in values.items() if each is not None}
                row_id = create_record(transaction, entity.key, given)
                outcome.created.append(row_id)
            else:
                before = _before(transaction, entity, row_id, values)
                update_record(transaction, entity.key, row_id, values)
                outcome.updated.append(row_id)
            revision = stored_values(transaction, entity, row_id)["revision"]
            transaction.connection.execute(
                insert(import_row).values(import_id=file, record_id=row_id, revision=revision, before=before)
            )
    except InputRefused as refused:
        return list(refused.problems)
    except Refused as refused:
        return [Problem("", refused.message)]
    return []


def _before(
    transaction: Transaction, entity: CompiledEntity, identity: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """What the fields held that a row changes, as JSON."""
    saved = stored_values(transaction, entity, identity)
    return {
        name: list(linked_ids(transaction, entity, name, identity))
        if name in entity.many
        else HIDDEN
        if name in entity.fields and entity.fields[name].encrypted
        else stored_json(entity.fields[name], saved.get(name))
        for name in values
    }
