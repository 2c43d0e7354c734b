"""The people of the demonstration company: departments, sign-ins, positions and 1,500 employees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from apps.demo.batches import Batches, Reference, Row
from apps.demo.names import person, unused
from apps.demo.organisation import POSITIONS, SALES_TEAMS, Position, Unit, levels, units
from engine.fields.types.id_number import check_digit

MAIL = "yunshan.example"
FOREIGN_SHARE = 0.12
OLDEST_HIRING = date(2012, 3, 1)
COMMISSION_RATES = (Decimal("0.006"), Decimal("0.008"), Decimal("0.01"), Decimal("0.012"), Decimal("0.015"))
FUND_RATES = (None, None, None, Decimal("0.05"), Decimal("0.07"), Decimal("0.12"))
DEDUCTIONS = (
    ("children", 2000),
    ("children", 4000),
    ("infant", 2000),
    ("elderly", 3000),
    ("elderly", 1500),
    ("mortgage", 1000),
    ("rent", 1500),
    ("education", 400),
)
"""Kinds and monthly amounts of special additional deductions, one or several of which a person may have."""
LEFT = 40
"""How many of the 1,500 have left the company by now."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who will be an employee, before any row is written."""

    name: str
    username: str
    unit: Unit
    position: str
    is_head: bool


@dataclass(frozen=True, slots=True)
class Staff:
    """What the other parts of the company refer to."""

    employees: tuple[Reference, ...]
    working: tuple[Reference, ...]
    """The employees who have not left."""
    production: frozenset[Reference]
    """Employees who are paid for overtime often."""
    selling: tuple[Reference, ...]
    """The employees of the 40 salespeople, in the order of `salespeople`."""
    salespeople: tuple[Reference, ...]
    """The sign-ins of the 40 salespeople."""
    roles: Mapping[str, tuple[str, ...]]
    """Username → the roles it is given."""


SPECIAL_SIGN_INS = {
    ("sales", 0): "manager",
    ("sales_east", 1): "sales",
    ("people", 0): "hr",
    ("payroll", 0): "payroll",
    ("software", 1): "employee",
}
"""Department and place within it → the sign-in of a demonstration account."""

ROLES = {
    "admin": (),
    "manager": ("crm.sales_manager",),
    "hr": ("hrm.hr",),
    "payroll": ("hrm.payroll",),
    "employee": (),
}


def add_people(batches: Batches, random: Random, today: date, cities: Mapping[str, Reference]) -> Staff:
    """Adds departments, sign-ins, positions and employees; `cities` are those that people are insured in."""
    departments = _add_departments(batches)
    positions = dict(
        zip(
            (position.key for position in POSITIONS),
            batches.add("hrm.position", map(_position_row, POSITIONS)),
            strict=True,
        )
    )
    everyone = list(_people(random))
    signed_in = [each for each in everyone if _signs_in(each)]
    users = _add_users(batches, signed_in, departments)
    batches.add(
        "system.department",
        (
            {"id": departments[each.unit.key], "head": users[each.username]}
            for each in signed_in
            if each.is_head
        ),
    )
    heads = {each.unit.key: users[each.username] for each in signed_in if each.is_head}
    leaving = set(random.sample([each.username for each in everyone if not _signs_in(each)], LEFT))
    rows = []
    for number, each in enumerate(everyone, start=1):
        manager = heads.get(each.unit.parent or "") if each.is_head else heads[each.unit.key]
        rows.append(
            {
                "name": each.name,
                "number": f"E{number:05}",
                "user": users.get(each.username),
                "department": departments[each.unit.key],
                "position": positions[each.position],
                "manager": manager,
                "city": cities[each.unit.city],
                **_employment(random, today, leaves=each.username in leaving),
                **_pay(random, each),
                "email": f"{each.username}@{MAIL}",
                "mobile": f"+86 138 0000 {number:04}",
            }
        )
        rows[-1]["id_number"] = _id_number(rows[-1]["birthday"], number)
    employees = batches.add("hrm.employee", rows)
    _add_deductions(batches, random, today, employees)
    selling = [
        (employee, users[each.username])
        for employee, each in zip(employees, everyone, strict=True)
        if each.position == "salesperson"
    ]
    return Staff(
        employees=tuple(employees),
        working=tuple(employee for employee, row in zip(employees, rows, strict=True) if row["active"]),
        production=frozenset(
            employee
            for employee, each in zip(employees, everyone, strict=True)
            if each.position in {"fitter", "operator", "inspector"}
        ),
        selling=tuple(employee for employee, _ in selling),
        salespeople=tuple(user for _, user in selling),
        roles=_roles(signed_in),
    )


def _add_departments(batches: Batches) -> dict[str, Reference]:
    answer: dict[str, Reference] = {}
    for level in levels():
        references = batches.add(
            "system.department",
            ({"name": unit.name, "parent": answer[unit.parent] if unit.parent else None} for unit in level),
        )
        answer |= {unit.key: reference for unit, reference in zip(level, references, strict=True)}
    return answer


def _position_row(position: Position) -> Row:
    return {name: getattr(position, name) for name in ("name", "family", "grade", "salary_from", "salary_to")}


def _people(random: Random) -> Iterable[Person]:
    used: set[str] = {"admin", *SPECIAL_SIGN_INS.values()}
    for unit in units():
        foreign = 0.7 if unit.key == "sales_international" else FOREIGN_SHARE
        for place in range(unit.people + 1):
            name, spelled = person(random, foreign)
            username = SPECIAL_SIGN_INS.get((unit.key, place)) or unused(spelled, used)
            position = random.choice(unit.positions) if place else unit.head
            yield Person(name, username, unit, position, is_head=place == 0)


def _signs_in(each: Person) -> bool:
    return each.is_head or each.position == "salesperson" or each.username in ROLES


def _add_users(
    batches: Batches, signed_in: list[Person], departments: Mapping[str, Reference]
) -> dict[str, Reference]:
    """The sign-ins, heads from the top of the tree down before those who report to them."""
    answer = {
        "admin": batches.add(
            "system.user",
            [{"username": "admin", "name": "Administrator 管理员", "email": f"admin@{MAIL}", "locale": "en"}],
        )[0]
    }
    heads: dict[str, Reference] = {}
    for level in levels():
        here = {unit.key for unit in level}
        leading = [each for each in signed_in if each.is_head and each.unit.key in here]
        rows = (_user_row(each, departments, heads.get(each.unit.parent or "")) for each in leading)
        references = batches.add("system.user", rows)
        answer |= {each.username: reference for each, reference in zip(leading, references, strict=True)}
        heads |= {each.unit.key: reference for each, reference in zip(leading, references, strict=True)}
    others = [each for each in signed_in if not each.is_head]
    rows = (_user_row(each, departments, heads[each.unit.key]) for each in others)
    references = batches.add("system.user", rows)
    return answer | {each.username: reference for each, reference in zip(others, references, strict=True)}


def _user_row(each: Person, departments: Mapping[str, Reference], manager: Reference | None) -> Row:
    return {
        "username": each.username,
        "name": each.name,
        "email": f"{each.username}@{MAIL}",
        "department": departments[each.unit.key],
        "manager": manager,
        "locale": "en" if each.name.isascii() else "zh",
    }


def _roles(signed_in: Iterable[Person]) -> dict[str, tuple[str, ...]]:
    selling = {
        each.username: ("crm.sales",)
        for each in signed_in
        if each.unit.key in SALES_TEAMS and (each.is_head or each.position == "salesperson")
    }
    return selling | ROLES


def _employment(random: Random, today: date, *, leaves: bool) -> Row:
    """When somebody came, and went; more people came in recent years."""
    span = (today - OLDEST_HIRING).days - 400
    hired = today - timedelta(days=400 + int(span * random.random() ** 1.6))
    left = today - timedelta(days=random.randrange(20, 360)) if leaves else None
    birthday = date(hired.year - random.randrange(22, 40), random.randrange(1, 13), random.randrange(1, 29))
    return {"hired_on": hired, "left_on": left, "active": not leaves, "birthday": birthday}


def _id_number(birthday: date, number: int) -> str:
    """A number as resident identity cards have it, of a district that there is not: it is nobody's."""
    digits = f"310100{birthday:%Y%m%d}{number % 1000:03}"
    return digits + check_digit(digits)


def _pay(random: Random, each: Person) -> Row:
    position = next(position for position in POSITIONS if position.key == each.position)
    salary = random.randint(position.salary_from // 100, position.salary_to // 100) * 100
    base = salary - random.randrange(0, 10) * 100 if random.random() < 0.4 else None
    return {
        "base_salary": salary,
        "commission_rate": random.choice(COMMISSION_RATES) if each.position == "salesperson" else Decimal(0),
        "insurance_base": base,
        "housing_fund_base": base,
        "housing_fund_rate": random.choice(FUND_RATES),
        "bank_account": "6200" + "".join(str(random.randrange(10)) for _ in range(15)),
    }


def _add_deductions(batches: Batches, random: Random, today: date, employees: Iterable[Reference]) -> None:
    rows = []
    for employee in employees:
        kinds: set[str] = set()
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            kind, amount = random.choice(DEDUCTIONS)
            # The law grants loan interest or rent, never both.
            if kind in kinds or {kind, *kinds} >= {"mortgage", "rent"}:
                continue
            since = date(today.year - random.randrange(0, 3), 1, 1)
            row = {"employee": employee, "kind": kind, "amount": amount, "valid_from": since}
            rows.append({**row, "position": len(kinds)})
            kinds.add(kind)
    batches.add("hrm.special_deduction", rows)
