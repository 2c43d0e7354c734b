"""Some fields of records that are known by their ids, as far as the actor may see them."""

from collections.abc import Iterable

from sqlalchemy import bindparam

from engine.access.policy import rights_key
from engine.fields.types.link import LARGEST_ID
from engine.formula.compile_sql import moment_parameters
from engine.records.read import attach_many
from engine.records.select import Narrowing, Record, record_statement
from engine.transaction import Transaction

AT_ONCE = 25
NOBODY = -1


def several(
    transaction: Transaction, key: str, identities: Iterable[int], fields: frozenset[str]
) -> dict[int, Record]:
    """Id → the record with these fields; one that may not be seen is left out."""
    entity = transaction.catalog.entity(key)
    names = [f"identity_{number}" for number in range(AT_ONCE)]
    statement = transaction.catalog.once(
        ("several", key, rights_key(transaction), fields),
        lambda: record_statement(
            transaction,
            entity,
            Narrowing(early=lambda _sources, source: [source.c.id.in_([bindparam(name) for name in names])]),
            fields | {"id"},
        ),
    )
    wanted = sorted({each for each in identities if 0 < each <= LARGEST_ID})
    found: list[Record] = []
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        padded = [*some, *[NOBODY] * (AT_ONCE - len(some))]
        parameters = {**moment_parameters(transaction.moment), **dict(zip(names, padded, strict=True))}
        found += [statement.record(row) for row in statement.rows(transaction, parameters)]
    attach_many(transaction, entity, found, fields)
    return {record["id"]: record for record in found}
