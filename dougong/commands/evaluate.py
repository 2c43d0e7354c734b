"""`dougong eval`: what a formula comes to."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import click
from sqlalchemy.dialects import postgresql, sqlite

from dougong.commands.options import as_json, opened_workspace, print_json, spoken, with_settings
from dougong.settings import Settings
from engine.catalog import CompiledEntity
from engine.formula.kinds import constant_type, kind_name
from engine.formula.types import Type, decimal
from engine.problems import InputRefused, Malformed
from engine.records.accept import accept_values
from engine.records.trial import check_sent, given_statement, record_statement, value_of
from engine.text import say
from engine.transaction import SYSTEM

DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


@click.command("eval")
@click.argument("formula")
@click.option(
    "--values", metavar="JSON", default="{}", help='What names stand for, such as {"base": 12000.50}.'
)
@click.option("--entity", metavar="APP.ENTITY", help="The entity whose fields the formula names.")
@click.option("--sql", is_flag=True, help="Print the statement that computes it in this database.")
@as_json
@with_settings
def evaluate_formula(
    settings: Settings, formula: str, values: str, entity: str | None, sql: bool, as_json: bool
) -> None:
    """Print the value and the type of a FORMULA, or what is wrong with it."""
    given = _read(values)
    with opened_workspace(settings) as workspace, workspace.reading(SYSTEM) as transaction:
        if entity is None:
            given = {name: _plain(value) for name, value in given.items()}
            types = {name: _type(value) for name, value in given.items()}
            checked = check_sent(transaction, None, formula, types)
        else:
            checked = check_sent(transaction, entity, formula)
            given = _accepted(transaction.catalog.entity(entity), given)
        if sql:
            statement = (
                given_statement(transaction, checked)
                if entity is None
                else record_statement(transaction, checked)
            )
            click.echo(str(statement.compile(dialect=DIALECTS[transaction.dialect]())))
            return
        value = value_of(transaction, checked, given)
    if as_json:
        print_json({"value": value, "type": checked.type.kind.value})
    else:
        click.echo(f"{_shown(value)}  ({spoken(kind_name(checked.type))})")


def _read(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Malformed(say("--values is not JSON: {reason}.", reason=error)) from error
    if not isinstance(values, dict):
        raise Malformed(say("--values has to be a JSON object, such as {example}.", example='{"base": 100}'))
    return values


def _plain(value: Any) -> Any:
    """A day that is written as a text is a day; lists and objects are no values of formulas."""
    if isinstance(value, (list, dict)):
        raise Malformed(
            say("“{value}” is no value that a formula can have.", value=json.dumps(value, default=str))
        )
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _type(value: Any) -> Type:
    type_ = constant_type(value)
    return decimal(type_.decimals, max(type_.digits, 18)) if isinstance(value, Decimal) else type_


def _accepted(entity: CompiledEntity, given: Mapping[str, Any]) -> dict[str, Any]:
    values, problems = accept_values(entity, given, lambda _field: None)
    if problems:
        raise InputRefused(problems)
    return values


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return spoken(say("yes") if value else say("no"))
    return spoken(say("blank")) if value is None else str(value)
