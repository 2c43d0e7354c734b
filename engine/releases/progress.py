"""What a publish is doing while it runs: told by the publish, shown beside it a few times a minute or second.

The publish itself only keeps the latest word; a thread of its own shows it, so that a slow terminal or disk
makes nobody who saves wait longer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread

from engine.text import Message, in_all_locales, say

INTERVAL_SECONDS = 0.5
"""A publish that is done sooner shows nothing."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Step `number` of `steps`; both are 0 while the plan is made, which reads the values to be converted.

    `done` of `records` where the work is done in lots.
    """

    sentence: Message
    number: int = 0
    steps: int = 0
    done: int | None = None
    records: int | None = None


Progress = Callable[[Doing], None]
"""Is told what begins, or how far it has come."""


@dataclass(frozen=True, slots=True)
class Running:
    """A publish that runs: by whom, since when, and what it is doing `since` then, in every locale."""

    by: str
    begun: datetime
    since: datetime
    sentence: Mapping[str, str]
    number: int = 0
    steps: int = 0
    done: int | None = None
    records: int | None = None

    @property
    def share(self) -> float | None:
        """How much of the step is done, else of the steps; None where nobody can say."""
        if self.done is not None and self.records:
            return min(self.done / self.records, 1.0)
        return (self.number - 1) / self.steps if self.number else None

    def figures(self, now: datetime) -> list[Message]:
        """Which step, how many values, how long: those that are known."""
        found = []
        if self.number:
            found.append(say("step {number} of {steps}", number=self.number, steps=self.steps))
        if self.done is not None and self.records:
            found.append(
                say("{done} of {records} values", done=f"{self.done:,}", records=f"{self.records:,}")
            )
        seconds = max(0, int((now - self.since).total_seconds()))
        return [*found, say("running for {seconds} s", seconds=f"{seconds:,}")]


Show = Callable[[Running | None], None]
"""Shows what a publish is doing; None when it is over. Called from a thread of its own."""


@dataclass(slots=True)
class _Watch:
    by: str
    begun: datetime
    doing: Doing | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    over: Event = field(default_factory=Event)

    def tell(self, doing: Doing) -> None:
        last, self.doing = self.doing, doing
        if last is None or (last.number, last.sentence) != (doing.number, doing.sentence):
            self.since = datetime.now(UTC)

    def show(self, shows: Sequence[Show]) -> None:
        while not self.over.wait(INTERVAL_SECONDS):
            if doing := self.doing:
                sentence = in_all_locales(doing.sentence)
                counts = (doing.number, doing.steps, doing.done, doing.records)
                running = Running(self.by, self.begun, self.since, sentence, *counts)
                for each in shows:
                    each(running)
        for each in shows:
            each(None)


@contextmanager
def watched(by: str, shows: Sequence[Show]) -> Iterator[Progress]:
    """What a publish by `by` is to tell; as long as the block runs, `shows` show it."""
    watch = _Watch(by, datetime.now(UTC))
    thread = Thread(target=watch.show, args=(shows,), name="progress", daemon=True)
    thread.start()
    try:
        yield watch.tell
    finally:
        watch.over.set()
        thread.join()
