"""What came of each when several things are done at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several."""

    title: str
    url: str
    done: bool
    sentence: str
