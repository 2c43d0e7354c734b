"""Indexes that were dropped, or that a killed build left invalid, are there again when the program opens."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from engine.releases.history import current_number
from engine.releases.index_mending import mend_indexes
from engine.releases.plan import make_plan
from engine.schema.database import Database, open_database
from engine.schema.tables import EntityTables, entity_tables
from tests.releases.publishing import checked, crm, insert, live_schema, publish

TEXT = crm("name: {type: text, index: true}\ncode: {type: text, unique: true}")
INDEXES = ["ix_crm__deal__name", "uq_crm__deal__code"]


def tables() -> EntityTables:
    definitions = checked(TEXT)
    return entity_tables(definitions)


def drop(database: Database) -> None:
    with database.writing() as connection:
        for name in INDEXES:
            connection.execute(text(f"DROP INDEX {name}"))


def test_missing_indexes_are_made_without_a_release(database: Database) -> None:
    publish(database, TEXT)
    before = live_schema(database)
    assert mend_indexes(database, tables(), 1) == []
    drop(database)
    assert [step.kind for step in make_plan(database, checked(TEXT)).steps] == ["index_added", "unique_added"]
    assert sorted(mend_indexes(database, tables(), 1)) == INDEXES
    assert live_schema(database) == before
    assert make_plan(database, checked(TEXT)).nothing_to_do
    with database.reading() as connection:
        assert current_number(connection) == 1


def test_a_unique_index_waits_until_no_value_repeats(database: Database) -> None:
    publish(database, TEXT)
    drop(database)
    with database.writing() as connection:
        for name in ("A", "B"):
            insert(connection, checked(TEXT), "crm.deal", name=name, code="x")
    assert mend_indexes(database, tables(), 1) == INDEXES[:1]


def test_nothing_is_made_for_a_release_that_is_not_the_current_one(database: Database) -> None:
    publish(database, TEXT)
    drop(database)
    assert mend_indexes(database, tables(), 2) == []


def test_several_processes_that_open_at_once(database: Database) -> None:
    publish(database, TEXT)
    before = live_schema(database)
    drop(database)
    url = database.url.render_as_string(hide_password=False)
    others = [open_database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda each: mend_indexes(each, tables(), 1), others))
    for each in others:
        each.close()
    assert set(INDEXES) == {name for names in made for name in names}
    assert live_schema(database) == before


def test_an_invalid_index_is_built_again(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    publish(database, TEXT)
    with database.writing() as connection:
        connection.execute(
            text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('{INDEXES[0]}')")
        )
    assert mend_indexes(database, tables(), 1) == INDEXES[:1]
    assert mend_indexes(database, tables(), 1) == []
    database.close()
