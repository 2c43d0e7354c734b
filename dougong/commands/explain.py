"""`dougong explain`: how a computed value of a record comes about."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from dougong.commands.options import as_json, opened_workspace, print_json, spoken, with_settings
from dougong.settings import Settings
from engine.problems import Malformed
from engine.records.explain import explain, reason_sentence
from engine.text import Message, say
from engine.transaction import SYSTEM


@click.command("explain")
@click.argument("entity", metavar="APP.ENTITY")
@click.argument("identity", metavar="ID")
@click.argument("field")
@as_json
@with_settings
def explain_value(settings: Settings, entity: str, identity: str, field: str, as_json: bool) -> None:
    """Show how a computed FIELD of a record comes about: its formula, each part, the records that count."""
    if not identity.isdigit():
        raise Malformed(say("“{value}” is no id: records have whole numbers.", value=identity))
    with opened_workspace(settings) as workspace, workspace.reading(SYSTEM) as transaction:
        found = explain(transaction, entity, int(identity), field)
    if as_json:
        print_json(found)
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    value = found["value"]
    yield f"{found['entity']} {found['id']}  {found['field']} = {_value(value)}"
    frozen = say("Stored at the stage {stage}, computed by release {release}.", **_at(found))
    yield spoken(
        frozen if found["stage"] else say("Computed by release {release}.", release=found["release"])
    )
    if found["reason"]:
        yield spoken(reason_sentence(found["reason"]))
    if found["part"] is None:
        yield spoken(say("How it came about was not stored then."))
        return
    yield ""
    yield from _tree(found["part"], 0)
    for step in found["rounding"]:
        yield spoken(say("{before} was rounded to {after}.", before=step["before"], after=step["after"]))


def _at(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"stage": found["stage"], "release": found["release"]}


def _tree(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent, sign = "  " * depth, f"{part['operator']} " if part.get("operator") else ""
    if part["role"] == "constant":
        yield f"{indent}{sign}{part['text']}"
        return
    shown = "—" if part.get("hidden") else _value(part.get("value"), part.get("title"))
    yield f"{indent}{sign}{part['text']}" + (f" = {shown}" if "kind" in part else "")
    if "records" in part:
        yield from _records(part["records"], "  " * (depth + 1))
    for each in part.get("parts", ()):
        yield from _tree(each, depth + 1)


def _records(records: Mapping[str, Any], indent: str) -> Iterator[str]:
    for each in records["listed"]:
        value = f" = {_value(each['value'])}" if "value" in each else ""
        yield f"{indent}{records['entity']} {each['id']}  {each['title']}{value}"
    others: tuple[tuple[str, Message], ...] = (
        ("hidden", say("{count} more that you may not see", count=records["hidden"]["count"])),
        ("further", say("{count} further ones", count=records["further"]["count"])),
    )
    for name, sentence in others:
        if records[name]["count"]:
            total = f" = {records[name]['total']}" if "total" in records[name] else ""
            yield f"{indent}{spoken(sentence)}{total}"


def _value(value: Any, title: str | None = None) -> str:
    if value is None:
        return spoken(say("blank"))
    return f"{value} ({title})" if title else str(value)
