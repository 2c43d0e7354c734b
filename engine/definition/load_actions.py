"""What a transition makes happen besides its move: the entries of `do`."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.definition.action import Action, Create, Fire, Notify, Set, Template, Update
from engine.definition.load_approvers import load_approvers
from engine.definition.load_fields import value_or_formula
from engine.definition.loading import Loading, expression, is_formula, scalar
from engine.definition.model import Field
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode, plain
from engine.formula.expression import Expression
from engine.problems import Place
from engine.text import say

HOLE = re.compile(r"\{\{(.+?)\}\}")


def load_actions(
    loading: Loading, entity: str, node: Node | None, fields: Mapping[str, Field]
) -> tuple[Action, ...]:
    """The actions in their order."""
    listed = node.items if isinstance(node, ListNode) else ()
    found = []
    for each in listed:
        if isinstance(each, MappingNode) and not each.entries and loading.refused_after(each.place):
            continue
        if not isinstance(each, MappingNode) or len(each.entries) != 1:
            loading.refuse(
                each.place,
                say("Each entry of 'do' is one action: {known}.", known=tuple(LOADERS)),
            )
            continue
        ((key, value),) = each.entries
        found.append(LOADERS[key.text](loading, entity, key.place, value, fields))
    return tuple(found)


def load_set(loading: Loading, entity: str, node: Node | None, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Field → what is written into it: a value that the field accepts, or an Expression."""
    values: dict[str, Any] = {}
    if isinstance(node, MappingNode):
        for key, value in node.entries:
            loading.refer("set_field", key, entity)
            loading.refer_options(value, entity, key.text)
            if found := fields.get(key.text):
                values[key.text] = value_or_formula(loading, value, found.type, found.options)
    return values


def _set(loading: Loading, entity: str, place: Place, node: Node, fields: Mapping[str, Field]) -> Action:
    return Set(place, load_set(loading, entity, node, fields))


def _create(loading: Loading, entity: str, place: Place, node: Node, _: Mapping[str, Field]) -> Action:
    assert isinstance(node, MappingNode)
    made = scalar(node, "entity")
    assert made is not None
    loading.refer("action_entity", made, entity)
    target = loading.in_full(made.text)
    values, places = _values(node.get("values"))
    for key, value in _entries(node.get("values")):
        loading.refer("action_field", key, entity, target)
        loading.refer_options(value, target, key.text)
    return Create(place, target, values, places)


def _update(loading: Loading, entity: str, place: Place, node: Node, _: Mapping[str, Field]) -> Action:
    assert isinstance(node, MappingNode)
    record = expression(node, "record")
    assert record is not None
    values, places = _values(node.get("values"))
    for key, value in _entries(node.get("values")):
        loading.refer("field_there", key, record=record)
        loading.refer_options(value, "", key.text, record)
    return Update(place, record, values, places)


def _notify(loading: Loading, entity: str, place: Place, node: Node, _: Mapping[str, Field]) -> Action:
    assert isinstance(node, MappingNode)
    said = node.get("message")
    texts = (
        {key.text: value for key, value in said.entries if isinstance(value, ScalarNode)}
        if isinstance(said, MappingNode)
        else {"en": said}
    )
    message = {locale: _template(each) for locale, each in texts.items() if isinstance(each, ScalarNode)}
    return Notify(place, load_approvers(loading, entity, node.get("to")), message)


def _transition(loading: Loading, entity: str, place: Place, node: Node, _: Mapping[str, Field]) -> Action:
    if isinstance(node, ScalarNode):
        loading.refer("transition", node, entity)
        return Fire(place, node.text)
    assert isinstance(node, MappingNode)
    name = scalar(node, "name")
    assert name is not None
    record = expression(node, "record")
    if record is None:
        loading.refer("transition", name, entity)
    else:
        loading.refer("transition_there", name, record=record)
    return Fire(place, name.text, record)


Load = Callable[[Loading, str, Place, Node, Mapping[str, Field]], Action]
LOADERS: Mapping[str, Load] = {
    "set": _set,
    "create": _create,
    "update": _update,
    "notify": _notify,
    "transition": _transition,
}


def _entries(node: Node | None) -> Iterator[tuple[ScalarNode, Node]]:
    if isinstance(node, MappingNode):
        yield from node.entries


def _values(node: Node | None) -> tuple[dict[str, Any], dict[str, Place]]:
    values: dict[str, Any] = {}
    places: dict[str, Place] = {}
    for key, value in _entries(node):
        formula = isinstance(value, ScalarNode) and is_formula(value)
        values[key.text] = value.expression() if formula and isinstance(value, ScalarNode) else plain(value)
        places[key.text] = value.place
    return values, places


def _template(node: ScalarNode) -> Template:
    """`{{ owner.name }} won {{ name }}` as texts and formulas in turn."""
    whole = Expression(node.text, node.place, node.segments)
    parts: list[str | Expression] = []
    end = 0
    for hole in HOLE.finditer(node.text):
        parts.append(node.text[end : hole.start()])
        written = hole[1]
        at = hole.start(1) + len(written) - len(written.lstrip())
        parts.append(Expression(written.strip(), whole.place_of(at)))
        end = hole.end()
    parts.append(node.text[end:])
    return Template(tuple(each for each in parts if each != ""))
