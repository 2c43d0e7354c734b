"""What a breakdown cannot compute again once its sources have changed: kept, compactly, when values freeze.

Kept are the record's own fields, what its formulas read elsewhere, and the records that counted. The rest is
rendered when it is asked for, from the definition of the release in which the values froze. A value is found
again by its field and the place of its part in the formula's text: `commission/0.1` is the second part of
the first part of the formula of `commission`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.catalog import Catalog, CompiledEntity
from engine.fields.field_type import TIME_ZONE
from engine.formula.construct import settle
from engine.formula.evaluate import Moment
from engine.formula.explain import Part, hops
from engine.formula.nodes import outside_key, outside_parts
from engine.formula.types import INTEGER, Kind, Type
from engine.records.breakdown import parts_of, shared_sets, with_shared
from engine.records.described import (
    Breakdown,
    Described,
    Fetched,
    Records,
    amount_column,
    own_column,
    plain_json,
    through_column,
)

Facts = dict[str, Any]
MARK = "="
"""The key under which facts lie in a row of explanations; no field can have this name."""


def facts_of(catalog: Catalog, entity: CompiledEntity, names: Sequence[str]) -> Callable[..., Facts]:
    """What makes of a fetched record (row, records, now) its facts."""
    slots = [(place, column) for place, column, _ in _slots(catalog, entity, names)]
    sets = [(place, part.text) for place, part in _sets(catalog, entity, names)]

    def make(row: Fetched, records: Records, now: datetime) -> Facts:
        values = {place: plain_json(row[column]) for place, column in slots if row[column] is not None}
        listed = {place: _listed(records[text]) for place, text in sets if records[text]}
        return {"at": now.isoformat(), "values": values, "records": listed}

    return make


def breakdown_of(
    catalog: Catalog, entity: CompiledEntity, names: Sequence[str], name: str, facts: Facts
) -> Breakdown:
    """How the value of a field came about, rendered from its facts; `catalog` is that of the freezing."""
    values = facts["values"]
    row = {
        column: read_json(values.get(place), type_) for place, column, type_ in _slots(catalog, entity, names)
    }
    listed = {
        part.text: list(_read_listed(part, facts["records"].get(place)))
        for place, part in _sets(catalog, entity, names)
    }
    records = with_shared(listed, shared_sets(parts_of(catalog, entity, names).values()))
    moment = Moment(
        user=None, roles=frozenset(), now=datetime.fromisoformat(facts["at"]), time_zone=TIME_ZONE
    )
    return Described(entity, moment, row, records).field(name, parts_of(catalog, entity, names)[name])


def read_json(value: Any, type_: Type) -> Any:
    """A value of the type out of its JSON form: what `plain_json` wrote."""
    if value is None:
        return None
    if type_.is_number:
        return int(value) if type_.kind is Kind.INTEGER else Decimal(value)
    return READERS.get(type_.kind, _as_it_is)(value)


def _as_it_is(value: Any) -> Any:
    return value


READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.DATE: date.fromisoformat,
    Kind.MONTH: date.fromisoformat,
    Kind.DATETIME: datetime.fromisoformat,
    Kind.TIME: time.fromisoformat,
    Kind.DURATION: lambda seconds: timedelta(seconds=seconds),
}


def _pieces(catalog: Catalog, entity: CompiledEntity, names: Sequence[str]) -> Iterator[tuple[str, Part]]:
    """Every part of the formulas of these fields, with its place."""

    def below(place: str, part: Part) -> Iterator[tuple[str, Part]]:
        yield place, part
        for number, each in enumerate(part.parts):
            yield from below(f"{place}.{number}" if "/" in place else f"{place}/{number}", each)

    for name, part in parts_of(catalog, entity, names).items():
        yield from below(name, part)


def _slots(
    catalog: Catalog, entity: CompiledEntity, names: Sequence[str]
) -> tuple[tuple[str, str, Type], ...]:
    """Where each value lies: its place in the facts, its column in a fetched record, its type."""

    def make() -> tuple[tuple[str, str, Type], ...]:
        found: dict[str, tuple[str, str, Type]] = {}
        types = {
            name: type_
            for name, type_ in catalog.world.entities[entity.key].items()
            if entity.fields[name].column or entity.fields[name].live
        }
        for place, part in _pieces(catalog, entity, names):
            for slot, column, type_ in _slots_of(place, part, types):
                found.setdefault(column, (slot, column, type_))
        for name in names:
            found.setdefault(own_column(name), (name, own_column(name), types[name]))
        return tuple(found.values())

    return catalog.once(("fact slots", entity.key, tuple(names)), make)


def _slots_of(place: str, part: Part, types: Mapping[str, Type]) -> Iterator[tuple[str, str, Type]]:
    formula = part.formula
    if formula is None:
        return
    # Rows and many-to-many links have no column of their own: what counts of them is among the records.
    for name in sorted(formula.own & types.keys()):
        yield name, own_column(name), types[name]
    for number, node in enumerate(outside_parts(formula.tree)):
        yield f"{place}:{number}", outside_key(node), settle(node).type
    for number, hop in enumerate(hops(formula.tree)):
        yield f"{place}>{number}", through_column(hop), hop.base.type
    amount = part.collect and part.collect.get("amount")
    if part.collect is not None and amount is not None:
        yield f"{place}#", amount_column(part.collect), settle(amount).type


def _sets(catalog: Catalog, entity: CompiledEntity, names: Sequence[str]) -> tuple[tuple[str, Part], ...]:
    """The set functions among the parts whose records are kept, each text once."""

    def make() -> tuple[tuple[str, Part], ...]:
        found: dict[str, tuple[str, Part]] = {}
        shared = shared_sets(parts_of(catalog, entity, names).values())
        for place, part in _pieces(catalog, entity, names):
            if part.collect is not None and part.text not in shared:
                found.setdefault(part.text, (place, part))
        return tuple(found.values())

    return catalog.once(("fact sets", entity.key, tuple(names)), make)


def _listed(rows: Sequence[Fetched]) -> list[Any]:
    """The number of records that counted, then those that are listed: [id, title, value, limit]."""
    further = [name for name in ("value", "limit") if name in rows[0]]
    return [
        rows[0]["count"],
        *(
            [row["record"], str(row["title"] or ""), *(plain_json(row[name]) for name in further)]
            for row in rows
        ),
    ]


def _read_listed(part: Part, listed: Sequence[Any] | None) -> Iterator[dict[str, Any]]:
    if not listed or part.collect is None:
        return
    limit = part.collect.get("limit")
    types = settle(part.collect.value).type, settle(limit).type if limit else INTEGER
    count, *rows = listed
    for identity, title, *further in rows:
        values = [read_json(value, type_) for value, type_ in zip(further, types, strict=False)]
        yield {
            "record": identity,
            "title": title,
            "count": count,
            **dict(zip(("value", "limit"), values, strict=False)),
        }
