"""The six charts of the plain dashboard: what they group by on each database, and in which words."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

HUES = ("blue", "green", "orange", "purple", "teal", "pink")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a chart is grouped by: its SQL, the words for a value, the condition for its records."""

    head: str
    sql: str
    words: Callable[[str], str]
    condition: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: what it groups by, what it adds up."""

    name: str
    kind: str
    key: str
    value: str

    @property
    def label(self) -> str:
        return self.name.title()

    @property
    def counts(self) -> bool:
        return self.value == "count(*)"

    @property
    def look(self) -> str:
        return "figure-width-2"

    def hues(self, count: int) -> list[str]:
        return [f"hue-{HUES[number % len(HUES)]}" for number in range(count)]


CHARTS = (
    Chart("one", "bar", "status", "sum(amount)"),
    Chart("two", "bar", "month", "sum(amount)"),
    Chart("three", "line", "month", "count(*)"),
    Chart("four", "area", "quarter", "avg(amount)"),
    Chart("five", "pie", "status", "count(*)"),
    Chart("six", "bar", "year", "max(amount)"),
)


def _between(first: date, months: int) -> str:
    last_month = first.month + months - 1
    last = date(first.year, last_month, monthrange(first.year, last_month)[1])
    return (
        f"close_date >= date({first.year}, {first.month}, {first.day}) and "
        f"close_date <= date({last.year}, {last.month}, {last.day})"
    )


def _dates(sql: dict[str, str]) -> dict[str, Keys]:
    day = date.fromisoformat
    return {
        "status": Keys("Status", "status", str.title, lambda value: f'status == "{value}"'),
        "month": Keys(
            "Close date", sql["month"], lambda value: f"{day(value):%b %Y}",
            lambda value: _between(day(value), 1),
        ),
        "quarter": Keys(
            "Close date", sql["quarter"], lambda value: f"Q{(day(value).month + 2) // 3} {day(value).year}",
            lambda value: _between(day(value), 3),
        ),
        "year": Keys(
            "Close date", sql["year"], lambda value: value[:4], lambda value: _between(day(value), 12)
        ),
    }  # fmt: skip


KEYS = {
    "sqlite": _dates(
        {
            "month": "substr(close_date, 1, 7) || '-01'",
            "quarter": "substr(close_date, 1, 5) || "
            "substr('00' || ((cast(substr(close_date, 6, 2) AS integer) - 1) / 3 * 3 + 1), -2) || '-01'",
            "year": "substr(close_date, 1, 4) || '-01-01'",
        }
    ),
    "postgresql": _dates(
        {each: f"date_trunc('{each}', close_date)::date::text" for each in ("month", "quarter", "year")}
    ),
}
