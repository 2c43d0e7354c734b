"""The form of a step that gathers answers: the fields of a record that is about this one."""

from dataclasses import replace
from typing import Any

from blueprints.opened import titled
from engine.definition.check_flows import links_between
from engine.forms.layout import layout, row_defaults
from engine.forms.nodes import FieldNode, Typed
from engine.transaction import Transaction


def answer_nodes(transaction: Transaction, form: str, about: str, typed: Typed) -> list[FieldNode]:
    """The controls of an answer, under paths of their own (`answer-score`)."""
    entity = transaction.catalog.entity(form)
    link = links_between(entity.definition, about)[0]
    own = frozenset(name for name, each in entity.fields.items() if not each.definition.system) - {link}
    values: dict[str, Any] = titled(transaction, entity, row_defaults(entity))
    nodes = []
    for node in layout(transaction, entity, values, own).fields:
        if node.read_only or node.hidden or node.rows is not None:
            continue
        path = f"answer-{node.path}"
        nodes.append(
            replace(
                node,
                path=path,
                text=typed.texts.get(path, node.text),
                typed=typed.titles.get(path),
                problems=typed.problems.get(path, ()),
            )
        )
    return nodes
