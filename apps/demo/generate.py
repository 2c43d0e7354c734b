"""Makes the demonstration company: always the same one for the same seed and day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from apps.demo.batches import Batches, Row
from apps.demo.market import DEALS, add_market
from apps.demo.payroll import add_payroll, add_rates
from apps.demo.people import add_people
from apps.demo.plans import add_plans
from apps.demo.recruiting import add_applicants

SEED = 2026
PASSWORD = "dougong-demo"  # noqa: S105 - printed when the site starts, for people who try it
SIGN_INS = ("admin", "manager", "sales", "hr", "payroll", "employee")
"""The usernames that get the password; nobody else of the company can sign in."""


@dataclass(frozen=True, slots=True)
class Company:
    """All rows in writing order, and the roles of those who sign in (username → roles in full)."""

    batches: Batches
    roles: Mapping[str, tuple[str, ...]]
    administrators: frozenset[str]


def demo_company(seed: int, today: date, deals: int = DEALS) -> Company:
    """The company as of `today`: so many deals of the two years before, payroll of the year so far."""
    random = Random(seed)
    batches = Batches()
    cities = add_rates(batches, today)
    staff = add_people(batches, random, today, cities)
    add_market(batches, random, today, staff.salespeople, deals)
    add_payroll(batches, random, today, staff)
    add_plans(batches, today, staff)
    add_applicants(batches, today)
    return Company(batches, staff.roles, frozenset({"admin"}))


def demo_records(seed: int, today: date) -> Iterator[tuple[str, list[Row]]]:
    """Entity and rows, batch after batch; a row with `id` changes the row that it refers to."""
    return iter(demo_company(seed, today).batches)
