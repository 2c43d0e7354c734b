"""Publishing: all or nothing, once, and one after the other."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import IntegrityError

from engine.problems import DefinitionRefused, NotPossible
from engine.releases.apply import NotAgreed, apply_plan
from engine.releases.history import (
    all_releases,
    current_number,
    current_release,
    fingerprint,
    load_release,
    plan_of,
)
from engine.releases.plan import make_plan
from engine.releases.step import Risk
from engine.schema.database import Database, open_database
from engine.schema.system_tables import release as release_table
from engine.schema.tables import entity_tables
from tests.releases.publishing import checked, crm, insert, live_schema, publish, rows, table_names

FIRST = crm("name: {type: text, required: true}")
SECOND = crm("name: {type: text, required: true}\namount: {type: money}")
STORED = crm("name: {type: text, required: true}\nsize: {type: integer, formula: 1 + 1}")
SHOP = """app: shop
entities:
  item:
    fields:
      name: {type: text}
      deal: {type: link, to: crm.deal}
"""


def test_the_first_release(database: Database) -> None:
    with database.reading() as connection:
        assert current_number(connection) == 0
        assert current_release(connection) is None
    definitions = checked(FIRST)
    plan = make_plan(database, definitions)
    assert plan.release == 0
    assert not plan.nothing_to_do
    release = apply_plan(database, definitions, "Our first", "ada")
    assert (release.number, release.message, release.published_by) == (1, "Our first", "ada")
    assert release.apps == {"crm": {"crm_app.yaml": FIRST}}
    with database.reading() as connection:
        assert current_number(connection) == 1
        assert current_release(connection) == release
        assert {"crm__deal", "system__user", "system__department"} <= table_names(connection)
        assert [step["sentence"] for step in plan_of(connection, 1)] == [
            {locale: step.sentence.to(locale) for locale in ("en", "zh")} for step in plan.steps
        ]


def test_releases_are_listed_with_their_texts(database: Database) -> None:
    publish(database, FIRST, message="one")
    publish(database, SECOND, message="two")
    with database.reading() as connection:
        listed = all_releases(connection)
        assert [(each.number, each.message) for each in listed] == [(2, "two"), (1, "one")]
        assert [each.apps["crm"]["crm_app.yaml"] for each in listed] == [SECOND, FIRST]
        assert all(each.sha == fingerprint(each.apps) for each in listed)
        assert list(load_release(listed[0])["crm"].entities["deal"].fields)[:2] == ["name", "amount"]


def test_apps_that_are_not_named_stay(database: Database) -> None:
    publish(database, FIRST)
    release = publish(database, FIRST, SHOP)
    assert list(release.apps) == ["crm", "shop"]
    tables = live_schema(database)
    again = publish(database, SECOND)
    assert again.apps == {"crm": {"crm_app.yaml": SECOND}, "shop": {"shop_app.yaml": SHOP}}
    assert live_schema(database).keys() == tables.keys()


def test_what_nobody_agreed_to_is_not_done(database: Database) -> None:
    publish(database, FIRST)
    with database.writing() as connection:
        insert(connection, checked(FIRST), "crm.deal", name="A")
    after = crm("name: {type: text, required: true}\ncode: {type: text, required: true}")
    with pytest.raises(NotAgreed) as refused:
        publish(database, after, allow={Risk.SAFE})
    assert [step.field for step in refused.value.steps] == ["code"]
    assert str(refused.value) == (
        "Nothing was published. Agree to this first: Adds Code to Deal. It is required. Left without it "
        "until somebody edits them: 1 record of Deal."
    )
    with database.reading() as connection:
        assert current_number(connection) == 1
    assert publish(database, after, allow={Risk.SAFE, Risk.CONFIRM}).number == 2


def test_a_failing_step_leaves_neither_table_nor_release(database: Database) -> None:
    publish(database, crm("name: {type: text, required: true}"))
    with database.writing() as connection:
        insert(connection, checked(FIRST), "crm.deal", name="A")
    as_it_was = live_schema(database)

    def breaks(connection: Connection, entity: str, fields: tuple[str, ...]) -> None:
        connection.execute(text("INSERT INTO crm__deal (name, revision) VALUES (NULL, NULL)"))

    with pytest.raises(IntegrityError):
        apply_plan(database, checked(STORED, SHOP), "breaks", "ada", frozenset(Risk), recompute=breaks)
    assert live_schema(database) == as_it_was
    with database.reading() as connection:
        assert current_number(connection) == 1
    assert publish(database, STORED, SHOP).number == 2


def test_formulas_that_do_not_read_one_another_are_recomputed_by_one_statement(database: Database) -> None:
    publish(database, crm("amount: {type: integer}"))
    with database.writing() as connection:
        insert(connection, checked(crm("amount: {type: integer}")), "crm.deal", amount=5)
    after = crm(
        """
        amount: {type: integer}
        twice: {type: integer, formula: amount * 2}
        third: {type: money, formula: amount / 3}
        whole: {type: money, formula: twice + third}
        """
    )
    statements: list[str] = []

    def noted(_connection: Any, _cursor: Any, statement: str, *_further: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", noted)
    publish(database, after)
    with database.reading() as connection:
        (row,) = connection.execute(text("SELECT twice, third, whole FROM crm__deal"))
        scale = 100 if connection.dialect.name == "sqlite" else 1
    assert (row.twice, row.third * 100 / scale, row.whole * 100 / scale) == (10, 167, 1167)
    assert len([each for each in statements if each.startswith("UPDATE crm__deal SET")]) == 2


def test_frozen_values_stay_when_their_formula_changes(database: Database) -> None:
    stages = """
        workflow:
          stages:
            draft: {}
            paid: {final: true, freeze: true}
          transitions: {pay: {from: draft, to: paid}}
    """
    before = crm("amount: {type: money}\nfee: {type: money, formula: amount / 3}", stages)
    publish(database, before)
    with database.writing() as connection:
        for stage, frozen in (("draft", None), ("paid", 1)):
            values = {"amount": 10, "fee": 1, "stage": stage, "_frozen_paid": frozen}
            insert(connection, checked(before), "crm.deal", **values)
    publish(database, crm("amount: {type: money}\nfee: {type: money, formula: amount / 7}", stages))
    definitions = checked(before)
    table = entity_tables(definitions).table("crm.deal")
    with database.reading() as connection:
        fees = connection.execute(select(table.c.fee).order_by(table.c.id)).scalars()
        assert list(fees) == [Decimal("1.43"), Decimal("1.00")]


@pytest.mark.parametrize("texts", [(FIRST, FIRST), (FIRST, SECOND)], ids=["the same", "different"])
def test_two_who_publish_at_once_on_postgresql(postgresql_url: str, texts: tuple[str, str]) -> None:
    """The later one continues from what the earlier left: nothing to do, an addition, or a refusal."""
    first = open_database(postgresql_url)
    both = (first, open_database(postgresql_url))
    barrier = Barrier(2)

    def go(database: Database, written: str) -> int | str:
        definitions = checked(written)
        barrier.wait()
        try:
            return apply_plan(database, definitions, written, "ada", set(Risk)).number
        except DefinitionRefused as refused:
            return str(refused)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(go, both, texts))
    with first.reading() as connection:
        numbers = [number for (number,) in connection.execute(select(release_table.c.number))]
        columns = live_schema(first)["crm__deal"]["columns"]
    if texts == (FIRST, FIRST):
        assert results == [1, 1]
        assert numbers == [1]
    elif results == [1, 2]:
        assert "amount" in columns
    else:
        # The first text has no amount: what the second one had published goes again, and nobody had used it.
        assert results == [2, 1]
        assert "amount" not in columns
    for database in both:
        database.close()


def test_a_publish_does_not_wait_for_ever_on_postgresql(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.releases.apply.LOCK_TIMEOUT", "100ms")
    database = open_database(postgresql_url)
    publish(database, FIRST)
    with database.writing() as connection:
        insert(connection, checked(FIRST), "crm.deal", name="A")

        def publish_meanwhile() -> None:
            publish(database, SECOND)

        with ThreadPoolExecutor(1) as pool, pytest.raises(NotPossible, match="Others are using the tables"):
            pool.submit(publish_meanwhile).result()
    assert publish(database, SECOND).number == 2
    database.close()


def test_a_table_that_somebody_altered_is_put_right(database: Database) -> None:
    publish(database, SECOND)
    whole = live_schema(database)
    with database.writing() as connection:
        insert(connection, checked(SECOND), "crm.deal", name="A")
        connection.exec_driver_sql("DROP INDEX ix_crm__deal__created_by")
    plan = make_plan(database, checked(SECOND))
    assert [str(step.sentence) for step in plan.steps] == ["Adds an index on Created by to Deal."]
    publish(database, SECOND)
    assert live_schema(database) == whole


def test_numbers_of_deleted_records_are_not_given_again_after_a_rebuild(database: Database) -> None:
    before = crm("name: {type: text, required: true}")
    publish(database, before)
    with database.writing() as connection:
        for name in "ABC":
            insert(connection, checked(before), "crm.deal", name=name)
        connection.execute(text("DELETE FROM crm__deal WHERE name IN ('B', 'C')"))
    after = crm("name: {type: text}")
    publish(database, after)
    with database.writing() as connection:
        assert insert(connection, checked(after), "crm.deal", name="D") == 4
        assert rows(connection, "crm__deal", "id", "name") == [(1, "A"), (4, "D")]


def test_links_to_a_rebuilt_table_stay(database: Database) -> None:
    before = [crm("name: {type: text, required: true}"), SHOP]
    publish(database, *before)
    with database.writing() as connection:
        deal = insert(connection, checked(*before), "crm.deal", name="A")
        insert(connection, checked(*before), "shop.item", deal=deal)
    publish(database, crm("name: {type: text}"), SHOP)
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(text("DELETE FROM crm__deal"))
    with database.reading() as connection:
        assert rows(connection, "shop__item", "deal") == [(deal,)]
