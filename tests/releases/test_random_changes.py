"""Random changes of definitions: after each publish the tables are as if made anew, and values survive."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.releases.plan import make_plan
from engine.schema.database import open_database
from engine.schema.tables import entity_tables
from tests.releases.publishing import checked, crm, fresh_schema, insert, live_schema, publish

TYPES: Mapping[str, tuple[str, Any]] = {
    "text": ("{type: text}", "12"),
    "long": ("{type: long_text}", "12"),
    "integer": ("{type: integer, min: 0}", 12),
    "decimal": ("{type: decimal, decimals: 3}", None),
    "choice": ("{type: choice, options: [a, b]}", "a"),
    "several": ("{type: multi_choice, options: [a, b]}", ("a",)),
    "unique": ("{type: text, unique: true}", None),
    "indexed": ("{type: integer, index: true}", 3),
    "link": ("{type: link, to: deal}", None),
    "computed": ("{type: integer, formula: 1 + 1}", None),
    "live": ("{type: integer, formula: count(d for d in deal)}", None),
    "yes": ("{type: boolean}", True),
}
"""A kind of field: how it is written, and a value that a record may hold."""

KINDS = sorted(TYPES)


@dataclass
class Drawn:
    """A definition while it changes: field → its kind, and what was it called before the next publish."""

    fields: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def text(self) -> str:
        lines = ["name: {type: text, required: true}"]
        for name, kind in self.fields.items():
            written = TYPES[kind][0]
            if name in self.was:
                written = written[:-1] + f", was: {self.was[name]}}}"
            lines.append(f"{name}: {written}")
        return crm("\n".join(lines))

    def new_name(self) -> str:
        self.count += 1
        return f"f{self.count}"


@settings(max_examples=5, deadline=None)
@given(st.data())
def test_random_changes_leave_tables_as_if_made_anew(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'd.db'}")
        drawn = Drawn()
        publish(database, drawn.text())
        with database.writing() as connection:
            for name in ("A", "B"):
                insert(connection, checked(drawn.text()), "crm.deal", name=name)
        for step in range(data.draw(st.integers(2, 3))):
            before = dict(drawn.fields)
            drawn.was = {}
            for _ in range(data.draw(st.integers(1, 3))):
                _change(data, drawn, before)
            values = _values(database, before)
            publish(database, drawn.text())
            assert make_plan(database, checked(drawn.text())).nothing_to_do
            other = Path(folder) / f"fresh{step}"
            assert live_schema(database) == fresh_schema(database, other, drawn.text())
            kept = _values(database, drawn.fields)
            for name, kind in drawn.fields.items():
                old = drawn.was.get(name, name)
                if before.get(old) == kind and kind != "computed":
                    assert kept[name] == values[old], name
            assert kept["name"] == values["name"]
            _fill(database, drawn)
        database.close()


def _change(data: st.DataObject, drawn: Drawn, before: Mapping[str, str]) -> None:
    """Adds, renames, removes a field, or gives it another type."""
    old = [name for name in drawn.fields if name in before and name not in drawn.was]
    what = data.draw(st.sampled_from(["add", "rename", "remove", "retype"] if old else ["add"]))
    if what == "add":
        drawn.fields[drawn.new_name()] = data.draw(st.sampled_from(KINDS))
        return
    name = data.draw(st.sampled_from(old))
    if what == "rename":
        new = drawn.new_name()
        drawn.fields = {new if each == name else each: kind for each, kind in drawn.fields.items()}
        drawn.was[new] = name
    elif what == "remove":
        del drawn.fields[name]
    else:
        drawn.fields[name] = data.draw(st.sampled_from(KINDS))


def _values(database: Any, fields: Mapping[str, str]) -> dict[str, list[Any]]:
    drawn = Drawn(dict(fields))
    definitions = checked(drawn.text())
    table = entity_tables(definitions.apps, definitions.formulas).table("crm.deal")
    with database.reading() as connection:
        found = connection.execute(select(table).order_by(table.c.id)).mappings().all()
    return {name: [row[name] for row in found] for name in ["name", *fields] if name in table.c}


def _fill(database: Any, drawn: Drawn) -> None:
    """Gives one record a value in every field that may have one."""
    definitions = checked(drawn.text())
    table = entity_tables(definitions.apps, definitions.formulas).table("crm.deal")
    values = {name: TYPES[kind][1] for name, kind in drawn.fields.items() if TYPES[kind][1] is not None}
    if values:
        with database.writing() as connection:
            connection.execute(table.update().where(table.c.id == 1).values(values))
