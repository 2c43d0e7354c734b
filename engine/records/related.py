"""Records that link to a record, by the field they link with: how many, and the first few."""

from dataclasses import dataclass, replace

from engine.access.field_policy import readable
from engine.access.policy import may, rights_key
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.field_type import Relation
from engine.records.query import COUNTED_AT_MOST, Query
from engine.records.read import page, titles
from engine.records.select import Record
from engine.records.whole import asked_for, count_up_to
from engine.transaction import Transaction

FEW = 5


@dataclass(frozen=True, slots=True)
class Related:
    """Records of `entity` whose `field` leads here; `titles` by id."""

    entity: CompiledEntity
    field: CompiledField
    records: list[Record]
    titles: dict[int, str]
    count: int
    capped: bool


def links_here(transaction: Transaction, key: str) -> list[tuple[CompiledEntity, CompiledField]]:
    """The fields of other entities that lead to records of this one and that the actor may read.

    Child rows are left out, since their owner shows them, and what the system keeps, as who created a record.
    """
    return transaction.catalog.once(
        ("links here", key, rights_key(transaction)), lambda: _links_here(transaction, key)
    )


def _links_here(transaction: Transaction, key: str) -> list[tuple[CompiledEntity, CompiledField]]:
    found = []
    for entity in transaction.catalog.entities.values():
        if entity.parent_link or not may(transaction, "read", entity).allowed:
            continue
        allowed = readable(transaction, entity)
        for each in entity.fields.values():
            leads = each.type.relation in {Relation.ONE, Relation.MANY} and not each.definition.system
            target = each.type.target(each.definition.options)
            if leads and target == key and each.name in allowed and not each.definition.hidden:
                found.append((entity, each))
    return found


def related(transaction: Transaction, key: str, identity: int) -> list[Related]:
    """The lists that are not empty, in the order of the definitions; of very many records the newest."""
    lists = []
    for entity, each in links_here(transaction, key):
        many = each.type.relation is Relation.MANY
        query = Query(
            filter=f"{identity} in {each.name}" if many else f"{each.name} == {identity}",
            sort=(("updated_at", True),),
            limit=FEW,
        )
        count = count_up_to(transaction, *asked_for(transaction, entity.key, query), COUNTED_AT_MOST)
        capped = count > COUNTED_AT_MOST
        if capped:
            # The last changed of a hundred thousand would have to be looked for among all of them.
            query = replace(query, sort=(("id", True),))
        found = page(transaction, entity.key, query) if count else None
        if found and found.records:
            named = titles(transaction, entity.key, [record["id"] for record in found.records])
            shown = min(count, COUNTED_AT_MOST)
            lists.append(Related(entity, each, found.records, named, shown, capped))
    return lists
