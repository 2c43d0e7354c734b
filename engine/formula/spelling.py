"""The pass over the tokens of a formula that turns spreadsheet spellings into Python's.

It keeps for every piece where it came from, so that problems can be shown at their true place.
"""

import keyword
import re
from dataclasses import dataclass, field
from decimal import Decimal

from engine.formula.tokens import Token, Unreadable
from engine.text import say

MOST_CHARACTERS = 4_000
MOST_DEPTH = 50
KEYWORD_PREFIX = "_k_"
"""Put before words that Python keeps for itself, so that they can be names here."""
BETWEEN_OPERANDS = frozenset({"and", "or", "in", "if", "else", "for"})
FUNCTIONS_NAMED_LIKE_KEYWORDS = frozenset({"if", "and", "or", "not"})
VALUES = {"true": "True", "false": "False", "blank": "None", "null": "None", "none": "None"}
SPELLINGS = {"=": "==", "<>": "!="}
ESCAPES = {"n": "\n", "t": "\t"}
CLOSING = {"(": ")", "[": "]"}


@dataclass(slots=True)
class Piece:
    """A piece of Python, the place it came from, and its value if it is a number."""

    text: str
    offset: int
    number: Decimal | None = None


@dataclass(slots=True)
class _Bracket:
    """An open bracket: its character and place, where its present argument begins, whether it generates."""

    character: str
    offset: int
    operand: int
    argument: int
    generator: bool = False
    named: bool = False
    """Whether named arguments may follow, as after a generator."""


@dataclass(slots=True)
class _Spelling:
    """Turns tokens into pieces of Python."""

    pieces: list[Piece] = field(default_factory=list)
    brackets: list[_Bracket] = field(default_factory=list)
    operand: int = 0
    """The piece with which the present operand began: what a percent sign belongs to."""
    after_operand: bool = False

    @property
    def ends_early(self) -> bool:
        """Whether the last token wants something after it."""
        return bool(self.pieces) and not self.after_operand

    def put(self, text: str, offset: int, number: Decimal | None = None) -> None:
        self.pieces.append(Piece(text, offset, number))

    def begin_operand(self) -> None:
        if not (self.pieces and self.pieces[-1].text == "."):
            self.operand = len(self.pieces)
        self.after_operand = True

    def percent(self, offset: int) -> None:
        self.pieces[self.operand].text = "(" + self.pieces[self.operand].text
        self.put("*", offset)
        self.put("1", offset, Decimal("0.01"))
        self.put(")", offset)

    def open(self, token: Token) -> None:
        operand = self.operand if self.after_operand else len(self.pieces)
        if len(self.brackets) >= MOST_DEPTH:
            raise Unreadable(
                token.offset,
                say("A formula can be nested {most} brackets deep at most.", most=MOST_DEPTH),
            )
        self.put(token.text, token.offset)
        self.brackets.append(_Bracket(token.text, token.offset, operand, len(self.pieces)))
        self.after_operand = False

    def close(self, token: Token) -> None:
        if not self.brackets or CLOSING[self.brackets[-1].character] != token.text:
            raise Unreadable(
                token.offset, say("There is no open bracket for this “{text}”.", text=token.text)
            )
        bracket = self.brackets.pop()
        self.end_argument(bracket, token.offset)
        self.put(token.text, token.offset)
        self.operand, self.after_operand = bracket.operand, True

    def comma(self, token: Token) -> None:
        if self.brackets:
            self.end_argument(self.brackets[-1], token.offset)
        self.put(",", token.offset)
        if self.brackets:
            self.brackets[-1].argument = len(self.pieces)
        self.after_operand = False

    def end_argument(self, bracket: _Bracket, offset: int) -> None:
        """Python wants brackets around a generator that is not the only argument."""
        if bracket.generator:
            first = self.pieces[bracket.argument]
            first.text = "(" + first.text
            self.put(")", offset)
            bracket.generator, bracket.named = False, True


def spell(tokens: list[Token]) -> _Spelling:
    """The pieces of Python that the tokens mean."""
    spelling = _Spelling()
    if tokens and tokens[0].text == "=":
        tokens = tokens[1:]
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind == "name":
            _spell_name(spelling, token, following)
        elif token.kind == "number":
            if following and following.kind == "name" and following.offset == token.offset + len(token.text):
                raise Unreadable(
                    following.offset,
                    say("“{text}” is not a number.", text=token.text + following.text),
                )
            spelling.begin_operand()
            spelling.put("1", token.offset, Decimal(token.text))
        elif token.kind == "text":
            spelling.begin_operand()
            spelling.put(ascii(_unquoted(token.text)), token.offset)
        else:
            _spell_operator(spelling, token, following)
    if spelling.brackets:
        bracket = spelling.brackets[-1]
        raise Unreadable(bracket.offset, say("This “{text}” is never closed.", text=bracket.character))
    return spelling


def _spell_name(spelling: _Spelling, token: Token, following: Token | None) -> None:
    word = token.text.lower()
    opens = following is not None and following.text == "("
    after_point = bool(spelling.pieces) and spelling.pieces[-1].text == "."
    if after_point:
        spelling.begin_operand()
        spelling.put(
            KEYWORD_PREFIX + token.text if keyword.iskeyword(token.text) else token.text, token.offset
        )
    elif (
        word in FUNCTIONS_NAMED_LIKE_KEYWORDS
        and opens
        and not spelling.after_operand
        and (word != "not" or (following is not None and following.offset == token.offset + 3))
    ):
        spelling.begin_operand()
        spelling.put(KEYWORD_PREFIX + word, token.offset)
    elif word in BETWEEN_OPERANDS or word == "not":
        if word == "for" and spelling.brackets:
            spelling.brackets[-1].generator = True
        spelling.put(word, token.offset)
        spelling.after_operand = False
    elif word in VALUES:
        spelling.begin_operand()
        spelling.put(VALUES[word], token.offset)
    else:
        spelling.begin_operand()
        spelling.put(
            KEYWORD_PREFIX + token.text if keyword.iskeyword(token.text) else token.text, token.offset
        )


def _spell_operator(spelling: _Spelling, token: Token, following: Token | None) -> None:
    if token.text in "([":
        spelling.open(token)
    elif token.text in ")]":
        spelling.close(token)
    elif token.text == ",":
        spelling.comma(token)
    elif token.text == "%" and spelling.after_operand and not _begins_operand(following):
        spelling.percent(token.offset)
    elif token.text == "=" and _names_argument(spelling):
        spelling.put("=", token.offset)
        spelling.brackets[-1].argument = len(spelling.pieces)
        spelling.after_operand = False
    else:
        spelling.put(SPELLINGS.get(token.text, token.text), token.offset)
        spelling.after_operand = False


NAMED_ARGUMENTS = frozenset({"by", "on", "at"})


def _names_argument(spelling: _Spelling) -> bool:
    """Whether `=` follows the name of an argument: `by=`, `on=`, `at=` at the beginning of an argument."""
    if not spelling.brackets or spelling.brackets[-1].generator:
        return False
    bracket = spelling.brackets[-1]
    begins = bracket.argument == len(spelling.pieces) - 1
    return begins and (bracket.named or spelling.pieces[-1].text in NAMED_ARGUMENTS)


def _begins_operand(token: Token | None) -> bool:
    """Whether an operand follows a percent sign, so that it means the remainder of a division."""
    if token is None:
        return False
    if token.kind == "name":
        return token.text.lower() not in BETWEEN_OPERANDS and token.text.lower() != "not"
    return token.kind in {"number", "text"} or token.text in {"(", "["}


def _unquoted(literal: str) -> str:
    quote = literal[0]
    inner = literal[1:-1].replace(quote * 2, quote)
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), inner, flags=re.DOTALL)
