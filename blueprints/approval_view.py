"""An approval as a page shows it: the picture of its flow, who is asked, what comes next and why."""

from collections.abc import Iterable, Mapping, Sequence

from blueprints import visitor
from blueprints.approval_drawing import Drawing
from blueprints.approval_events import shown_events
from blueprints.approval_shapes import Node, Shown
from blueprints.values import entity_url, label
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workflow.views import InstanceView, StepView

CONTAINERS = ("choose", "parallel")
STATUS: Mapping[str, tuple[Message, str]] = {
    "open": (say("Waiting for approval"), "hue-azure"),
    "returned": (say("Sent back"), "hue-orange"),
    "approved": (say("Approved"), "hue-green"),
    "rejected": (say("Rejected"), "hue-red"),
    "withdrawn": (say("Withdrawn"), "hue-gray"),
    "cancelled": (say("Cancelled"), "hue-gray"),
}


def shown_approval(transaction: Transaction, key: str, identity: int, view: InstanceView, back: str) -> Shown:
    """An approval for the visitor; `back` is where they come from."""
    entity = transaction.catalog.entity(key)
    maker = Drawing(transaction, entity, identity, back)
    nodes = maker.nodes(view.steps)
    flat = list(every_step(nodes))
    workflow = entity.definition.workflow
    transition = workflow.transitions.get(view.transition) if workflow else None
    word, _ = STATUS[view.status]
    ongoing = view.status in ("open", "returned")
    return Shown(
        id=view.id,
        label=label(view.label),
        to=label(workflow.stages[transition.to].label) if workflow and transition else "",
        status=STATUS[view.status][1],
        word=visitor.translated(word.template),
        ongoing=ongoing,
        returned=view.status == "returned",
        release=view.release,
        submitter=view.submitter,
        started_at=view.started_at,
        ended_at=view.ended_at,
        nodes=nodes,
        now=tuple(each for each in flat if each.look == "flow-now" and each.kind not in CONTAINERS),
        following=tuple(
            each for each in flat if ongoing and each.word == maker.to_come and each.kind not in CONTAINERS
        ),
        passed=tuple(each for each in flat if each.look == "flow-passed" and each.why),
        events=tuple(shown_events(transaction, view)),
        mine=tuple(maker.mine(view)),
        buttons=tuple(maker.instance_buttons(view)),
        comment_url=f"{entity_url(key, identity)}/approval/comment",
        back=back,
        loose=tuple(maker.loose(view)),
    )


def forecast_nodes(transaction: Transaction, key: str, steps: Sequence[StepView]) -> tuple[Node, ...]:
    """The picture of steps that a transition would have to pass."""
    return Drawing(transaction, transaction.catalog.entity(key), 0, "").nodes(steps)


def every_step(nodes: Iterable[Node]) -> Iterable[Node]:
    """Steps with those inside them, in the order of the flow."""
    for node in nodes:
        yield node
        for branch in node.branches:
            yield from every_step(branch.nodes)
