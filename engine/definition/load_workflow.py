"""Workflows: stages with their attributes, and transitions."""

from collections.abc import Mapping

from engine.definition.language import THINGS
from engine.definition.load_access import principals
from engine.definition.load_actions import load_actions, load_set
from engine.definition.load_approval import load_approval
from engine.definition.load_steps import load_overdue, load_wait
from engine.definition.loading import (
    Loading,
    attributes,
    entries,
    expression,
    flag,
    items,
    label,
    scalar,
    text,
    words,
)
from engine.definition.model import Field, Stage, Transition, Workflow
from engine.definition.nodes import MappingNode, ScalarNode, plain
from engine.text import say

STAGE_KEYS = frozenset(THINGS["stage"].keys)


def load_stages(loading: Loading, entity: str, node: MappingNode) -> dict[str, Stage]:
    """The stages of a workflow; they are loaded before the fields, which may refer to them."""
    stages = {}
    for key, each in entries(node.get("stages")):
        if "open" in {name.text for name, _ in each.entries}:
            loading.refuse(
                key.place, say("'open' is set by Dougong: every stage that is not 'final' is open.")
            )
        final = flag(each, "final")
        edit = each.get("edit")
        stages[key.text] = Stage(
            name=key.text,
            label=label(key, each),
            place=key.place,
            color=text(each, "color"),
            final=final,
            freeze=flag(each, "freeze"),
            edit=principals(loading, entity, edit) if edit else None,
            was=text(each, "was"),
            attributes={**attributes(each, STAGE_KEYS), "open": not final},
            due=load_wait(loading, each, "due"),
            overdue=load_overdue(loading, entity, each.get("overdue")),
        )
    return stages


def load_workflow(
    loading: Loading, entity: str, node: MappingNode, stages: Mapping[str, Stage], fields: Mapping[str, Field]
) -> Workflow:
    """The workflow of these stages, with its transitions."""
    transitions = {
        key.text: _transition(loading, entity, key, each, fields)
        for key, each in entries(node.get("transitions"))
    }
    moved = node.get("moved_stages")
    gone = _moved_stages(loading, entity, moved) if isinstance(moved, MappingNode) else {}
    return Workflow(stages, transitions, gone, plain(node))


def _moved_stages(loading: Loading, entity: str, node: MappingNode) -> dict[str, str]:
    """Removed stage → stage; that the latter is one is checked with all other names."""
    return {
        key.text: loading.refer("stage", value, entity)
        for key, value in node.entries
        if isinstance(value, ScalarNode)
    }


def _transition(
    loading: Loading, entity: str, key: ScalarNode, node: MappingNode, fields: Mapping[str, Field]
) -> Transition:
    sources = (scalar(node, "from"),) if scalar(node, "from") else items(node.get("from"))
    to = scalar(node, "to")
    assert to is not None
    by = node.get("by")
    after = load_wait(loading, node, "after")
    at_most = text(node, "at_most")
    return Transition(
        name=key.text,
        label=label(key, node),
        place=key.place,
        sources=tuple(loading.refer("stage", each, entity) for each in sources if each),
        to=loading.refer("stage", to, entity),
        by=principals(loading, entity, by) if by else (() if after else ("everyone",)),
        when=expression(node, "when"),
        message=words(node, "message"),
        required=tuple(loading.refer("required_field", each, entity) for each in items(node.get("required"))),
        set=load_set(loading, entity, node.get("set"), fields),
        comment_required=text(node, "comment") == "required",
        thaw=flag(node, "thaw"),
        do=load_actions(loading, entity, node.get("do"), fields),
        approval=load_approval(loading, entity, node.get("approval"), node.key("approval") or key),
        after=after,
        at_most=int(at_most) if at_most else None,
    )
