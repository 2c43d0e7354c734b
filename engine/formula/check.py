"""Checks a formula: names, types and limits, all problems at once, before anything runs."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.formula import construct, literals
from engine.formula.check_calls import call, within_levels
from engine.formula.check_names import attribute, name
from engine.formula.check_operators import (
    binary,
    comparison,
    conditional,
    literal,
    logical,
    no_generator,
    no_list,
    unary,
)
from engine.formula.checking import Checking, Handler
from engine.formula.expression import Expression
from engine.formula.kinds import Mismatch, family_of, kind_name
from engine.formula.literals import LITERALS
from engine.formula.lower import lower
from engine.formula.mentions import Mention, options_named
from engine.formula.nodes import (
    OWN,
    PRIOR,
    Broken,
    Call,
    Collect,
    Column,
    Constant,
    Hop,
    Node,
    Parameter,
    outside_key,
    outside_parts,
    walk,
)
from engine.formula.parse import parse
from engine.formula.tokens import Unreadable
from engine.formula.types import MONTH, Kind, Type
from engine.formula.world import Read, Scope, World
from engine.problems import DefinitionRefused, Problem, unknown
from engine.text import say

__all__ = ["Formula", "Read", "Scope", "World", "check_formula"]

HANDLERS: Mapping[type[ast.AST], Handler] = {
    ast.Constant: literal,
    ast.Name: name,
    ast.Attribute: attribute,
    ast.BinOp: binary,
    ast.UnaryOp: unary,
    ast.BoolOp: logical,
    ast.Compare: comparison,
    ast.IfExp: conditional,
    ast.Call: call,
    ast.List: no_list,
    ast.GeneratorExp: no_generator,
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula, ready for both back ends.

    `own` are the fields of its own record that it reads (child rows and many links included). `is_own`:
    it depends on nothing but its own record, so its value can be stored. `program` is the tree as
    simpleeval runs it.
    """

    expression: Expression
    type: Type
    tree: Node
    program: ast.expr = field(compare=False, repr=False)
    scope: Scope
    reads: frozenset[Read]
    own: frozenset[str]
    own_types: Mapping[str, Type] = field(hash=False, repr=False)
    prior_types: Mapping[str, Type] = field(hash=False, repr=False)
    """The fields whose saved values it reads."""
    rows_types: Mapping[str, Mapping[str, Type]] = field(hash=False, repr=False)
    """For own child rows: their entity's field types."""
    outside_keys: tuple[str, ...]
    """The names of what `outside.py` fetches for it."""
    is_own: bool
    reads_user: bool
    reads_time: bool
    functions: frozenset[str]
    calendars: frozenset[str]
    """The working calendars that it counts by, their names in full."""
    mentions: frozenset[Mention] = field(compare=False, repr=False)
    """The names in its text that stand for something in a definition."""


def check_formula(
    expression: Expression, world: World, scope: Scope, expected: Type | None = None
) -> Formula:
    """The checked formula, whose values fit `expected`; raises DefinitionRefused with every problem."""
    try:
        parsed = parse(expression.text)
    except Unreadable as error:
        raise DefinitionRefused([Problem(expression.place_of(error.offset), error.message)]) from error
    checking = Checking(world, scope, expression, parsed, HANDLERS)
    tree = checking.visit(parsed.tree)
    if not isinstance(tree, Broken):
        try:
            tree = within_levels(_fitted(tree, expected) if expected else construct.settle(tree))
        except Mismatch as mismatch:
            checking.problem(tree.at if mismatch.at is None else mismatch.at, mismatch.message)
    if checking.problems:
        raise DefinitionRefused(sorted(checking.problems, key=lambda each: each.where))
    return _formula(checking, tree, expected)


def _formula(checking: Checking, tree: Node, expected: Type | None) -> Formula:
    world, scope = checking.world, checking.scope
    parts = list(walk(tree))
    reads = frozenset(_reads(parts, scope))
    own_types = dict(_own_fields(parts, world, scope))
    parameters = {each.name for each in parts if isinstance(each, Parameter)}
    live = any((scope.entity, field) in world.live for field in own_types)
    outside = any(isinstance(each, (Hop, Collect)) for each in parts)
    timeless = not parameters & {"user", "roles", "now", "today"}
    rows = {
        field: own.element.entity
        for field, own in own_types.items()
        if own.element is not None and own.element.entity in world.parents
    }
    return Formula(
        expression=checking.expression,
        type=expected or tree.type,
        tree=tree,
        program=lower(tree),
        scope=scope,
        reads=reads,
        own=frozenset(own_types),
        own_types=own_types,
        prior_types={
            each.name: each.type for each in parts if isinstance(each, Column) and each.source == PRIOR
        },
        rows_types={field: world.entities[entity] for field, entity in rows.items() if entity},
        outside_keys=tuple(dict.fromkeys(outside_key(part) for part in outside_parts(tree))),
        is_own=not outside and not live and timeless,
        reads_user=bool(parameters & {"user", "roles"}),
        reads_time=bool(parameters & {"now", "today"}),
        functions=frozenset(checking.functions),
        calendars=frozenset(checking.calendars),
        mentions=frozenset(checking.mentions).union(options_named(tree, expected)),
    )


def _reads(parts: list[Node], scope: Scope) -> Iterator[Read]:
    for part in parts:
        match part:
            case Column():
                others = part.source not in {OWN, PRIOR} and part.entity == scope.entity
                yield Read(part.entity, part.name, frozen=others)
            case Hop():
                yield Read(part.entity, part.name, part.entity == scope.entity)
            case Collect() if part.rows.name:
                yield Read(part.rows.owner, part.rows.name)
            case _:
                pass


def _own_fields(parts: list[Node], world: World, scope: Scope) -> Iterator[tuple[str, Type]]:
    for part in parts:
        if isinstance(part, Column) and part.source == OWN:
            yield part.name, part.type
        if (
            isinstance(part, Collect)
            and isinstance(part.rows.base, Column)
            and part.rows.base.source == OWN
            and (part.rows.base.name == "id")
        ):
            yield part.rows.name, world.entities[part.rows.owner][part.rows.name]


def _fitted(tree: Node, expected: Type) -> Node:
    """The tree, with what makes its values those of `expected`; refuses what cannot be."""
    if expected.kind is Kind.CHOICE:
        _check_options(tree, expected)
        return tree
    if isinstance(tree, Constant) and tree.type.kind is Kind.TEXT and expected.kind in LITERALS:
        return literals.written_as(tree, expected.kind, LITERALS[expected.kind][0])
    families = (family_of(tree.type), family_of(expected))
    if expected.kind is Kind.LINK and tree.type.kind is Kind.LINK and tree.type.entity != expected.entity:
        raise Mismatch(
            say(
                "The result must be a link to {wanted}, not to {entity}.",
                wanted=expected.entity,
                entity=tree.type.entity,
            )
        )
    if tree.type.kind is not Kind.BLANK and families[0] != families[1]:
        raise Mismatch(
            say(
                "The result must be {wanted}, not {kind}.",
                wanted=kind_name(expected),
                kind=kind_name(tree.type),
            )
        )
    if expected.kind is Kind.MONTH and tree.type.kind is Kind.DATE:
        return Call(MONTH, tree.at, "first_of_month", (tree,))
    return tree


def _check_options(tree: Node, expected: Type) -> None:
    """Refuses results that are no option of the choice."""
    match tree:
        case Constant() if tree.type.kind is Kind.TEXT:
            literals.check_option(tree, expected)
        case Call(function="choose" | "coalesce"):
            for each in tree.arguments[1 if tree.function == "choose" else 0 :]:
                _check_options(each, expected)
        case _ if tree.type.kind is Kind.CHOICE:
            for option in tree.type.options:
                if option not in expected.options:
                    sentence = say("There is no option '{value}' here.", value=option)
                    raise Mismatch(unknown(sentence, option, expected.options), tree.at)
        case _ if tree.type.kind is not Kind.BLANK:
            raise Mismatch(
                say("The result must be one of the options, not {kind}.", kind=kind_name(tree.type)), tree.at
            )
        case _:
            pass
