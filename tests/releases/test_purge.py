"""What is out of use is listed with what it holds, and dropped only when that is asked for."""

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import func, select, text

from dougong.cli import main
from engine.releases.plan import make_plan
from engine.releases.retired import list_retired, purge
from engine.schema.database import Database
from engine.schema.system_tables import history, sequence
from engine.schema.workflow_tables import workflow_timer
from tests.releases.publishing import NOW, checked, crm, insert, publish, table_names

ACCOUNT = "account:\n  fields:\n    name: {type: text}\n    city: {type: text}"
BEFORE = crm("name: {type: text}\ncode: {type: text}", entities=ACCOUNT)


def filled(database: Database) -> None:
    publish(database, BEFORE)
    with database.writing() as connection:
        insert(connection, checked(BEFORE), "crm.deal", name="A", code="x")
        insert(connection, checked(BEFORE), "crm.account", name="B", city="Rome")
        connection.execute(
            history.insert().values(
                entity="crm.account", record_id=1, at=NOW, kind="created", changes={}, release=1
            )
        )


def test_the_table_of_an_entity_goes_with_what_was_kept_in_it(database: Database) -> None:
    filled(database)
    publish(database, BEFORE.replace("\n      city: {type: text}", ""))
    publish(database, crm("name: {type: text}\ncode: {type: text}"))
    found = {(each.kind, each.table, each.values) for each in list_retired(database)}
    kept = "_old_3_crm__account"
    assert found == {("column", kept, 1), ("table", kept, 1)}
    (whole,) = [each.id for each in list_retired(database) if each.kind == "table"]
    assert [each.table for each in purge(database, {whole})] == [kept]
    assert list_retired(database) == []
    with database.reading() as connection:
        assert kept not in table_names(connection)
        assert connection.execute(select(func.count()).select_from(history)).scalar_one() == 0


def test_an_entity_that_comes_again_has_a_history_of_its_own(database: Database) -> None:
    def remembered(entity: str) -> list[str]:
        with database.reading() as connection:
            found = select(history.c.kind).where(history.c.entity == entity).order_by(history.c.id)
            return list(connection.execute(found).scalars())

    filled(database)
    with database.writing() as connection:
        timer = {"kind": "stage", "key": "stage:crm.account:1", "name": "new", "number": 1, "due_at": NOW}
        about = {"entity": "crm.account", "record_id": 1}
        connection.execute(workflow_timer.insert().values(**timer, **about))
        connection.execute(sequence.insert().values(entity="crm.account", field="no", period="", last=7))
    publish(database, crm("name: {type: text}\ncode: {type: text}"))
    publish(database, BEFORE)
    aside = "crm._old_2_crm__account"
    assert (remembered("crm.account"), remembered(aside)) == ([], ["created"])
    with database.writing() as connection:
        assert insert(connection, checked(BEFORE), "crm.account", name="C") == 1
        connection.execute(history.insert().values(**about, at=NOW, kind="changed", changes={}, release=3))
        connection.execute(workflow_timer.insert().values(**timer, **about))
        assert list(connection.execute(select(sequence.c.entity)).scalars()) == [aside]
    assert [(each.entity, each.kind) for each in purge(database)] == [("crm.account", "table")]
    assert (remembered("crm.account"), remembered(aside)) == (["changed"], [])
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(sequence)).scalar_one() == 0
    assert make_plan(database, checked(BEFORE)).nothing_to_do


def test_pairs_of_an_entity_that_went_are_not_those_of_one_that_comes_again(database: Database) -> None:
    with_pairs = ACCOUNT + "\n    deals: {type: links, to: deal}"
    linked = crm("name: {type: text}", entities=with_pairs)
    plain = crm("name: {type: text}", entities=ACCOUNT)
    publish(database, linked)
    with database.writing() as connection:
        deal = insert(connection, checked(linked), "crm.deal", name="A")
        account = insert(connection, checked(linked), "crm.account", name="B")
        pair = {"record_id": account, "target_id": deal}
        statement = "INSERT INTO crm__account__deals (record_id, target_id) VALUES (:record_id, :target_id)"
        connection.execute(text(statement), pair)
    publish(database, crm("name: {type: text}"))
    publish(database, plain)
    with database.writing() as connection:
        assert insert(connection, checked(plain), "crm.account", name="C") == account
    publish(database, linked)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM crm__account__deals")).scalar_one() == 0


def test_a_removed_link_does_not_hold_up_the_deletion_of_its_target(database: Database) -> None:
    linked = crm("name: {type: text}\naccount: {type: link, to: account, required: true}", entities=ACCOUNT)
    publish(database, linked)
    with database.writing() as connection:
        account = insert(connection, checked(linked), "crm.account", name="B")
        insert(connection, checked(linked), "crm.deal", name="A", account=account)
    publish(database, crm("name: {type: text}", entities=ACCOUNT))
    with database.writing() as connection:
        connection.execute(text("DELETE FROM crm__account"))
        insert(connection, checked(crm("name: {type: text}", entities=ACCOUNT)), "crm.deal", name="C")
    publish(database, crm("name: {type: text}\naccount: {type: link, to: account}", entities=ACCOUNT))
    with database.reading() as connection:
        assert connection.execute(text("SELECT account FROM crm__deal ORDER BY id")).scalars().all() == [
            None,
            None,
        ]


def test_the_command_lists_and_drops_only_when_it_is_told(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        database = ["--database", f"sqlite:///{tmp_path / 'd.db'}"]
        result = CliRunner().invoke(main, [*arguments, *database], env={"LC_ALL": "C"})
        assert result.exit_code == 0, result.output
        return result.output

    file = tmp_path / "crm_app.yaml"
    file.write_text(BEFORE, encoding="utf-8")
    run("apply", str(file))
    assert run("purge") == "Nothing is out of use.\n"
    file.write_text(crm("name: {type: text}\ncode: {type: text}"), encoding="utf-8")
    run("apply", str(file), "--yes")
    listed = run("purge")
    assert (
        "1  crm.account, the whole of it: 0 values in the table _old_2_crm__account, since release 2"
        in listed
    )
    assert "Nothing was dropped. Give --yes to drop all of this for good." in listed
    assert "Dropped for good: 1." in run("purge", "--yes")
    assert run("purge") == "Nothing is out of use.\n"
