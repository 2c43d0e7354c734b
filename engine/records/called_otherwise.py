"""Names of fields that somebody still uses after a renaming: what they are called now, and since when."""

import re
from collections.abc import Iterable

from engine.access.field_policy import readable
from engine.catalog import CompiledEntity
from engine.releases.former_names import FIELD, former_names
from engine.text import Message, say
from engine.transaction import Transaction

WORD = re.compile(r"[^\W\d]\w*")


def called_otherwise(
    transaction: Transaction, entity: CompiledEntity, names: Iterable[str]
) -> dict[str, Message]:
    """A sentence for each of the names that a field had in an earlier release; only for what one may read."""
    unknown = [name for name in names if name not in entity.fields]
    if not unknown:
        return {}
    found, allowed = former_names(transaction.connection, entity.key), readable(transaction, entity)
    sentences = {}
    for name in unknown:
        now, since = found.now(FIELD, 0, name), found.since(FIELD, name)
        if now != name and now in allowed:
            sentences[name] = say(
                "'{old}' is called '{new}' since release {release}.", old=name, new=now, release=since
            )
    return sentences


def words_of(text: str) -> list[str]:
    """The names in a formula, in their order."""
    return list(dict.fromkeys(WORD.findall(text)))
