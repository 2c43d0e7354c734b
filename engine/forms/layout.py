"""The form of a record for one person: sections with their fields, and what each holds and allows.

The tree is plain data: a page renders it, `bind` reads the texts that come back for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.access.field_policy import field_conditions, masked, readable
from engine.catalog import CompiledEntity, CompiledField
from engine.definition.model import Section
from engine.fields.field_type import Relation
from engine.fields.types.link import Link
from engine.forms.nodes import FieldNode, Form, RowNode, SectionNode, States, Typed
from engine.problems import Problem
from engine.records.compute import bare, conditions, evaluate_all
from engine.records.merge import sealed
from engine.records.select import MASKED
from engine.text import Message, Text
from engine.transaction import Transaction

Values = Mapping[str, Any]
CONDITIONS = ("show_when", "required_when", "read_only_when")


def layout(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Values,
    writable: frozenset[str],
    typed: Typed | None = None,
    saved: Values | None = None,
) -> Form:
    """The form that shows `values` (links as Link, child rows as lists) and lets `writable` be changed.

    `saved` is the record that the values change; None when they change nothing, or are a new one.
    Fields the actor may not read are left out, and sections that are then empty.
    """
    typed = typed or Typed()
    shown = readable(transaction, entity) | _readable_here(transaction, entity, values)
    shown |= values.get(MASKED, frozenset())
    states = states_of(transaction, entity, values, saved)
    maker = _Maker(
        transaction, entity, writable & _changeable(transaction, entity), typed, saved or {}, entity.key
    )
    held = _sections_shown(transaction, entity, values, saved)
    sections = []
    for section in entity.definition.form:
        nodes = tuple(
            maker.node(entity.fields[name], name, values, states)
            for name in section.fields
            if name in entity.fields and name in shown
        )
        if nodes:
            sections.append(
                SectionNode(
                    section.name,
                    section.label,
                    section.columns,
                    nodes,
                    hidden=not held.get(section.name, True),
                    tab=_tab(entity, section),
                )
            )
    placed = {node.path for section in sections for node in section.fields}
    loose = [
        message
        for path, messages in typed.problems.items()
        if path not in placed and path.partition("-")[0] not in placed
        for message in messages
    ]
    return Form(entity, tuple(sections), tuple(loose), values.get("revision"))


def _tab(entity: CompiledEntity, section: Section) -> Text | None:
    """The tab in which a section stands: the last one that began before it or with it."""
    tab = None
    for each in entity.definition.form:
        tab = each.tab or tab
        if each is section:
            break
    return tab


def field_node(
    transaction: Transaction,
    entity: CompiledEntity,
    name: str,
    values: Values,
    writable: frozenset[str],
    typed: Typed | None = None,
) -> FieldNode:
    """The node of one field alone, to be edited where its value stands in a list."""
    states = states_of(transaction, entity, values, values or None)
    maker = _Maker(
        transaction, entity, writable & _changeable(transaction, entity), typed or Typed(), values, entity.key
    )
    return replace(maker.node(entity.fields[name], name, values, states), hidden=False)


def states_of(
    transaction: Transaction, entity: CompiledEntity, values: Values, saved: Values | None = None
) -> States:
    """Which fields are hidden, required, locked for these values, which change the `saved` ones."""
    always, conditional = transaction.catalog.once(
        ("always required", entity.key), lambda: (_always_required(entity), _is_conditional(entity))
    )
    if not conditional:
        return States(required=always)
    own = {name: bare(value) for name, value in values.items()}
    held = conditions(transaction, entity, CONDITIONS, own, saved)
    return States(
        hidden=frozenset(entity.fields) - held["show_when"],
        required=held["required_when"] | always,
        locked=held["read_only_when"],
    )


def _always_required(entity: CompiledEntity) -> frozenset[str]:
    return frozenset(name for name, each in entity.fields.items() if each.definition.required)


def _is_conditional(entity: CompiledEntity) -> bool:
    """Whether the state of some field depends on values."""
    return any(
        getattr(each.definition, kind) is not None for each in entity.fields.values() for kind in CONDITIONS
    )


def hidden_sections(
    transaction: Transaction, entity: CompiledEntity, values: Values, saved: Values | None = None
) -> frozenset[str]:
    """The names of the sections whose `show_when` does not hold; `saved` as in `layout`."""
    held = _sections_shown(transaction, entity, values, saved)
    return frozenset(name for name, holds in held.items() if not holds)


def problems_by_path(problems: Sequence[Problem]) -> dict[str, tuple[Message | Text, ...]]:
    """Problems of the engine (`lines[2].quantity`) under the paths of a form (`lines-2-quantity`)."""
    found: dict[str, tuple[Message | Text, ...]] = {}
    for problem in problems:
        path = form_path(str(problem.where))
        found[path] = (*found.get(path, ()), problem.message)
    return found


def form_path(path: str) -> str:
    """`lines[2].quantity` → `lines-2-quantity`."""
    return path.replace("[", "-").replace("].", "-").replace("]", "")


def _changeable(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """The fields whose values somebody enters, whoever may."""
    return transaction.catalog.once(
        ("changeable", entity.key),
        lambda: frozenset(
            name
            for name, each in entity.fields.items()
            if not each.definition.read_only
            and not each.computed
            and not each.definition.system
            and each.type.numbering(each.definition.options) is None
        ),
    )


def _sections_shown(
    transaction: Transaction, entity: CompiledEntity, values: Values, saved: Values | None
) -> Mapping[str, Any]:
    conditional: list[Section] = [each for each in entity.definition.form if each.show_when]
    if not conditional:
        return {}
    own = {name: bare(value) for name, value in values.items()}
    formulas = {
        each.name: transaction.catalog.formula(each.show_when) for each in conditional if each.show_when
    }
    return evaluate_all(transaction, entity, formulas, own, saved)


def _readable_here(transaction: Transaction, entity: CompiledEntity, values: Values) -> frozenset[str]:
    """Fields whose reading depends on the record: what was read of it is there, a new one shows them."""
    dependent = field_conditions(transaction, "read", entity, entity.table)
    return frozenset(name for name in dependent if name in values or values.get("id") is None)


@dataclass(frozen=True, slots=True)
class _Maker:
    transaction: Transaction
    entity: CompiledEntity
    open: frozenset[str]
    """The fields that the actor may change."""
    typed: Typed
    saved: Values
    of: str
    """The entity of the record whose form it is."""

    def node(self, each: CompiledField, path: str, values: Values, states: States) -> FieldNode:
        """The node of one field of the record or, with another maker, of one of its rows."""
        value = values.get(each.name)
        rows, blank = None, None
        hidden = each.name in values.get(MASKED, ())
        open_to_change = each.name in self.open and not hidden
        if each.type.relation is Relation.ROWS:
            rows, blank = self._rows(each, path, value or [], open_to_change)
        text = self.typed.texts.get(path)
        return FieldNode(
            path=path,
            field=each,
            entity=self.entity.key,
            value=value,
            text=self._text(each, value) if text is None else text,
            typed=self.typed.titles.get(path),
            read_only=not open_to_change,
            locked=each.name in states.locked,
            required=each.name in states.required and open_to_change,
            masked=self._asked(path, values) if hidden else "",
            began=self._began(each, values) if each.encrypted and open_to_change else "",
            of=self.of,
            hidden=each.name in states.hidden,
            problems=self.typed.problems.get(path, ()),
            rows=rows,
            blank_row=blank,
        )

    def _began(self, each: CompiledField, values: Values) -> str:
        """What the record holds of an encrypted field, to be sent with what it is to hold."""
        saved = self.saved or values
        if saved.get("id") is None:
            return ""
        return sealed(self.transaction, self.entity, each, saved["id"], saved.get(each.name))

    def _asked(self, path: str, values: Values) -> str:
        """By which name a personal value is asked for: `mobile`, of a row by its number `loans.31.rate`."""
        table, *_, name = path.split("-") if "-" in path else ("", path)
        return f"{table}.{values['id']}.{name}" if table else name

    def _text(self, each: CompiledField, value: Any) -> str:
        if value is None or isinstance(value, list):
            return ""
        if isinstance(value, Link):
            return str(value.id)
        if isinstance(value, tuple):
            return ""
        actor = self.transaction.actor
        return each.type.edit(each.definition.options, value, actor.locale, actor.time_zone)

    def _rows(
        self, each: CompiledField, path: str, rows: Sequence[Values], open_to_change: bool
    ) -> tuple[tuple[RowNode, ...], RowNode]:
        child = self.transaction.catalog.entity(self.entity.children[each.name])
        seen = readable(self.transaction, child) | masked(self.transaction, child)
        shown = [
            field
            for field in (child.fields[name] for section in child.definition.form for name in section.fields)
            if field.name in seen and not field.definition.hidden
        ]
        own = _changeable(self.transaction, child) if open_to_change else frozenset()
        maker = _Maker(self.transaction, child, own, self.typed, {}, self.of)
        saved = {row.get("id"): row for row in self.saved.get(each.name) or ()}

        def row(number: int, values: Values) -> RowNode:
            below = f"{path}-{number}"
            states = states_of(self.transaction, child, values, saved.get(values.get("id")))
            of_row = replace(maker, saved=saved.get(values.get("id"), {})) if saved else maker
            nodes = tuple(of_row.node(field, f"{below}-{field.name}", values, states) for field in shown)
            return RowNode(below, values.get("id"), nodes, self.typed.problems.get(below, ()))

        made = tuple(row(number, values) for number, values in enumerate(rows))
        return made, row(len(rows), row_defaults(child))


def row_defaults(child: CompiledEntity) -> dict[str, Any]:
    """What a new row begins with: the defaults that are plain values."""
    return {
        name: each.definition.default
        for name, each in child.fields.items()
        if each.definition.default is not None and not hasattr(each.definition.default, "place")
    }
