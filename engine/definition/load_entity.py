"""Entities: fields, workflow, checks, form, views and access put together."""

from collections.abc import Mapping
from dataclasses import replace

from engine.definition.load_access import load_access
from engine.definition.load_fields import load_field, reserved_field, system_fields
from engine.definition.load_views import load_form, load_views
from engine.definition.load_workflow import load_stages, load_workflow
from engine.definition.loading import Loading, entries, expression, flag, items, label, scalar, text, words
from engine.definition.model import Check, Entity, Field, Stage, Workflow
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode
from engine.fields.registry import FIELD_TYPES
from engine.formula.expression import Expression
from engine.formula.types import Kind
from engine.problems import Place
from engine.text import Text, say


def load_entity(
    loading: Loading, key: ScalarNode, node: MappingNode, labels: Mapping[str, Text]
) -> Entity | None:
    """The entity `key`; None when it has no field left. `labels` are those of all entities of the app."""
    name = loading.in_full(key.text)
    workflow_node = node.get("workflow")
    stages = load_stages(loading, name, workflow_node) if isinstance(workflow_node, MappingNode) else {}
    parent = scalar(node, "parent")
    if parent:
        loading.refer("parent", parent, name)
    system = _system(name, key.place, Workflow(stages, {}) if stages else None, loading, parent, labels)
    fields = _fields(loading, name, node.get("fields"), system)
    if not any(not each.system for each in fields.values()):
        if key.text not in loading.lost and not loading.refused_after(key.place):
            loading.refuse(key.place, say("The entity '{name}' has no fields.", name=key.text))
        loading.lost.add(key.text)
        return None
    if tree := scalar(node, "tree"):
        loading.refer("tree_field", tree, name)
    return Entity(
        app=loading.app,
        name=key.text,
        label=label(key, node),
        place=key.place,
        title=expression(node, "title") or _default_title(fields, key.place),
        fields=fields,
        label_plural=words(node, "label_plural"),
        icon=text(node, "icon"),
        checks=_checks(node.get("checks")),
        workflow=_workflow(loading, name, workflow_node, stages, fields),
        form=load_form(loading, name, node.get("form"), fields),
        views=load_views(loading, name, key.place, node.get("views"), fields),
        access=load_access(loading, name, node.get("access")),
        unique=_groups(loading, "unique_field", name, node.get("unique")),
        indexes=_groups(loading, "index_field", name, node.get("indexes")),
        parent=loading.in_full(parent.text) if parent else None,
        tree=text(node, "tree"),
        keep_history=flag(node, "keep_history", default=True),
        hidden=flag(node, "hidden"),
        was=text(node, "was"),
    )


def _system(
    name: str,
    place: Place,
    workflow: Workflow | None,
    loading: Loading,
    parent: ScalarNode | None,
    labels: Mapping[str, Text],
) -> dict[str, Field]:
    owner = loading.in_full(parent.text) if parent else None
    fields = system_fields(name, place, workflow, owner)
    if parent and owner and owner in labels:
        link = owner.rpartition(".")[2]
        fields[link] = replace(fields[link], label=labels[owner])
    return fields


def _fields(
    loading: Loading, entity: str, node: Node | None, system: Mapping[str, Field]
) -> dict[str, Field]:
    declared = {}
    for key, each in entries(node):
        if not reserved_field(loading, key, system) and (found := load_field(loading, entity, key, each)):
            declared[key.text] = found
    return {**declared, **system}


def _default_title(fields: Mapping[str, Field], place: Place) -> Expression:
    """The first text field, else the first one with a plain value, else the number of the record."""
    kinds = {
        each.name: FIELD_TYPES[each.type].formula_type(each.options).kind
        for each in fields.values()
        if not (each.system or each.retired or each.encrypted)
    }
    texts = [name for name, kind in kinds.items() if kind is Kind.TEXT]
    plain = [name for name, kind in kinds.items() if kind not in (Kind.LINK, Kind.SET)]
    return Expression([*texts, *plain, "id"][0], place)


def _checks(node: Node | None) -> dict[str, Check]:
    checks = {}
    for key, each in entries(node):
        condition = expression(each, "check")
        assert condition is not None
        checks[key.text] = Check(key.text, condition, words(each, "message") or label(key, each))
    return checks


def _workflow(
    loading: Loading, name: str, node: Node | None, stages: Mapping[str, Stage], fields: Mapping[str, Field]
) -> Workflow | None:
    if not isinstance(node, MappingNode) or not stages:
        return None
    return load_workflow(loading, name, node, stages, fields)


def _groups(loading: Loading, kind: str, entity: str, node: Node | None) -> tuple[tuple[str, ...], ...]:
    if not isinstance(node, ListNode):
        return ()
    return tuple(tuple(loading.refer(kind, each, entity) for each in items(group)) for group in node.items)
