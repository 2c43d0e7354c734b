"""Text → Python syntax tree. A pass over the tokens first turns spreadsheet spellings into Python's and
keeps for every character where it came from, so that problems can be shown at their true place.
"""

import ast
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.text import Message, say

MOST_CHARACTERS = 4_000
MOST_NODES = 500
MOST_DEPTH = 50
MOST_LITERAL_DIGITS = 30

KEYWORD_PREFIX = "_k_"
"""Put before words that Python keeps for itself, so that they can be names here."""
TOKEN = re.compile(
    r"""(?P<space>[\s\u00a0\u3000]+)
    |(?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.|'')*')
    |(?P<operator>\*\*|<=|>=|<>|!=|==|[-+*/%&=<>(),.\[\]])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
BETWEEN_OPERANDS = frozenset({"and", "or", "in", "if", "else", "for"})
FUNCTIONS_NAMED_LIKE_KEYWORDS = frozenset({"if", "and", "or", "not"})
VALUES = {"true": "True", "false": "False", "blank": "None", "null": "None", "none": "None"}
SPELLINGS = {"=": "==", "<>": "!="}
ESCAPES = {"n": "\n", "t": "\t"}
FULL_WIDTH = {
    "（": "(", "）": ")", "，": ",", "＝": "=", "＋": "+", "－": "-", "×": "*", "÷": "/",
    "“": '"', "”": '"', "‘": "'", "’": "'", "。": ".", "《": "<", "》": ">", "≤": "<=", "≥": ">=",
    "≠": "!=", "；": ",", ";": ",", "：": ":", "^": "**", "|": "or", "!": "not",
}  # fmt: skip
CLOSING = {"(": ")", "[": "]"}


class Unreadable(Exception):
    """The text is no formula; `offset` is where that shows."""

    def __init__(self, offset: int, message: Message) -> None:
        self.offset, self.message = offset, message
        super().__init__(str(message))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A syntax tree, the text it was made from, and for each of its characters the original offset."""

    tree: ast.expr
    offsets: tuple[int, ...]
    numbers: Mapping[int, Decimal]

    def offset_of(self, node: ast.AST) -> int:
        """The offset in the original text of the first character of `node`."""
        return self.offsets[min(getattr(node, "col_offset", 0), len(self.offsets) - 1)]

    def offset_of_attribute(self, node: ast.Attribute) -> int:
        """The offset of the name after the point."""
        end = node.end_col_offset or 0
        return self.offsets[min(max(end - len(node.attr), 0), len(self.offsets) - 1)]

    def number_of(self, node: ast.Constant) -> Decimal:
        """A literal number exactly as it was written."""
        return self.numbers[node.col_offset]


@dataclass(slots=True)
class _Piece:
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
class _Token:
    kind: str
    text: str
    offset: int


@dataclass(slots=True)
class _Spelling:
    """Turns tokens into pieces of Python."""

    pieces: list[_Piece] = field(default_factory=list)
    brackets: list[_Bracket] = field(default_factory=list)
    operand: int = 0
    """The piece with which the present operand began: what a percent sign belongs to."""
    after_operand: bool = False

    @property
    def ends_early(self) -> bool:
        """Whether the last token wants something after it."""
        return bool(self.pieces) and not self.after_operand

    def put(self, text: str, offset: int, number: Decimal | None = None) -> None:
        self.pieces.append(_Piece(text, offset, number))

    def begin_operand(self) -> None:
        if not (self.pieces and self.pieces[-1].text == "."):
            self.operand = len(self.pieces)
        self.after_operand = True

    def percent(self, offset: int) -> None:
        self.pieces[self.operand].text = "(" + self.pieces[self.operand].text
        self.put("*", offset)
        self.put("1", offset, Decimal("0.01"))
        self.put(")", offset)

    def open(self, token: _Token) -> None:
        operand = self.operand if self.after_operand else len(self.pieces)
        if len(self.brackets) >= MOST_DEPTH:
            raise Unreadable(
                token.offset,
                say("A formula can be nested {most} brackets deep at most.", most=MOST_DEPTH),
            )
        self.put(token.text, token.offset)
        self.brackets.append(_Bracket(token.text, token.offset, operand, len(self.pieces)))
        self.after_operand = False

    def close(self, token: _Token) -> None:
        if not self.brackets or CLOSING[self.brackets[-1].character] != token.text:
            raise Unreadable(
                token.offset, say("There is no open bracket for this “{text}”.", text=token.text)
            )
        bracket = self.brackets.pop()
        self.end_argument(bracket, token.offset)
        self.put(token.text, token.offset)
        self.operand, self.after_operand = bracket.operand, True

    def comma(self, token: _Token) -> None:
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


def parse(text: str) -> Parsed:
    """The syntax tree of a formula; raises Unreadable."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(
            MOST_CHARACTERS,
            say(
                "A formula can have {most} characters at most; this one has {length}.",
                most=MOST_CHARACTERS,
                length=len(text),
            ),
        )
    spelling = _spell(list(_tokens(text)))
    source, offsets, numbers = _assemble(spelling.pieces, len(text))
    if not source:
        raise Unreadable(0, say("The formula is empty."))
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        if "expected 'else'" in error.msg:
            raise Unreadable(
                offsets[(error.offset or 1) - 1], say("After `if` between values comes `else`: a if b else c.")
            ) from error
        if spelling.ends_early or (error.offset or 1) > len(source):
            raise Unreadable(len(text), say("The formula ends where something more is expected.")) from error
        raise _unexpected(text, offsets[min((error.offset or 1) - 1, len(offsets) - 1)]) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise Unreadable(0, say("This formula is nested too deeply.")) from error
    _measure(tree, offsets)
    return Parsed(tree, offsets, numbers)


def plain_name(identifier: str) -> str:
    """A name as it was written, for an identifier of the syntax tree."""
    return identifier.removeprefix(KEYWORD_PREFIX)


def _tokens(text: str) -> Iterator[_Token]:
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
        yield _Token(kind, word, offset)


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


def _spell(tokens: list[_Token]) -> _Spelling:
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


def _spell_name(spelling: _Spelling, token: _Token, following: _Token | None) -> None:
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


def _spell_operator(spelling: _Spelling, token: _Token, following: _Token | None) -> None:
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


def _begins_operand(token: _Token | None) -> bool:
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


def _assemble(pieces: list[_Piece], length: int) -> tuple[str, tuple[int, ...], dict[int, Decimal]]:
    text: list[str] = []
    offsets: list[int] = []
    numbers: dict[int, Decimal] = {}
    for piece in pieces:
        if piece.number is not None:
            numbers[len(offsets) + piece.text.count("(")] = piece.number
        text.append(piece.text + " ")
        offsets.extend([piece.offset] * (len(piece.text) + 1))
    offsets.append(length)
    return "".join(text), tuple(offsets), numbers


def _unexpected(text: str, offset: int) -> Unreadable:
    rest = text[offset:].strip()
    shown = rest if len(rest) <= 20 else rest[:20] + "…"
    return Unreadable(offset, say("“{text}” is not expected here.", text=shown))


def _measure(tree: ast.expr, offsets: tuple[int, ...]) -> None:
    """Refuses trees that are too large or too deep, before anything walks them recursively."""
    count = 0
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        count += isinstance(node, (ast.expr, ast.comprehension))
        at = offsets[min(getattr(node, "col_offset", 0), len(offsets) - 1)]
        if count > MOST_NODES:
            raise Unreadable(at, say("A formula can have {most} parts at most.", most=MOST_NODES))
        if depth > MOST_DEPTH:
            raise Unreadable(at, say("A formula can be nested {most} levels deep at most.", most=MOST_DEPTH))
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
