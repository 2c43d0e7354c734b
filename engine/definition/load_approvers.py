"""Who is asked, told or reminded: the entries of `approvers`, `copy_to`, `remind`, `escalate` and `to`."""

import re
from collections.abc import Callable, Mapping

from engine.definition.approval import SUBMITTER, Approver, Empty
from engine.definition.figure import part
from engine.definition.loading import Loading, items
from engine.definition.nodes import ListNode, Node, ScalarNode
from engine.formula.expression import Expression
from engine.text import say

CALL = re.compile(r"(manager|managers|chosen_by)\((.*)\)")
LEVELS = re.compile(r"([1-9][0-9]?)(?:-([1-9][0-9]?))?")
GENERATOR = re.compile(r"(.+?)\s+for\s+([a-z]\w*)\s+in\s+(.+)", re.DOTALL)


def load_approvers(loading: Loading, entity: str, node: Node | None) -> tuple[Approver, ...]:
    """The entries of a list that make sense; the others are refused at their places."""
    found = (load_approver(loading, entity, each) for each in items(node))
    return tuple(each for each in found if each)


def load_approver(loading: Loading, entity: str, node: ScalarNode) -> Approver | None:
    """One entry; None after a refusal."""
    text = node.text.strip()
    if text.startswith("="):
        return _formula(node)
    if text in ("department_head", "previous_approver_chooses"):
        return Approver(text, text, node.place)
    kind, colon, name = text.partition(":")
    if colon and kind in PREFIXED:
        return PREFIXED[kind](loading, entity, node, name.strip())
    if call := CALL.fullmatch(text):
        return CALLS[call[1]](loading, entity, node, call[2].strip())
    loading.refer("approver", node, entity)
    return Approver("path", text, node.place, text)


def _formula(node: ScalarNode) -> Approver:
    """`=account.owner`, or people of records: `=t.person for t in team if t.deal == id`."""
    expression = node.expression()
    each = GENERATOR.fullmatch(expression.text)
    if each is None:
        return Approver("formula", node.text, node.place, formula=expression)
    return Approver("names", node.text, node.place, formula=_names(expression, each))


def _names(expression: Expression, each: re.Match[str]) -> Expression:
    """The user names of these people as one text; every part of it knows where it was written."""
    person, rows = part(expression, *each.span(1)), part(expression, *each.span(2)[:1], each.end())
    parts = ("join((", person, ").username for ", rows, ', " ", by=(', person, ").username)")
    text, lines = "", []
    for piece in parts:
        if isinstance(piece, str):
            text += piece
            continue
        lines += [(len(text), piece.place), *((len(text) + at, place) for at, place in piece.lines)]
        text += piece.text
    return Expression(text, expression.place, tuple(lines))


def _role(loading: Loading, entity: str, node: ScalarNode, name: str) -> Approver:
    loading.refer("principal_role", node, entity)
    return Approver("role", node.text, node.place, loading.in_full(name))


def _user(_: Loading, __: str, node: ScalarNode, name: str) -> Approver:
    return Approver("user", node.text, node.place, name)


def _group(_: Loading, __: str, node: ScalarNode, name: str) -> Approver:
    return Approver("group", node.text, node.place, name)


def _managers(loading: Loading, _: str, node: ScalarNode, inside: str) -> Approver | None:
    levels = LEVELS.fullmatch(inside)
    single = node.text.strip().startswith("manager(")
    first, last = (int(levels[1]), int(levels[2] or levels[1])) if levels else (1, 0)
    if levels is None or last < first or (single and levels[2]):
        loading.refuse(
            node.place,
            say(
                "“{value}” names no managers; write {one} for one level above the submitter, or {many}.",
                value=node.text,
                one="manager(2)",
                many="managers(1-3)",
            ),
        )
        return None
    # managers(3) are the first three, manager(3) is the third alone.
    begin = first if single or levels[2] else 1
    return Approver("managers", node.text, node.place, first=begin, last=last)


def _chosen_by(loading: Loading, entity: str, node: ScalarNode, inside: str) -> Approver | None:
    who, *numbers = [part.strip() for part in inside.split(",")]
    counts = [int(each) for each in numbers if each.isdigit()]
    least, most = (counts + [1, 0][len(counts) :])[:2] if len(counts) < 2 else counts[:2]
    if not who or len(counts) != len(numbers) or len(numbers) > 2 or least < 1 or 0 < most < least:
        loading.refuse(
            node.place,
            say(
                "“{value}” says not who chooses how many; write {example}.",
                value=node.text,
                example="chosen_by(employee.manager, 3, 6)",
            ),
        )
        return None
    begins = node.text.index(who, node.text.index("("))
    at = Expression(node.text, node.place, node.segments).place_of(begins)
    loading.refer("approver", ScalarNode(at, who, who), entity)
    return Approver("chosen_by", node.text, node.place, who, least, most)


Load = Callable[[Loading, str, ScalarNode, str], Approver | None]
PREFIXED: Mapping[str, Load] = {"role": _role, "user": _user, "group": _group}
CALLS: Mapping[str, Load] = {"manager": _managers, "managers": _managers, "chosen_by": _chosen_by}


def load_empty(loading: Loading, entity: str, node: Node | None, default: Empty) -> Empty:
    """What `if_empty` says: a word, or a list of people."""
    if isinstance(node, ListNode):
        return Empty("people", load_approvers(loading, entity, node))
    if not isinstance(node, ScalarNode):
        return default
    if node.text in ("administrator", "skip", "reject"):
        return Empty(node.text)
    loading.refuse(
        node.place,
        say(
            "'if_empty' cannot be “{value}”. It is administrator, skip, reject, or a list of people.",
            value=node.text,
        ),
    )
    return default


def people_by(loading: Loading, entity: str, node: Node | None) -> tuple[str, ...]:
    """Principals of a list in which `submitter` also stands for a person."""
    found = []
    for each in items(node):
        if each.text == SUBMITTER:
            found.append(SUBMITTER)
        elif (approver := load_approver(loading, entity, each)) and approver.kind in ("role", "user", "path"):
            found.append(f"{approver.kind}:{approver.name}" if approver.kind != "path" else approver.name)
        elif approver:
            loading.refuse(
                each.place,
                say("“{value}” cannot stand here; name a role, a user or a path to one.", value=each.text),
            )
    return tuple(found)
