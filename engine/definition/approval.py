"""Approvals as values: the gate on a transition, its steps, who is asked, what happens when time is up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from engine.formula.expression import Expression
from engine.problems import Place
from engine.text import Text
from engine.working_time import Wait

SUBMITTER = "submitter"
TASK_RIGHTS = ("transfer", "delegate", "add_approver", "return", "copy")


@dataclass(frozen=True, slots=True)
class Approver:
    """One entry of `approvers`.

    `kind` is role, path, user, managers, department_head, group, chosen_by, previous_approver_chooses,
    formula (it gives one person) or names (a formula that gives user names between blanks). `name` is what
    it is about: the role in full, the path, the person, the group, or who chooses. `first` and `last` are the
    levels of managers, or how many people may be chosen (`last` 0: no limit).
    """

    kind: str
    text: str
    place: Place
    name: str = ""
    first: int = 1
    last: int = 1
    formula: Expression | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """How answers make a decision: any, all, in_order or vote. `share` is exact: 2/3 of three are two."""

    kind: str = "all"
    share: Fraction = Fraction(1)
    quorum: int = 0
    weights: str | None = None
    veto: tuple[Approver, ...] = ()
    tie: tuple[Approver, ...] = ()


@dataclass(frozen=True, slots=True)
class Overdue:
    """What happens when something is not done in time: reminders, then it goes to somebody else."""

    remind: tuple[Approver, ...] = ()
    every: Wait | None = None
    at_most: int = 1
    escalate: tuple[Approver, ...] = ()


@dataclass(frozen=True, slots=True)
class Empty:
    """What to do when nobody is left to ask: administrator, skip, reject, or these people."""

    kind: str = "administrator"
    people: tuple[Approver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all steps have. A name stands for one step in the whole approval."""

    name: str
    label: Text
    place: Place
    when: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Node):
    """People are asked for a yes or a no."""

    approvers: tuple[Approver, ...]
    decide: Decide = Decide()
    due: Wait | None = None
    overdue: Overdue | None = None
    if_empty: Empty = Empty()
    if_submitter: str = "go_up"
    repeat_approver: str = "ask"
    may: frozenset[str] = frozenset(TASK_RIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect(Node):
    """People are asked to fill in a form: a record of the entity `form` that links to this record."""

    form: str
    approvers: tuple[Approver, ...]
    answers: int = 0
    """How many answers are enough; 0: all that were asked for."""
    hide_from: tuple[str, ...] = ()
    result: Mapping[str, Expression] = field(default_factory=dict)
    due: Wait | None = None
    overdue: Overdue | None = None
    if_empty: Empty = Empty()
    if_submitter: str = "ask"
    may: frozenset[str] = frozenset({"transfer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch of a choice or of parallel steps. Without a condition it always applies."""

    name: str
    label: Text
    place: Place
    when: Expression | None
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Node):
    """The first branch whose condition holds; `otherwise` is one without a condition."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Node):
    """Every branch that applies must approve. `waits`: a rejection lets the others finish first."""

    branches: tuple[Branch, ...]
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Node):
    """People are told; nothing is asked."""

    to: tuple[Approver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subflow(Node):
    """A transition of a record that this one links to has to be approved first."""

    link: str
    transition: str
    if_empty: Empty = Empty()


Step = Ask | Collect | Choose | Parallel | Copy | Subflow


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Who may take a request back, and until when: last_decision or first_decision."""

    by: tuple[str, ...] = (SUBMITTER,)
    until: str = "last_decision"


@dataclass(frozen=True, slots=True)
class Approval:
    """The gate on a transition. A stage that is None is the one where the record came from."""

    place: Place
    steps: tuple[Step, ...]
    needed_when: Expression | None = None
    pending: str | None = None
    rejected: str | None = None
    returned: str | None = None
    withdrawn: str | None = None
    withdraw: Withdraw = Withdraw()
    after_return: str = "resume"

    def walk(self) -> Iterator[Step]:
        """Every step, in the order of the text."""
        return walk(self.steps)


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """These steps and those inside them, in the order of the text."""
    for step in steps:
        yield step
        if isinstance(step, (Choose, Parallel)):
            for branch in step.branches:
                yield from walk(branch.steps)


def way(step: Step) -> str:
    """How answers are counted, which must not change under votes that were given."""
    return step.decide.kind if isinstance(step, Ask) else "collect" if isinstance(step, Collect) else ""


def shape(approval: Approval) -> dict[str, tuple[type[Step], str, tuple[str, ...]]]:
    """Step → its kind, how answers are counted, the steps in which it lies.

    An approval that is under way can go on by another definition where its active steps have the same shape.
    """
    return {
        step.name: (type(step), way(step), tuple(container for container, _ in place))
        for step, place in walk_places(approval.steps)
    }


def walk_places(
    steps: tuple[Step, ...], place: tuple[tuple[str, str], ...] = ()
) -> Iterator[tuple[Step, tuple[tuple[str, str], ...]]]:
    """Every step with the containers in which it lies, from the outermost: (name, branch)."""
    for step in steps:
        yield step, place
        if isinstance(step, (Choose, Parallel)):
            for branch in step.branches:
                yield from walk_places(branch.steps, (*place, (step.name, branch.name)))
