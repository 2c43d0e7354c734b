"""What cannot be published yet is refused, with its place and what to do; nothing changes."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.problems import DefinitionRefused
from engine.releases.history import current_number
from engine.releases.plan import make_plan
from engine.schema.database import Database, open_database
from tests.releases.publishing import checked, crm, insert, live_schema, publish

NAME = "name: {type: text, required: true}"
STAGES = "workflow:\n  stages: {lead: {}, won: {final: true}}\n  transitions: {win: {from: lead, to: won}}"
LINE = "line:\n  parent: deal\n  fields:\n    amount: {type: money}"

CASES: dict[str, tuple[str, str, str]] = {
    "another parent": (
        crm(NAME, entities="line:\n  fields:\n    amount: {type: money}"),
        crm(NAME, entities=LINE),
        (
            "crm_app.yaml:9:3: The records of Line were published with another 'parent', and they cannot "
            "be moved. Put it back, or add another entity."
        ),
    ),
    "the old name is still in use": (
        crm(f"{NAME}\ncode: {{type: text}}"),
        crm(f"{NAME}\ncode: {{type: text}}\nkey: {{type: text, was: code}}"),
        (
            "crm_app.yaml:10:7: 'key' was 'code', says its definition, but 'code' is still there. "
            "Publish the "
            "renaming first, and what takes the old name after that."
        ),
    ),
}


@pytest.mark.parametrize(("before", "after", "sentence"), CASES.values(), ids=CASES.keys())
def test_a_change_is_refused(database: Database, before: str, after: str, sentence: str) -> None:
    publish(database, before)
    as_it_was = live_schema(database)
    with pytest.raises(DefinitionRefused) as refused:
        make_plan(database, checked(after))
    assert [str(problem) for problem in refused.value.problems] == [sentence]
    with pytest.raises(DefinitionRefused):
        publish(database, after)
    assert live_schema(database) == as_it_was


DATA_CASES: dict[str, tuple[str, str, list[Mapping[str, Any]], str]] = {
    "a stage goes that records hold": (
        crm(NAME, STAGES),
        crm(NAME, "workflow:\n  stages:\n    lead: {}"),
        [{"name": "A", "stage": "won"}, {"name": "B", "stage": "won"}],
        (
            "crm_app.yaml:11:9: Removes the stage Won of Deal, where records stand: 2 deals. Say where they "
            "go: moved_stages: {won: lead} in the workflow."
        ),
    ),
    "converted values that repeat": (
        crm("code: {type: text, unique: true}"),
        crm("code: {type: integer, unique: true}"),
        [{"code": "1"}, {"code": "01"}],
        (
            "crm_app.yaml:8:7: Code of Deal is unique, but as integer several records would have “1”. Make "
            "them different first."
        ),
    ),
    "unique values that repeat": (
        crm(NAME),
        crm("name: {type: text, required: true, unique: true}"),
        [{"name": "A"}, {"name": "A"}, {"name": "B"}, {"name": "B"}, {"name": "C"}],
        (
            "crm_app.yaml:8:7: Name of Deal cannot become unique. Values that several records share: 2, "
            "such as “A”. Make them different first."
        ),
    ),
    "unique combinations that repeat": (
        crm(f"{NAME}\nsize: {{type: integer}}"),
        crm(f"{NAME}\nsize: {{type: integer}}", "unique: [[name, size]]"),
        [{"name": "A", "size": 1}, {"name": "A", "size": 1}, {"name": "A", "size": None}],
        (
            "crm_app.yaml:4:3: Name and Size of Deal cannot become unique. Values that several records "
            "share: 1, such as “A, 1”. Make them different first."
        ),
    ),
    "a unique default": (
        crm(NAME),
        crm(f"{NAME}\ncode: {{type: text, unique: true, default: x}}"),
        [{"name": "A"}, {"name": "B"}],
        (
            "crm_app.yaml:9:7: 'code' of Deal is unique, but its default would give “x” to 2 deals. "
            "Leave the default or 'unique' out."
        ),
    ),
}


@pytest.mark.parametrize(("before", "after", "deals", "sentence"), DATA_CASES.values(), ids=DATA_CASES.keys())
def test_data_stands_in_the_way(
    database: Database, before: str, after: str, deals: list[Mapping[str, Any]], sentence: str
) -> None:
    publish(database, before)
    with database.writing() as connection:
        for deal in deals:
            insert(connection, checked(before), "crm.deal", **deal)
    with pytest.raises(DefinitionRefused) as refused:
        publish(database, after)
    assert sentence in map(str, refused.value.problems)
    with database.reading() as connection:
        assert current_number(connection) == 1


def test_all_refusals_are_told_at_once(database: Database) -> None:
    publish(
        database, crm(f"{NAME}\ncode: {{type: text}}", STAGES, entities="line: {fields: {a: {type: text}}}")
    )
    after = crm(
        f"{NAME}\ncode: {{type: text}}\nkey: {{type: text, was: code}}",
        STAGES,
        entities="line: {parent: deal, fields: {a: {type: text}}}",
    )
    with pytest.raises(DefinitionRefused) as refused:
        make_plan(database, checked(after))
    assert len(refused.value.problems) == 2


def test_a_rename_that_is_stated_but_was_never_published_is_none(database: Database) -> None:
    publish(database, crm(NAME))
    release = publish(database, crm(f"{NAME}\nnumber: {{type: text, was: code}}"))
    assert release.number == 2


def test_a_column_that_no_definition_names_is_not_lost(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    publish(database, crm(f"{NAME}\nreason: {{type: text, required: true}}"))
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE crm__deal ADD COLUMN by_hand TEXT")
    publish(database, crm(f"{NAME}\nreason: {{type: text, required: true}}\nmore: {{type: text}}"))
    with pytest.raises(DefinitionRefused, match="has the column by_hand, which no definition names"):
        publish(database, crm(f"{NAME}\nreason: {{type: text}}\nmore: {{type: text}}"))
    database.close()
