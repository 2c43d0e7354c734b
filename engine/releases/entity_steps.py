"""Steps for whole entities: another name, out of use, and back again."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Table, Update, func, literal, update

from engine.definition.model import Entity
from engine.releases.diff import Change
from engine.releases.retired import PAIRS, TABLE, retiring
from engine.releases.situation import Origin, Situation
from engine.releases.step import Risk, Step
from engine.releases.wording import counted
from engine.schema import ddl, names
from engine.schema.live import LiveIndex, LiveTable
from engine.schema.system_tables import rename, retired
from engine.schema.tables import limits_name
from engine.schema.upgrade import own_tables
from engine.schema.workflow_tables import workflow_timer
from engine.text import Message, say

OWN_PREFIXES = ("ix_", "uq_")
"""How the indexes begin that definitions ask for; others belong to whoever made them."""


def renamed_entity(situation: Situation, change: Change) -> Step:
    """The table, and whatever else goes by the name of the entity, is called otherwise."""
    entity, old = change.entity, change.before
    assert entity
    table = situation.target.table(entity.key)
    live = situation.live.pop(names.table_name(old.key))
    sql, moved = renamed_table(situation, live, table)
    sql += _renamed_checks(situation, old, live, moved)
    checks = frozenset(_check_names(old, live.name, table.name).get(name, name) for name in live.checks)
    situation.live[table.name] = LiveTable(
        table.name, moved.columns, moved.types, moved.indexes, checks, moved.links
    )
    situation.origins[table.name] = Origin(live.name)
    sql += renamed_entries(situation, old.key, entity.key)
    was = rename.insert().values(
        release=situation.release, entity=entity.key, kind="entity", was=old.key, now=entity.key
    )
    sql.append(ddl.statement_text(was, situation.dialect))
    records = situation.count(table)
    same = old.label == entity.label
    sentence = say(
        "Renames {old} to {new}, with {records}.",
        old=old.key if same else old.label,
        new=entity.key if same else entity.label,
        records=counted(records, entity),
    )
    return Step("entity_renamed", sentence, entity=entity.key, sql=tuple(sql), records=records)


def renamed_table(situation: Situation, live: LiveTable, table: Table) -> tuple[list[str], LiveTable]:
    """The statements that rename a table, with its constraints and indexes."""
    dialect = situation.dialect
    old, new = live.name, table.name
    sql = [f"ALTER TABLE {ddl.quoted(old, dialect)} RENAME TO {ddl.quoted(new, dialect)}"]
    links = {column: names.foreign_key_name(new, column) for column in live.links}
    indexes = {
        name: (names.unique_name if found.unique else names.index_name)(new, found.columns)
        if name.startswith(OWN_PREFIXES)
        else name
        for name, found in live.indexes.items()
    }
    if dialect == "postgresql":
        constraints = {names.primary_key_name(old): names.primary_key_name(new)}
        constraints |= {live.links[column]: name for column, name in links.items()}
        sql += [renamed_constraint(new, was, now, dialect) for was, now in constraints.items()]
    sql += renamed_indexes(new, live.indexes, indexes, dialect)
    moved = LiveTable(
        new,
        live.columns,
        live.types,
        {indexes[name]: found for name, found in live.indexes.items()},
        live.checks,
        links,
    )
    return sql, moved


def renamed_constraint(table: str, old: str, new: str, dialect: str) -> str:
    """For PostgreSQL."""
    was, now = ddl.quoted(old, dialect), ddl.quoted(new, dialect)
    return f"ALTER TABLE {ddl.quoted(table, dialect)} RENAME CONSTRAINT {was} TO {now}"


def renamed_indexes(
    table: str, indexes: Mapping[str, LiveIndex], now: Mapping[str, str], dialect: str
) -> list[str]:
    """Statements that call indexes otherwise, name → new name; SQLite has to make them anew."""
    changed = {name: new for name, new in now.items() if new != name}
    if dialect == "postgresql":
        return [
            f"ALTER INDEX {ddl.quoted(name, dialect)} RENAME TO {ddl.quoted(new, dialect)}"
            for name, new in changed.items()
        ]
    sql = [ddl.drop_index(name, dialect) for name in changed]
    for name, new in changed.items():
        found = indexes[name]
        columns = ", ".join(ddl.quoted(column, dialect) for column in found.columns)
        kind = "UNIQUE INDEX" if found.unique else "INDEX"
        sql.append(f"CREATE {kind} {ddl.quoted(new, dialect)} ON {ddl.quoted(table, dialect)} ({columns})")
    return sql


def renamed_entries(situation: Situation, old: str, new: str) -> list[str]:
    """What was remembered of the entity's records goes by its new name."""
    # The key of a timer names the entity, and another entity may come by the old name.
    keys = update(workflow_timer).where(workflow_timer.c.entity == old)
    renamed = func.replace(workflow_timer.c.key, literal(f":{old}:"), literal(f":{new}:"))
    statements = [keys.values(key=renamed), *_entries_by_name(old, new)]
    inside = update(retired).where(retired.c.table_name == names.table_name(old))
    statements.append(inside.values(table_name=names.table_name(new)))
    return [ddl.statement_text(each, situation.dialect) for each in statements]


def _entries_by_name(old: str, new: str) -> list[Update]:
    """All that is remembered by the name of an entity; a whole table out of use is about another one."""
    tables = [table for table in own_tables() if "entity" in table.c and table is not retired]
    parts = update(retired).where(retired.c.entity == old, retired.c.kind != TABLE)
    return [
        *(update(table).where(table.c.entity == old).values(entity=new) for table in tables),
        parts.values(entity=new),
    ]


def _put_aside(old: str, kept: str) -> list[Update]:
    """What was remembered of records is kept under a name that no entity has.

    Another entity may come by this name, whose records begin with the same numbers.
    """
    name = names.retired_entity(old, kept)
    keys = update(workflow_timer).where(workflow_timer.c.entity == old)
    return [
        keys.values(key=literal(f"{kept}:") + workflow_timer.c.key),
        *_entries_by_name(old, name),
    ]


def removed_entity(situation: Situation, old: Entity) -> Iterator[Step]:
    """The table of an entity that no definition names any more is kept under another name."""
    table = situation.standing.table(old.key)
    if table.name not in situation.live:
        return
    records = situation.number(situation.now(table))
    sql: list[str] = []
    for name, each in old.fields.items():
        if (old.key, name) in situation.standing.links:
            pairs = situation.standing.links_table(old.key, name)
            if pairs.name in situation.live:
                sql += retired_table(situation, situation.live.pop(pairs.name))
                kept = names.retired_name(situation.release, pairs.name)
                entry = retiring(situation.release, old, each, PAIRS, kept, None)
                sql.append(ddl.statement_text(entry, situation.dialect))
    sql += retired_table(situation, situation.live.pop(table.name))
    kept = names.retired_name(situation.release, table.name)
    entry = retiring(situation.release, old, None, TABLE, kept, None)
    inside = update(retired).where(retired.c.table_name == table.name).values(table_name=kept)
    sql += [
        ddl.statement_text(each, situation.dialect) for each in (*_put_aside(old.key, kept), inside, entry)
    ]
    yield Step(
        "entity_removed",
        _removal(old, records),
        Risk.DESTRUCTIVE if records else Risk.CONFIRM,
        entity=old.key,
        sql=tuple(sql),
        records=records,
    )


def _removal(old: Entity, records: int) -> Message:
    if not records:
        return say("Removes {entity}, of which there are no records.", entity=old.label)
    return say(
        "Removes {entity}. What it held is kept in a table until you purge it: {records}.",
        entity=old.label,
        records=counted(records, old),
    )


def retired_table(situation: Situation, live: LiveTable) -> list[str]:
    """The statements that take a table out of use: nothing of it stands in the way of other records."""
    dialect = situation.dialect
    kept = names.retired_name(situation.release, live.name)
    old, new = ddl.quoted(live.name, dialect), ddl.quoted(kept, dialect)
    if dialect == "sqlite":
        # A foreign key goes only with its table.
        return [f"CREATE TABLE {new} AS SELECT * FROM {old}", f"DROP TABLE {old}"]  # noqa: S608
    return [
        *(ddl.drop_index(name, dialect) for name in live.indexes),
        f"ALTER TABLE {old} RENAME TO {new}",
        *(ddl.drop_check(kept, name, dialect) for name in live.links.values()),
        renamed_constraint(kept, names.primary_key_name(live.name), names.primary_key_name(kept), dialect),
    ]


def _check_names(old: Entity, table: str, new_table: str) -> dict[str, str]:
    return {limits_name(table, each): limits_name(new_table, each) for each in old.fields.values()}


def _renamed_checks(situation: Situation, old: Entity, live: LiveTable, moved: LiveTable) -> list[str]:
    if situation.dialect == "sqlite":
        return []
    return [
        renamed_constraint(moved.name, name, new, situation.dialect)
        for name, new in _check_names(old, live.name, moved.name).items()
        if name in live.checks
    ]
