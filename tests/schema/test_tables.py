"""Entities become tables: columns, keys, indexes and checks, the same on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import CheckConstraint, Table, text
from sqlalchemy.exc import IntegrityError

from engine.definition.check import Checked
from engine.schema.database import Database
from engine.schema.sought import sought_fields
from engine.schema.tables import EntityTables, entity_tables, live_fields
from tests.releases.publishing import checked, crm, insert, publish, table_names

SALES = crm(
    """
    name: {type: text, required: true}
    account: {type: link, to: account, required: true}
    owner: {type: user, required: true, required_when: amount > 5}
    amount: {type: money, min: 0, max: 1000, index: true}
    tags: {type: multi_choice, options: [a, b]}
    rivals: {type: links, to: account}
    lines: {type: table, of: line}
    count: {type: integer, formula: count(l for l in lines)}
    double: {type: money, formula: amount * 2, min: 5}
    twice: {type: integer, formula: count + count}
    total: {type: money, formula: sum(l.amount for l in lines), freeze: won}
    """,
    """
    unique: [[account, name]]
    indexes: [[owner, amount]]
    workflow:
      stages:
        lead: {}
        won: {final: true}
      transitions: {win: {from: lead, to: won}}
    """,
    entities="""
    line:
      parent: deal
      fields:
        amount: {type: money}
    account:
      tree: parent
      fields:
        name: {type: text, required: true, unique: true}
        parent: {type: link, to: account}
        best: {type: link, to: deal}
    """,
)


@pytest.fixture(scope="module")
def sales() -> Checked:
    return checked(SALES)


@pytest.fixture(scope="module")
def tables(sales: Checked) -> EntityTables:
    return entity_tables(sales)


def test_columns(tables: EntityTables) -> None:
    assert list(tables.table("crm.deal").c.keys()) == [
        *("id", "name", "account", "owner", "amount", "tags", "double", "total"),
        *("created_at", "created_by", "updated_at", "updated_by", "revision", "stage", "_frozen_won"),
    ]
    assert {"deal", "position", "amount"} <= set(tables.table("crm.line").c.keys())


@pytest.mark.parametrize(
    ("field", "stored"),
    [("name", True), ("lines", False), ("count", False), ("twice", False), ("total", True)],
)
def test_what_is_stored(tables: EntityTables, field: str, stored: bool) -> None:
    assert tables.stored("crm.deal", field) is stored


def test_what_is_always_filled(tables: EntityTables) -> None:
    filled = {column.name for column in tables.table("crm.deal").c if not column.nullable}
    assert filled == {"id", "name", "account", "created_at", "updated_at", "revision", "stage"}
    assert not tables.table("crm.line").c.deal.nullable


def _keys(table: Table) -> Iterator[tuple[str, str, str | None]]:
    for key in table.foreign_key_constraints:
        yield next(iter(key.columns)).name, key.referred_table.name, key.ondelete


def test_links_are_foreign_keys(tables: EntityTables) -> None:
    assert set(_keys(tables.table("crm.deal"))) == {
        ("account", "crm__account", "RESTRICT"),
        ("owner", "system__user", "RESTRICT"),
        ("created_by", "system__user", "RESTRICT"),
        ("updated_by", "system__user", "RESTRICT"),
    }
    assert ("deal", "crm__deal", "CASCADE") in set(_keys(tables.table("crm.line")))
    assert set(_keys(tables.links_table("crm.deal", "rivals"))) == {
        ("record_id", "crm__deal", "CASCADE"),
        ("target_id", "crm__account", "CASCADE"),
    }


def test_indexes(tables: EntityTables) -> None:
    assert {str(index.name) for index in tables.table("crm.deal").indexes} == {
        "uq_crm__deal__account_name",
        "ix_crm__deal__owner_amount",
        "ix_crm__deal__amount",
        "ix_crm__deal__stage",
        "ix_crm__deal__created_by",
    }
    assert {index.name for index in tables.table("crm.account").indexes if index.unique} == {
        "uq_crm__account__name"
    }


def test_limits_of_numbers_are_checks(tables: EntityTables) -> None:
    checks = [each for each in tables.table("crm.deal").constraints if isinstance(each, CheckConstraint)]
    assert len(checks) == 1
    assert str(checks[0].name).startswith("ck_crm__deal__amount_")


@pytest.mark.parametrize(
    ("values", "accepted"),
    [
        ({"amount": 0}, True),
        ({"amount": 1000}, True),
        ({"amount": None}, True),
        ({"amount": -1}, False),
        ({"amount": 1001}, False),
        ({"name": None}, False),
        ({"account": 99}, False),
        ({"name": "taken"}, False),
    ],
)
def test_the_database_insists(
    database: Database, sales: Checked, values: dict[str, object], accepted: bool
) -> None:
    publish(database, SALES)
    with database.writing() as connection:
        account = insert(connection, sales, "crm.account", name="Acme")
        deal = {"name": "A", "account": account, "stage": "lead"}
        insert(connection, sales, "crm.deal", **{**deal, "name": "taken"})
    try:
        with database.writing() as connection:
            insert(connection, sales, "crm.deal", **{**deal, **values})
        written = True
    except IntegrityError:
        written = False
    assert written is accepted


def test_rows_go_with_their_owner_and_links_hold(database: Database, sales: Checked) -> None:
    publish(database, SALES)
    with database.writing() as connection:
        account = insert(connection, sales, "crm.account", name="Acme")
        deal = insert(connection, sales, "crm.deal", name="A", account=account, stage="lead")
        insert(connection, sales, "crm.line", deal=deal, position=1)
        connection.execute(text("INSERT INTO crm__deal__rivals VALUES (:deal, :account)"), locals())
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(text("DELETE FROM crm__account"))
    with database.writing() as connection:
        connection.execute(text("DELETE FROM crm__deal"))
        assert connection.execute(text("SELECT count(*) FROM crm__line")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM crm__deal__rivals")).scalar_one() == 0


def test_tables_that_link_in_a_circle(database: Database, sales: Checked) -> None:
    publish(database, SALES)
    with database.writing() as connection:
        account = insert(connection, sales, "crm.account", name="Acme")
        deal = insert(connection, sales, "crm.deal", name="A", account=account, stage="lead")
        connection.execute(text("UPDATE crm__account SET best = :deal, parent = :account"), locals())
    with database.reading() as connection:
        assert {"crm__deal", "crm__account", "crm__deal__rivals"} <= table_names(connection)


def test_numbers_are_not_given_twice(database: Database, sales: Checked) -> None:
    publish(database, SALES)
    with database.writing() as connection:
        first = insert(connection, sales, "crm.account", name="Acme")
        connection.execute(text("DELETE FROM crm__account"))
        assert insert(connection, sales, "crm.account", name="Acme") == first + 1


def test_fields_that_set_functions_compare_are_indexed() -> None:
    definitions = checked(
        crm(
            """
            kind: {type: text}
            colour: {type: text}
            size: {type: integer}
            same:
              type: integer
              formula: count(d for d in deal if d.kind == "a" and (d.colour == "b" or d.size > 1))
            """
        )
    )
    assert sought_fields(definitions.formulas.values()) == {("crm.deal", "kind")}
    deal = entity_tables(definitions).table("crm.deal")
    assert "ix_crm__deal__kind" in {index.name for index in deal.indexes}
    assert "ix_crm__deal__colour" not in {index.name for index in deal.indexes}


def test_the_tables_agree_with_formulas_about_what_is_live(sales: Checked) -> None:
    live = {
        (entity.key, name)
        for app in sales.apps.values()
        for entity in app.entities.values()
        for name in live_fields(entity, sales.formulas)
    }
    assert live == sales.world.live == {("crm.deal", "count"), ("crm.deal", "twice"), ("crm.deal", "total")}
