"""The keys of encrypted fields: outside of the database, while beside each value stands which one it needs.

A kept value is `1f0c9a2e:gAAAA…`: the id of its key, then a Fernet token (AES in CBC mode and HMAC-SHA256, as
the Fernet specification has it). The last key is the one that writes; the earlier ones still read.
"""

import os
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.exc import DontWrapMixin

from engine.problems import Refused
from engine.text import say

VARIABLE = "DOUGONG_FIELD_KEYS"
ID_LENGTH = 8
HIDDEN = "••••"
"""What stands for the value of an encrypted field where it must not be kept: in history, in the audit."""
KEPT = re.compile(rb"[0-9a-f]{8}:gAAAA[-_0-9A-Za-z]+={0,2}")


def key_id(key: str) -> str:
    """How a key is called: nothing of the key can be told from it."""
    return sha256(b"dougong field key " + key.encode()).hexdigest()[:ID_LENGTH]


def is_kept(value: bytes) -> bool:
    """Whether this is an encrypted value, as `encrypt` gives it."""
    return KEPT.fullmatch(value) is not None


def key_of(value: bytes) -> str:
    """The id of the key that opens an encrypted value, of which the beginning is enough."""
    return value[:ID_LENGTH].decode()


def _by_id(keys: Sequence[str], where: str) -> dict[str, Fernet]:
    try:
        return {key_id(key): Fernet(key) for key in keys}
    except ValueError as error:
        sentence = "{where} holds something that is no key. “dougong key rotate” makes one."
        raise KeyMissing(say(sentence, where=where)) from error


class KeyMissing(Refused, DontWrapMixin):
    """An encrypted value cannot be written or read, because its key is not there: HTTP 503."""


class FieldKeys:
    """The keys of a file, a line each, or those that are given; a file that has changed is read again."""

    def __init__(self, path: Path | None = None, given: Sequence[str] = ()) -> None:
        self.path = path
        self._given = tuple(given)
        self._read_at = -1
        self._keys = _by_id(self._given, VARIABLE)

    @property
    def where(self) -> str:
        """Where the keys are looked for, as people are told."""
        return VARIABLE if self._given or self.path is None else str(self.path)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys, the one that writes last."""
        return tuple(self._current())

    @property
    def newest(self) -> str:
        """The id of the key that writes; raises KeyMissing."""
        if not (found := self.ids):
            sentence = "There is no key for encrypted fields in {where}. “dougong key rotate” makes one."
            raise KeyMissing(say(sentence, where=self.where))
        return found[-1]

    def add(self) -> str:
        """Puts a new key, which writes from now on, behind those of the file, and gives its id."""
        if self._given or self.path is None:
            sentence = "The keys come from {where}: put a new one behind the others there, such as {key}"
            raise Refused(say(sentence, where=VARIABLE, key=Fernet.generate_key().decode()))
        key = Fernet.generate_key().decode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Added in one write behind what is there: of two that do it at once, no key is lost.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, f"{key}\n".encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            sentence = "The key cannot be written to “{path}”: {reason}."
            raise Refused(say(sentence, path=self.path, reason=error.strerror or error)) from error
        return key_id(key)

    def encrypt(self, plain: bytes) -> str:
        """The value as it is kept; raises KeyMissing."""
        newest = self.newest
        return f"{newest}:{self._keys[newest].encrypt(plain).decode()}"

    def decrypt(self, kept: str) -> bytes:
        """The value again; raises KeyMissing."""
        name, _, token = kept.partition(":")
        key = self._keys.get(name) or self._current().get(name)
        if key is None:
            sentence = (
                "A value is encrypted with the key {id}, which is not in {where}. Put that key back: nothing "
                "else opens the value."
            )
            raise KeyMissing(say(sentence, id=name, where=self.where))
        try:
            return key.decrypt(token.encode())
        except InvalidToken as error:
            sentence = "A value that is encrypted with the key {id} was damaged, or written by somebody else."
            raise KeyMissing(say(sentence, id=name)) from error

    def _current(self) -> Mapping[str, Fernet]:
        if self.path is None or self._given:
            return self._keys
        try:
            changed = self.path.stat().st_mtime_ns
        except OSError:
            return self._keys
        if changed != self._read_at:
            lines = self.path.read_text(encoding="ascii").split()
            self._keys, self._read_at = _by_id(lines, str(self.path)), changed
        return self._keys


NO_KEYS = FieldKeys()
"""For a database that was opened without keys."""
