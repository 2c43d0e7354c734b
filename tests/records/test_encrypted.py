"""Encrypted fields: read and written like any other, and nowhere in the database to be read."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from engine import commands, importing
from engine.definition.check import check_texts
from engine.fields.encryption import HIDDEN, FieldKeys, KeyMissing
from engine.problems import DefinitionRefused, InputRefused, NotPossible
from engine.records import imports
from engine.records.deletions import lately_deleted
from engine.records.export import export_csv
from engine.records.history import timeline
from engine.records.query import Query
from engine.records.read import get, page
from engine.records.undo import can_be_undone
from engine.releases.apply import apply_plan
from engine.releases.plan import make_plan
from engine.releases.retired import purge
from engine.releases.rotation import encrypt_anew, values_by_key
from engine.releases.step import Risk
from engine.repeats import Kept, keep_answer, kept_answer
from engine.schema.system_tables import idempotency
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace
from tests.fixtures.workspaces import person

PERSON = "staff.person"
SECRET = "6222 0212 3456 7890"
APP = """
app: staff
entities:
  person:
    fields:
      name: {{type: text, required: true}}
      bank: {{type: text{encrypted}}}
      pay: {{type: money{encrypted}}}
      born: {{type: date{encrypted}}}
      home: {{type: address{encrypted}}}
      loans: {{type: table, of: loan}}
  loan:
    parent: person
    fields:
      text: {{type: text}}
      owed: {{type: decimal, decimals: 3{encrypted}}}
"""
PLAIN, LOCKED = APP.format(encrypted=""), APP.format(encrypted=", encrypted: true")
VALUES: dict[str, Any] = {
    "name": "Ann",
    "bank": SECRET,
    "pay": "123456.78",
    "born": "1987-06-05",
    "home": {"city": "Chengdu-Secret"},
    "loans": [{"text": "car", "owed": "987654.321"}],
}
SECRETS = (SECRET, "123456", "1987", "Chengdu-Secret", "987654")
Open = Callable[..., Workspace]


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Iterator[Open]:
    """`opened(text)` publishes; `opened(keys=…)` opens the same database with other keys."""
    there: list[Workspace] = []

    def make(*texts: str, keys: FieldKeys | None = None) -> Workspace:
        if not there or keys is not None:
            there.append(open_workspace(database_url, keys or FieldKeys(tmp_path / "fields.key")))
        if texts:
            checked = check_texts([{f"app_{number}.yaml": each} for number, each in enumerate(texts)])
            apply_plan(there[-1].database, checked, "test", "test", frozenset(Risk))
        return there[-1]

    yield make
    for each in there:
        each.close()


def everything(workspace: Workspace) -> str:
    """All that the database holds, as one text."""
    with workspace.database.reading() as connection:
        listing = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
            "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
        }
        names = connection.execute(text(listing[workspace.database.dialect])).scalars().all()
        return "\n".join(
            repr(tuple(row)) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        )


def not_told(workspace: Workspace) -> None:
    """Nothing of the values is in the database."""
    found = everything(workspace)
    # Money stands on SQLite as a number of cents.
    assert [each for each in (*SECRETS, "12345678", "987654321") if each in found] == []


def told(workspace: Workspace, identity: int) -> dict[str, Any]:
    with workspace.reading(SYSTEM) as transaction:
        record = get(transaction, PERSON, identity)
        entity = transaction.catalog.entity(PERSON)
        shown = {
            name: entity.fields[name].type.to_json(entity.fields[name].definition.options, record[name])
            for name in ("bank", "pay", "born", "home")
        }
        return {**shown, "owed": str(record["loans"][0]["owed"])}


EXPECTED = {
    "bank": SECRET,
    "pay": "123456.78",
    "born": "1987-06-05",
    "home": {"city": "Chengdu-Secret"},
    "owed": "987654.321",
}


def test_values_come_back_and_are_nowhere_in_plain_text(opened: Open) -> None:
    workspace = opened(LOCKED)
    identity = commands.create_record(workspace, SYSTEM, PERSON, VALUES)["id"]
    assert told(workspace, identity) == EXPECTED
    commands.update_record(workspace, SYSTEM, PERSON, identity, {"bank": "another 6222 0212"})
    commands.update_record(workspace, SYSTEM, PERSON, identity, {"bank": SECRET})
    assert told(workspace, identity) == EXPECTED
    not_told(workspace)
    with workspace.reading(SYSTEM) as transaction:
        latest, *_, first = timeline(transaction, PERSON, identity)
        entity = transaction.catalog.entity(PERSON)
        assert [(each.before, each.after) for each in latest.changes] == [(HIDDEN, HIDDEN)]
        assert {each.after for each in first.changes if each.field in ("bank", "pay")} == {HIDDEN}
        assert not can_be_undone(entity, latest, frozenset(entity.fields))
    with pytest.raises(NotPossible, match="Bank is encrypted; what it held is not kept"):
        commands.undo_change(workspace, SYSTEM, PERSON, identity, latest.id)
    commands.delete_record(workspace, SYSTEM, PERSON, identity)
    not_told(workspace)
    with workspace.reading(SYSTEM) as transaction:
        (gone,) = lately_deleted(transaction, PERSON, 50).records
    assert (gone.title, str(gone.reason)) == ("Ann", "Bank is encrypted; what it held is not kept.")
    assert SECRET not in repr(gone)


def test_publishing_encrypts_what_is_there_and_gives_it_back(opened: Open) -> None:
    workspace = opened(PLAIN)
    identity = commands.create_record(workspace, SYSTEM, PERSON, VALUES)["id"]
    empty = commands.create_record(workspace, SYSTEM, PERSON, {"name": "Bob"})["id"]
    ann = person(workspace, "ann")
    with workspace.writing(ann) as transaction:
        keep_answer(transaction, "again", Kept("f", 201, {"body": {"bank": SECRET}}))
    with workspace.writing(SYSTEM) as transaction:
        content = f"name,bank\nCy,{SECRET}\n".encode()
        imports.keep_file(transaction, PERSON, "people.csv", content)
    opened(LOCKED)
    assert told(workspace, identity) == EXPECTED
    not_told(workspace)
    with workspace.reading(SYSTEM) as transaction:
        assert get(transaction, PERSON, empty)["bank"] is None
    with workspace.reading(ann) as transaction:
        kept = kept_answer(transaction, "again")
        assert kept is not None
        assert kept.answer == {"body": {"bank": SECRET}}
    opened(PLAIN)
    assert told(workspace, identity) == EXPECTED
    assert SECRET in everything(workspace)
    with workspace.reading(SYSTEM) as transaction:
        assert get(transaction, PERSON, empty)["bank"] is None
        assert page(transaction, PERSON, Query(filter=f'bank == "{SECRET}"')).records


def test_the_plan_says_so_and_refuses_what_would_stay_readable(opened: Open) -> None:
    workspace = opened(PLAIN)
    commands.create_record(workspace, SYSTEM, PERSON, VALUES)

    def plan(written: str) -> list[tuple[str, str]]:
        made = make_plan(workspace.database, check_texts([{"app_0.yaml": written}]))
        return [(str(step.sentence), step.risk.value) for step in made.steps]

    sentences = plan(LOCKED)
    assert ("Encrypts Bank of Person; 1 value is converted.", "confirm") in sentences
    both = PLAIN.replace("bank: {type: text}", "bank: {type: long_text, encrypted: true}")
    with pytest.raises(DefinitionRefused, match="apart from its new type"):
        plan(both)
    opened(PLAIN.replace("pay: {type: money}", "pay: {type: integer}"))
    with pytest.raises(
        DefinitionRefused, match="Earlier values of Pay of Person are kept in the column _old_"
    ):
        plan(LOCKED.replace("pay: {type: money", "pay: {type: integer"))
    purge(workspace.database)
    opened(LOCKED.replace("pay: {type: money", "pay: {type: integer"))
    assert ("No longer encrypts Born of Person; 1 value is converted.", "confirm") in plan(
        LOCKED.replace("pay: {type: money", "pay: {type: integer").replace("date, encrypted: true", "date")
    )


def test_a_type_changes_while_it_is_encrypted(opened: Open) -> None:
    workspace = opened(LOCKED)
    identity = commands.create_record(workspace, SYSTEM, PERSON, VALUES)["id"]
    opened(LOCKED.replace("pay: {type: money", "pay: {type: text"))
    assert told(workspace, identity) == EXPECTED
    not_told(workspace)


def test_nothing_finds_sorts_or_totals_by_it(opened: Open) -> None:
    workspace = opened(LOCKED)
    commands.create_record(workspace, SYSTEM, PERSON, VALUES)
    with workspace.reading(SYSTEM) as transaction:
        for refused in (Query(filter='bank == "x"'), Query(sort=(("bank", False),)), Query(filter="pay > 5")):
            with pytest.raises(InputRefused, match=r"encrypted|cannot be sorted"):
                page(transaction, PERSON, refused)
        assert page(transaction, PERSON, Query(search="6222")).records == []
        assert page(transaction, PERSON, Query(totals={"pay": "max"})).totals == {}


def test_a_key_that_is_gone_is_named_and_not_replaced(opened: Open, tmp_path: Path) -> None:
    workspace = opened(LOCKED)
    identity = commands.create_record(workspace, SYSTEM, PERSON, VALUES)["id"]
    kept = (tmp_path / "fields.key").read_text()
    (known,) = FieldKeys(tmp_path / "fields.key").ids
    without = opened(keys=FieldKeys(tmp_path / "elsewhere.key"))
    with pytest.raises(KeyMissing, match=f"encrypted with the key {known}, which is not in"):
        told(without, identity)
    with pytest.raises(KeyMissing, match="There is no key for encrypted fields"):
        commands.create_record(without, SYSTEM, PERSON, VALUES)
    more = LOCKED.replace("loans:", "tax: {type: text, encrypted: true}\n      loans:")
    with pytest.raises(DefinitionRefused, match="there is no key for it in"):
        opened(more)
    assert not (tmp_path / "elsewhere.key").exists()
    given = opened(keys=FieldKeys(given=kept.split()))
    assert told(given, identity) == EXPECTED


def test_rotating_encrypts_everything_with_the_new_key(opened: Open, tmp_path: Path) -> None:
    workspace, other = opened(LOCKED), FieldKeys(tmp_path / "fields.key")
    identity = commands.create_record(workspace, SYSTEM, PERSON, VALUES)["id"]
    opened(LOCKED.replace("      born: {type: date, encrypted: true}\n", ""))
    assert len(values_by_key(workspace.database)) == 1
    new = other.add()
    # The site, which was running all the while, finds the new key by itself.
    commands.create_record(workspace, SYSTEM, PERSON, {"name": "Cy", "bank": "1"})
    assert values_by_key(workspace.database)[new] == 1
    assert encrypt_anew(workspace.database, other) == 5
    assert encrypt_anew(workspace.database, other) == 0
    assert values_by_key(workspace.database) == {new: 6}
    lines = (tmp_path / "fields.key").read_text().split()
    (tmp_path / "fields.key").write_text(lines[-1] + "\n")
    alone = opened(LOCKED, keys=FieldKeys(tmp_path / "fields.key"))
    assert told(alone, identity) == EXPECTED


def test_rotating_leaves_nothing_that_needs_the_old_key(opened: Open, tmp_path: Path) -> None:
    """Kept answers and files to import hold values too: without the old key they are still there."""
    workspace, keys = opened(LOCKED), FieldKeys(tmp_path / "fields.key")
    (old,) = keys.ids
    ann = replace(person(workspace, "ann"), administrator=True)
    kept = Kept("f", 200, {"body": {"bank": SECRET}, "headers": {}})
    with workspace.writing(ann) as transaction:
        keep_answer(transaction, "once", kept)
        file = imports.keep_file(transaction, PERSON, "people.csv", f"name,bank\nAnn,{SECRET}\n".encode())
    assert values_by_key(workspace.database) == {old: 2}
    new = keys.add()
    assert encrypt_anew(workspace.database, keys) == 2
    assert values_by_key(workspace.database) == {new: 2}
    assert old not in everything(workspace)
    not_told(workspace)
    (tmp_path / "fields.key").write_text((tmp_path / "fields.key").read_text().split()[-1] + "\n")
    alone = opened(LOCKED, keys=FieldKeys(tmp_path / "fields.key"))
    with alone.reading(ann) as transaction:
        assert kept_answer(transaction, "once") == kept
    *_, outcome = importing.import_file(alone, ann, PERSON, file, "all")
    assert (len(outcome.created), outcome.refused) == (1, [])


def test_rotating_without_the_key_of_what_is_kept(opened: Open, tmp_path: Path) -> None:
    workspace, keys = opened(LOCKED), FieldKeys(tmp_path / "fields.key")
    (old,) = keys.ids
    ann = replace(person(workspace, "ann"), administrator=True)
    with workspace.writing(ann) as transaction:
        imports.keep_file(transaction, PERSON, "people.csv", b"name,bank\nAnn,1\n")
    (tmp_path / "fields.key").unlink()
    new = FieldKeys(tmp_path / "fields.key")
    new.add()
    # Nobody could import the file: it goes, and with it the last text of the old key.
    assert encrypt_anew(workspace.database, new) == 0
    assert old not in everything(workspace)
    with workspace.writing(ann) as transaction:
        keep_answer(transaction, "once", Kept("f", 200, {"body": {}, "headers": {}}))
    (lost,) = new.ids
    (tmp_path / "fields.key").unlink()
    newest = FieldKeys(tmp_path / "fields.key")
    newest.add()
    with pytest.raises(KeyMissing, match=f"encrypted with the key {lost}, which is not in"):
        encrypt_anew(workspace.database, newest)
    with workspace.writing(SYSTEM) as transaction:
        long_ago = transaction.now - timedelta(days=3)
        transaction.connection.execute(update(idempotency).values(at=long_ago))
    assert encrypt_anew(workspace.database, newest) == 0


def test_exported_and_imported_under_the_same_rights(opened: Open) -> None:
    workspace = opened(LOCKED)
    content = f"name,bank,pay\nAnn,{SECRET},5\n".encode()
    with workspace.writing(SYSTEM) as transaction:
        file = imports.keep_file(transaction, PERSON, "people.csv", content)
    not_told(workspace)
    *_, outcome = importing.import_file(workspace, SYSTEM, PERSON, file, "all")
    assert (len(outcome.created), outcome.refused) == (1, [])
    with workspace.reading(SYSTEM) as transaction:
        out = "".join(export_csv(transaction, PERSON, Query()))
    assert SECRET in out
