"""Takes a formula apart as it is written: each part with its text, so that its value can stand beside it.

The parts are those of the text, not of the checked tree, in which conversions stand that nobody has written.
Each part is a formula of its own about the same record.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.formula.check import Formula, check_formula
from engine.formula.expression import Expression
from engine.formula.functions.table import PUBLISHED
from engine.formula.nodes import Collect, Hop, Node, children, walk
from engine.formula.parse import Parsed, parse, plain_name
from engine.formula.types import Kind
from engine.formula.world import Scope, World
from engine.problems import DefinitionRefused

SIGNS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
CHAINS: Mapping[str, frozenset[type[ast.operator]]] = {
    **dict.fromkeys("+-", frozenset({ast.Add, ast.Sub})),
    **dict.fromkeys("*/", frozenset({ast.Mult, ast.Div})),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a formula. `role`: constant, field, path, set, rounding, sum, product, function or other.

    `operator` is how it stands in the sum or product above it; `formula` is None where the text means
    something only in its place, such as a written date.
    """

    text: str
    at: int
    role: str
    operator: str = ""
    function: str = ""
    formula: Formula | None = None
    parts: tuple["Part", ...] = ()

    @property
    def collect(self) -> Collect | None:
        """Of a set function: how it collects its records."""
        if self.role != "set" or self.formula is None:
            return None
        return next((each for each in walk(self.formula.tree) if isinstance(each, Collect)), None)


def dissect(formula: Formula, world: World) -> Part:
    """The formula as a part, with all parts below it."""
    expression = formula.expression
    parsed = parse(expression.text)
    return _Dissection(expression.text, parsed, expression, formula.scope, world).part(parsed.tree)


def every_part(part: Part) -> Iterator[Part]:
    """The part and everything below it."""
    yield part
    for each in part.parts:
        yield from every_part(each)


def hops(node: Node) -> Iterator[Hop]:
    """The fields of linked records that the part reads, leaving out what its set functions read."""
    if isinstance(node, Collect):
        return
    if isinstance(node, Hop):
        yield node
    for each in children(node):
        yield from hops(each)


@dataclass(frozen=True, slots=True)
class _Dissection:
    """One formula being taken apart."""

    text: str
    parsed: Parsed
    expression: Expression
    scope: Scope
    world: World

    def part(self, syntax: ast.expr, operator: str = "") -> Part:
        """The part that a piece of syntax makes."""
        text = self._quoted(syntax)
        if isinstance(syntax, ast.Constant):
            return Part(text, self._at(syntax), "constant", operator)
        plain = Part(text, self._at(syntax), "other", operator, formula=self._formula(syntax, text))
        match syntax:
            case ast.Name():
                return replace(plain, role="field")
            case ast.Attribute():
                return replace(plain, role="path")
            case ast.BinOp() if type(syntax.op) in SIGNS:
                role = "sum" if SIGNS[type(syntax.op)] in "+-" else "product"
                operands = self._operands(syntax, CHAINS[SIGNS[type(syntax.op)]])
                return replace(plain, role=role, parts=tuple(self.part(*each) for each in operands))
            case ast.Call(func=ast.Name()):
                return self._call(syntax, plain)
            case _:
                below = (each for each in ast.iter_child_nodes(syntax) if isinstance(each, ast.expr))
                return replace(plain, parts=self._below(below))

    def _call(self, syntax: ast.Call, plain: Part) -> Part:
        assert isinstance(syntax.func, ast.Name)
        name = plain_name(syntax.func.id).lower()
        function = PUBLISHED.get(name)
        role = "rounding" if function is not None and function.group == "rounding" else "function"
        if function is not None and function.over_records and self._over_records(syntax, plain):
            role = "set"
        given = [*syntax.args, *(each.value for each in syntax.keywords)]
        return replace(plain, role=role, function=name, parts=self._below(given))

    def _over_records(self, syntax: ast.Call, plain: Part) -> bool:
        if any(isinstance(each, ast.GeneratorExp) for each in syntax.args):
            return True
        path = bool(syntax.args) and isinstance(syntax.args[0], (ast.Name, ast.Attribute))
        found = plain.formula is not None and any(
            isinstance(each, Collect) for each in walk(plain.formula.tree)
        )
        return path and found

    def _operands(
        self, syntax: ast.BinOp, chain: frozenset[type[ast.operator]], operator: str = ""
    ) -> Iterator[tuple[ast.expr, str]]:
        """`a - b + c` as a, -b, +c."""
        left = syntax.left
        if isinstance(left, ast.BinOp) and type(left.op) in chain:
            yield from self._operands(left, chain, operator)
        else:
            yield left, operator
        yield syntax.right, SIGNS[type(syntax.op)]

    def _below(self, syntax: Iterable[ast.expr]) -> tuple[Part, ...]:
        """The parts of several pieces: each text once, and nothing that is a value as it stands."""
        found: dict[str, Part] = {}
        for each in syntax:
            for piece in self._free(each, frozenset()):
                made = self.part(piece)
                if made.formula is not None or made.parts:
                    found.setdefault(made.text, made)
        return tuple(found.values())

    def _free(self, syntax: ast.expr, bound: frozenset[str]) -> Iterator[ast.expr]:
        """The largest pieces that mean something outside a set function, whose own names are `bound`."""
        if isinstance(syntax, ast.Constant):
            return
        if isinstance(syntax, ast.GeneratorExp):
            (generator,) = syntax.generators
            inner = bound | {each.id for each in ast.walk(generator.target) if isinstance(each, ast.Name)}
            for each in (syntax.elt, *generator.ifs):
                yield from self._free(each, inner)
            return
        names = {each.id for each in ast.walk(syntax) if isinstance(each, ast.Name)}
        if isinstance(syntax, ast.List) or names & bound:
            for child in ast.iter_child_nodes(syntax):
                if isinstance(child, ast.expr) and not (
                    isinstance(syntax, ast.Call) and child is syntax.func
                ):
                    yield from self._free(child, bound)
            return
        yield syntax

    def _formula(self, syntax: ast.expr, text: str) -> Formula | None:
        expression = Expression(text, self.expression.place_of(self._at(syntax)))
        try:
            formula = check_formula(expression, self.world, self.scope)
        except DefinitionRefused:
            return None
        return None if formula.type.kind is Kind.SET else formula

    def _at(self, syntax: ast.expr) -> int:
        return self.parsed.offset_of(syntax)

    def _quoted(self, syntax: ast.expr) -> str:
        """The text of a piece as its author wrote it."""
        offsets, last = self.parsed.offsets, max((syntax.end_col_offset or 1) - 1, 0)
        following = next((each for each in offsets[last:] if each > offsets[last]), len(self.text))
        return self.text[self._at(syntax) : following].strip()
