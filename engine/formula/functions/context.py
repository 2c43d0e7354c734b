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
        (('has_role("crm.nobody")', False), ('not has_role("crm.nobody")', True)),
        build=_has_role,
    ),
    Function(
        "isnew",
        "context",
        (),
        words(
            "Whether the record is only now being made. Possible where a record is written: in checks, "
            "show_when, required_when, read_only_when, defaults, and in 'when' and 'set' of transitions.",
            "记录是否正在新建。用于写入记录之处：checks、show_when、required_when、read_only_when、默认值，"
            "以及流转的 when 和 set。",
        ),
        (("isnew()", False), ("isnew() or amount > 0", True)),
    ),
    Function(
        "ischanged",
        "context",
        (Parameter("field", ANY),),
        words(
            "Whether the field is about to hold something else than what was saved; never in a new record. "
            "Possible where isnew() is.",
            "字段的值是否将不同于已保存的值；新记录中恒为否。可用之处同 isnew()。",
        ),
        (("ischanged(amount)", False), ("ischanged(city) or ischanged(sold_on)", False)),
    ),
    Function(
        "priorvalue",
        "context",
        (Parameter("field", ANY),),
        words(
            "The value of a field as it was saved before this change; blank in a new record. "
            "Possible where isnew() is.",
            "字段在本次修改之前已保存的值；新记录中为空。可用之处同 isnew()。",
        ),
        (("priorvalue(amount) == amount", True), ('priorvalue(city) & ""', "Beijing")),
    ),
)
"""`user` is a name, not a function."""
