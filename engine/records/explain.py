"""Why a computed field of a record has its value, as far as the asker may know.

A field that is not frozen is broken down as it is now; of a frozen one that was stored with its value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from engine.catalog import Catalog, CompiledEntity
from engine.problems import NotFound, unknown
from engine.records.breakdown import break_down
from engine.records.compute import bare
from engine.records.described import Breakdown, plain_json
from engine.records.facts import MARK, breakdown_of
from engine.records.freeze import frozen_fields
from engine.records.read import get
from engine.records.shown_parts import NUMBERS, ShownParts, same_number
from engine.releases.former_names import ENTITY, FIELD, STAGE, former_names
from engine.schema.names import frozen_marker
from engine.schema.system_tables import explanation as stored
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workspace import read_catalog


def explain(transaction: Transaction, key: str, identity: int, name: str) -> dict[str, Any]:
    """The explanation of a computed field, as JSON; docs/explain.md describes it.

    Raises NotFound for a record that may not be seen and for a field that may not be read or has no formula.
    """
    entity = transaction.catalog.entity(key)
    record = get(transaction, key, identity)
    each = entity.fields.get(name)
    if each is None or name not in record:
        sentence = say("{entity} has no field '{name}'.", entity=entity.definition.label, name=name)
        raise NotFound(unknown(sentence, name, record))
    if each.formula is None:
        sentence = say(
            "“{field}” is not computed, so there is nothing to explain.", field=each.definition.label
        )
        raise NotFound(sentence)
    release = _frozen_release(transaction, entity, identity, each.frozen_at)
    found: dict[str, Any] = {
        "entity": key,
        "id": identity,
        "field": name,
        "stage": None if release is None else each.frozen_at,
        "release": transaction.catalog.release if release is None else release,
        "value": plain_json(bare(record[name])),
        "kind": each.formula.type.kind.value,
        "decimals": each.formula.type.decimals,
        "formula": None,
        "part": None,
        "rounding": [],
        "reason": None,
    }
    if release is None:
        breakdown = break_down(transaction, entity, [name], [identity])[identity][name]
    else:
        breakdown = _stored(transaction, entity, identity, each.frozen_at or "", release, name)
    if breakdown:
        part = ShownParts(transaction, entity, frozenset(record)).part(breakdown["part"], root=True)
        found |= {each: breakdown[each] for each in ("formula", "kind", "decimals")}
        found |= {"part": part, "rounding": list(_rounding(found, part))}
        if found["value"] is None:
            found["reason"] = next((each["reason"] for each in _every(part) if "reason" in each), None)
    return found


def reason_sentence(reason: Mapping[str, Any]) -> Message:
    """Why a part is blank, as a sentence."""
    return say(REASONS[reason["code"]], part=reason["part"])


REASONS = {
    "division_by_zero": "“{part}” is 0, and nothing can be divided by 0.",
    "division_by_blank": "“{part}” is blank, and nothing can be divided by it.",
    "blank": "“{part}” is blank.",
    "no_records": "There are no records that count.",
}


def _frozen_release(
    transaction: Transaction, entity: CompiledEntity, identity: int, stage: str | None
) -> int | None:
    """The release in which the record was frozen at the stage, None while it is not."""
    if stage is None:
        return None
    table = entity.table
    found = transaction.connection.execute(
        select(table.c[frozen_marker(stage)]).where(table.c.id == identity)
    ).scalar()
    return None if found is None else int(found)


def _stored(
    transaction: Transaction, entity: CompiledEntity, identity: int, stage: str, release: int, name: str
) -> Breakdown:
    """How a frozen value came about, after what was stored with it; empty where it froze without."""
    statement = select(stored.c.fields).where(
        stored.c.entity == entity.key, stored.c.record_id == identity, stored.c.stage == stage
    )
    found: dict[str, Any] = transaction.connection.execute(statement).scalar() or {}
    names = former_names(transaction.connection, entity.key)
    # It was stored under the names of that release.
    name = names.then(FIELD, release, name)
    if MARK not in found:
        # Before facts were kept, whole breakdowns were.
        whole: Breakdown = found.get(name, {})
        return whole
    catalog = catalog_of(transaction, release)
    then = catalog.entities.get(names.then(ENTITY, release, entity.key))
    frozen = frozen_fields(then, names.then(STAGE, release, stage)) if then else []
    return breakdown_of(catalog, then, frozen, name, found[MARK]) if then and name in frozen else {}


def catalog_of(transaction: Transaction, release: int) -> Catalog:
    """The catalog of the release in which values froze: the current one, or read again from its texts."""
    if release == transaction.catalog.release:
        return transaction.catalog
    return transaction.catalog.once(
        ("catalog of release", release),
        lambda: read_catalog(transaction.connection, transaction.dialect, release),
    )


def _every(part: Breakdown) -> Iterator[Breakdown]:
    yield part
    for each in part.get("parts", ()):
        yield from _every(each)


def _rounding(found: Mapping[str, Any], part: Breakdown) -> Iterator[dict[str, Any]]:
    """Where a number was rounded, the innermost first; last comes the step into the field's decimals."""
    for each in reversed(list(_every(part))):
        if each["role"] == "rounding" and each.get("parts"):
            before, after = each["parts"][0].get("value"), each.get("value")
            if before is not None and after is not None and not same_number(before, after):
                yield {"text": each["text"], "before": before, "after": after}
    before, after = part.get("value"), found["value"]
    if (
        found["kind"] in NUMBERS
        and before is not None
        and after is not None
        and not same_number(before, after)
    ):
        yield {"text": None, "before": before, "after": after}
