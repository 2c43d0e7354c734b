"""Tables that only grow: the database itself refuses to change or remove a row, whoever asks."""

from sqlalchemy import DDL, Table, event
from sqlalchemy.schema import ExecutableDDLElement

_SQLITE = """CREATE TRIGGER %(table)s_keeps_{action} BEFORE {action} ON %(table)s
BEGIN SELECT RAISE(ABORT, 'Entries of %(table)s cannot be changed or removed.'); END"""

_FUNCTION = """CREATE FUNCTION %(table)s_keeps() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'Entries of %(table)s cannot be changed or removed.'; END $$"""

_POSTGRESQL = """CREATE TRIGGER %(table)s_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s
FOR EACH STATEMENT EXECUTE FUNCTION %(table)s_keeps()"""


def append_only(table: Table) -> Table:
    """The table; where it is created, triggers come with it that refuse UPDATE, DELETE and TRUNCATE."""
    statements = (
        ("sqlite", _SQLITE.format(action="UPDATE")),
        ("sqlite", _SQLITE.format(action="DELETE")),
        ("postgresql", _FUNCTION),
        ("postgresql", _POSTGRESQL),
    )
    for dialect, text in statements:
        event.listen(table, "after_create", _statement(text, dialect))
    return table


def _statement(text: str, dialect: str) -> ExecutableDDLElement:
    return DDL(text).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
