"""The state of checking one formula: what is known, what was found wrong, which names are bound."""

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.formula.expression import Expression
from engine.formula.kinds import Mismatch, broken
from engine.formula.mentions import Meant, Mention
from engine.formula.nodes import Broken, Column, Hop, Node
from engine.formula.parse import Parsed
from engine.formula.types import BLANK, INTEGER, link
from engine.formula.world import Scope, World
from engine.problems import Problem
from engine.text import Message, say

Handler = Callable[["Checking", ast.AST], Node]


@dataclass(slots=True)
class Checking:
    """One formula under check. `handlers` says for each kind of syntax what it means."""

    world: World
    scope: Scope
    expression: Expression
    parsed: Parsed
    handlers: Mapping[type[ast.AST], Handler]
    problems: list[Problem] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Names bound by `for`: name → (source, entity)."""
    sources: int = 0
    mentions: set[Mention] = field(default_factory=set)
    """The names of fields and entities that were found so far."""

    def visit(self, syntax: ast.AST) -> Node:
        """The checked part; problems are collected, and a part that has one comes back Broken."""
        at = self.parsed.offset_of(syntax)
        handler = self.handlers.get(type(syntax))
        if handler is None:
            self.problem(at, say("This is not part of the formula language."))
            return Broken(BLANK, at)
        try:
            return handler(self, syntax)
        except Mismatch as mismatch:
            self.problem(at if mismatch.at is None else mismatch.at, mismatch.message)
            return Broken(BLANK, at)

    def visit_all(self, syntax: list[ast.expr]) -> tuple[list[Node], Broken | None]:
        """The checked parts, and a Broken one when any is broken."""
        nodes = [self.visit(each) for each in syntax]
        at = self.parsed.offset_of(syntax[0]) if syntax else 0
        return nodes, broken(nodes, at)

    def problem(self, at: int, message: Message) -> None:
        """Notes what is wrong with the character at an offset of the formula's text."""
        problem = Problem(self.expression.place_of(at), message)
        if problem not in self.problems:
            self.problems.append(problem)

    def named(self, at: int, node: Node) -> Node:
        """The part itself, noting the field whose name at this offset it is; an encrypted one is refused."""
        if isinstance(node, (Column, Hop)) and not is_record(node):
            if (node.entity, node.name) in self.world.encrypted:
                raise Mismatch(say("'{name}' is encrypted; a formula cannot read it.", name=node.name), at)
            self.mentions.add(Mention(at, Meant("field", node.entity, node.name)))
        return node

    def named_entity(self, at: int, full: str) -> None:
        """Notes that the name at this offset is that of an entity."""
        app, _, name = full.partition(".")
        self.mentions.add(Mention(at, Meant("entity", app, name)))

    @contextmanager
    def bound(self, name: str, entity: str) -> Iterator[str]:
        """Binds a name to a record of `entity` while a generator is checked; gives its source."""
        self.sources += 1
        source = f"{name}{self.sources}"
        before = dict(self.aliases)
        self.aliases[name] = (source, entity)
        try:
            yield source
        finally:
            self.aliases = before

    def record(self, source: str, entity: str, at: int) -> Node:
        """A record itself, as a link to it."""
        return Column(link(entity), at, source, entity, "id")


def is_record(node: Node) -> bool:
    """Whether the part is a record at hand, whose fields are columns of its source."""
    return isinstance(node, Column) and node.name == "id" and node.type != INTEGER
