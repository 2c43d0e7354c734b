"""How strictly people sign in: what the person who runs Dougong decides, with defaults that are safe."""

from dataclasses import dataclass
from datetime import timedelta

NOBODY, ADMINISTRATORS, EVERYBODY = "", "administrators", "everybody"
WHO = (NOBODY, ADMINISTRATORS, EVERYBODY)


@dataclass(frozen=True, slots=True)
class Rules:
    """`idle` is after how long without a request a session ends, `longest` when it ends in any case.

    `shortest_password` counts characters. `second_factor` says who needs one: nobody, administrators or
    everybody. `calls_a_minute` are those that one token or person may make of the API, 0 for any number.
    """

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(days=7)
    shortest_password: int = 8
    second_factor: str = NOBODY
    calls_a_minute: int = 1_200


DEFAULT = Rules()
