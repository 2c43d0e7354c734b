"""The parts of a form as plain data: sections, fields with what they hold and allow, child rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
from engine.text import Message, Text


@dataclass(frozen=True, slots=True)
class FieldNode:
    """A field in a form. `path` is the name under which its text is sent: `amount`, `lines-0-quantity`."""

    path: str
    field: CompiledField
    entity: str
    value: Any
    text: str
    """What the control holds: what was typed, else the value as `parse` reads it back."""
    typed: str | None = None
    """For links: what was typed into the search box and is no record."""
    read_only: bool = False
    """Shown as a value, never as a control."""
    locked: bool = False
    """A control that cannot be used at present, because `read_only_when` holds."""
    required: bool = False
    masked: str = ""
    """Of a personal value that is shown when it is asked for: the name by which it is, else empty."""
    began: str = ""
    """What an encrypted field held when the form was made, sealed: history does not tell it."""
    of: str = ""
    """The entity of the record whose form it stands in; of a cell that of the record with the row."""
    hidden: bool = False
    """Not shown at present, because `show_when` does not hold."""
    problems: tuple[Message | Text, ...] = ()
    rows: tuple["RowNode", ...] | None = None
    """For child rows, else None."""
    blank_row: "RowNode | None" = None
    """The row after the last one, from which new ones are made; on pages without scripts it is filled."""

    @property
    def label(self) -> Text:
        return self.field.definition.label

    @property
    def help(self) -> Text | None:
        return self.field.definition.help

    @property
    def widget(self) -> str:
        return self.field.type.widget

    @property
    def options(self) -> Mapping[str, Any]:
        return self.field.definition.options

    @property
    def formula(self) -> str | None:
        """The text of the formula that computes it."""
        expression = self.field.definition.formula
        return expression.text if expression else None

    @property
    def many(self) -> bool:
        """Whether its value is several of its options."""
        several = isinstance(self.value, tuple) and not isinstance(self.value, Link)
        return several or self.widget == "multiselect"

    @property
    def id(self) -> str:
        return f"field-{self.path}"


@dataclass(frozen=True, slots=True)
class RowNode:
    """A child row; `id` is None for one that is not saved yet."""

    path: str
    id: int | None
    fields: tuple[FieldNode, ...]
    problems: tuple[Message | Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionNode:
    """A part of a form; `hidden` while its `show_when` does not hold."""

    name: str
    label: Text | None
    columns: int
    fields: tuple[FieldNode, ...]
    hidden: bool = False
    tab: Text | None = None
    """In which tab it stands; None for those above the tabs."""


@dataclass(frozen=True, slots=True)
class TabNode:
    """A tab of a form with its sections; the one that is open has the first problem, if there are any."""

    label: Text
    sections: tuple[SectionNode, ...]
    open: bool = False

    @property
    def name(self) -> str:
        return self.sections[0].name


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. `problems` are those of no single field; `revision` is None for a new record."""

    entity: CompiledEntity
    sections: tuple[SectionNode, ...]
    problems: tuple[Message | Text, ...] = ()
    revision: int | None = None

    @property
    def above(self) -> tuple[SectionNode, ...]:
        """The sections that are in no tab."""
        return tuple(each for each in self.sections if each.tab is None)

    @property
    def tabs(self) -> tuple[TabNode, ...]:
        """The tabs in their order."""
        labels: list[Text] = []
        for each in self.sections:
            if each.tab is not None and each.tab not in labels:
                labels.append(each.tab)
        found = [
            TabNode(label, tuple(each for each in self.sections if each.tab == label)) for label in labels
        ]
        wrong = [n for n, tab in enumerate(found) if any(_has_problem(each) for each in tab.sections)]
        shown = [n for n, tab in enumerate(found) if not all(each.hidden for each in tab.sections)]
        first = (*wrong, *shown, 0)[0]
        return tuple(replace(tab, open=n == first) for n, tab in enumerate(found))

    @property
    def fields(self) -> Iterable[FieldNode]:
        """All fields, without those of child rows."""
        return (node for section in self.sections for node in section.fields)

    @property
    def has_files(self) -> bool:
        """Whether files can be sent with it."""
        nodes = [
            *self.fields,
            *(cell for node in self.fields if node.blank_row for cell in node.blank_row.fields),
        ]
        return any(node.field.type.files(node.options) for node in nodes if not node.read_only)

    @property
    def has_controls(self) -> bool:
        return any(not node.read_only for node in self.fields)


def _has_problem(section: SectionNode) -> bool:
    cells = [
        cell
        for node in section.fields
        for row in node.rows or ()
        for cell in row.fields
        if cell.problems or row.problems
    ]
    return bool(cells) or any(node.problems for node in section.fields)


@dataclass(frozen=True, slots=True)
class States:
    """What holds for the fields of one record at present."""

    hidden: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back from a form that was refused: path → text, path → problems."""

    texts: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, tuple[Message | Text, ...]] = field(default_factory=dict)
