"""A small office in which every text and every amount is found again wherever it is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.access.accounts import grant_roles
from engine.records.bulk import insert_many
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.access.policy_model import (
    Person,
    World,
    definitions,
    field_allowed,
    plain_fields,
    readable_rows,
)
from tests.fixtures.workspaces import person

PEOPLE: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "boss": (None, ()),
    "chief": (None, ("crm.sales_manager",)),
    "lead": ("chief", ("crm.sales",)),
    "seller": ("lead", ("crm.sales",)),
    "plain": ("boss", ()),
    "hr": (None, ("hrm.hr",)),
    "payroll": (None, ("hrm.payroll",)),
    "finance": (None, ("hrm.finance",)),
    "desk": (None, ("crm.deal_desk",)),
    "board": (None, ("crm.board",)),
}
"""User name → manager and roles: every role of the two applications, and people without any."""

Told = tuple[str, int, str]
"""A value: entity, id of the record, field."""

TEXT = re.compile(r"mk(\d+)q", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\d.])7(\d{5})\.00")
PHONE = re.compile(r"1380000(\d{4})")
BETWEEN_DIGITS = re.compile(r"(?<=\d)[ ,-](?=\d)")

MADE: Mapping[str, Any] = {
    "text": lambda number: f"MK{number}Q",
    "long_text": lambda number: f"MK{number}Q",
    "email": lambda number: f"mk{number}q@example.com",
    "money": lambda number: Decimal(700_000 + number),
    "phone": lambda number: f"1380000{number:04d}",
}
"""Field type → a value that is found again by its number."""

ENTITIES = tuple(definitions())
PERIODS = (("jan", date(2026, 1, 1), date(2026, 1, 31)), ("feb", date(2026, 2, 1), date(2026, 2, 28)))


@dataclass(slots=True)
class Office:
    """The rows, who is there, and which value is where."""

    workspace: Workspace
    world: World
    people: dict[str, Person]
    actors: dict[str, Actor]
    told: dict[int, Told]
    """Number of a value → where it stands."""

    def found_in(self, text: str) -> set[Told]:
        """The values that a text gives away."""
        joined = BETWEEN_DIGITS.sub("", text)
        numbers = {
            *TEXT.findall(text),
            *NUMBER.findall(joined),
            *PHONE.findall(joined),
        }
        return {self.told[int(number)] for number in numbers if int(number) in self.told}

    def number_of(self, where: Told) -> int:
        return next(number for number, each in self.told.items() if each == where)

    def add(self, key: str, **values: Any) -> int:
        """Writes a row whose texts and amounts are told apart from all others."""
        app, numbers = key.partition(".")[0], {}
        row = dict(values)
        for name, each in self.world.entity(key)["fields"].items():
            if each["type"] in MADE and "formula" not in each and name not in row:
                number = len(self.told) + len(numbers) + 1
                row[name], numbers[name] = MADE[each["type"]](number), number
        with self.workspace.writing(SYSTEM) as transaction:
            (identity,) = insert_many(transaction, key, [row])
        self.told |= {number: (key, identity, name) for name, number in numbers.items()}
        stages = self.world.entity(key).get("workflow", {}).get("stages", {})
        whole = dict.fromkeys(self.world.entity(key)["fields"])
        whole |= {"id": identity, "stage": next(iter(stages), None), **row}
        for name, each in self.world.entity(key)["fields"].items():
            if each.get("default") is True and name not in row:
                whole[name] = True
        self.world.rows.setdefault(key, {})[identity] = whole
        assert app in ("crm", "hrm")
        return identity


def furnish(workspace: Workspace) -> Office:
    """Everybody and everything, written by the product itself."""
    office = Office(workspace, World(definitions()), {}, {}, {})
    users = office.world.rows.setdefault("system.user", {})
    for username, (manager, roles) in PEOPLE.items():
        above = office.people[manager].id if manager else None
        actor = person(workspace, username, *roles, manager=above)
        assert actor.id is not None
        with workspace.writing() as transaction:
            grant_roles(transaction, actor.id, roles)
        office.actors[username] = actor
        office.people[username] = Person(actor.id, username, actor.roles)
        users[actor.id] = {"id": actor.id, "manager": above}
    _hrm(office)
    _crm(office)
    return office


def _hrm(office: Office) -> None:
    who = {name: each.id for name, each in office.people.items()}
    add = office.add
    position, city = add("hrm.position"), add("hrm.city")
    add("hrm.insurance_rate", city=city, year=2026)
    for rate in ("3%", "10%"):
        add("hrm.tax_bracket", year=2026, rate=rate)
    staff = {
        name: add(
            "hrm.employee", user=who[name], manager=who["boss"], position=position, city=city, active=True
        )
        for name in ("plain", "seller")
    }
    staff["boss"] = add("hrm.employee", user=who["boss"], manager=None, active=True)
    add("hrm.employee", user=None, manager=None, active=False)
    for name in ("plain", "seller"):
        add("hrm.special_deduction", employee=staff[name], kind="rent", valid_from=date(2026, 1, 1))
    days = {"start": date(2026, 6, 1), "end": date(2026, 6, 2)}
    for name, stage in (("plain", "draft"), ("plain", "submitted"), ("seller", "approved")):
        add("hrm.leave_request", employee=staff[name], kind="sick", stage=stage, **days)
    add("hrm.appraisal", employee=staff["plain"], stage="self_review")
    appraisal = add("hrm.appraisal", employee=staff["seller"], stage="in_review")
    add("hrm.review_360", appraisal=appraisal, score=4)
    periods = [add("hrm.payroll_period", start=start, end=end) for _, start, end in PERIODS]
    hours = {"overtime_hours": 10}
    add("hrm.payslip", employee=staff["plain"], period=periods[0], stage="approved", **hours)
    add("hrm.payslip", employee=staff["plain"], period=periods[1], stage="draft", **hours)
    add("hrm.payslip", employee=staff["seller"], period=periods[0], stage="approved", **hours)


def _crm(office: Office) -> None:
    who = {name: each.id for name, each in office.people.items()}
    add = office.add
    accounts = [add("crm.account", owner=owner) for owner in (who["seller"], None, who["chief"])]
    contacts = [add("crm.contact", account=account) for account in accounts]
    products = [add("crm.product") for _ in range(2)]
    for owner in ("seller", "lead", None):
        add("crm.lead", owner=who[owner] if owner else None)
    deals = [
        add("crm.deal", account=account, contact=contact, owner=who[owner], stage=stage, **more)
        for account, contact in zip(accounts, contacts, strict=True)
        for owner, stage, more in (
            ("seller", "lead", {}),
            # Two of a kind: the sum of those that are hidden is told, and one alone would be its own sum.
            ("lead", "negotiation", {}),
            ("lead", "negotiation", {}),
            ("chief", "lost", {"lost_reason": "price"}),
            ("seller", "won", {"won_on": date(2026, 1, 10)}),
            ("lead", "won", {"won_on": date(2026, 1, 11)}),
            ("lead", "won", {"won_on": date(2026, 1, 12)}),
        )
    ]
    for deal in deals[:4]:
        for product in products:
            add("crm.deal_line", deal=deal, product=product, quantity=2)
    for owner in ("seller", "lead"):
        add("crm.activity", account=accounts[0], deal=deals[1], contact=contacts[0], owner=who[owner])


def own_values(office: Office, who: Person, key: str) -> set[Told]:
    """The values of an entity that somebody may read."""
    return {
        (key, row["id"], name)
        for row in readable_rows(office.world, who, key)
        for name in plain_fields(office.world, key)
        if (key, row["id"], name) in office.told.values()
        and field_allowed(office.world, who, "read", key, name, row)
    }


def everything_known(office: Office, who: Person) -> set[Told]:
    """All values that somebody may read anywhere."""
    return {told for key in ENTITIES for told in own_values(office, who, key)}
