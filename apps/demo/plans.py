"""What the demonstration company plans: targets of its salespeople, and who is away."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from apps.demo.batches import Batches, Reference, Row
from apps.demo.people import Staff

KINDS = ("annual", "annual", "annual", "annual", "sick", "sick", "personal", "marriage", "parental")
LONG = {"marriage": 9, "parental": 60}
REQUESTS = 420
AHEAD = 45
BACK = 330


def add_plans(batches: Batches, today: date, staff: Staff) -> None:
    """Adds a target for each salesperson and month of this year, and leave before and after today."""
    # Of its own, so that what is added before stays as it is.
    random = Random(today.year)
    batches.add("crm.sales_target", _targets(random, today, staff.salespeople))
    batches.add("hrm.leave_request", (_leave(random, today, staff.working) for _ in range(REQUESTS)))


def _targets(random: Random, today: date, salespeople: Sequence[Reference]) -> list[Row]:
    return [
        {
            "owner": person,
            "month": date(today.year, month, 1),
            "amount": Decimal(random.randrange(20, 30) * 50_000 + (month - 6) * 20_000),
        }
        for person in salespeople
        for month in range(1, 13)
    ]


def _leave(random: Random, today: date, employees: Sequence[Reference]) -> Row:
    kind = random.choice(KINDS)
    start = today + timedelta(days=random.randrange(-BACK, AHEAD))
    # Leave begins on a day of the week that is worked.
    start += timedelta(days={5: 2, 6: 1}.get(start.weekday(), 0))
    length = LONG.get(kind, random.choice((1, 1, 2, 3, 5)))
    end = start + timedelta(days=length - 1)
    if length < 5 and end.weekday() > 4:
        end = start
    return {
        "employee": random.choice(employees),
        "kind": kind,
        "start": start,
        "end": end,
        "stage": "refused" if random.random() < 0.04 else "approved",
    }
