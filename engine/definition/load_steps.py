"""The steps of an approval: what kind each is, and what it says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.definition.approval import (
    TASK_RIGHTS,
    Ask,
    Branch,
    Choose,
    Collect,
    Copy,
    Decide,
    Empty,
    Overdue,
    Parallel,
    Step,
    Subflow,
)
from engine.definition.language import THINGS
from engine.definition.load_approvers import load_approver, load_approvers, load_empty, people_by
from engine.definition.loading import Loading, entries, expression, items, label, scalar, text
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode
from engine.problems import Place
from engine.text import say
from engine.working_time import Wait, read_wait

CHOOSERS = ("chosen_by", "previous_approver_chooses")
KINDS = ("collect", "approvers", "choose", "parallel", "copy_to", "subflow")
"""The keys of which a step has one: it says what kind of step it is. A collection has approvers too."""

COMMON = frozenset({"label", "when"})
ASKING = frozenset({"approvers", "due", "overdue", "if_empty", "if_submitter", "may"})
BELONGS: Mapping[str, frozenset[str]] = {
    "approvers": ASKING | {"decide", "repeat_approver"},
    "collect": ASKING | {"collect", "done_when", "result", "hide_names_from"},
    "choose": frozenset({"choose"}),
    "parallel": frozenset({"parallel", "rejections"}),
    "copy_to": frozenset({"copy_to"}),
    "subflow": frozenset({"subflow", "if_empty"}),
}
"""Kind → the keys that it can have besides those of every step."""


@dataclass(slots=True)
class Flow:
    """What the steps of one approval share: what the approval says for all of them, and their names."""

    loading: Loading
    entity: str
    defaults: MappingNode
    empty: Empty
    named: dict[str, Place] = field(default_factory=dict)

    def either(self, node: MappingNode, key: str, default: str) -> str:
        """What the step says, else the approval, else the default."""
        return text(node, key) or text(self.defaults, key) or default

    def may(self, node: MappingNode) -> frozenset[str]:
        listed = node.get("may") or self.defaults.get("may")
        return frozenset(each.text for each in items(listed)) if listed else frozenset(TASK_RIGHTS)


def load_steps(flow: Flow, node: Node | None) -> tuple[Step, ...]:
    """The steps of a list in their order; what makes no sense is refused at its place."""
    return tuple(_steps(flow, node))


def _steps(flow: Flow, node: Node | None) -> Iterator[Step]:
    for key, each in entries(node):
        kind = _kind(flow, key, each)
        if kind is None:
            continue
        if key.text in flow.named:
            message = say("Another step of this approval is already called '{name}'.", name=key.text)
            flow.loading.refuse(key.place, message)
            continue
        flow.named[key.text] = key.place
        common = {
            "name": key.text,
            "label": label(key, each),
            "place": key.place,
            "when": expression(each, "when"),
        }
        found = LOADERS[kind](flow, key, each, common)
        if found is not None:
            yield found


def _kind(flow: Flow, key: ScalarNode, node: MappingNode) -> str | None:
    written = [name for name in KINDS if node.get(name) is not None]
    if not written:
        message = say("The step '{name}' asks nobody; it needs one of {known}.", name=key.text, known=KINDS)
        flow.loading.refuse(key.place, message)
        return None
    kind = written[0]
    foreign = [
        name
        for name in THINGS["step"].keys
        if node.get(name) is not None and name not in BELONGS[kind] | COMMON
    ]
    for name in foreign:
        at = node.key(name)
        assert at is not None
        flow.loading.refuse(
            at.place, say("A step with '{kind}' cannot have '{key}' too.", kind=kind, key=name)
        )
    return None if foreign else kind


def _ask(flow: Flow, key: ScalarNode, node: MappingNode, common: Mapping[str, Any]) -> Step | None:
    approvers = load_approvers(flow.loading, flow.entity, node.get("approvers"))
    _one_chooser(flow, key, [each.kind for each in approvers])
    return Ask(
        **common,
        approvers=approvers,
        decide=_decide(flow, node.get("decide")),
        due=load_wait(flow.loading, node, "due"),
        overdue=load_overdue(flow.loading, flow.entity, node.get("overdue")),
        if_empty=load_empty(flow.loading, flow.entity, node.get("if_empty"), flow.empty),
        if_submitter=flow.either(node, "if_submitter", "go_up"),
        repeat_approver=flow.either(node, "repeat_approver", "ask"),
        may=flow.may(node),
    )


def _one_chooser(flow: Flow, key: ScalarNode, kinds: list[str]) -> None:
    if sum(kind in CHOOSERS for kind in kinds) > 1:
        message = say("In the step '{name}' only one person can choose who is asked.", name=key.text)
        flow.loading.refuse(key.place, message)


def _collect(flow: Flow, key: ScalarNode, node: MappingNode, common: Mapping[str, Any]) -> Step | None:
    form, people = scalar(node, "collect"), node.get("approvers")
    assert form is not None
    if people is None:
        message = say("The step '{name}' collects answers of nobody; it needs 'approvers'.", name=key.text)
        flow.loading.refuse(key.place, message)
        return None
    flow.loading.refer("form_entity", form, flow.entity)
    enough, result = node.get("done_when"), node.get("result")
    answers = scalar(enough, "answers") if isinstance(enough, MappingNode) else None
    results = {}
    for name, value in result.entries if isinstance(result, MappingNode) else ():
        flow.loading.refer("set_field", name, flow.entity)
        assert isinstance(value, ScalarNode)
        results[name.text] = value.expression()
    approvers = load_approvers(flow.loading, flow.entity, people)
    _one_chooser(flow, key, [each.kind for each in approvers])
    return Collect(
        **common,
        form=flow.loading.in_full(form.text),
        approvers=approvers,
        answers=int(answers.text) if answers else 0,
        hide_from=people_by(flow.loading, flow.entity, node.get("hide_names_from")),
        result=results,
        due=load_wait(flow.loading, node, "due"),
        overdue=load_overdue(flow.loading, flow.entity, node.get("overdue")),
        if_empty=load_empty(flow.loading, flow.entity, node.get("if_empty"), flow.empty),
        if_submitter=text(node, "if_submitter") or "ask",
    )


def _choose(flow: Flow, key: ScalarNode, node: MappingNode, common: Mapping[str, Any]) -> Step | None:
    branches: list[Branch] = []
    choices = node.get("choose")
    listed = choices.items if isinstance(choices, ListNode) else ()
    for number, each in enumerate(listed, start=1):
        if isinstance(each, MappingNode):
            last = number == len(listed)
            branches += _choice(flow, key, each, number, last=last)
    return Choose(**common, branches=tuple(branches))


def _choice(flow: Flow, key: ScalarNode, node: MappingNode, number: int, *, last: bool) -> Iterator[Branch]:
    otherwise, when = node.get("otherwise"), expression(node, "when")
    if otherwise is not None and (when is not None or node.get("steps") is not None):
        flow.loading.refuse(otherwise.place, say("A branch has 'when' and 'steps', or 'otherwise' alone."))
        return
    if otherwise is not None and not last:
        flow.loading.refuse(otherwise.place, say("'otherwise' is the last branch; nothing can follow it."))
        return
    if otherwise is None and (when is None or node.get("steps") is None):
        flow.loading.refuse(node.place, say("A branch of a choice needs 'when' and 'steps', or 'otherwise'."))
        return
    name = ScalarNode(key.place, str(number), str(number))
    steps = load_steps(flow, otherwise if otherwise is not None else node.get("steps"))
    yield Branch(name=str(number), label=label(name, node), place=node.place, when=when, steps=steps)


def _parallel(flow: Flow, _: ScalarNode, node: MappingNode, common: Mapping[str, Any]) -> Step:
    branches = tuple(
        Branch(
            name=key.text,
            label=label(key, each),
            place=key.place,
            when=expression(each, "when"),
            steps=load_steps(flow, each.get("steps")),
        )
        for key, each in entries(node.get("parallel"))
    )
    return Parallel(**common, branches=branches, waits=text(node, "rejections") == "wait")


def _copy(flow: Flow, _: ScalarNode, node: MappingNode, common: Mapping[str, Any]) -> Step:
    return Copy(**common, to=load_approvers(flow.loading, flow.entity, node.get("copy_to")))


def _subflow(flow: Flow, key: ScalarNode, node: MappingNode, common: Mapping[str, Any]) -> Step:
    written = scalar(node, "subflow")
    assert written is not None
    flow.loading.refer("subflow", written, flow.entity)
    link, _dot, transition = written.text.rpartition(".")
    empty = load_empty(flow.loading, flow.entity, node.get("if_empty"), Empty())
    return Subflow(**common, link=link, transition=transition, if_empty=empty)


Load = Callable[[Flow, ScalarNode, MappingNode, Mapping[str, Any]], Step | None]
LOADERS: Mapping[str, Load] = {
    "approvers": _ask,
    "collect": _collect,
    "choose": _choose,
    "parallel": _parallel,
    "copy_to": _copy,
    "subflow": _subflow,
}


def _decide(flow: Flow, node: Node | None) -> Decide:
    if isinstance(node, ScalarNode):
        return Decide(node.text)
    if not isinstance(node, MappingNode):
        return Decide()
    share, weights, tie = scalar(node, "vote"), scalar(node, "weights"), scalar(node, "tie")
    assert share is not None
    quorum = text(node, "quorum")
    if weights:
        flow.loading.refer("weights", weights, flow.entity)
    last = load_approver(flow.loading, flow.entity, tie) if tie else None
    return Decide(
        kind="vote",
        share=_share(flow.loading, share),
        quorum=int(quorum) if quorum else 0,
        weights=weights.text if weights else None,
        veto=load_approvers(flow.loading, flow.entity, node.get("veto")),
        tie=(last,) if last else (),
    )


def _share(loading: Loading, node: ScalarNode) -> Fraction:
    """`60%`, `2/3` or 0.6, exactly."""
    written = node.text.strip()
    try:
        share = Fraction(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        message = say("“{value}” is no share of votes; write 60%, 2/3 or 0.6, up to 100%.", value=node.text)
        loading.refuse(node.place, message)
        return Fraction(1)
    return share


def load_wait(loading: Loading, node: MappingNode, key: str) -> Wait | None:
    """The length of time of a key."""
    written = scalar(node, key)
    if written is None:
        return None
    length = read_wait(written.text)
    if length is None:
        loading.refuse(
            written.place,
            say("“{value}” is no length of time; write 3 days or 8 working hours.", value=written.text),
        )
    return length


def load_overdue(loading: Loading, entity: str, node: Node | None) -> Overdue | None:
    """What happens when time is up."""
    if not isinstance(node, MappingNode):
        return None
    times = text(node, "at_most")
    return Overdue(
        remind=load_approvers(loading, entity, node.get("remind")),
        every=load_wait(loading, node, "every"),
        at_most=int(times) if times else 1,
        escalate=load_approvers(loading, entity, node.get("escalate")),
    )
