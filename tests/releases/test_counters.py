"""A field that becomes a sequence goes on counting after the numbers that are there."""

import pytest
from sqlalchemy import select, text

from engine.schema.database import Database
from engine.schema.system_tables import sequence
from tests.releases.publishing import checked, crm, insert, publish, rows

TEXT = crm("number: {type: text}")


def counters(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        found = connection.execute(
            select(sequence.c.entity, sequence.c.field, sequence.c.period, sequence.c.last)
        )
        return {f"{row.entity}.{row.field} {row.period}": row.last for row in found}


def filled(database: Database, *numbers: str | None) -> None:
    publish(database, TEXT)
    with database.writing() as connection:
        for number in numbers:
            insert(connection, checked(TEXT), "crm.deal", number=number)


@pytest.mark.parametrize("more", [(), ("no number",)], ids=["all fit", "one is kept aside"])
def test_each_period_goes_on_after_its_highest_number(database: Database, more: tuple[str, ...]) -> None:
    filled(database, "D-2025-0007", "D-2026-0012", "D-2026-0003", None, *more)
    publish(database, crm("number: {type: sequence, format: 'D-{year}-{0000}'}"))
    assert counters(database) == {"crm.deal.number 2025": 7, "crm.deal.number 2026": 12}
    with database.reading() as connection:
        assert rows(connection, "crm__deal", "number")[:3] == [
            ("D-2025-0007",),
            ("D-2026-0012",),
            ("D-2026-0003",),
        ]


def test_a_counter_without_periods(database: Database) -> None:
    filled(database, "000041", "000100")
    publish(database, crm("number: {type: sequence, format: '{000000}'}"))
    assert counters(database) == {"crm.deal.number ": 100}


def test_a_counter_never_goes_back(database: Database) -> None:
    """It was a sequence, became text, and is one again; the record with the highest number is gone."""
    after = crm("number: {type: sequence, format: 'D-{0000}'}")
    filled(database, "D-0005", "D-0009")
    publish(database, after)
    publish(database, TEXT)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM crm__deal WHERE number = 'D-0009'"))
    publish(database, after)
    assert counters(database) == {"crm.deal.number ": 9}
    with database.writing() as connection:
        insert(connection, checked(after), "crm.deal", number="D-0030")
    publish(database, TEXT)
    publish(database, after)
    assert counters(database) == {"crm.deal.number ": 30}


def test_the_counter_of_a_field_that_is_renamed_at_the_same_time(database: Database) -> None:
    filled(database, "D-0005")
    publish(database, crm("code: {type: sequence, format: 'D-{0000}', was: number}"))
    assert counters(database) == {"crm.deal.code ": 5}


def test_numbers_without_records_need_no_counter(database: Database) -> None:
    filled(database)
    publish(database, crm("number: {type: sequence, format: 'D-{0000}'}"))
    assert counters(database) == {}
