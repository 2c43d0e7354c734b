"""An approval laid out for walking: the steps by name, and where each lies."""

from dataclasses import dataclass

from engine.definition.approval import Approval, Step, walk_places
from engine.text import Text


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps of an approval.

    `inside` gives the containers of a step, from the outermost: (name, branch).
    """

    approval: Approval
    label: Text
    """The name of the transition."""
    steps: dict[str, Step]
    order: dict[str, int]
    inside: dict[str, tuple[tuple[str, str], ...]]
    lists: dict[tuple[tuple[str, str], ...], tuple[str, ...]]
    """Where → the steps that follow one another there."""

    def before(self, first: str, second: str) -> bool:
        return self.order[first] < self.order[second]

    def within(self, name: str, place: tuple[tuple[str, str], ...]) -> bool:
        """Whether a step lies in a list or deeper."""
        return self.inside[name][: len(place)] == place

    def siblings(self, name: str) -> tuple[str, ...]:
        """The steps of the list in which the step stands."""
        return self.lists[self.inside[name]]


def lay_out(approval: Approval, label: Text) -> Flow:
    """The flow of an approval."""
    flow = Flow(approval, label, {}, {}, {}, {})
    for step, place in walk_places(approval.steps):
        flow.steps[step.name] = step
        flow.order[step.name] = len(flow.order)
        flow.inside[step.name] = place
        flow.lists[place] = (*flow.lists.get(place, ()), step.name)
    return flow
