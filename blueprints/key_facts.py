"""The few fields of a record that matter most: the first ones of its views and form that a reader may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from blueprints import visitor
from blueprints.values import label, show
from engine.access.field_policy import readable
from engine.catalog import CompiledEntity
from engine.fields.field_type import Relation
from engine.records.query import Query
from engine.records.several import several
from engine.transaction import Transaction

FEW = 3
MORE = 10
NOT_TELLING = ("stage", "id")


@dataclass(frozen=True, slots=True)
class Fact:
    """A field with its value."""

    label: str
    shown: Markup


def key_facts(
    transaction: Transaction, records: Iterable[tuple[str, int]]
) -> Mapping[tuple[str, int], tuple[Fact, ...]]:
    """(entity, id) → two or three facts; none for a record that may not be seen."""
    wanted: dict[str, list[int]] = {}
    for key, identity in records:
        wanted.setdefault(key, []).append(identity)
    found = {}
    for key, ids in wanted.items():
        entity = transaction.catalog.entities.get(key)
        if entity is not None:
            names = _telling(transaction, entity, views_first=True)[: 2 * FEW]
            asked = Query(fields=frozenset(names))
            seen = several(transaction, key, ids, frozenset(names))
            visitor.disclosures().records(transaction, entity, list(seen.values()), asked)
            for identity, record in seen.items():
                found[key, identity] = tuple(_facts(entity, names, record))[:FEW]
    return found


def facts_of(transaction: Transaction, key: str, identity: int) -> tuple[Fact, ...]:
    """What there is to know about one record before deciding, in the order of its form."""
    entity = transaction.catalog.entity(key)
    names = _telling(transaction, entity, views_first=False)
    record = several(transaction, key, [identity], frozenset(names)).get(identity, {})
    if record:
        visitor.disclosures().record(transaction, entity, record, names)
    return tuple(_facts(entity, names, record))[:MORE]


def _telling(transaction: Transaction, entity: CompiledEntity, *, views_first: bool) -> list[str]:
    """Names of fields in the order in which the definition puts them, without the title."""
    form = [name for section in entity.definition.form for name in section.fields]
    view = next(iter(entity.definition.views.values()), None)
    columns = list(view.columns) if view else []
    ordered = dict.fromkeys([*columns, *form] if views_first else [*form, *columns])
    title = entity.definition.title
    own_title = getattr(title, "text", title)
    allowed = readable(transaction, entity)
    return [
        name
        for name in ordered
        if name in entity.fields
        and name in allowed
        and name not in NOT_TELLING
        and name != own_title
        and not entity.fields[name].definition.hidden
        and entity.fields[name].type.relation is not Relation.ROWS
    ]


def _facts(entity: CompiledEntity, names: Iterable[str], record: Mapping[str, object]) -> Iterable[Fact]:
    for name in names:
        shown = show(entity.fields[name], record.get(name))
        if shown:
            yield Fact(label(entity.fields[name].definition.label), shown)
