"""From answers to a decision: any, all, in order, or a vote. Pure counting with exact fractions (rule 9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.definition.approval import Decide
from engine.workflow.state import Task

REPLACED = ("transferred", "escalated")
"""Statuses of tasks in whose place another one stands."""
OPINIONS = ("delegated", "before", "after")
"""Relations of tasks that do not hold the seat."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One of those who were asked at first: yes, no or not yet, and how much it weighs."""

    number: int
    answer: bool | None
    weight: Fraction
    vetoes: bool = False


def read_seats(decide: Decide, tasks: Sequence[Task]) -> list[Seat]:
    """The seats of a step, as the answers to their tasks make them."""
    asked = [task for task in tasks if task.kind == "decide"]
    numbers = sorted({task.seat for task in asked if task.status not in REPLACED})
    return [_seat(decide, number, [task for task in asked if task.seat == number]) for number in numbers]


def _seat(decide: Decide, number: int, tasks: list[Task]) -> Seat:
    holders = [task for task in tasks if task.relation not in OPINIONS and task.status not in REPLACED]
    holder = holders[-1] if holders else tasks[0]
    vetoes = bool(holder.detail.get("veto"))
    counted = [task for task in tasks if task.relation in ("before", "after") and task.status != "cancelled"]
    answer: bool | None = {"approved": True, "rejected": False}.get(holder.status)
    if decide.kind == "vote":
        return Seat(number, answer, holder.weight, vetoes)
    # Who was added counts where everybody has to agree; after an answer of one, what they say is needed too.
    everybody = decide.kind in ("all", "in_order")
    heard = [task for task in counted if everybody or task.relation == "after"]
    if any(task.status == "rejected" for task in heard):
        answer = False
    elif answer and any(task.relation == "after" and task.status != "approved" for task in counted):
        answer = None
    return Seat(number, answer, holder.weight, vetoes)


def verdict(decide: Decide, seats: Sequence[Seat], tie: bool | None = None) -> str | None:
    """approved, rejected, tie (somebody else has to decide), or None while answers are missing.

    `tie` is the answer of who decides a tie, once there is one.
    """
    return COUNTS[decide.kind](decide, seats, tie)


def _any(_: Decide, seats: Sequence[Seat], __: bool | None) -> str | None:
    answers = [seat.answer for seat in seats if seat.answer is not None]
    return None if not answers else _word(answers[0])


def _all(_: Decide, seats: Sequence[Seat], __: bool | None) -> str | None:
    if any(seat.answer is False for seat in seats):
        return "rejected"
    return "approved" if all(seat.answer for seat in seats) else None


def _vote(decide: Decide, seats: Sequence[Seat], tie: bool | None) -> str | None:
    if tie is not None:
        return _word(tie)
    if any(seat.vetoes and seat.answer is False for seat in seats):
        return "rejected"
    total = sum((seat.weight for seat in seats), Fraction(0))
    yes = sum((seat.weight for seat in seats if seat.answer), Fraction(0))
    no = sum((seat.weight for seat in seats if seat.answer is False), Fraction(0))
    voted = sum(seat.answer is not None for seat in seats)
    needed = decide.share * total
    if voted >= decide.quorum and yes >= needed and not _may_be_vetoed(seats):
        return "approved"
    if decide.tie and 2 * no <= total:
        # It can still come out even, and then it is not a no.
        return "tie" if voted == len(seats) and yes == no else ("rejected" if voted == len(seats) else None)
    if total - no < needed or voted == len(seats):
        return "rejected"
    return None


def _may_be_vetoed(seats: Sequence[Seat]) -> bool:
    """Whether somebody with a veto has not answered yet."""
    return any(seat.vetoes and seat.answer is None for seat in seats)


def _word(answer: bool) -> str:
    return "approved" if answer else "rejected"


COUNTS: Mapping[str, Callable[[Decide, Sequence[Seat], bool | None], str | None]] = {
    "any": _any,
    "all": _all,
    "in_order": _all,
    "vote": _vote,
}
