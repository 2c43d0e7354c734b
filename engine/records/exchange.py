"""Records from CSV: a header of field names or labels, one row a record, links by title or id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.access.field_policy import readable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.field_type import Relation, ValueRefused
from engine.fields.types.link import ByTitle
from engine.problems import InputRefused, Problem, Refused, unknown
from engine.records.named import Titles
from engine.records.read import get
from engine.records.sheet import Sheet, read_sheet
from engine.records.write import create, update
from engine.text import LOCALES, Message, say
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not written, as a spreadsheet numbers it, and everything that is wrong with it."""

    number: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `not_read` are columns of values that are computed or kept by the system."""

    created: int
    updated: int
    refused: tuple[RefusedRow, ...]
    not_read: tuple[str, ...]

    def refuse_partial(self) -> None:
        """Raises ImportRefused when a row was refused."""
        if self.refused:
            raise ImportRefused(self)


class ImportRefused(Exception):
    """Rows were refused and nothing is to stay; raised to undo the transaction."""

    def __init__(self, imported: Imported) -> None:
        self.imported = imported
        super().__init__(f"{len(imported.refused)} rows were refused")


def import_csv(transaction: Transaction, key: str, content: bytes) -> Imported:
    """Writes what the rows of a CSV file say; a row with an id changes that record, others are created.

    A refused row writes nothing and hinders no other; whether the others stay is for the caller, who
    raises ImportRefused to undo all. Malformed: the file itself cannot be read.
    """
    entity = transaction.catalog.entity(key)
    sheet = read_sheet(content)
    columns = _columns(transaction, entity, sheet.header)
    not_read = tuple(text for text, each in zip(sheet.header, columns, strict=True) if is_kept(entity, each))
    titles = Titles(transaction)
    created = updated = 0
    refused = []
    for number, values, problems in parsed_rows(transaction, entity, columns, sheet, titles):
        identity = values.pop("id", None)
        problems += resolve(transaction, entity, titles, values)
        if not problems:
            problems = _write(transaction, entity, identity, values)
        if problems:
            refused.append(RefusedRow(number, tuple(problems)))
        elif identity is None:
            created += 1
        else:
            updated += 1
    return Imported(created, updated, tuple(refused), not_read)


def parsed_rows(
    transaction: Transaction,
    entity: CompiledEntity,
    columns: Sequence[CompiledField | None],
    sheet: Sheet,
    titles: Titles,
) -> list[tuple[int, dict[str, Any], list[Problem]]]:
    """The rows of a sheet: number, values, and what could not be read; a column without field is not read.

    The titles in them are looked up.
    """
    parsed = [(number, *_parse(transaction, columns, cells)) for number, cells in sheet.rows]
    _learn_titles(entity, titles, (values for _, values, _ in parsed))
    return parsed


def is_kept(entity: CompiledEntity, each: CompiledField) -> bool:
    """Whether the column's values are made by the system, so that an import does not read them."""
    if each.name in ("id", "stage", entity.parent_link):
        return False
    return each.definition.system or each.computed


def _columns(transaction: Transaction, entity: CompiledEntity, header: Sequence[str]) -> list[CompiledField]:
    """The field of each column; InputRefused names every column that is none, or is there twice."""
    named = column_names(transaction, entity)
    columns: list[CompiledField] = []
    problems = []
    for text in header:
        found = named.get(text.casefold(), ())
        if len(found) != 1 or found[0] in columns:
            problems.append(Problem("1", _wrong_column(entity, text, found, named)))
        else:
            columns.append(found[0])
    if problems:
        raise InputRefused(problems)
    return columns


def named_fields(transaction: Transaction, entity: CompiledEntity) -> dict[str, CompiledField]:
    """The fields that a column can name."""
    allowed = readable(transaction, entity)
    return {
        name: each
        for name, each in entity.fields.items()
        if name in allowed and each.type.relation is not Relation.ROWS
    }


def column_names(transaction: Transaction, entity: CompiledEntity) -> dict[str, tuple[CompiledField, ...]]:
    """What a column may be called: a field's name, or its label in any language. Names win over labels."""
    fields = named_fields(transaction, entity)
    named: dict[str, tuple[CompiledField, ...]] = {}
    for each in fields.values():
        for label in {each.definition.label.to(locale).casefold() for locale in LOCALES}:
            named[label] = (*named.get(label, ()), each)
    return named | {each.name: (each,) for each in fields.values()}


def _wrong_column(
    entity: CompiledEntity, text: str, found: Sequence[CompiledField], named: Iterable[str]
) -> Message:
    if not text:
        return say("A column has no name: the first row names the fields.")
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        return say("“{name}” can be {names}; write the name of the field.", name=text, names=names)
    if found:
        return say("The column “{name}” is there twice.", name=text)
    sentence = say("{entity} has no field '{name}'.", entity=entity.definition.label, name=text)
    return unknown(sentence, text.casefold(), named)


def _parse(
    transaction: Transaction, columns: Sequence[CompiledField | None], cells: Sequence[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The values of a row, and what could not be read of it."""
    actor = transaction.actor
    values: dict[str, Any] = {}
    problems = []
    if any(cell.strip() for cell in cells[len(columns) :]):
        sentence = "The row has {count} cells, the first row {columns}."
        problems.append(Problem("", say(sentence, count=len(cells), columns=len(columns))))
    for number, each in enumerate(columns):
        if each is None:
            continue
        # Spreadsheet programs leave blank cells at the end of a row out.
        text = cells[number] if number < len(cells) else ""
        try:
            values[each.name] = each.type.parse(each.definition.options, text, actor.locale, actor.time_zone)
        except ValueRefused as error:
            problems.append(Problem(each.name, error.message))
    return values, problems


def _learn_titles(entity: CompiledEntity, titles: Titles, rows: Iterable[Mapping[str, Any]]) -> None:
    wanted: dict[str, set[str]] = {}
    for values in rows:
        for name, value in values.items():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, ByTitle):
                    wanted.setdefault(target_of(entity.fields[name]), set()).add(each.title)
    for key, texts in wanted.items():
        titles.learn(key, texts)


def target_of(each: CompiledField) -> str:
    """The entity that a link field leads to."""
    target = each.type.target(each.definition.options)
    assert target is not None
    return target


def resolve(
    transaction: Transaction, entity: CompiledEntity, titles: Titles, values: dict[str, Any]
) -> list[Problem]:
    """Puts ids in place of titles; what names no record is a problem."""
    problems = []
    for name, value in values.items():
        try:
            if isinstance(value, ByTitle):
                target = transaction.catalog.entity(target_of(entity.fields[name]))
                values[name] = titles.identity(target, value.title)
            elif isinstance(value, tuple) and any(isinstance(each, ByTitle) for each in value):
                target = transaction.catalog.entity(target_of(entity.fields[name]))
                values[name] = tuple(
                    titles.identity(target, each.title) if isinstance(each, ByTitle) else each
                    for each in value
                )
        except ValueRefused as error:
            problems.append(Problem(name, error.message))
    return problems


def _write(
    transaction: Transaction, entity: CompiledEntity, identity: int | None, values: dict[str, Any]
) -> list[Problem]:
    """Writes a row in a savepoint of its own; what refuses it comes back."""
    stage = values.pop("stage", None)
    given = {name: value for name, value in values.items() if not is_kept(entity, entity.fields[name])}
    try:
        with transaction.connection.begin_nested():
            _refuse_move(transaction, entity, identity, stage)
            if identity is None:
                create(
                    transaction, entity.key, {name: each for name, each in given.items() if each is not None}
                )
            else:
                update(transaction, entity.key, identity, given)
    except InputRefused as refused:
        return list(refused.problems)
    except Refused as refused:
        return [Problem("", refused.message)]
    return []


def _refuse_move(
    transaction: Transaction, entity: CompiledEntity, identity: int | None, stage: str | None
) -> None:
    """A stage may be written as it is; only a transition changes it."""
    workflow = entity.definition.workflow
    if stage is None or workflow is None:
        return
    now = workflow.initial.name if identity is None else get(transaction, entity.key, identity)["stage"]
    if stage != now:
        sentence = "An import does not move records: the stage is {now}, not {stage}. Use a transition."
        labels = {name: each.label for name, each in workflow.stages.items()}
        raise InputRefused([Problem("stage", say(sentence, now=labels[now], stage=labels[stage]))])
