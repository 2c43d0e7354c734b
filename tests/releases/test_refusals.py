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
STAGES = (
    "workflow:\n  stages:\n    lead: {}\n    won: {final: true}\n  transitions: {win: {from: lead, to: won}}"
)
LINE = "line:\n  parent: deal\n  fields:\n    amount: {type: money}"

CASES: dict[str, tuple[str, str, str]] = {
    "an entity goes": (
        crm(NAME, entities="account:\n  fields:\n    name: {type: text}"),
        crm(NAME),
        (
            "crm_app.yaml:1:6: 'account' was published and is gone from the definition, and entities "
            "cannot be removed yet. Put it back and add 'hidden: true'; its records stay."
        ),
    ),
    "an entity is renamed": (
        crm(NAME, entities="account:\n  fields:\n    name: {type: text}"),
        crm(NAME, entities="customer:\n  was: account\n  fields:\n    name: {type: text}"),
        (
            "crm_app.yaml:9:3: 'account' is to become 'customer', and entities cannot be renamed yet. "
            "Keep the name 'account', leave 'was' out, and change the label instead."
        ),
    ),
    "a field goes": (
        crm(f"{NAME}\ncode: {{type: text}}"),
        crm(NAME),
        (
            "crm_app.yaml:4:3: The field 'code' of Deal was published and is gone from the definition, "
            "and fields cannot be removed yet. Put it back and add 'retire: true'; its values stay."
        ),
    ),
    "a field is renamed": (
        crm(f"{NAME}\ncode: {{type: text}}"),
        crm(f"{NAME}\nnumber: {{type: text, was: code}}"),
        (
            "crm_app.yaml:9:7: 'code' is to become 'number', and fields cannot be renamed yet. Keep the "
            "name 'code', leave 'was' out, and change the label instead."
        ),
    ),
    "another type": (
        crm(f"{NAME}\ncode: {{type: text}}"),
        crm(f"{NAME}\ncode: {{type: integer}}"),
        (
            "crm_app.yaml:9:7: 'code' of Deal was published as text and is integer now, or of another "
            "size, and its values cannot be converted yet. Put type and size back, retire the field and "
            "add another one."
        ),
    ),
    "other decimals": (
        crm("rate: {type: decimal, decimals: 2}"),
        crm("rate: {type: decimal, decimals: 4}"),
        (
            "crm_app.yaml:8:7: 'rate' of Deal was published as decimal and is decimal now, or of another "
            "size, and its values cannot be converted yet. Put type and size back, retire the field and "
            "add another one."
        ),
    ),
    "another target": (
        crm(f"{NAME}\nother: {{type: link, to: deal}}", entities=LINE),
        crm(f"{NAME}\nother: {{type: link, to: line}}", entities=LINE),
        (
            "crm_app.yaml:9:7: 'other' of Deal was published with links to other records than now, and "
            "they cannot be moved yet. Put its target back, retire the field and add another one."
        ),
    ),
    "another parent": (
        crm(NAME, entities="line:\n  fields:\n    amount: {type: money}"),
        crm(NAME, entities=LINE),
        (
            "crm_app.yaml:9:3: The records of Line were published with another 'parent', and they cannot "
            "be moved yet. Put it back, or add another entity."
        ),
    ),
    "an option goes": (
        crm(f"{NAME}\nsize: {{type: choice, options: [small, large]}}"),
        crm(f"{NAME}\nsize: {{type: choice, options: [small]}}"),
        (
            "crm_app.yaml:9:7: The option 'large' of 'size' was published and is gone from the "
            "definition, and records may hold it: options cannot be removed yet. Put it back."
        ),
    ),
    "an option is renamed": (
        crm(f"{NAME}\nsize: {{type: choice, options: {{small: {{}}}}}}"),
        crm(f"{NAME}\nsize: {{type: choice, options: {{tiny: {{was: small}}}}}}"),
        (
            "crm_app.yaml:9:7: The option 'small' of 'size' is to become 'tiny', and options cannot be "
            "renamed yet. Keep the key 'small', leave 'was' out, and change the label instead."
        ),
    ),
    "a stage goes": (
        crm(NAME, STAGES),
        crm(NAME, "workflow:\n  stages:\n    lead: {}"),
        (
            "crm_app.yaml:4:3: The stage 'won' of Deal was published and is gone from the definition, "
            "and records may stand in it: stages cannot be removed yet. Put it back; without a "
            "transition that leads to it nothing enters it."
        ),
    ),
    "a stage is renamed": (
        crm(NAME, STAGES),
        crm(NAME, STAGES.replace("won: {", "sold: {was: won, ").replace("to: won", "to: sold")),
        (
            "crm_app.yaml:4:3: The stage 'won' of Deal is to become 'sold', and stages cannot be renamed "
            "yet. Keep the key 'won', leave 'was' out, and change the label instead."
        ),
    ),
    "no workflow any more": (
        crm(NAME, STAGES),
        crm(NAME),
        (
            "crm_app.yaml:4:3: Deal was published with stages and has none any more, and a workflow "
            "cannot be removed yet. Put it back."
        ),
    ),
    "a formula over what people entered": (
        crm("size: {type: integer}"),
        crm("size: {type: integer, formula: 1 + 1}"),
        (
            "crm_app.yaml:8:7: 'size' of Deal was published as a field that people fill in; a formula "
            "would overwrite what they entered. Leave the formula out, retire the field and add a "
            "computed one under another name."
        ),
    ),
    "no freezing any more": (
        crm("size: {type: integer, formula: count(d for d in deal), freeze: won}", STAGES),
        crm("size: {type: integer, formula: count(d for d in deal)}", STAGES),
        (
            "crm_app.yaml:8:7: Computed values of Deal were published as frozen, and they cannot be "
            "thawed for all records yet. Put 'freeze' back."
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
    publish(database, crm(f"{NAME}\ncode: {{type: text}}\nsize: {{type: integer}}"))
    with pytest.raises(DefinitionRefused) as refused:
        make_plan(database, checked(crm(f"{NAME}\ncode: {{type: integer}}")))
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
