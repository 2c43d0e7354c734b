"""The types of formula values, and how a value of each looks in memory.

boolean: bool · integer: int · decimal, money: Decimal · text, choice: str · date, month: date (a month is
its first day) · datetime: aware datetime in UTC · time: time · duration: timedelta · link: int (record id)
· set: tuple of values · blank: None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a value can be."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    MONTH = "month"
    DURATION = "duration"
    CHOICE = "choice"
    LINK = "link"
    SET = "set"
    BLANK = "blank"


NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY})


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a field or an expression.

    `digits` and `decimals` (total and after the point) matter for numbers; `entity` for links and sets of
    records; `options` for choices: option → its further attributes, such as a stage's `probability`;
    `element` for sets.
    """

    kind: Kind
    digits: int = 18
    decimals: int = 0
    entity: str | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    element: "Type | None" = None
    blank_stays: bool = False
    """Whether a blank makes the whole calculation blank, instead of counting as 0."""
    origin: str = field(default="", compare=False, repr=False)
    """The field whose options a choice has, in full: `crm.deal.stage`."""

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


BOOLEAN = Type(Kind.BOOLEAN)
INTEGER = Type(Kind.INTEGER)
TEXT = Type(Kind.TEXT)
DATE = Type(Kind.DATE)
DATETIME = Type(Kind.DATETIME)
TIME = Type(Kind.TIME)
MONTH = Type(Kind.MONTH)
DURATION = Type(Kind.DURATION)
BLANK = Type(Kind.BLANK)


def decimal(decimals: int, digits: int = 18) -> Type:
    """A number with so many places after the point."""
    return Type(Kind.DECIMAL, digits=digits, decimals=decimals)


def money(decimals: int = 2, digits: int = 18) -> Type:
    """An amount of money."""
    return Type(Kind.MONEY, digits=digits, decimals=decimals)


def link(entity: str) -> Type:
    """A link to a record of `entity`, named in full: `crm.deal`, `system.user`."""
    return Type(Kind.LINK, entity=entity)
