"""`dougong purge`: what publishing took out of use, and its end."""

import click

from dougong.commands.options import as_json, print_json, spoken, tell, with_settings
from dougong.settings import Settings, field_keys
from engine.releases.retired import Retired, list_retired, purge
from engine.releases.wording import values_counted
from engine.schema.database import open_database
from engine.text import Message, say


@click.command(name="purge")
@click.argument("numbers", nargs=-1, metavar="[NUMBER]...", type=int)
@click.option("--yes", is_flag=True, help="Drop it for good. Without this, it is only listed.")
@as_json
@with_settings
def purge_command(settings: Settings, numbers: tuple[int, ...], yes: bool, as_json: bool) -> None:
    """List the data that no definition names any more; with --yes drop it, or those NUMBERs of it."""
    database = open_database(settings.database, field_keys(settings))
    try:
        chosen = set(numbers) or None
        found = (
            purge(database, chosen)
            if yes
            else [each for each in list_retired(database) if chosen is None or each.id in chosen]
        )
    finally:
        database.close()
    if as_json:
        print_json({"dropped": yes, "retired": [each.to_json() for each in found]})
        return
    if not found:
        tell("Nothing is out of use.")
        return
    for each in found:
        click.echo(spoken(retired_sentence(each)))
    if yes:
        tell("Dropped for good: {count}.", count=len(found))
    else:
        tell("Nothing was dropped. Give --yes to drop all of this for good.")


def retired_sentence(each: Retired) -> Message:
    """What it is, how much of it there is, and where it lies."""
    parts = {
        "id": each.id,
        "entity": each.entity,
        "values": values_counted(each.values or 0),
        "release": each.release,
    }
    if each.field is None:
        return say(
            "{id}  {entity}, the whole of it: {values} in the table {table}, since release {release}",
            table=each.table,
            **parts,
        )
    place = each.table if each.column is None else f"{each.table}.{each.column}"
    return say(
        "{id}  {field} of {entity}: {values} in {table}, since release {release}",
        field=each.label,
        table=place,
        **parts,
    )
