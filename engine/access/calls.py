"""How many calls of the API one caller may make in a minute, counted for all processes together.

A process takes calls in blocks, so that counting costs a write in the database for every twentieth part of
what is allowed, and not for each call. What is left of a block when its minute ends is lost.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from engine.access.limits import TooMany, add_to_count
from engine.text import say
from engine.workspace import Workspace

MINUTE = timedelta(minutes=1)
BLOCKS = 20
KNOWN_AT_MOST = 10_000


@dataclass(slots=True)
class _Block:
    ends_at: datetime
    left: int


class Calls:
    """What this process may still let through: one for an application, shared by its threads."""

    def __init__(self, workspace: Workspace, a_minute: int) -> None:
        self.workspace = workspace
        self.a_minute = a_minute
        self._blocks: dict[str, _Block] = {}
        self._lock = Lock()

    def admit(self, caller: str, now: datetime) -> None:
        """Lets a known caller's call through or raises TooMany; a caller not known yet counts later.

        Whoever sends made-up tokens would otherwise make the database write.
        """
        with self._lock:
            block = self._blocks.get(caller)
            if not self.a_minute or block is None:
                return
            if block.ends_at > now and block.left > 0:
                block.left -= 1
                return
        taken = self._take(caller, now)
        with self._lock:
            self._blocks[caller] = taken

    def know(self, caller: str) -> None:
        """From the next call on this caller is counted."""
        with self._lock:
            if caller not in self._blocks:
                if len(self._blocks) >= KNOWN_AT_MOST:
                    self._blocks.clear()
                self._blocks[caller] = _Block(datetime.fromtimestamp(0, UTC), 0)

    def _take(self, caller: str, now: datetime) -> _Block:
        """A block less the call that asked for it."""
        ends_at = datetime.fromtimestamp(int(now.timestamp()) // 60 * 60, UTC) + MINUTE
        wanted = max(1, self.a_minute // BLOCKS)
        with self.workspace.writing() as transaction:
            then = replace(transaction, now=now)
            before = add_to_count(then, "calls", caller, ends_at, wanted) - wanted
        given = min(wanted, self.a_minute - before)
        if given <= 0:
            seconds = max(1, int((ends_at - now).total_seconds()))
            sentence = "More than {count} calls in a minute. Go on in {seconds} seconds."
            raise TooMany(seconds, say(sentence, count=self.a_minute, seconds=seconds))
        return _Block(ends_at, given - 1)
