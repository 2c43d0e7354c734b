"""The one table of functions: what the check, both back ends, the documentation and the tests read."""

from collections.abc import Mapping

from engine.formula.functions.context import CONTEXT
from engine.formula.functions.dates import DATES
from engine.formula.functions.function import Function
from engine.formula.functions.logic import LOGIC
from engine.formula.functions.numbers import NUMBERS
from engine.formula.functions.sets import SETS
from engine.formula.functions.steps import STEPS
from engine.formula.functions.text import TEXT_STEPS, TEXTS

PUBLISHED: Mapping[str, Function] = {**LOGIC, **NUMBERS, **TEXTS, **DATES, **CONTEXT, **SETS}
"""The functions of the language by name."""
FUNCTIONS: Mapping[str, Function] = {**PUBLISHED, **STEPS, **TEXT_STEPS}
"""These, and the steps that they and the operators are built of."""
