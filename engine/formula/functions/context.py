"""Functions that depend on who asks and when."""

from collections.abc import Mapping, Sequence

from engine.formula.functions.function import ANY, Function, Parameter, table, words
from engine.formula.kinds import Mismatch
from engine.formula.nodes import Call, Constant, Node
from engine.formula.nodes import Parameter as Moment
from engine.formula.types import BOOLEAN, DATE, DATETIME, TEXT
from engine.text import say


def _today(_arguments: Sequence[Node], at: int) -> Node:
    return Moment(DATE, at, "today")


def _now(_arguments: Sequence[Node], at: int) -> Node:
    return Moment(DATETIME, at, "now")


def _has_role(arguments: Sequence[Node], at: int) -> Node:
    role = arguments[0]
    if not isinstance(role, Constant) or not isinstance(role.value, str) or not role.value:
        raise Mismatch(say('Write the role as a text: has_role("crm.sales").'), role.at)
    wanted = Constant(TEXT, role.at, f",{role.value},")
    return Call(BOOLEAN, at, "has", (Moment(TEXT, at, "roles"), wanted))


CONTEXT: Mapping[str, Function] = table(
    Function(
        "today",
        "date",
        (),
        words("The present day in the workspace's time zone.", "工作区时区的今天。"),
        (("today() - today()", 0),),
        build=_today,
    ),
    Function(
        "now",
        "date",
        (),
        words("The present instant.", "现在的时刻。"),
        (("now() == now()", True),),
        build=_now,
    ),
    Function(
        "has_role",
        "context",
        (Parameter("role", ANY),),
        words("Whether the person who asks has a role.", "提问者是否拥有某角色。"),
        (('has_role("crm.nobody")', False),),
        build=_has_role,
    ),
)
"""`user` is a name, not a function."""
