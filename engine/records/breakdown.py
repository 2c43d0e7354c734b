"""How computed values come about: every part's value and the records that count, of many records at once.

A breakdown is complete, whoever asks, and JSON: it is stored as it is when a value freezes. What somebody may
see of it is decided when it is shown (`explain.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, func, select, true

from engine.catalog import CompiledEntity
from engine.formula import exact
from engine.formula.compile_sql import Compiler, moment_parameters
from engine.formula.construct import settle
from engine.formula.evaluate import evaluate
from engine.formula.explain import Part, dissect, every_part, hops
from engine.formula.nodes import OWN, Collect, Column, Hop, Node, outside_key, outside_parts, walk
from engine.formula.set_rows import bound_records
from engine.row_sources import RowSources
from engine.transaction import Transaction

Breakdown = dict[str, Any]
LISTED_AT_MOST = 200
"""So many records of a set function are named, those first that count most; the others are counted."""
ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What to ask for the fields of an entity: one statement for all values, one for each set function."""

    parts: Mapping[str, Part]
    values: Select[Any]
    records: Mapping[str, Select[Any]]
    """Text of a set function → the statement for its records."""


def break_down(
    transaction: Transaction, entity: CompiledEntity, names: Sequence[str], identities: Sequence[int]
) -> dict[int, dict[str, Breakdown]]:
    """Record → computed field → how its value comes about now."""
    prepared = transaction.catalog.once(
        ("breakdown", entity.key, tuple(names)), lambda: _prepare(transaction, entity, names)
    )
    found = {}
    for start in range(0, len(identities), ASKED_AT_ONCE):
        asked = identities[start : start + ASKED_AT_ONCE]
        parameters = {**moment_parameters(transaction.moment), "identities": asked}
        records = {
            text: _by_owner(transaction.connection.execute(statement, parameters).mappings())
            for text, statement in prepared.records.items()
        }
        for row in transaction.connection.execute(prepared.values, parameters).mappings():
            described = _Described(transaction, entity, row, records)
            found[row["identity"]] = {name: described.field(name, prepared.parts[name]) for name in names}
    return found


def _by_owner(rows: Iterable[Mapping[Any, Any]]) -> dict[int, list[Mapping[Any, Any]]]:
    found: dict[int, list[Mapping[Any, Any]]] = {}
    for row in rows:
        found.setdefault(row["owner"], []).append(row)
    return found


def _prepare(transaction: Transaction, entity: CompiledEntity, names: Sequence[str]) -> _Prepared:
    catalog = transaction.catalog
    parts = {}
    for name in names:
        formula = entity.fields[name].formula
        assert formula is not None
        parts[name] = dissect(formula, catalog.world)
    pieces = [each for part in parts.values() for each in every_part(part) if each.formula is not None]
    read = {name for each in pieces if each.formula for name in each.formula.own} | set(names)
    own = [name for name, each in entity.fields.items() if name in read and (each.column or each.live)]
    sources = RowSources(catalog)
    wanted = entity.table.c.id.in_(bindparam("identities", expanding=True))
    source = sources.with_live(entity, sources.first_level(entity, [wanted]), frozenset(read) & entity.live)
    columns: dict[str, ColumnElement[Any]] = {"identity": source.c.id}
    columns |= {own_column(name): sources.column(source, entity.key, name) for name in own}
    records = {}
    for piece in pieces:
        columns |= _outside_columns(piece, sources, source, catalog.dialect)
        collect = piece.collect
        if collect is not None:
            records[piece.text] = _records_of(piece, collect, sources, source, catalog.dialect)
    values = select(*(column.label(name) for name, column in columns.items()))
    return _Prepared(parts, values, records)


def own_column(name: str) -> str:
    """Under which name a row holds a field of the record."""
    return f"value_{name}"


def _outside_columns(
    piece: Part, sources: RowSources, source: FromClause, dialect: str
) -> Iterator[tuple[str, ColumnElement[Any]]]:
    formula = piece.formula
    assert formula is not None
    compiler = Compiler.over_rows(formula, sources.reading(formula), source, dialect)
    for node in outside_parts(formula.tree):
        yield outside_key(node), compiler.result(node, settle(node).type)
    amount = piece.collect and piece.collect.get("amount")
    if piece.collect is not None and amount is not None:
        yield _amount_key(piece.collect), compiler.result(amount, settle(amount).type)
    for hop in hops(formula.tree):
        yield _through_key(hop), compiler.result(hop.base, hop.base.type)


def _through_key(hop: Hop) -> str:
    return f"through_{outside_key(hop.base)}"


def _amount_key(node: Collect) -> str:
    return f"amount_{outside_key(node)}"


def _records_of(
    piece: Part, node: Collect, sources: RowSources, source: FromClause, dialect: str
) -> Select[Any]:
    """The records of a set function for each row of `source`, the largest first, each with what it gives."""
    formula = piece.formula
    assert formula is not None
    compiler = Compiler.over_rows(formula, sources.reading(formula), source, dialect)
    record, tables, conditions = bound_records(compiler, node)
    title = sources.catalog.formula(sources.catalog.entities[node.rows.entity].definition.title)
    columns = {
        "owner": source.c.id,
        "record": record.c.id,
        "title": sources.value(title, record),
        "count": func.count().over(partition_by=source.c.id),
    }
    order: list[Any] = [record.c.id]
    if not is_record_itself(node.value):
        value = compiler.result(node.value, settle(node.value).type)
        columns["value"] = value
        order = [value.desc().nulls_last(), record.c.id] if node.value.type.is_number else order
    limit = node.get("limit")
    if limit is not None:
        columns["limit"] = compiler.result(limit, settle(limit).type)
        order = [columns["limit"].asc().nulls_last(), record.c.id]
    columns["place"] = func.row_number().over(partition_by=source.c.id, order_by=order)
    rows = select(*(column.label(name) for name, column in columns.items()))
    *others, last = tables
    joined: FromClause = source
    for each in others:
        joined = joined.join(each, true())
    counted = rows.select_from(joined.join(last, and_(true(), *conditions))).subquery()
    listed = select(counted).where(counted.c.place <= LISTED_AT_MOST)
    return listed.order_by(counted.c.owner, counted.c.place)


def is_record_itself(node: Node) -> bool:
    """Whether a set function is over the records and not over a value of each: `count(d for d in deal)`."""
    return isinstance(node, Column) and node.name == "id"


@dataclass(frozen=True, slots=True)
class _Described:
    """The breakdowns of one record, whose values are `row`."""

    transaction: Transaction
    entity: CompiledEntity
    row: Mapping[Any, Any]
    records: Mapping[str, Mapping[int, Sequence[Mapping[Any, Any]]]]

    def field(self, name: str, part: Part) -> Breakdown:
        """How the value of a field comes about."""
        formula = self.entity.fields[name].formula
        assert formula is not None
        described = self.part(part)
        # A frozen or live value is what the row holds; it is not computed a second time.
        value = self.row[own_column(name)]
        return {
            "formula": formula.expression.text,
            "kind": formula.type.kind.value,
            "decimals": formula.type.decimals,
            "value": plain_json(value),
            "part": described,
        }

    def part(self, part: Part) -> Breakdown:
        """A part with its value, and those below it; what is blank or empty is left out."""
        found: Breakdown = {
            "text": part.text, "at": part.at, "role": part.role, "operator": part.operator,
            "function": part.function, "parts": [self.part(each) for each in part.parts],
        }  # fmt: skip
        formula = part.formula
        if formula is not None:
            value = evaluate(formula, self._own(formula.own), self.row, self.transaction.moment)
            found |= {
                "kind": formula.type.kind.value,
                "decimals": formula.type.decimals,
                "entity": formula.type.entity,
                "value": plain_json(value),
                "field": _field_of(formula.tree),
                "own": sorted(formula.own),
            }
            if part.role == "path":
                through = [
                    [each.entity, each.name, self.row[_through_key(each)]] for each in hops(formula.tree)
                ]
                found["through"] = through
        if part.collect is not None:
            found["records"] = self._records(part, part.collect)
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    def _own(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: self.row[own_column(name)] for name in names if own_column(name) in self.row}

    def _records(self, part: Part, node: Collect) -> Breakdown:
        """The records that a set function used; `value` is what each contributes."""
        rows = self.records[part.text].get(self.row["identity"], ())
        listed = [{"id": row["record"], "title": str(row["title"] or "")} for row in rows]
        given: Iterable[Any] = [row.get("value") for row in rows]
        type_ = settle(node.value).type
        if node.function == "bracket":
            given, type_ = _slices(rows, self.row[_amount_key(node)]), node.type
        if not is_record_itself(node.value):
            for each, value in zip(listed, given, strict=True):
                each["value"] = plain_json(value)
        return {
            "entity": node.rows.entity,
            "kind": type_.kind.value,
            "decimals": type_.decimals,
            "field": _field_of(node.value) if node.function != "bracket" else None,
            "reads": _reads(node),
            "count": rows[0]["count"] if rows else 0,
            "listed": listed,
        }


def _slices(rows: Iterable[Mapping[Any, Any]], amount: Any) -> Iterator[Any]:
    """What each slice of a table of limits gives: that part of the amount times its rate."""
    lower = 0
    for row in rows:
        upper = amount if row["limit"] is None else min(amount, row["limit"])
        width = exact.subtract(upper, lower) if upper > lower else 0
        yield exact.multiply(width, row["value"] or 0)
        lower = lower if row["limit"] is None else row["limit"]


def _reads(node: Collect) -> list[list[str]]:
    """The fields that decide which records count and what they give, as [entity, field]."""
    found = set()
    below = [each for each in (node.condition, node.value, *(each for _, each in node.further)) if each]
    for part in (each for start in below for each in walk(start)):
        if isinstance(part, (Column, Hop)) and not _is_own(part):
            found.add((part.entity, part.name))
    return sorted([entity, name] for entity, name in found)


def _is_own(node: Node) -> bool:
    """Whether the value is one of the record itself, or of a record that it leads to."""
    while isinstance(node, Hop):
        node = node.base
    return isinstance(node, Column) and node.source == OWN


def _field_of(node: Node) -> list[str] | None:
    """The field whose value the part is, as [entity, field]; None for what is calculated."""
    return [node.entity, node.name] if isinstance(node, (Column, Hop)) else None


def plain_json(value: Any) -> Any:
    """A value as JSON: numbers as exact text, days and times in their ISO form, durations in seconds."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal() | Fraction():
            return exact.plain_text(value) if isinstance(value, Fraction) else format(value, "f")
        case timedelta():
            return value.days * 86_400 + value.seconds
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            raise TypeError(value)
