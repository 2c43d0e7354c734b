"""What can be wrong: findings about a definition or an input; an error for each thing a caller handles."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from engine.text import Message, Text, say


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a definition file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding: where (a Place, or the path of an input such as `lines[2].quantity`) and a sentence."""

    where: Place | str
    message: Message | Text

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else str(self.message)


def beneath(path: str, problem: Problem) -> Problem:
    """The problem of a part, at its place in the whole: `quantity` beneath `lines[2]`."""
    return Problem(f"{path}.{problem.where}" if problem.where else path, problem.message)


class DefinitionRefused(Exception):
    """Definitions have problems; nothing was published."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class InputRefused(Exception):
    """Values that were sent are not valid; nothing was written: HTTP 422."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Refused(Exception):
    """What was asked for is answered with one sentence instead."""

    def __init__(self, message: Message | Text) -> None:
        self.message = message
        super().__init__(str(message))


class ReleaseChanged(Exception):
    """Something was published while this was read; nothing was written, begin again: HTTP 503."""

    def __init__(self) -> None:
        self.message = say("The application was published anew at this moment; please try again.")
        super().__init__(str(self.message))


class Malformed(Refused):
    """The request itself cannot be read: HTTP 400."""


class NotAllowed(Refused):
    """No rule gives this right; the message names what is missing: HTTP 403."""


class NotFound(Refused):
    """There is no such record, or it may not be seen: HTTP 404."""


class NotPossible(Refused):
    """Not possible in the present state of the record, such as its stage: HTTP 409."""


class Stale(Refused):
    """The record was changed since it was read: HTTP 412."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that `word` most probably means, or None."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def unknown(sentence: Message, word: str, known: Iterable[str]) -> Message:
    """`sentence`, followed by “Did you mean …?” when a known name is near."""
    suggestion = nearest(word, known)
    if suggestion is None:
        return sentence
    return say("{sentence} Did you mean '{suggestion}'?", sentence=sentence, suggestion=suggestion)
