"""Formulas over HTTP: the functions there are, and what a formula that is being written means."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from engine.formula.check import Formula
from engine.formula.functions.table import PUBLISHED
from engine.problems import DefinitionRefused, Malformed, Place, Problem
from engine.records.trial import check_sent, value_of_record
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


def post_formula_check(transaction: Transaction) -> Answer:
    """The type of a formula and the fields it reads, or its problems with their positions.

    With `record` also its value there. All of it with what the caller may see.
    """
    body = body_of(request)
    members(body, {"entity": str, "text": str, "record": (int, type(None))})
    for name in ("entity", "text"):
        if name not in body:
            raise Malformed(say("“{path}” is missing.", path=name))
    try:
        formula = check_sent(transaction, body["entity"], body["text"])
    except DefinitionRefused as refused:
        locale = transaction.actor.locale
        return Answer(
            {"type": None, "reads": [], "problems": [_problem(each, locale) for each in refused.problems]}
        )
    answer: dict[str, Any] = {"type": formula.type.kind.value, "reads": _reads(formula), "problems": []}
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
