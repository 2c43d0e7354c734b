"""`dougong backup` and `dougong restore`: everything in one file, and back."""

from pathlib import Path

import click

from dougong.commands.options import as_json, opened_workspace, print_json, tell, with_settings
from dougong.settings import Settings
from engine.access import audit
from engine.backup.archive import Manifest
from engine.backup.backup import restore_backup, write_backup
from engine.transaction import SYSTEM


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-keys", is_flag=True, help="Put the keys in too; keep such a file as safe as a key.")
@as_json
@with_settings
def backup(settings: Settings, file: Path, with_keys: bool, as_json: bool) -> None:
    """Write the database and the attached files to FILE, as of one moment, while people go on working."""
    manifest = write_backup(settings.database, settings.data, file, with_keys)
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        audit.record(transaction, "backed_up", subject=file.name, detail={"keys": with_keys})
    if as_json:
        print_json({"file": str(file), **_counts(manifest)})
        return
    tell(
        "{rows} rows of {tables} tables and {files} files written to {path}.", path=file, **_counts(manifest)
    )
    if not with_keys:
        tell("The keys are not in it: keep the files *.key of “{folder}” elsewhere.", folder=settings.data)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Also into a database in which something is; that is lost.")
@as_json
@with_settings
def restore(settings: Settings, file: Path, replace: bool, as_json: bool) -> None:
    """Put what `dougong backup` wrote to FILE into the database and the data folder.

    Everything is compared with its checksums first. A backup of an older Dougong is brought up to date.
    """
    manifest = restore_backup(settings.database, settings.data, file, replace)
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        audit.record(transaction, "restored", subject=file.name, detail={"made_at": manifest.made_at})
    if as_json:
        print_json({"file": str(file), **_counts(manifest)})
        return
    tell(
        "{rows} rows of {tables} tables and {files} files restored from {path}, as of {moment}.",
        path=file,
        moment=manifest.made_at[:16].replace("T", " "),
        **_counts(manifest),
    )


def _counts(manifest: Manifest) -> dict[str, int]:
    return {
        "rows": sum(manifest.tables.values()),
        "tables": len(manifest.tables),
        "files": sum(1 for name in manifest.parts if name.startswith("files/")),
    }
