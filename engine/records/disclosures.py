"""Looks at personal fields on their way into the audit.

Of one record a look is told once an hour for each person, of a list once an hour for each query. What was
told is known to the process, so that reading the same again asks the database nothing.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import sleep

from sqlalchemy.exc import SQLAlchemyError

from engine.access import audit
from engine.catalog import CompiledEntity
from engine.problems import Refused
from engine.records.disclosed import Disclosure, about_actor, personal_fields
from engine.records.query import Query
from engine.records.read import titles
from engine.records.select import Record
from engine.transaction import SYSTEM, Transaction
from engine.workspace import Workspace

EVENT = "personal_seen"
TOLD_EVERY = timedelta(hours=1)
KNOWN_AT_MOST = 20_000
WAITED_SECONDS = 0.25
"""So long an answer waits for its entry; longer than that it takes only while others write for long."""
TRIES = 3
LOG = logging.getLogger(__name__)

Key = tuple[object, ...]


class Disclosures:
    """Tells the audit who saw personal fields: one for an application, shared by its threads.

    The entries are written by a thread of their own, many at once if many come. An answer waits for its entry
    a moment only, and so is not held up by an import that writes for a minute.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._told: dict[Key, datetime] = {}
        self._waiting: list[tuple[Disclosure, threading.Event]] = []
        self._writing = False
        self._lock = threading.Lock()

    def record(
        self,
        transaction: Transaction,
        entity: CompiledEntity,
        record: Record,
        fields: Iterable[str] | None = None,
    ) -> None:
        """Tells that the actor saw a record, or these fields of it."""
        personal = personal_fields(transaction, entity)
        if not personal:
            return
        seen = personal.only(None if fields is None else frozenset(fields)).with_values(record)
        identity = record["id"]
        if not seen or not self._is_new(transaction, (entity.key, identity, seen)):
            return
        if identity in about_actor(transaction, entity, [identity]):
            return
        subject = titles(transaction, entity.key, [identity]).get(identity, "")
        self._tell(
            transaction,
            Disclosure(transaction.actor, transaction.now, entity.key, seen, identity, subject),
        )

    def records(
        self, transaction: Transaction, entity: CompiledEntity, records: Sequence[Record], query: Query
    ) -> None:
        """Tells that the actor saw these records in a list, with the fields that the query asked for."""
        personal = personal_fields(transaction, entity).only(query.fields)
        if not personal:
            return
        found = {record["id"]: fields for record in records if (fields := personal.with_values(record))}
        seen = tuple(sorted({name for fields in found.values() for name in fields}))
        asked = (query.filter, query.search, query.sort, query.view, query.after)
        if not seen or not self._is_new(transaction, (entity.key, asked, seen)):
            return
        others = len(found.keys() - about_actor(transaction, entity, list(found)))
        if others:
            at = transaction.now
            self._tell(transaction, Disclosure(transaction.actor, at, entity.key, seen, records=others))

    def groups(
        self, transaction: Transaction, reads: Iterable[tuple[str, str]], shown: int, query: Query
    ) -> None:
        """Tells that the actor saw so many groups of records by what these fields hold: (entity, field)."""
        for entity, name in sorted(set(reads)):
            compiled = transaction.catalog.entity(entity)
            seen = personal_fields(transaction, compiled).only(frozenset({name})).own
            asked = ("groups", query.filter, query.search, query.view)
            if seen and shown and self._is_new(transaction, (entity, asked, seen)):
                self._tell(
                    transaction, Disclosure(transaction.actor, transaction.now, entity, seen, records=shown)
                )

    def _is_new(self, transaction: Transaction, what: Key) -> bool:
        """Whether this was not told within the hour; then it counts as told."""
        actor, now = transaction.actor, transaction.now
        if actor.id is None:
            return False
        key = (actor.id, actor.viewer and actor.viewer.id, *what)
        with self._lock:
            if key in self._told and now - self._told[key] < TOLD_EVERY:
                return False
            if len(self._told) >= KNOWN_AT_MOST:
                self._told.clear()
            self._told[key] = now
        return True

    def _tell(self, transaction: Transaction, found: Disclosure) -> None:
        if transaction.connection.info.get("writing"):
            _write(transaction, found)
            return
        written = threading.Event()
        with self._lock:
            self._waiting.append((found, written))
            begin, self._writing = not self._writing, True
        if begin:
            # The process ends only after it: nothing is lost when the site is stopped.
            threading.Thread(target=self._write_all, name="disclosures", daemon=False).start()
        written.wait(WAITED_SECONDS)

    def _write_all(self) -> None:
        """Writes what waits, until nothing does."""
        while True:
            with self._lock:
                lot, self._waiting = self._waiting, []
                if not lot:
                    self._writing = False
                    return
            self._write_lot([found for found, _ in lot])
            for _, written in lot:
                written.set()

    def _write_lot(self, lot: Sequence[Disclosure]) -> None:
        for left in reversed(range(TRIES)):
            try:
                with self.workspace.writing(SYSTEM) as transaction:
                    for found in lot:
                        _write(transaction, found)
            except (SQLAlchemyError, Refused):
                LOG.exception("That %s people saw personal fields cannot be written down.", len(lot))
                if left:
                    sleep(1)
            else:
                return
        with self._lock:
            # Whoever looks again is told of again.
            self._told.clear()


def _write(transaction: Transaction, found: Disclosure) -> None:
    """Adds the entry, unless another process told the same within the hour."""
    then = replace(transaction, actor=found.actor, now=found.at)
    since = found.at - TOLD_EVERY
    if found.identity is None or not audit.told_since(
        then, EVENT, found.entity, found.identity, since, found.detail
    ):
        audit.record(
            then,
            EVENT,
            about=found.entity,
            identity=found.identity,
            subject=found.subject,
            detail=found.detail,
        )
