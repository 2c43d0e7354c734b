"""The command line: `dougong COMMAND`."""

import click

from dougong.commands.backup import backup, restore
from dougong.commands.definitions import apply, check, plan
from dougong.commands.demo import demo
from dougong.commands.evaluate import evaluate_formula
from dougong.commands.exchange import export_records, import_records
from dougong.commands.explain import explain_value
from dougong.commands.flow import show_flow
from dougong.commands.history import diff, pull, releases, rollback, upgrade
from dougong.commands.jobs import jobs, worker
from dougong.commands.keys import key
from dougong.commands.new import new
from dougong.commands.options import Sentences
from dougong.commands.people import token, user
from dougong.commands.personal import personal
from dougong.commands.purge import purge_command
from dougong.commands.server import serve
from dougong.memory import look_rarely

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(cls=Sentences, context_settings=CONTEXT)
@click.version_option(package_name="dougong")
def main() -> None:
    """Business applications from definitions: YAML in; tables, forms, workflows and an API out."""
    look_rarely()


for command in (
    check,
    plan,
    apply,
    upgrade,
    releases,
    diff,
    rollback,
    pull,
    purge_command,
    new,
    serve,
    worker,
    jobs,
    user,
    token,
    import_records,
    export_records,
    evaluate_formula,
    explain_value,
    show_flow,
    demo,
    backup,
    restore,
    personal,
    key,
):
    main.add_command(command)
