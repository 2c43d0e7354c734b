"""Text → Python syntax tree, with the place of every part in the text, within limits."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.formula.spelling import (
    KEYWORD_PREFIX,
    MOST_CHARACTERS,
    MOST_DEPTH,
    Piece,
    spell,
)
from engine.formula.tokens import Unreadable, tokens
from engine.text import say

MOST_NODES = 500


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
    spelling = spell(list(tokens(text)))
    source, offsets, numbers = _assemble(spelling.pieces, len(text))
    if not source:
        raise Unreadable(0, say("The formula is empty."))
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        if "expected 'else'" in error.msg:
            raise Unreadable(
                offsets[(error.offset or 1) - 1],
                say("After `if` between values comes `else`: a if b else c."),
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


def _assemble(pieces: list[Piece], length: int) -> tuple[str, tuple[int, ...], dict[int, Decimal]]:
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
