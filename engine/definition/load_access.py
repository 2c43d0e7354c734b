"""Roles, principals and access rules."""

from engine.definition.language import LATER_PRINCIPALS
from engine.definition.loading import Loading, entries, items, label, scalar
from engine.definition.model import Access, FieldRule, Role, Rule
from engine.definition.nodes import MappingNode, Node, ScalarNode
from engine.formula.expression import Expression
from engine.text import say

ACTIONS = ("read", "create", "update", "delete", "export")


def load_roles(loading: Loading, node: Node | None) -> dict[str, Role]:
    """The roles of the app by their names."""
    roles = {}
    for key, each in entries(node):
        included = items(each.get("includes"))
        for name in included:
            loading.refer("role", name, detail=key.text)
        roles[key.text] = Role(
            loading.app, key.text, label(key, each), tuple(loading.in_full(name.text) for name in included)
        )
    return roles


def principals(loading: Loading, entity: str, node: Node) -> tuple[str, ...]:
    """Who is meant: `role:crm.sales` (in full), `user:name`, `everyone`, or a path to a user field."""
    return tuple(principal(loading, entity, each) for each in items(node))


def principal(loading: Loading, entity: str, node: ScalarNode) -> str:
    """One principal, roles in full."""
    before, colon, name = node.text.partition(":")
    if before == "role" and colon:
        loading.refer("principal_role", node, entity)
        return f"role:{loading.in_full(name)}"
    if before.partition("(")[0] in LATER_PRINCIPALS and (
        colon or "(" in before or before in LATER_PRINCIPALS[:2]
    ):
        loading.refuse(
            node.place,
            say(
                "This version of Dougong does not know the principal '{name}' yet; name a role or a user.",
                name=node.text,
            ),
        )
    else:
        loading.refer("principal", node, entity)
    return node.text


def load_access(loading: Loading, entity: str, node: Node | None) -> Access:
    """Who may do what; without rules only administrators."""
    if not isinstance(node, MappingNode):
        return Access()
    fields = {}
    for key, each in entries(node.get("fields")):
        loading.refer("field", key, entity)
        fields[key.text] = FieldRule(
            key.text, _people(loading, entity, each, "read"), _people(loading, entity, each, "update")
        )
    rules = tuple(_rule(loading, entity, key, each) for key, each in entries(node.without("fields")))
    return Access(rules, fields)


def _people(loading: Loading, entity: str, node: MappingNode, key: str) -> tuple[str, ...] | None:
    value = node.get(key)
    return principals(loading, entity, value) if value else None


def _rule(loading: Loading, entity: str, key: ScalarNode, node: MappingNode) -> Rule:
    return Rule(principal(loading, entity, key), **{action: _right(node, action) for action in ACTIONS})


def _right(node: MappingNode, action: str) -> bool | Expression:
    value = scalar(node, action)
    if value is None:
        return False
    return value.value if isinstance(value.value, bool) else value.expression()
