"""The words of a text, as the full-text search keeps them and as people ask for them.

Chinese and Japanese are written without spaces: of such a run every two neighbouring characters are a word
(“请假单” → 请假, 假单), and the last one alone, so that each character begins some word. Everything else is
split at what is neither letter nor digit. Case, width and accents make no difference.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_WORD = 40
WORDS_AT_MOST = 2_000
"""How many different words of one record are kept."""
ASKED_AT_MOST = 8
"""How many words of a question count."""

_IDEOGRAPHS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(rf"[{_IDEOGRAPHS}]+|[^\W_{_IDEOGRAPHS}]+")
_ASCII_WORD = re.compile("[a-z0-9]+")
"""What `RUN` finds in a folded text of ASCII alone, found faster: most texts of an index are such."""
IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a question. A record has it when it has all `words`, or words that `begin` so."""

    words: tuple[str, ...]
    begins: bool


def folded(text: str) -> str:
    """The text without differences of case, width and accents.

    >>> folded("Ｃafé STRASSE")
    'cafe strasse'
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    if any(map(unicodedata.combining, apart)):
        apart = "".join(each for each in apart if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", apart)


def words_of(text: str) -> list[str]:
    """The words of a text, each once, in the order in which they come first.

    >>> words_of("请假单 Nº 740, request")
    ['请假', '假单', '单', 'no', '740', 'request']
    """
    if text.isascii():
        plain = dict.fromkeys(_ASCII_WORD.findall(text.lower()))
        return [word[:LONGEST_WORD] for word in plain][:WORDS_AT_MOST]
    found: dict[str, None] = {}
    for run in RUN.findall(folded(text)):
        if run.isascii():
            found[run[:LONGEST_WORD]] = None
        else:
            found.update(dict.fromkeys(_parts(run)))
        if len(found) >= WORDS_AT_MOST:
            break
    return list(found)[:WORDS_AT_MOST]


def terms_of(question: str) -> tuple[Term, ...]:
    """What is asked for: a word may be unfinished; a run of characters has all its pairs.

    >>> terms_of("Ann 海尔智")
    (Term(words=('ann',), begins=True), Term(words=('海尔', '尔智'), begins=False))
    >>> terms_of("张")
    (Term(words=('张',), begins=True),)
    """
    found: dict[Term, None] = {}
    for run in RUN.findall(folded(question)):
        if IDEOGRAPH.match(run) and len(run) > 1:
            found.setdefault(Term(tuple(dict.fromkeys(_parts(run)[:-1]))[:ASKED_AT_MOST], begins=False))
        else:
            found.setdefault(Term((run[:LONGEST_WORD],), begins=True))
    return tuple(found)[:ASKED_AT_MOST]


def _parts(run: str) -> Sequence[str]:
    if run.isascii() or not IDEOGRAPH.match(run):
        return (run[:LONGEST_WORD],)
    return [run[place : place + 2] for place in range(len(run))]
