"""Which records a publish indexes anew: other fields of theirs are searched, or hold other texts."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from engine.definition.check import Checked
from engine.definition.model import Entity, Field
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.releases.situation import Situation, entities_of
from engine.releases.step import Step
from engine.releases.wording import counted
from engine.schema import search_index
from engine.schema.tables import entity_tables
from engine.text import say

Formulas = Mapping[Expression, Formula]


def search_steps(situation: Situation, steps: Sequence[Step]) -> Iterator[Step]:
    """A step for each entity whose records are not found as they will have to be."""
    known = search_index.numbers(situation.connection)
    for entity in entities_of(situation.checked):
        table = situation.target.table(entity.key)
        wanted = search_index.classes(entity, situation.checked.formulas)
        if not wanted or table.name not in situation.live:
            continue
        before = situation.before(entity)
        indexed = known.get(before.key, (0, {}))[1] if before else {}
        filled = {
            name
            for step in steps
            if step.entity == entity.key and (step.conversion or step.fields)
            for name in (step.field, *step.fields)
            if name
        }
        if not _differs(before, entity, indexed, wanted) and not filled & wanted.keys():
            continue
        records = situation.count(table)
        if records:
            sentence = say("Indexes {records} anew for the search.", records=counted(records, entity))
            yield Step("indexed", sentence, entity=entity.key, records=records, words=True)


def _differs(
    before: Entity | None, after: Entity, indexed: Mapping[str, str], wanted: Mapping[str, str]
) -> bool:
    """Whether words of saved records are missing, or in another class, or no longer to be found."""
    former = {
        name: each.was if each.was and before and each.was in before.fields else name
        for name, each in after.fields.items()
    }
    still = {former[name]: each for name, each in wanted.items()}
    if any(still.get(name) != each for name, each in indexed.items()):
        return True
    return any(
        _filled(before, after.fields[name], former[name]) for name in wanted if former[name] not in indexed
    )


def _filled(before: Entity | None, each: Field, was: str) -> bool:
    """Whether a field that was not searched so far may have values."""
    known = before is not None and was in before.fields
    return known or each.default is not None or each.formula is not None


def reindex(connection: Connection, checked: Checked, key: str, tell: Callable[[int], None]) -> None:
    """Indexes all records of an entity by the new definitions; `tell` is told how many are done."""
    entity = next(each for each in entities_of(checked) if each.key == key)
    fields = search_index.classes(entity, checked.formulas)
    number = search_index.settle(connection, {key: fields})[key]
    table = entity_tables(checked).table(key)
    search_index.rebuild(connection, number, fields, table, tell)


def settle_search(connection: Connection, checked: Checked) -> None:
    """Writes by which fields each entity is searched from now on."""
    wanted = {
        entity.key: fields
        for entity in entities_of(checked)
        if (fields := search_index.classes(entity, checked.formulas))
    }
    search_index.settle(connection, wanted)
