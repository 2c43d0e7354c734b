"""Templates compiled once for each language, with everything in them that is the same for everybody.

Most of a page never differs: its words in one language, its icons, the addresses of other pages, the parts
that it includes. Jinja would ask for each of them again whenever a page is shown. Here they are put into the
tree of a template before it is compiled, so that between two values of a record lies one piece of text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from flask import request
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from blueprints import visitor
from blueprints.assets import build
from blueprints.escaping import written

CONSTANT = frozenset({"_", "icon", "asset", "url_for"})
"""Functions of templates that give the same for the same arguments, within one `Setting`."""

WIDGETS, FIELDS = "widgets/", "fields/"
"""The folders of the templates for the controls and fields of forms; each is called as a function."""

PARAMETERS = ("node", "record_id", "row", "section", "plain_files", "inside")
"""What such a function takes; `inside` stands where a control or the cells of a row would."""

SETTINGS_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class Setting:
    """What the constants of a page depend on: its language, where the site lies, the build of its assets."""

    locale: str
    root: str
    build: int


class PageCode(CodeGenerator):
    """The Python of templates: what they write out is joined at once, so its parts need no wrapping."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if not frame.eval_ctx.autoescape or frame.eval_ctx.volatile or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


class PageEnvironment(Environment):
    """Jinja for the site. What is asked of it is answered by the environment of the visitor's setting."""

    code_generator_class = PageCode
    written = staticmethod(written)
    setting: Setting | None = None

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._by_setting: dict[Setting, PageEnvironment] = {}
        self.drawings: dict[str, Callable[..., Markup]] = {}

    def get_or_select_template(
        self,
        template_name_or_list: Any,
        parent: str | None = None,
        globals: Any = None,  # noqa: A002 (the name that Jinja gave it)
    ) -> Template:
        """The template, compiled for the visitor of this request."""
        asked = self if self.setting else self._for_visitor()
        return super(PageEnvironment, asked).get_or_select_template(template_name_or_list, parent, globals)

    def _for_visitor(self) -> "PageEnvironment":
        setting = Setting(visitor.locale(), request.script_root, build())
        found = self._by_setting.get(setting)
        if found is None:
            if len(self._by_setting) >= SETTINGS_AT_MOST:
                self._by_setting.clear()
            found = self.overlay()
            found.setting, found.drawings = setting, {}
            self._by_setting[setting] = found
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if (name or "").startswith((WIDGETS, FIELDS)):
            tree.body = [_as_function(tree)]
        return tree if self.setting is None else self._whole(tree, (name or "",))

    def drawing(self, template: str) -> Callable[..., Markup]:
        """What draws a field or the control in it: a function of `PARAMETERS`."""
        if self.auto_reload:
            return self.get_template(template).module.drawn  # type: ignore[attr-defined, no-any-return]
        found = self.drawings.get(template)
        if found is None:
            found = self.drawings[template] = self.get_template(template).module.drawn  # type: ignore[attr-defined]
        return found

    def _whole(self, tree: nodes.Template, within: tuple[str, ...]) -> nodes.Template:
        """The tree with its constants and the parts that it always includes; `within`: where it lies."""
        shadowed = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
        shadowed |= {each.name for each in tree.find_all(nodes.Macro)}
        filled: nodes.Template = _Filling(self, frozenset(shadowed), within).visit(tree)
        for block in filled.find_all(nodes.Block):
            block.body = _gathered(block.body)
        return filled

    def part(self, name: str, within: tuple[str, ...]) -> nodes.Template | None:
        """The tree of an included template; None for one that includes itself or extends another."""
        if name in within or self.loader is None:
            return None
        source, filename, _ = self.loader.get_source(self, name)
        tree = super()._parse(source, name, filename)
        if tree.find(nodes.Extends) is not None or tree.find(nodes.Block) is not None:
            return None
        return self._whole(tree, (*within, name))


def _as_function(tree: nodes.Template) -> nodes.Macro:
    """The template of a field as a macro: a form has dozens, and an include copies all around it."""
    names: list[nodes.Expr] = [nodes.Name(name, "param") for name in PARAMETERS]
    missing: list[nodes.Expr] = [nodes.Const(None) for _ in PARAMETERS[1:]]
    return nodes.Macro("drawn", names, missing, tree.body, lineno=1)


def _gathered(body: list[nodes.Node]) -> list[nodes.Node]:
    """What a block shows, as one piece: each piece goes through every template that the page extends."""
    if not body:
        return body
    name, line = "gathered", body[0].lineno
    return [
        nodes.AssignBlock(nodes.Name(name, "store"), None, body, lineno=line),
        nodes.Output([nodes.Name(name, "load")], lineno=line),
    ]


class _Filling(NodeTransformer):
    """Puts constants and included parts into a tree. Jinja names the methods after its nodes."""

    def __init__(
        self, environment: PageEnvironment, shadowed: frozenset[str], within: tuple[str, ...]
    ) -> None:
        self._environment = environment
        self._shadowed = shadowed
        self._functions: Mapping[str, Any] = {name: environment.globals[name] for name in CONSTANT - shadowed}
        self._locale = None if "locale" in shadowed or not environment.setting else environment.setting.locale
        self._within = within

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
        """The language, which is one of the setting."""
        is_locale = node.name == "locale" and node.ctx == "load" and self._locale is not None
        return nodes.Const(self._locale, lineno=node.lineno) if is_locale else node

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802
        """The part itself, in a scope of its own: what it sets is not seen around it."""
        self.generic_visit(node)
        name = node.template
        # While templates are being written they are read again one by one, and stay apart.
        if self._environment.auto_reload:
            return node
        if not isinstance(name, nodes.Const) or node.ignore_missing or not node.with_context:
            return node
        part = self._environment.part(name.value, self._within)
        return node if part is None else nodes.Scope(part.body, lineno=node.lineno)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        """What is written out, where a sentence with gaps is its words and what fills them."""
        node.nodes = [part for each in node.nodes for part in self._pieces(each)]
        return self.generic_visit(node)

    def _pieces(self, node: nodes.Expr) -> list[nodes.Expr]:
        words = self._functions.get("_")
        if not (
            words
            and isinstance(node, nodes.Call)
            and isinstance(node.node, nodes.Name)
            and node.node.name == "_"
            and len(node.args) == 1
            and isinstance(node.args[0], nodes.Const)
        ):
            return [node]
        given = {each.key: each.value for each in node.kwargs}
        pieces: list[nodes.Expr] = []
        for text, gap, form, conversion in Formatter().parse(words(node.args[0].value)):
            pieces += [nodes.Const(text, lineno=node.lineno)] if text else []
            if gap is None:
                continue
            if gap not in given or form or conversion:
                return [node]
            pieces.append(given[gap])
        return pieces

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        """What the function gives, where all arguments stand in the template."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        function = self._functions.get(name)
        if node.dyn_args or node.dyn_kwargs or not node.args:
            return node
        if function is None:
            return self._straight(node, name)
        if not all(isinstance(each, nodes.Const) for each in node.args):
            return self._chosen(node)
        given = [each.value for each in node.args if isinstance(each, nodes.Const)]
        named = {each.key: each.value.value for each in node.kwargs if isinstance(each.value, nodes.Const)}
        if len(named) == len(node.kwargs):
            return nodes.Const(function(*given, **named), lineno=node.lineno)
        if name == "_":
            # The words are known, what fills them is not.
            words = nodes.Getattr(nodes.Const(function(*given)), "format", "load")
            return nodes.Call(words, [], node.kwargs, None, None, lineno=node.lineno)
        return node

    def _straight(self, node: nodes.Call, name: str) -> nodes.Node:
        """A function of the site as a filter of its first argument, which Jinja calls without detours."""
        if name not in self._environment.filters or name in self._shadowed:
            return node
        first, *others = node.args
        return nodes.Filter(first, name, others, node.kwargs, None, None, lineno=node.lineno)

    def _chosen(self, node: nodes.Call) -> nodes.Node:
        """`icon("a" if … else "b")` as one of two icons."""
        first = node.args[0]
        if not isinstance(first, nodes.CondExpr) or first.expr2 is None:
            return node

        def with_first(each: nodes.Expr) -> nodes.Node:
            args = [each, *node.args[1:]]
            return self.visit_Call(nodes.Call(node.node, args, node.kwargs, None, None, lineno=node.lineno))

        return nodes.CondExpr(
            first.test, with_first(first.expr1), with_first(first.expr2), lineno=node.lineno
        )
