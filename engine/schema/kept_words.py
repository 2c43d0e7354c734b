"""Asking one record at a time whether its kept words hold a term: for lists that look at few in order.

The index answers for all records at once, which takes as long as there are hits. On SQLite a function reads
the words that are kept of a record; PostgreSQL asks the record's own tsvector.
"""

from collections.abc import Iterable
from functools import lru_cache

import orjson

from engine.schema.search_words import Term

ASKED_KEPT = 256
FUNCTION = "dougong_holds"


def asked_of_one(number: int, asked: Term, readable: Iterable[str]) -> str:
    """One term over the classes that may be read, for `holds`: JSON, a list of alternatives.

    >>> asked_of_one(7, Term(("ann",), True), ["o", "r1x"])
    '[[" 7oann"],[" 7r1xann"]]'
    """
    end = "" if asked.begins else " "
    return orjson.dumps(
        [[f" {number}{each}{word}{end}" for word in asked.words] for each in readable]
    ).decode()


def holds(words: str | None, asked: str) -> bool:
    """Whether the kept words of a record hold a term.

    >>> holds("7oann 7o740", '[[" 7oan"]]'), holds("7oann 7o740", '[[" 7oan "]]')
    (True, False)
    """
    if not words:
        return False
    padded = f" {words} "
    return any(all(each in padded for each in together) for together in _alternatives(asked))


@lru_cache(ASKED_KEPT)
def _alternatives(asked: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(each) for each in orjson.loads(asked))
