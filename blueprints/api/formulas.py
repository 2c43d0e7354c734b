"""Formulas over HTTP: the functions there are, and what a formula that is being written means."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.formula.check import Formula
from engine.formula.functions.table import PUBLISHED
from engine.formula.kinds import kind_name
from engine.formula.types import BOOLEAN, DATE, DATETIME, INTEGER, TEXT, Type
from engine.problems import DefinitionRefused, Malformed, NotAllowed, Place, Problem, unknown
from engine.records.trial import check_sent, readable_world, value_of_record
from engine.text import say
from engine.transaction import Transaction


def get_functions(_transaction: Transaction) -> Answer:
    """Every function of the language: what completion and help show of it."""
    functions = [
        {
            "name": function.name,
            "group": function.group,
            "signatures": [each for each in (function.signature, function.over_records) if each],
            "sentence": dict(function.sentence.words),
            "examples": [
                {"formula": formula, "value": plain_value(value)} for formula, value in function.examples
            ],
        }
        for function in PUBLISHED.values()
    ]
    for each in functions:
        each["signatures"] = list(dict.fromkeys(each["signatures"]))
    return Answer({"functions": functions})


def get_names(transaction: Transaction) -> Answer:
    """What a formula about a record of an entity can name: its fields, and the entities for set functions."""
    key = request.args.get("entity", "")
    compiled, world = transaction.catalog.entity(key), readable_world(transaction)
    decision = may(transaction, "read", compiled)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    locale = transaction.actor.locale
    entities = [
        {"name": name, "label": transaction.catalog.entity(name).definition.label.to(locale)}
        for name in world.entities
        if may(transaction, "read", transaction.catalog.entity(name)).allowed
    ]
    fields = [_named(compiled, name, type_, locale) for name, type_ in world.entities[key].items()]
    return Answer({"fields": fields, "entities": entities})


def _named(compiled: CompiledEntity, name: str, type_: Type, locale: str) -> dict[str, Any]:
    inner = type_.element or type_
    field = compiled.fields.get(name)
    return {
        "name": name,
        "label": field.definition.label.to(locale) if field else name,
        "type": type_.kind.value,
        "entity": inner.entity,
        "options": list(inner.options),
        "attributes": sorted({each for attributes in inner.options.values() for each in attributes}),
    }


EXPECTED: Mapping[str, Type] = {type_.kind.value: type_ for type_ in (BOOLEAN, TEXT, INTEGER, DATE, DATETIME)}
"""What a formula can be asked to give, besides any number."""


def post_formula_check(transaction: Transaction) -> Answer:
    """The type of a formula and the fields it reads, or its problems with their positions.

    With `record` also its value there. All of it with what the caller may see. `expected` is the type that
    it has to give; `changes` is for places where a record is written (isnew() and the like).
    """
    body = body_of(request)
    members(body, {"entity": str, "text": str, "record": (int, type(None)), "expected": str, "changes": bool})
    for name in ("entity", "text"):
        if name not in body:
            raise Malformed(say("“{path}” is missing.", path=name))
    expected = body.get("expected")
    if expected is not None and expected not in EXPECTED:
        sentence = say("“{value}” is no type that can be expected.", value=expected)
        raise Malformed(unknown(sentence, expected, EXPECTED))
    try:
        formula = check_sent(
            transaction,
            body["entity"],
            body["text"],
            expected=EXPECTED[expected] if expected else None,
            changes=body.get("changes", False),
        )
    except DefinitionRefused as refused:
        locale = transaction.actor.locale
        return Answer(
            {
                "type": None,
                "gives": None,
                "reads": [],
                "problems": [_problem(each, locale) for each in refused.problems],
            }
        )
    answer: dict[str, Any] = {
        "type": formula.type.kind.value,
        "gives": kind_name(formula.type).to(transaction.actor.locale),
        "reads": _reads(formula),
        "problems": [],
    }
    if body.get("record") is not None:
        answer["value"] = plain_value(value_of_record(transaction, formula, body["record"]))
    return Answer(answer)


def _problem(problem: Problem, locale: str) -> dict[str, Any]:
    position = problem.where.column if isinstance(problem.where, Place) else 1
    return {"position": position, "message": problem.message.to(locale)}


def _reads(formula: Formula) -> list[str]:
    return sorted({f"{each.entity}.{each.field}" for each in formula.reads})


def plain_value(value: Any) -> Any:
    """A value of a formula as JSON has it: exact numbers and days as texts, a duration in seconds."""
    match value:
        case Decimal():
            return format(value, "f")
        case timedelta():
            return value.days * 86_400 + value.seconds
        case date() | time():
            return value.isoformat()
        case _:
            return value
