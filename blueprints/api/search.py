"""The search across all records, over HTTP."""

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.parameters import read_limit
from engine.problems import Malformed
from engine.records.best_hits import search_everywhere
from engine.text import say
from engine.transaction import Transaction


def get_search(transaction: Transaction) -> Answer:
    """`{"results": [{"entity", "label", "id", "title"}]}` for the words of `q`, in one `entity` or in all."""
    words, key = request.args.get("q", ""), request.args.get("entity")
    if not words.strip():
        raise Malformed(say("Say what to search for: q holds the words."))
    entities = None if key is None else [transaction.catalog.entity(key).key]
    limit = read_limit(request.args.get("limit", "20"))
    locale = transaction.actor.locale
    return Answer(
        {
            "results": [
                {
                    "entity": each.entity,
                    "label": transaction.catalog.entity(each.entity).definition.label.to(locale),
                    "id": each.id,
                    "title": each.title,
                }
                for each in search_everywhere(transaction, words, limit, entities)
            ]
        }
    )
