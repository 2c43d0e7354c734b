"""`dougong demo`: people and records to look around with, from the source checkout."""

import sys
from importlib import import_module
from pathlib import Path

import click

from dougong.commands.options import opened_workspace, with_settings
from dougong.demo_people import write_demo_people
from dougong.settings import Settings
from engine.problems import Refused
from engine.text import say

CHECKOUT = Path(__file__).parents[2]


@click.command()
@with_settings
def demo(settings: Settings) -> None:
    """Fill the published HRM and CRM with demo people and records."""
    if not (CHECKOUT / "apps" / "demo" / "load.py").exists():
        raise Refused(say("The demo data is part of the source checkout, not of an installed Dougong."))
    # The generator belongs to the applications, not to the distribution, so it is found by its place.
    sys.path.insert(0, str(CHECKOUT))
    generate, load = import_module("apps.demo.generate"), import_module("apps.demo.load").load
    with opened_workspace(settings) as workspace:
        load(workspace, click.echo)
        write_demo_people(settings.data, workspace, generate.SIGN_INS, generate.PASSWORD)
