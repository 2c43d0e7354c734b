r"""Regular expressions that take time linear in the text, whatever an analyst writes.

The expression becomes a small program (one instruction a character set, with forks and jumps), and all its
threads advance together, one character at a time: there is no backtracking that a text could drive up.
Known are literals, `.`, classes such as `[A-Z0-9_]`, `\d \w \s` and their opposites, groups, `|`, and the
repetitions `* + ? {2} {2,} {2,5}`. A pattern describes the whole text, as if between `^` and `$`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

LONGEST_PROGRAM = 1_000
DEEPEST_GROUP = 20
MOST_REPETITIONS = 255
"""PostgreSQL counts no further."""
REPETITION = re.compile(r"\{([0-9]{1,4})(,([0-9]{0,4}))?\}")

CLASSES: dict[str, tuple[tuple[str, str], ...]] = {
    "d": (("0", "9"),),
    "w": (("a", "z"), ("A", "Z"), ("0", "9"), ("_", "_")),
    "s": ((" ", " "), ("\t", "\r"), ("\u3000", "\u3000")),
}
CONTROL = {"t": "\t", "n": "\n", "r": "\r"}


class PatternRefused(Exception):
    """The expression cannot be used; `position` counts its characters from 1."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"character {position}")


@dataclass(frozen=True, slots=True)
class Characters:
    """A set of characters, as ranges."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def has(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) is not self.negated


@dataclass(frozen=True, slots=True)
class Fork:
    """Goes on at each of these distances."""

    distances: tuple[int, ...]


Program = tuple[Characters | Fork, ...]

ANY = Characters((("\n", "\n"),), negated=True)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled expression; `text` is as it was written."""

    text: str
    program: Program

    def matches(self, text: str) -> bool:
        """Whether the whole text is as the pattern describes."""
        threads = self._reached([0])
        for character in text:
            threads = self._reached(
                [at + 1 for at in threads if at < len(self.program) and self._takes(at, character)]
            )
            if not threads:
                return False
        return len(self.program) in threads

    def _takes(self, at: int, character: str) -> bool:
        instruction = self.program[at]
        return isinstance(instruction, Characters) and instruction.has(character)

    def _reached(self, starts: Sequence[int]) -> set[int]:
        reached: set[int] = set()
        waiting = list(starts)
        while waiting:
            at = waiting.pop()
            if at in reached:
                continue
            reached.add(at)
            instruction = self.program[at] if at < len(self.program) else None
            if isinstance(instruction, Fork):
                waiting += [at + distance for distance in instruction.distances]
        return reached


def compile_pattern(text: str) -> Pattern:
    """The pattern of an expression; raises PatternRefused at the first character that cannot be used."""
    reader = _Reader(_without_anchors(text))
    program = reader.alternatives(0)
    if reader.at < len(reader.text):
        raise reader.refused()
    return Pattern(text, program)


def json_schema_pattern(text: str) -> str:
    """The expression as JSON Schema takes it, where one without anchors may be found anywhere in the text."""
    body = _without_anchors(text)
    if _has_alternatives(body):
        return f"^(?:{body})$"
    begins = body.startswith(".*")
    ends = len(body) > 2 and body.endswith(".*") and not body.endswith("\\.*")
    return ("" if begins else "^") + body[2 if begins else 0 : -2 if ends else None] + ("" if ends else "$")


def whole_text_pattern(text: str) -> str:
    """The opposite way: an expression of JSON Schema as one of the whole text."""
    begins, ends = text.startswith("^"), text.endswith("$") and not text.endswith("\\$")
    body = _without_anchors(text)
    if begins and ends:
        # `^a|b$` is “begins with a, or ends with b”: that is not what its author can have meant.
        return body
    inner = f"(?:{body})" if _has_alternatives(body) else body
    return ("" if begins else ".*") + inner + ("" if ends else ".*")


def postgresql_pattern(text: str) -> str:
    """The same expression as PostgreSQL reads it, whose classes, dots and limits differ."""
    compile_pattern(text)
    reader, found = _Reader(_without_anchors(text)), ""
    while reader.peek():
        character = reader.peek()
        counted = REPETITION.match(reader.text, reader.at)
        if counted:
            if any(each and int(each) > MOST_REPETITIONS for each in (counted[1], counted[3])):
                raise reader.refused()
            found, reader.at = found + counted[0], counted.end()
        elif character in "()|*+?":
            group = "(?:" if character == "(" else character
            reader.at += 3 if reader.text.startswith("(?:", reader.at) else 1
            found += group
        else:
            (characters,) = reader.atom(0)
            assert isinstance(characters, Characters)
            found += _postgresql_set(characters)
    return f"^(?:{found})$"


def _postgresql_set(characters: Characters) -> str:
    ranges = "".join(f"\\U{ord(low):08x}-\\U{ord(high):08x}" for low, high in characters.ranges)
    return f"[{'^' if characters.negated else ''}{ranges}]"


def _without_anchors(text: str) -> str:
    end = -1 if text.endswith("$") and not text.endswith("\\$") else None
    return text[1 if text.startswith("^") else 0 : end]


def _has_alternatives(text: str) -> bool:
    """Whether a `|` stands outside of all groups and sets."""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "", text, flags=re.DOTALL)
    depth = 0
    for character in bare:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and depth == 0:
            return True
    return False


def _repeated(part: Program, least: int, most: int | None) -> Program:
    """`part` so many times; `most` is None where there is no end."""
    if most is None:
        endless = (Fork((1, len(part) + 2)), *part, Fork((-len(part) - 1,)))
        return (*part * least, *endless)
    optional: Program = ()
    for _ in range(most - least):
        optional = (Fork((1, len(part) + len(optional) + 1)), *part, *optional)
    return (*part * least, *optional)


def _either(parts: Sequence[Program]) -> Program:
    """One of the parts."""
    program = parts[-1]
    for part in reversed(parts[:-1]):
        program = (Fork((1, len(part) + 2)), *part, Fork((len(program) + 1,)), *program)
    return program


class _Reader:
    """Where in an expression we are."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def refused(self, at: int | None = None) -> PatternRefused:
        return PatternRefused((self.at if at is None else at) + 1)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise self.refused()
        self.at += 1
        return character

    def alternatives(self, depth: int) -> Program:
        if depth > DEEPEST_GROUP:
            raise self.refused()
        parts = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.sequence(depth))
        return _either(parts)

    def sequence(self, depth: int) -> Program:
        parts: list[Program] = []
        while self.peek() not in {"", "|", ")"}:
            begin = self.at
            parts.append(self.repetition(self.atom(depth)))
            if sum(map(len, parts)) > LONGEST_PROGRAM:
                raise self.refused(begin)
        return tuple(chain.from_iterable(parts))

    def repetition(self, part: Program) -> Program:
        begin, mark = self.at, self.peek()
        counted = REPETITION.match(self.text, self.at)
        if counted:
            self.at = counted.end()
            least = int(counted[1])
            most = least if counted[2] is None else int(counted[3]) if counted[3] else None
        elif mark and mark in "*+?":
            self.at += 1
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        else:
            return part
        long = (least if most is None else most) * len(part) > LONGEST_PROGRAM
        if long or (most is not None and most < least) or (self.peek() and self.peek() in "*+?{"):
            raise self.refused(begin)
        return _repeated(part, least, most)

    def atom(self, depth: int) -> Program:
        begin, character = self.at, self.take()
        if character == "(":
            if self.text.startswith("?:", self.at):
                self.at += 2
            inner = self.alternatives(depth + 1)
            if self.peek() != ")":
                raise self.refused(begin)
            self.at += 1
            return inner
        if character == "[":
            return (self.set(begin),)
        if character == ".":
            return (ANY,)
        if character == "\\":
            return (self.escape(),)
        if character in "*+?{}^$)]":
            raise self.refused(begin)
        return (Characters(((character, character),)),)

    def escape(self) -> Characters:
        """What follows a backslash."""
        begin, character = self.at, self.take()
        if character.lower() in CLASSES:
            return Characters(CLASSES[character.lower()], negated=character.isupper())
        if character.isalnum() and character not in CONTROL:
            raise self.refused(begin - 1)
        literal = CONTROL.get(character, character)
        return Characters(((literal, literal),))

    def set(self, begin: int) -> Characters:
        """The rest of `[…]`."""
        negated = self.peek() == "^"
        self.at += negated
        ranges: list[tuple[str, str]] = []
        while self.peek() != "]" or not ranges:
            low = self.member()
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in {"]", ""} and len(low) == 1:
                self.at += 1
                high = self.member()
                if (
                    len(high) != 1
                    or low[0][0] != low[0][1]
                    or high[0][0] != high[0][1]
                    or high[0][0] < low[0][0]
                ):
                    raise self.refused(begin)
                low = ((low[0][0], high[0][0]),)
            ranges += low
        self.at += 1
        return Characters(tuple(ranges), negated)

    def member(self) -> tuple[tuple[str, str], ...]:
        """One character of a set, or a class in it."""
        begin, character = self.at, self.take()
        if character != "\\":
            return ((character, character),)
        escaped = self.escape()
        if escaped.negated:
            raise self.refused(begin)
        return escaped.ranges
