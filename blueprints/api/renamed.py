"""Programs that use names of before a renaming learn the new ones: entities by address, fields in words."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Request, request
from werkzeug.exceptions import HTTPException

from blueprints.api.answers import Answer
from engine.problems import InputRefused, Malformed, Problem
from engine.records.called_otherwise import called_otherwise, words_of
from engine.releases.former_names import entity_now, renamed_since
from engine.text import Message, say
from engine.transaction import Transaction

ASKED = ("sort", "fields")
"""Parameters in which fields are named."""


class MovedForGood(HTTPException):
    """What was asked for is at another address: 308, which keeps the method and the body."""

    code = 308

    def __init__(self, sentence: Message, address: str) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.address = address

    def get_headers(self, *_: Any) -> list[tuple[str, str]]:
        """Where it is."""
        return [("Location", self.address)]


def with_new_names(
    transaction: Transaction, path: Mapping[str, Any], answer: Callable[..., Answer]
) -> Answer:
    """The answer; MovedForGood for an entity, a better sentence for a field that is called otherwise now."""
    if "app" not in path or "entity" not in path:
        return answer(transaction, **path)
    key = f"{path['app']}.{path['entity']}"
    if key not in transaction.catalog.entities:
        _lead_on(transaction, key)
    try:
        return answer(transaction, **path)
    except InputRefused as refused:
        raise _in_other_words(transaction, key, refused) from refused
    except Malformed as refused:
        words = called_otherwise(transaction, transaction.catalog.entity(key), _asked(request))
        if not words:
            raise
        raise Malformed(next(iter(words.values()))) from refused


def _lead_on(transaction: Transaction, key: str) -> None:
    now = entity_now(transaction.connection, key)
    if now is None or now not in transaction.catalog.entities:
        return
    old, new = (f"/{each.replace('.', '/')}" for each in (key, now))
    since = renamed_since(transaction.connection, key)
    sentence = say("'{old}' is called '{new}' since release {release}.", old=key, new=now, release=since)
    raise MovedForGood(sentence, request.full_path.rstrip("?").replace(old, new, 1))


def _in_other_words(transaction: Transaction, key: str, refused: InputRefused) -> InputRefused:
    entity = transaction.catalog.entities.get(key)
    if entity is None:
        return refused
    named = {str(each.where): str(each.where).rpartition(".")[2] for each in refused.problems}
    asked = {where: _asked(request) for where in named if where in ASKED}
    words = called_otherwise(
        transaction, entity, {*named.values(), *(name for names in asked.values() for name in names)}
    )
    return InputRefused(
        Problem(
            each.where,
            next(
                (
                    words[name]
                    for name in (named[str(each.where)], *asked.get(str(each.where), ()))
                    if name in words
                ),
                each.message,
            ),
        )
        for each in refused.problems
    )


def _asked(request: Request) -> list[str]:
    return [word for name in ASKED for word in words_of(request.args.get(name, ""))]
