"""The fields of forms, drawn once and filled for each record.

A form has dozens of fields, a table of child rows hundreds of cells. Nearly all of what is drawn for one (its
label, marks and control) follows from the field and from what may be done with it. That is drawn with gaps
where the value, the number of the row and that of the record stand, and kept.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import pass_environment
from markupsafe import Markup

from blueprints.escaping import written
from blueprints.templating import FIELDS, WIDGETS, PageEnvironment
from engine.catalog import CompiledField
from engine.forms.nodes import FieldNode, RowNode

KEPT_AT_MOST = 4_000
"""How many fields are kept as they are drawn, in all languages and states together."""

GAP = Markup("\x00")
RECORD, ROW = "\x01", "\x02"
"""What stands in the gaps until they are filled; no text of a definition or a template holds them."""

WRITTEN_OUT = frozenset(
    {
        *("text", "textarea", "code", "number", "percent", "money"),
        *("date", "datetime", "time", "month", "duration"),
    }
)
"""Widgets whose templates do nothing with the value but to write out its text."""

CHOSEN = frozenset({"select"})
"""Widgets that are the same whenever the text is the same, of which there are few."""


class Place(NamedTuple):
    """Where a field stands."""

    record_id: int | None = None
    row: Any = None
    """The child row of a cell."""
    section: Any = None
    plain_files: bool = False
    """Whether files are sent with the form itself."""


class State(NamedTuple):
    """What may be done with a field, and how it is drawn therefore."""

    shape: str
    path: str
    entity: str
    is_saved: bool
    read_only: bool
    locked: bool
    required: bool
    hidden: bool
    many: bool
    text: str | None
    """What a control holds that is drawn with it; None for one that is left out."""


class RowFrame(NamedTuple):
    """A child row without its cells."""

    path: str
    id: str | None
    cells: int
    read_only: bool
    extra: bool


@pass_environment
def control(
    environment: PageEnvironment,
    node: FieldNode,
    record_id: Any = None,
    row: Any = None,
    plain_files: Any = False,
) -> Markup:
    """The control of a field by the template of its widget, or its value where it cannot be changed."""
    widget = "readonly" if node.read_only and node.rows is None else node.widget
    return environment.drawing(f"{WIDGETS}{widget}.html")(node, record_id, row, None, plain_files)


@pass_environment
def form_field(
    environment: PageEnvironment,
    node: FieldNode,
    record_id: Any = None,
    section: Any = None,
    plain_files: Any = False,
) -> Markup:
    """A field with its label, control, problems and help; files may be sent with the form itself."""
    return _drawn(environment, "field", node, Place(record_id or None, None, section, bool(plain_files)))


@pass_environment
def form_cell(environment: PageEnvironment, node: FieldNode, record_id: Any, row: Any) -> Markup:
    """A field of a child row, whose label only machines read."""
    return _drawn(environment, "cell", node, Place(record_id or None, row))


@pass_environment
def form_row(
    environment: PageEnvironment, row: RowNode, table: FieldNode, record_id: Any = None, extra: bool = False
) -> Markup:
    """A child row with its cells; `extra` is the one after the last, from which new ones are made."""
    number = row.path.rpartition("-")[2]
    identity = None if row.id is None else RECORD
    frame = RowFrame(f"{table.path}-{ROW}", identity, len(row.fields), table.read_only, extra)
    kept = _around_cells.__wrapped__ if environment.auto_reload else _around_cells
    first, *others = kept(environment, frame)
    parts = [first.replace(RECORD, str(row.id)).replace(ROW, number)]
    for node, after in zip(row.fields, others, strict=True):
        parts += (form_cell(environment, node, record_id, row), after.replace(ROW, number))
    return Markup("".join(parts))  # noqa: S704 (each part is escaped)


def _drawn(environment: PageEnvironment, shape: str, node: FieldNode, place: Place) -> Markup:
    if node.problems or node.began or node.rows is not None or environment.auto_reload:
        return environment.drawing(f"{FIELDS}{shape}.html")(node, *place)
    text = None
    if not node.read_only:
        text = GAP if node.widget in WRITTEN_OUT else node.text if node.widget in CHOSEN else None
    number, path = "", node.path
    if place.row is not None:
        table, number, name = path.rsplit("-", 2)
        path = f"{table}-{ROW}-{name}"
    state = State(
        shape,
        path,
        node.entity,
        place.record_id is not None,
        node.read_only,
        node.locked,
        node.required,
        node.hidden,
        node.many,
        text,
    )
    before, after = _around(environment, node.field, state)
    if number:
        before, after = before.replace(ROW, number), after.replace(ROW, number)
    if node.formula is not None:
        before = before.replace(RECORD, str(place.record_id))
    if text is None:
        inside: str = control(environment, node, place.record_id, place.row, place.plain_files)
    else:
        inside = written(node.text) if text is GAP else ""
    return Markup(f"{before}{inside}{after}")  # noqa: S704 (escaped)


@lru_cache(maxsize=KEPT_AT_MOST)
def _around(environment: PageEnvironment, field: CompiledField, state: State) -> tuple[str, str]:
    """A field as it is drawn before its gap and after it; all of it before, where it has none."""
    node = FieldNode(
        path=state.path,
        field=field,
        entity=state.entity,
        value=() if state.many else state.text,
        text=state.text or "",
        read_only=state.read_only,
        locked=state.locked,
        required=state.required,
        hidden=state.hidden,
    )
    inside = GAP if state.text is None else None
    draw = environment.drawing(f"{FIELDS}{state.shape}.html")
    drawn = str(draw(node, RECORD if state.is_saved else None, inside=inside))
    before, _, after = drawn.partition(GAP)
    return before, after


@lru_cache(maxsize=KEPT_AT_MOST)
def _around_cells(environment: PageEnvironment, frame: RowFrame) -> tuple[str, ...]:
    """A child row as it is drawn before, between and after its cells."""
    return tuple(str(environment.drawing(f"{FIELDS}row.html")(frame, inside=GAP)).split(GAP))
