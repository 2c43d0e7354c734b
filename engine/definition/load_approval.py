"""The gate on a transition: `approval`."""

from engine.definition.approval import Approval, Empty, Withdraw
from engine.definition.load_approvers import load_empty, people_by
from engine.definition.load_steps import Flow, load_steps
from engine.definition.loading import Loading, expression, scalar, text
from engine.definition.nodes import MappingNode, Node, ScalarNode


def load_approval(loading: Loading, entity: str, node: Node | None, key: ScalarNode) -> Approval | None:
    """The approval of a transition, with all its steps; None when it has none."""
    if not isinstance(node, MappingNode):
        return None
    stages = {}
    for name in ("pending", "rejected", "returned", "withdrawn"):
        written = scalar(node, name)
        stages[name] = loading.refer("stage", written, entity) if written else None
    empty = load_empty(loading, entity, node.get("if_empty"), Empty())
    flow = Flow(loading, entity, node, empty)
    withdraw = node.get("withdraw")
    return Approval(
        place=key.place,
        steps=load_steps(flow, node.get("steps")),
        needed_when=expression(node, "needed_when"),
        withdraw=_withdraw(loading, entity, withdraw) if isinstance(withdraw, MappingNode) else Withdraw(),
        after_return=text(node, "after_return") or "resume",
        **stages,
    )


def _withdraw(loading: Loading, entity: str, node: MappingNode) -> Withdraw:
    by = people_by(loading, entity, node.get("by"))
    return Withdraw(by or Withdraw().by, text(node, "until") or "last_decision")
