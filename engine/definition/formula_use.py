"""A formula where it stands in a definition."""

from dataclasses import dataclass

from engine.formula.expression import Expression
from engine.formula.types import BOOLEAN, Type
from engine.formula.world import Scope, World


@dataclass(frozen=True, slots=True)
class Use:
    """What a formula may see, and the type it must give (None: any).

    `world` is given where more names are known than elsewhere.
    """

    expression: Expression
    scope: Scope
    expected: Type | None = BOOLEAN
    world: World | None = None
