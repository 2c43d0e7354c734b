"""What a form sends, read by the fields' own types: texts become values, or problems at their fields.

The form is a WTForms form made from the layout. Child rows are numbered (`lines-0-quantity`, `lines-1-…`;
gaps do not matter); a row that was left as the blank one is no row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from wtforms import Field, FieldList, FormField, StringField
from wtforms.form import BaseForm

from engine.fields.field_type import Relation, ValueRefused
from engine.forms.nodes import FieldNode, RowNode, Typed
from engine.records.named import Titles
from engine.records.read import titles
from engine.text import Message, Text
from engine.transaction import Transaction

ROW_ID, ROW_REMOVE = "__id", "__remove"
"""What a row sends besides its fields: which saved row it is, and whether it goes."""


class Submitted(Protocol):
    """What a web framework gives for a form: werkzeug's MultiDict and the like."""

    def getlist(self, name: str, /) -> list[Any]: ...
    def __contains__(self, name: Any, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Bound:
    """What was sent: the values that could be read, and everything as it was typed.

    Rows are numbered anew in `values` and `typed`; `row_paths` tells under which path each was sent.
    """

    values: dict[str, Any]
    texts: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    problems: dict[str, tuple[Message | Text, ...]] = field(default_factory=dict)
    row_paths: dict[str, list[str]] = field(default_factory=dict)

    @property
    def typed(self) -> Typed:
        return Typed(self.texts, self.titles, self.problems)


def bind(transaction: Transaction, nodes: Iterable[FieldNode], submitted: Submitted) -> Bound:
    """Reads a submitted form. Only fields that were sent and may be changed become values."""
    reader = _Reader(transaction, Titles(transaction), submitted)
    bound = Bound({})
    changeable = [node for node in nodes if not node.read_only]
    plain = [node for node in changeable if node.rows is None and reader.was_sent(node.path)]
    form = _form_of({node.path: ValueField(node, reader) for node in plain})(submitted)
    for node in plain:
        _take(form[node.path], node.path, bound.values, bound, reader)
    for node in changeable:
        if node.rows is not None and f"{node.path}-present" in submitted:
            bound.values[node.field.name] = _rows(node, reader, bound)
    return bound


class ValueField(Field):
    """One field of a record: its FieldType reads the text."""

    def __init__(self, node: FieldNode, reader: "_Reader", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.node, self.reader = node, reader
        self.texts: list[str] = []
        self.path = ""
        """The name under which it was sent; WTForms numbers rows anew afterwards."""
        self.refusal: Message | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Reads what was sent under the field's name (WTForms calls this)."""
        self.texts = [str(each) for each in valuelist]
        self.path = self.name
        try:
            self.data = self.reader.read(self.node, self.texts, self.reader.title(self.path))
        except ValueRefused as refused:
            self.data, self.refusal = None, refused.message


class RowMark(StringField):
    """What a row sends besides its fields, and the path of the row as it was sent."""

    row_path = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Takes the text (WTForms calls this)."""
        self.row_path = self.name.rpartition("-")[0]
        super().process_formdata(valuelist)


def _form_of(fields: Mapping[str, Any]) -> Any:
    """Makes forms with these fields; not a Form class, whose attributes would clash with a field `data`."""

    def make(formdata: Any = None, obj: Any = None, prefix: str = "", **values: Any) -> BaseForm:
        form = BaseForm(dict(fields), prefix=prefix)
        form.process(formdata, obj, **values)
        return form

    return make


def _rows(node: FieldNode, reader: "_Reader", bound: Bound) -> list[dict[str, Any]]:
    assert node.blank_row is not None
    cells = [cell for cell in node.blank_row.fields if not cell.read_only]
    fields = {ROW_ID: RowMark(), ROW_REMOVE: RowMark()}
    row_form = _form_of(fields | {cell.field.name: ValueField(cell, reader) for cell in cells})
    holder = _form_of({node.path: FieldList(FormField(row_form))})(reader.submitted)
    rows: list[dict[str, Any]] = []
    paths = bound.row_paths.setdefault(node.field.name, [])
    entries: Any = holder[node.path]
    for entry in entries:
        form = entry.form
        identity, sent_as = str(form[ROW_ID].data or ""), form[ROW_ID].row_path
        if form[ROW_REMOVE].data or (not identity and reader.left_blank(sent_as, cells, node.blank_row)):
            continue
        values: dict[str, Any] = {"id": int(identity)} if identity.isdigit() else {}
        for cell in cells:
            if reader.was_sent(form[cell.field.name].path):
                to = f"{node.path}-{len(rows)}-{cell.field.name}"
                _take(form[cell.field.name], to, values, bound, reader)
        rows.append(values)
        paths.append(sent_as)
    return rows


def _take(sent: Any, path: str, values: dict[str, Any], bound: Bound, reader: "_Reader") -> None:
    name = sent.node.field.name
    bound.texts[path] = _typed_text(sent.node, sent.texts)
    if sent.refusal is None:
        values[name] = sent.data
    else:
        bound.problems[path] = (sent.refusal,)
        bound.titles[path] = reader.title(sent.path) or ""


def _typed_text(node: FieldNode, texts: Sequence[str]) -> str:
    """What the control is to hold again: the lines of what was sent in parts, else the last text."""
    if len(texts) > 1 and len(texts) == len(node.field.type.parts):
        return "\n".join(texts)
    filled = [each for each in texts if each]
    if node.field.type.files(node.options):
        return "\n".join(filled)
    return filled[-1] if filled else ""


@dataclass(frozen=True, slots=True)
class _Reader:
    transaction: Transaction
    titles: Titles
    submitted: Submitted

    def was_sent(self, path: str) -> bool:
        return path in self.submitted or f"{path}-title" in self.submitted

    def title(self, path: str) -> str | None:
        """What stands in the search box of a link; None when the form had none."""
        sent = self.submitted.getlist(f"{path}-title")
        return str(sent[0]).strip() if sent else None

    def read(self, node: FieldNode, texts: Sequence[str], title: str | None) -> Any:
        """The value of what one field sent; raises ValueRefused."""
        given = [text for text in texts if text.strip()]
        if node.field.type.relation is Relation.ONE:
            return self._linked(node, given, title)
        if node.field.type.relation is Relation.MANY:
            linked = [int(text) if text.isdigit() else self._named(node, text) for text in given]
            return (*linked, *((self._named(node, title),) if title else ()))
        parts = node.field.type.parts
        if parts and len(texts) == len(parts):
            return node.field.type.accept(node.options, dict(zip(parts, texts, strict=True)))
        if node.field.type.files(node.options):
            return node.field.type.accept(node.options, "\n".join(given))
        if len(given) > 1 or node.many:
            return node.field.type.accept(node.options, given if node.many else given[-1])
        actor = self.transaction.actor
        return node.field.type.parse(node.options, given[0] if given else "", actor.locale, actor.time_zone)

    def left_blank(self, path: str, cells: Sequence[FieldNode], blank: RowNode) -> bool:
        """Whether a new row is still as it was when it was added."""
        for cell in cells:
            name = f"{path}-{cell.field.name}"
            sent = [text for text in self.submitted.getlist(name) if text not in {"", "no"}]
            began = [cell.text] if cell.text not in {"", "no"} else []
            if sent != began or self.title(name):
                return False
        return bool(blank.fields)

    def _linked(self, node: FieldNode, given: Sequence[str], title: str | None) -> int | None:
        # The title is what a person sees: an emptied box is blank, even where an id came along.
        if title is None:
            return self._one(node, given[0]) if given else None
        if title == "":
            return None
        if given and given[0].isdigit() and self._still_called(node, int(given[0]), title):
            return int(given[0])
        return self._named(node, title)

    def _one(self, node: FieldNode, text: str) -> int:
        return int(text) if text.isdigit() else self._named(node, text)

    def _still_called(self, node: FieldNode, identity: int, title: str) -> bool:
        named = titles(self.transaction, self._target(node), [identity])
        return title in (named.get(identity), f"#{identity}")

    def _named(self, node: FieldNode, text: str) -> int:
        return self.titles.identity(self.transaction.catalog.entity(self._target(node)), text)

    def _target(self, node: FieldNode) -> str:
        meant = self.transaction.catalog.world.entities[node.entity][node.field.name]
        target = meant.entity or (meant.element.entity if meant.element else None)
        assert target is not None
        return target
