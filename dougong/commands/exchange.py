"""`dougong import` and `dougong export`: records from and to CSV files."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from dougong.commands.options import (
    as_json,
    opened_workspace,
    print_json,
    spoken,
    tell,
    warn,
    with_settings,
)
from dougong.settings import Settings
from engine.access.audit import record
from engine.problems import Refused
from engine.records.exchange import Imported, ImportRefused, import_csv
from engine.records.export import export_csv
from engine.records.personal import personal_in
from engine.records.query import Query
from engine.text import say
from engine.transaction import SYSTEM, Transaction
from engine.workspace import Workspace


@click.command("import")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--partial", is_flag=True, help="Write the rows that are good although others are refused.")
@as_json
@with_settings
def import_records(settings: Settings, entity: str, file: Path, partial: bool, as_json: bool) -> None:
    """Write the rows of a CSV FILE as records of ENTITY (such as crm.account): all of them, or none.

    The first row names the fields, by name or by label. A row with an id changes that record.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        sentence = "“{path}” cannot be read: {reason}."
        raise Refused(say(sentence, path=file, reason=error.strerror or error)) from error
    with opened_workspace(settings) as workspace:
        imported = (
            _import_some(workspace, entity, content) if partial else _import_all(workspace, entity, content)
        )
    _report(imported, as_json)
    if imported.refused:
        sys.exit(1)


def _import_some(workspace: Workspace, entity: str, content: bytes) -> Imported:
    """Writes the rows that are good."""
    with workspace.writing(SYSTEM) as transaction:
        imported = import_csv(transaction, entity, content)
        _tell_audit(transaction, entity, imported)
        return imported


def _import_all(workspace: Workspace, entity: str, content: bytes) -> Imported:
    """Writes all rows, or none when one is refused."""
    try:
        with workspace.writing(SYSTEM) as transaction:
            imported = import_csv(transaction, entity, content)
            imported.refuse_partial()
            _tell_audit(transaction, entity, imported)
            return imported
    except ImportRefused as refused:
        return replace(refused.imported, created=0, updated=0)


def _tell_audit(transaction: Transaction, entity: str, imported: Imported) -> None:
    detail = {"created": imported.created, "updated": imported.updated}
    record(transaction, "imported", about=entity, subject=entity, detail=detail)


def _report(imported: Imported, as_json: bool) -> None:
    if as_json:
        refused = [
            {
                "row": row.number,
                "problems": [
                    {"path": str(each.where), "message": spoken(each.message)} for each in row.problems
                ],
            }
            for row in imported.refused
        ]
        print_json({"created": imported.created, "updated": imported.updated, "refused": refused})
        return
    for row in imported.refused:
        for problem in row.problems:
            place = f" {problem.where}:" if problem.where else ""
            warn("Row {number}:{place} {sentence}", number=row.number, place=place, sentence=problem.message)
    if imported.not_read:
        warn("Not read, because the system fills them: {columns}.", columns=", ".join(imported.not_read))
    if imported.refused and not (imported.created or imported.updated):
        warn("Nothing was written: {count} rows were refused.", count=len(imported.refused))
        return
    tell("{created} created, {updated} changed.", created=imported.created, updated=imported.updated)


@click.command("export")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--filter", "filter_", default="", metavar="FORMULA", help="Only records for which it holds.")
@with_settings
def export_records(settings: Settings, entity: str, file: Path, filter_: str) -> None:
    """Write the records of ENTITY to a CSV FILE (- for standard output), which import reads back."""
    with opened_workspace(settings) as workspace, workspace.reading(SYSTEM) as transaction:
        lines = export_csv(transaction, entity, Query(filter=filter_, sort=(("id", False),)))
        try:
            # Bytes, since a CSV file ends its lines the same way on every system.
            with click.open_file(str(file), "wb", atomic=str(file) != "-") as target:
                written = sum(1 for line in lines if target.write(line.encode("utf-8")))
        except OSError as error:
            sentence = "“{path}” cannot be written: {reason}."
            raise Refused(say(sentence, path=file, reason=error.strerror or error)) from error
        compiled = transaction.catalog.entity(entity)
        detail = {"records": written - 1, "filter": filter_} | personal_in(compiled, compiled.fields)
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        record(transaction, "exported", about=entity, subject=entity, detail=detail)
    if str(file) != "-":
        tell("{count} records written to {path}.", count=written - 1, path=file)
