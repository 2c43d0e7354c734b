"""`dougong flow`: a workflow of a published entity as text."""

import click

from dougong.commands.options import locale, opened_workspace, with_settings
from dougong.settings import Settings
from engine.problems import NotFound
from engine.text import say
from engine.workflow.flow_text import flow_lines


@click.command("flow")
@click.argument("entity", metavar="APP.ENTITY")
@with_settings
def show_flow(settings: Settings, entity: str) -> None:
    """Print the workflow of APP.ENTITY: stages, transitions, and who approves them."""
    with opened_workspace(settings) as workspace:
        definition = workspace.catalog.entity(entity).definition
        lines = list(flow_lines(definition, locale()))
    if not lines:
        raise NotFound(say("{entity} has no workflow.", entity=definition.label))
    for line in lines:
        click.echo(line)
