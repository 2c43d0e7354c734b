"""Which passwords are accepted: long enough, and none that is tried first (NIST SP 800-63B-4, 3.1.1.2).

There are no rules about digits and signs: they make people choose what machines guess early.
"""

import re
import unicodedata
from collections.abc import Iterable

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from engine.problems import Problem
from engine.text import say

COMMON = frozenset(FREQUENCY_LISTS["passwords"])
"""30,000 passwords that were found in breaches, most used first."""
LONGEST = 256
"""Hashing more would give work to the server and no safety to anybody."""
ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normal(password: str) -> str:
    """The form in which a password is hashed: however a keyboard composes its letters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def weaknesses(password: str, about: Iterable[str], shortest: int) -> list[Problem]:
    """Everything that speaks against a password; `about` are the names of its person."""
    found = []
    if len(password) < shortest:
        found.append(say("A password has at least {length} characters.", length=shortest))
    if len(password) > LONGEST:
        found.append(say("A password has at most {length} characters.", length=LONGEST))
    plain = normal(password).casefold()
    if plain in COMMON or len(set(plain)) <= 2:
        found.append(say("This password is one of those that are guessed first. Take another one."))
    if ENDS.sub("", plain) in {each.casefold() for each in about if each} | {"dougong"}:
        found.append(say("A password is not the name of its person, nor that of the product."))
    return [Problem("password", each) for each in found]
