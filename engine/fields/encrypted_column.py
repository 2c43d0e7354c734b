"""The column of an encrypted field: what its own column would hold, as a text that only its key opens."""

from typing import Any

import orjson
from sqlalchemy import Dialect, Text, TypeDecorator
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

from engine.fields.encryption import NO_KEYS, FieldKeys

PLAIN = sqlite.dialect(
    json_serializer=lambda value: orjson.dumps(value, default=str).decode(), json_deserializer=orjson.loads
)
"""How a value is written before it is encrypted, on either database: as SQLite keeps it."""


class EncryptedColumn(TypeDecorator[Any]):
    """Encrypts what is written into a column of the type `inner`, and decrypts what is read out of it."""

    impl = Text
    cache_ok = True

    def __init__(self, inner: TypeEngine[Any]) -> None:
        super().__init__()
        self.inner = inner

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """What is kept; raises KeyMissing."""
        if value is None:
            return None
        bind = self.inner.dialect_impl(PLAIN).bind_processor(PLAIN)
        return keys_of(dialect).encrypt(orjson.dumps(bind(value) if bind else value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value of the field; raises KeyMissing."""
        if value is None:
            return None
        plain = orjson.loads(keys_of(dialect).decrypt(value))
        convert = self.inner.dialect_impl(PLAIN).result_processor(PLAIN, None)
        return convert(plain) if convert else plain


def lend_keys(dialect: Dialect, keys: FieldKeys) -> None:
    """Lets the encrypted columns of an open database use these keys.

    A column type sees of its database the dialect alone, and each open database has one of its own.
    """
    dialect.field_keys = keys  # type: ignore[attr-defined]


def keys_of(dialect: Dialect) -> FieldKeys:
    """The keys that were lent."""
    found: FieldKeys = getattr(dialect, "field_keys", NO_KEYS)
    return found
