"""What a page says when a form was not written: its problems, and what collides with others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.opened import Opened, titled
from blueprints.values import label, show
from engine.forms.nodes import Form, Typed
from engine.problems import Problem
from engine.records.merge import Meanwhile
from engine.text import Message, Text
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why what was sent was not written; `values` are those that could be read."""

    typed: Typed
    values: Mapping[str, Any]
    problems: Sequence[Problem] = ()
    refusal: Message | Text | None = None
    stale: Message | Text | None = None
    conflicts: Sequence[Meanwhile] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed, as the page asks about it."""

    path: str
    label: str
    mine: Markup | str
    theirs: Markup | str
    by: str


def conflicts(transaction: Transaction, opened: Opened, trouble: Trouble | None) -> list[Conflict]:
    """Both values of each field that collides."""
    if trouble is None or not trouble.conflicts:
        return []
    blank = visitor.translated("blank")
    mine = titled(transaction, opened.entity, trouble.values)
    return [
        Conflict(
            path=each.field.name,
            label=label(each.field.definition.label),
            mine=show(each.field, mine.get(each.field.name)) or blank,
            theirs=show(each.field, opened.record.get(each.field.name)) or blank,
            by=each.by.title if each.by else visitor.translated("Dougong"),
        )
        for each in trouble.conflicts
    ]


def summary(form: Form, trouble: Trouble | None) -> list[dict[str, Any]]:
    """Everything that is wrong, each with the field it leads to."""
    if trouble is None:
        return []
    locale = visitor.locale()
    nodes = {node.path: node for node in every_node(form.fields)}
    lines = []
    for path, messages in trouble.typed.problems.items():
        node = nodes.get(path)
        lines += [
            {
                "anchor": node.id if node else None,
                "label": label(node.label) if node else "",
                "sentence": message.to(locale),
            }
            for message in messages
        ]
    return lines


def every_node(nodes: Any) -> Any:
    """All nodes of a form, those of child rows among them."""
    for node in nodes:
        yield node
        for row in node.rows or ():
            yield from row.fields
