"""What the name of a working calendar in a formula means: the calendar itself, as a constant."""

from engine.formula.checking import Checking
from engine.formula.functions.work_calendars import written_calendar
from engine.formula.kinds import Mismatch
from engine.formula.nodes import Constant, Node
from engine.formula.types import TEXT, Kind
from engine.problems import unknown
from engine.text import say


def named_calendar(checking: Checking, node: Node) -> Node:
    """The calendar that a written text names, of the formula's own app or in full; blank stays blank."""
    if isinstance(node, Constant) and node.value is None:
        return node
    if not isinstance(node, Constant) or node.type.kind is not Kind.TEXT:
        raise Mismatch(say('Write the name of a calendar here, such as "office".'), node.at)
    own = f"{checking.scope.app}."
    known = checking.world.calendars
    name = node.value if node.value in known else own + node.value
    if name not in known:
        near = [*known, *(each.removeprefix(own) for each in known)]
        sentence = say("There is no calendar '{name}'.", name=node.value)
        raise Mismatch(unknown(sentence, node.value, near), node.at)
    checking.calendars.add(name)
    return Constant(TEXT, node.at, written_calendar(known[name]))
