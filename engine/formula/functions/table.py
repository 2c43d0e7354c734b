"""The one table of functions: what the check, both back ends, the documentation and the tests read."""

from collections.abc import Mapping

from engine.formula.functions.context import CONTEXT
from engine.formula.functions.dates import DATES
from engine.formula.functions.financial import FINANCIAL
from engine.formula.functions.function import Function
from engine.formula.functions.logic import LOGIC
from engine.formula.functions.numbers import NUMBERS
from engine.formula.functions.pieces import PIECE_STEPS, PIECES
from engine.formula.functions.roots import ROOT_STEPS, ROOTS
from engine.formula.functions.rounding import ROUNDING, ROUNDING_STEPS
from engine.formula.functions.sets import SETS
from engine.formula.functions.steps import STEPS
from engine.formula.functions.text import TEXT_STEPS, TEXTS
from engine.formula.functions.workdays import WORKDAY_STEPS, WORKDAYS
from engine.formula.functions.year_fractions import YEAR_STEPS, YEARS

PUBLISHED: Mapping[str, Function] = {
    **LOGIC,
    **ROUNDING,
    **NUMBERS,
    **ROOTS,
    **TEXTS,
    **PIECES,
    **DATES,
    **WORKDAYS,
    **YEARS,
    **FINANCIAL,
    **CONTEXT,
    **SETS,
}
"""The functions of the language by name."""
FUNCTIONS: Mapping[str, Function] = {
    **PUBLISHED,
    **STEPS,
    **TEXT_STEPS,
    **PIECE_STEPS,
    **WORKDAY_STEPS,
    **YEAR_STEPS,
    **ROUNDING_STEPS,
    **ROOT_STEPS,
}
"""These, and the steps that they and the operators are built of."""
