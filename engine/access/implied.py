"""Fields that need no question of their own, because the rule by which a record is seen answers it.

With `read: owner == user or team.lead == user`, a field that `[owner, team.lead]` may read is read on every
record that is seen: asking both again of each row would cost as much as the rule.
"""

from engine.access.field_policy import field_principals
from engine.access.policy import concerns, rights_key, rules_of_actor
from engine.catalog import CompiledEntity
from engine.definition.model import Rule
from engine.formula.expression import Expression
from engine.formula.nodes import Call, Node
from engine.transaction import Transaction

Comparison = frozenset[Node]
"""The two sides of an `==`, whichever stands first."""


def read_where_seen(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """The fields whose readers depend on the record, and which the actor reads on all records they see."""
    return transaction.catalog.once(
        ("read where seen", entity.key, rights_key(transaction)),
        lambda: _read_where_seen(transaction, entity),
    )


def implies(condition: Node, given: frozenset[Comparison]) -> bool:
    """Whether one of the given comparisons holds wherever the condition does, as far as its form tells."""
    if not isinstance(condition, Call):
        return False
    if condition.function == "or":
        return all(implies(each, given) for each in condition.arguments)
    if condition.function == "and":
        return any(implies(each, given) for each in condition.arguments)
    return condition.function == "equal" and frozenset(condition.arguments) in given


def _read_where_seen(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    if entity.definition.ruled_by or entity.definition.has_approvals:
        return frozenset()
    seeing = [rule for rule in rules_of_actor(transaction, entity) if rule.read is not False]
    found = set()
    for name, rule in entity.definition.access.fields.items():
        principals = field_principals(rule, "read") or ()
        paths = [each for each in principals if concerns(transaction, each) is None]
        given = frozenset(_comparison(transaction, entity, each) for each in paths)
        if given and all(_seen_by(transaction, entity, each, given) for each in seeing):
            found.add(name)
    return frozenset(found)


def _seen_by(
    transaction: Transaction, entity: CompiledEntity, rule: Rule, given: frozenset[Comparison]
) -> bool:
    """Whether a record that the rule lets the actor see fulfils one of the comparisons."""
    if (
        concerns(transaction, rule.principal) is None
        and _comparison(transaction, entity, rule.principal) in given
    ):
        return True
    return isinstance(rule.read, Expression) and implies(transaction.catalog.formula(rule.read).tree, given)


def _comparison(transaction: Transaction, entity: CompiledEntity, path: str) -> Comparison:
    tree = transaction.catalog.path_is_user(entity.key, path).tree
    assert isinstance(tree, Call)
    return frozenset(tree.arguments)
