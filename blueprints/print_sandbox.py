"""Where the templates of documents run: Jinja without a way to the host, to other files, or to endless work.

A template comes from whoever may publish; still it gets nothing but values and must end. What it loops over
and calls is counted, products of texts are refused, and so is what is written beyond a length.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NoReturn, TypeVar

from jinja2 import StrictUndefined, TemplateError, TemplateRuntimeError, TemplateSyntaxError, Undefined, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from engine.problems import Refused
from engine.text import say

Collection = TypeVar("Collection", nodes.List, nodes.Tuple, nodes.Dict)

MOST_ROUNDS = 100_000
MOST_CALLS = 20_000
LONGEST = 2_000_000
LONGEST_TEMPLATE = 200_000
LONGEST_TEXT = 100_000
LARGEST_NUMBER = 10**30
FILTERS = (
    *("abs", "capitalize", "count", "default", "d", "dictsort", "escape", "e", "first", "float", "groupby"),
    *("int", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse"),
    *("select", "selectattr", "sort", "striptags", "sum", "title", "trim", "truncate", "unique", "upper"),
)
"""What Jinja's filters a template may use: those that make nothing larger than what they are given."""


class TemplateRefused(Refused):
    """A template cannot be printed; the message says where and why."""


@dataclass(slots=True)
class Budget:
    """What is left of the rounds and calls of one document."""

    rounds: int = MOST_ROUNDS
    calls: int = MOST_CALLS

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values, each of which costs a round."""
        for each in values:
            self.rounds -= 1
            if self.rounds < 0:
                raise Exhausted
            yield each

    def spend_call(self) -> None:
        """A call costs one."""
        self.calls -= 1
        if self.calls < 0:
            raise Exhausted


FAULTS = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, SyntaxError),
    *(TypeError, ValueError),
)
"""What goes wrong inside a template: 1 / 0, a value that is not there, endless macros."""


class Exhausted(TemplateError):
    """The document would take too long."""


class _Bounded(NodeTransformer):
    """Lets loops count their rounds, texts that are joined stay short, and lists hold nothing but constants.

    A list that holds itself twice, forty times over, would be larger than any memory when it is written.
    """

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja names it
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "_counted", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "_joined", [], [], None, None, lineno=node.lineno)

    def visit_List(self, node: nodes.List) -> nodes.List:  # noqa: N802
        return self._constant(node, node.items)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Tuple:  # noqa: N802
        return node if node.ctx == "store" else self._constant(node, node.items)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Dict:  # noqa: N802
        return self._constant(node, [pair.value for pair in node.items])

    def _constant(self, node: Collection, items: list[nodes.Expr]) -> Collection:
        if not all(isinstance(each, nodes.Const) for each in items):
            raise TemplateSyntaxError("a list can hold only plain values here", node.lineno)
        return node


def shown(value: Any) -> Any:
    """What may be written out: texts, numbers and days, no lists."""
    if value is None:
        return ""
    if isinstance(value, (str, int, float, Decimal, date, Undefined)):
        return value
    raise TemplateRuntimeError("a list cannot be written; loop over it")


def joined(values: Iterable[Any], between: str = "") -> Markup:
    """The values one after another, escaped; not too long."""
    parts: list[Markup] = []
    length = 0
    for each in values:
        parts.append(escape(shown(each)))
        length += len(parts[-1]) + len(between)
        if length > LONGEST_TEXT:
            raise TemplateRuntimeError("a text becomes too long")
    return escape(between).join(parts)


def rounded(value: Any, places: int = 0) -> Decimal:
    """The number with so many places, half up."""
    step = Decimal(1).scaleb(-max(0, min(int(places), 12)))
    return Decimal(str(value)).quantize(step, ROUND_HALF_UP)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one document."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(
            autoescape=True, undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True
        )
        self.budget = Budget()
        self.globals = {}
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.filters |= {"_counted": self.budget.counted, "_joined": joined, "join": joined, "round": rounded}
        self.tests = {name: test for name, test in self.tests.items() if name not in {"filter", "test"}}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Only numbers are multiplied, and none is raised to a power; texts are joined with ~."""
        numbers = all(isinstance(each, (int, float)) or hasattr(each, "quantize") for each in (left, right))
        if operator == "**" or not numbers or (operator == "*" and abs(left) * abs(right) > LARGEST_NUMBER):
            raise Forbidden(operator)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, *arguments: Any, **named: Any) -> Any:
        """Calls of macros are counted; nothing else can be called."""
        self.budget.spend_call()
        return super().call(context, called, *arguments, **named)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """No methods: values have only fields."""
        return not callable(value) and super().is_safe_attribute(obj, attr, value)


class Forbidden(TemplateError):
    """An operator that could make something endless."""

    def __init__(self, operator: str) -> None:
        super().__init__(f"“{operator}” works only on numbers here; join texts with ~.")


def write_document(template: str, file: str, values: Mapping[str, Any]) -> str:
    """The document for these values as HTML; raises TemplateRefused with a sentence."""
    if len(template) > LONGEST_TEMPLATE:
        _refuse(file, 1, "It is too long.")
    sandbox = Sandbox()
    try:
        tree = _Bounded().visit(sandbox.parse(template, file, file))
        code = sandbox.compile(tree, file, file)
        made = sandbox.template_class.from_code(sandbox, code, {}, None)
        return _limited(made.generate(dict(values)), file)
    except TemplateError as error:
        line = getattr(error, "lineno", None) or _line(error, file)
        reason = "It would take too long." if isinstance(error, Exhausted) else str(error.message or error)
        _refuse(file, line, reason, error)
    except FAULTS as error:
        _refuse(file, _line(error, file), str(error) or type(error).__name__, error)


def _limited(pieces: Iterable[str], file: str) -> str:
    found: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST:
            _refuse(file, 1, "It becomes too long.")
        found.append(piece)
    return "".join(found)


def _line(error: BaseException, file: str) -> int:
    """The line of the template where it happened."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _refuse(file: str, line: int, reason: str, cause: BaseException | None = None) -> NoReturn:
    sentence = say(
        "The document cannot be printed: {file}, line {line}: {reason}", file=file, line=line, reason=reason
    )
    raise TemplateRefused(sentence) from cause
