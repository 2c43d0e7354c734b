"""Formulas as they stand in a definition file, and the moment at which they are computed."""

from datetime import UTC, datetime

from engine.formula.expression import Expression
from engine.problems import Place

NOW = datetime(2026, 7, 15, 20, 30, tzinfo=UTC)


def at_start(text: str) -> Expression:
    return Expression(text, Place("app.yaml", 1, 1))
