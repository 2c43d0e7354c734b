"""`dougong key`: the keys of encrypted fields."""

import click

from dougong.commands.options import as_json, opened_workspace, print_json, tell, with_settings
from dougong.settings import Settings
from engine.access import audit
from engine.fields.encrypted_column import keys_of
from engine.releases.rotation import encrypt_anew, values_by_key
from engine.transaction import SYSTEM


@click.group("key")
def key() -> None:
    """The keys of encrypted fields. They never lie in the database."""


@key.command("rotate")
@as_json
@with_settings
def key_rotate(settings: Settings, as_json: bool) -> None:
    """Make a new key and encrypt everything with it, while people go on working.

    Keys that come from DOUGONG_FIELD_KEYS are changed there; then this encrypts everything with the last one.
    """
    with opened_workspace(settings) as workspace:
        keys = keys_of(workspace.database.engine.dialect)
        if not settings.field_keys:
            keys.add()
        values = encrypt_anew(workspace.database, keys)
        with workspace.writing(SYSTEM) as transaction:
            audit.record(transaction, "key_rotated", subject=keys.newest, detail={"values": values})
    if as_json:
        print_json({"key": keys.newest, "values": values, "where": keys.where})
        return
    tell("{values} values are encrypted with the key {key} now.", values=values, key=keys.newest)
    tell("The keys are in “{where}”. Keep them apart from backups of the database.", where=keys.where)


@key.command("list")
@as_json
@with_settings
def key_list(settings: Settings, as_json: bool) -> None:
    """Show the ids of the keys, the newest last, with how many values each of them opens."""
    with opened_workspace(settings) as workspace:
        keys = keys_of(workspace.database.engine.dialect)
        counts = values_by_key(workspace.database)
    known = [*sorted(set(counts) - set(keys.ids)), *keys.ids]
    found = [{"key": each, "values": counts.get(each, 0), "there": each in keys.ids} for each in known]
    if as_json:
        print_json(found)
        return
    for each in found:
        click.echo(f"{each['key']}\t{each['values']}\t{'' if each['there'] else '!'}")
