"""The board: a column for each stage, option or linked record, cards in it, totals above it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blueprints import visitor
from blueprints.values import HUES, entity_url, label, number
from blueprints.views.cards import Card, address_of, cards, may_set, seen_fields
from blueprints.views.drawing import Asking, Drawn, find
from blueprints.views.figures import measured
from engine.catalog import CompiledField
from engine.definition.figure import Figure, Grouping, Series
from engine.definition.model import Workflow
from engine.figures.answer import Row, answer
from engine.figures.question import question_of
from engine.formula.expression import Expression
from engine.problems import InputRefused, NotAllowed
from engine.records.query import Query
from engine.records.read import titles

CARDS = 25
"""How many cards a column shows at once."""
COLUMNS_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `value` is what a card gets that is moved here."""

    value: str
    label: str
    hue: str
    cards: tuple[Card, ...]
    count: str
    total: str
    more_url: str | None
    folded: bool
    """Whether its cards are fetched only when somebody opens it: what is finished."""
    open_url: str
    new_url: str | None


def draw(asking: Asking) -> Drawn:
    """The board, or one of its columns alone."""
    field = asking.entity.fields[asking.options["group_by"]]
    if "lane" in asking.arguments:
        column, problem = _column(asking, field, asking.arguments["lane"], None, folded=False)
        return Drawn("views/board_cards.html", {"column": column}, problem, alone=True)
    rows = _rows(asking, field)
    columns, problem = [], None
    for value, found in _values(asking, field, rows).items():
        folded = _is_final(asking, field, value)
        column, wrong = _column(asking, field, value, found, folded)
        columns.append(column)
        problem = problem or wrong
    moves = _moves(asking.entity.definition.workflow) if field.definition.system else {}
    is_stage = bool(moves)
    context = {
        "columns": columns,
        "board_field": field.name,
        "moves": moves,
        "is_stage": is_stage,
        "movable": is_stage or may_set(asking.transaction, asking.entity, field.name),
        "api_url": f"/api/v1/{asking.entity.key.replace('.', '/')}",
    }
    return Drawn("views/board.html", context, problem)


def _rows(asking: Asking, field: CompiledField) -> dict[str, Row]:
    """How many records each column has, and their total."""
    place = asking.asked.view.place
    total = asking.options.get("total")
    figures = (Figure("total", None, total),) if total else ()
    grouping = Grouping(Expression(field.name, place))
    series = Series("board", None, asking.entity.key, (grouping,), figures)
    query = Query(filter=asking.asked.filter, search=asking.asked.search, view=asking.asked.view.name)
    try:
        question = question_of(asking.transaction, series)
    except NotAllowed:
        question = question_of(asking.transaction, Series("board", None, asking.entity.key, (grouping,), ()))
    try:
        return {address_of(row.keys[0]): row for row in answer(asking.transaction, question, query)}
    except InputRefused:
        return {}


def _values(asking: Asking, field: CompiledField, rows: Mapping[str, Row]) -> dict[str, Row | None]:
    """The columns in their order: options as they are defined, linked records with most cards first."""
    options = field.definition.options.get("options")
    if field.type.group == "yes_no":
        return {value: rows.get(value) for value in ("true", "false")}
    if options is not None:
        found = {name: rows.get(name) for name in options}
        return {"": rows[""], **found} if "" in rows and not field.definition.required else found
    most = sorted(rows, key=lambda value: -rows[value].count)[:COLUMNS_AT_MOST]
    return {value: rows[value] for value in most}


def _column(
    asking: Asking, field: CompiledField, value: str, row: Row | None, folded: bool
) -> tuple[Column, str | None]:
    transaction, entity = asking.transaction, asking.entity
    shown = seen_fields(transaction, entity, asking.options.get("card", ()))
    problem, found = None, []
    more = None
    if not folded:
        page, problem = find(
            asking,
            frozenset({*(each.name for each in shown), field.name}),
            f"{field.name} == {_literal(field, value)}",
            CARDS,
            asking.arguments.get("after"),
        )
        found = cards(transaction, entity, page.records, shown, place=field.name)
        more = asking.url(lane=value, after=page.next) if page.next else None
    creates = not field.definition.system or entity.definition.workflow is None
    column = Column(
        value=value,
        label=_label(asking, field, value),
        hue=_hue(field, value),
        cards=tuple(found),
        count=number(row.count) if row else "0",
        total=_total(asking, row),
        more_url=more,
        folded=folded and bool(row and row.count),
        open_url=asking.url(lane=value),
        new_url=f"{entity_url(entity.key)}/new?{field.name}={value}" if creates and value else None,
    )
    return column, problem


def _literal(field: CompiledField, value: str) -> str:
    if value == "":
        return "blank"
    options = field.definition.options
    return field.type.formula_literal(options, field.type.parse(options, value, "en"))


def _label(asking: Asking, field: CompiledField, value: str) -> str:
    options = field.definition.options
    if value == "":
        return visitor.translated("Without {field}", field=label(field.definition.label))
    target = field.type.target(options)
    if target:
        return titles(asking.transaction, target, [int(value)]).get(int(value), "") or f"#{value}"
    return field.type.format(options, field.type.parse(options, value, "en"), visitor.locale())


def _hue(field: CompiledField, value: str) -> str:
    option = (field.definition.options.get("options") or {}).get(value)
    return HUES.get((option.color if option else None) or "", "hue-gray")


def _total(asking: Asking, row: Row | None) -> str:
    total = asking.options.get("total")
    if total is None or row is None or not row.values:
        return ""
    return measured(asking.transaction, asking.entity, Figure("total", None, total), row.values[0])


def _is_final(asking: Asking, field: CompiledField, value: str) -> bool:
    workflow = asking.entity.definition.workflow
    return bool(
        field.definition.system and workflow and value in workflow.stages and workflow.stages[value].final
    )


def _moves(workflow: Workflow | None) -> dict[str, dict[str, dict[str, str]]]:
    """From stage to stage: the name and label of the transition that leads there."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for source, target, name, words in _ways(workflow):
        found.setdefault(source, {}).setdefault(target, {"name": name, "label": words})
    return found


def _ways(workflow: Workflow | None) -> Iterator[tuple[str, str, str, Any]]:
    for each in workflow.transitions.values() if workflow else ():
        if each.by:
            for source in each.sources:
                yield source, each.to, each.name, label(each.label)
