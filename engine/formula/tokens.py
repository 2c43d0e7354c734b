"""The words, numbers, texts and signs of a formula, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.text import Message, say

MOST_LITERAL_DIGITS = 30
TOKEN = re.compile(
    r"""(?P<space>[\s\u00a0\u3000]+)
    |(?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.|'')*')
    |(?P<operator>\*\*|<=|>=|<>|!=|==|[-+*/%&=<>(),.\[\]])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


FULL_WIDTH = {
    "（": "(",
    "）": ")",
    "，": ",",
    "＝": "=",
    "＋": "+",
    "－": "-",
    "×": "*",
    "÷": "/",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "。": ".",
    "《": "<",
    "》": ">",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "；": ",",
    ";": ",",
    "：": ":",
    "^": "**",
    "|": "or",
    "!": "not",
}


class Unreadable(Exception):
    """The text is no formula; `offset` is where that shows."""

    def __init__(self, offset: int, message: Message) -> None:
        self.offset, self.message = offset, message
        super().__init__(str(message))


@dataclass(slots=True)
class Token:
    """A word, number, text or sign: its kind is name, number, text or operator."""

    kind: str
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """The words, numbers, texts and signs of a formula; raises Unreadable for anything else."""
    for match in TOKEN.finditer(text):
        kind, word, offset = match.lastgroup or "", match[0], match.start()
        if kind == "space":
            continue
        if kind == "other":
            raise Unreadable(offset, _no_part(word))
        if kind == "name" and word.startswith("_"):
            raise Unreadable(offset, say("A name cannot begin with “_”: “{name}”.", name=word))
        if kind == "number" and len(word) > MOST_LITERAL_DIGITS:
            raise Unreadable(
                offset, say("A number can be written with {most} digits at most.", most=MOST_LITERAL_DIGITS)
            )
        yield Token(kind, word, offset)


def _no_part(character: str) -> Message:
    if character in "\"'":
        return say("This text is never closed: a {quote} is missing.", quote=character)
    if character in FULL_WIDTH:
        return say(
            "“{character}” is not part of the formula language; write {instead}.",
            character=character,
            instead=FULL_WIDTH[character],
        )
    return say("“{character}” is not part of the formula language.", character=character)
