"""`dougong worker` and `dougong jobs`: the process that works on jobs, and how they stand."""

import logging
from importlib import import_module
from typing import Any

import click

from dougong.commands.options import as_json, opened_workspace, print_json, tell, with_settings
from dougong.settings import Settings
from engine import outbox
from engine.transaction import SYSTEM

SHOWN = 50


@click.command()
@click.option(
    "--beside-server", is_flag=True, hidden=True, help="Stop when the process that started it ends."
)
@with_settings
def worker(settings: Settings, beside_server: bool) -> None:
    """Work on jobs (mail, timers) until it is stopped (Ctrl-C).

    `dougong serve` runs one of these by itself; on further machines with the same PostgreSQL they share the
    work, and when one dies the others take over.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if not beside_server:
        tell("Working on jobs. Ctrl-C stops it.")
    # Only this command needs the job engine, which takes a second to load.
    import_module("dougong.worker").work(settings, beside_server)


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice(outbox.STATES), multiple=True, help="Only these; several times.")
@click.option("--limit", default=SHOWN, show_default=True, type=click.IntRange(1, 10_000))
@as_json
@with_settings
@click.pass_context
def jobs(
    context: click.Context, settings: Settings, state: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """What waits, runs, was done or failed, and why."""
    if context.invoked_subcommand:
        return
    with opened_workspace(settings) as workspace, workspace.reading(SYSTEM) as transaction:
        found = outbox.page_of(transaction, limit, state or outbox.STATES)
        counts, workers = outbox.counts(transaction), outbox.workers(transaction)
    if as_json:
        print_json(
            {
                "counts": counts,
                "workers": [_as_dict(each) for each in workers],
                "jobs": [_as_dict(each) for each in found],
            }
        )
        return
    click.echo("  ".join(f"{name} {count}" for name, count in counts.items()))
    for each in workers:
        click.echo(f"worker {each.name}  {each.seen_at:%Y-%m-%d %H:%M:%S} UTC")
    for job in found:
        when = f"{job.due_at:%Y-%m-%d %H:%M} UTC"
        click.echo(
            f"{job.id:>8}  {job.state:8} {job.kind:8} {job.key:30} {when}  {job.reason or ''}".rstrip()
        )


@jobs.command("retry")
@click.argument("identity", type=int, metavar="ID")
@with_settings
def retry(settings: Settings, identity: int) -> None:
    """Try a failed job again."""
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        outbox.retry(transaction, identity)
    tell("Job {id} is tried again.", id=identity)


def _as_dict(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
