"""Texts of digits become numbers by the database alone, others one by one; both as typing is read."""

import pytest
from sqlalchemy import select

from engine.fields.field_type import ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.releases.plan import make_plan
from engine.schema.database import Database
from engine.schema.tables import entity_tables
from tests.releases.publishing import checked, crm, insert, publish

TEXTS = (
    "12", "007", "0", "-3", "+4", "1.5", "1.55", "1,000", "\uff11\uff12", "", " 12", "12 ", "1e3", "n/a",
    "12\n", "999999999999999", "1000000000000000", "9999999999999", "99999999999999999999", "\u0663",
)  # fmt: skip
TARGETS = (
    "integer",
    "integer, min: 1, max: 900",
    "decimal",
    "decimal, decimals: 4, max: 12.5",
    "money, min: 0",
)


@pytest.mark.parametrize("target", TARGETS)
def test_digits_are_read_as_they_were_typed(database: Database, target: str) -> None:
    before, after = crm("code: {type: long_text}"), crm(f"code: {{type: {target}}}")
    publish(database, before)
    with database.writing() as connection:
        for each in TEXTS:
            insert(connection, checked(before), "crm.deal", code=each)
    old, new = (checked(text).apps["crm"].entities["deal"].fields["code"] for text in (before, after))
    expected, refused = [], 0
    for each in TEXTS:
        try:
            found = FIELD_TYPES[new.type].convert(new.options, FIELD_TYPES[old.type], old.options, each)
        except ValueRefused:
            expected.append(None)
            refused += 1
        else:
            expected.append(found.value)
    step = make_plan(database, checked(after)).steps[0]
    assert f"{refused} of {len(TEXTS)} values cannot be converted" in str(step.sentence)
    publish(database, after)
    definitions = checked(after)
    table = entity_tables(definitions).table("crm.deal")
    with database.reading() as connection:
        assert list(connection.execute(select(table.c.code).order_by(table.c.id)).scalars()) == expected
