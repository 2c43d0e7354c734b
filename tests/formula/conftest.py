"""A small company in a database, and formulas computed in memory and by the database, which must agree."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    MetaData,
    Table,
    Text,
    Time,
    create_engine,
    event,
    select,
)

from engine.formula.check import Formula, Scope, World, check_formula
from engine.formula.compile_sql import compile_sql, condition, moment_parameters
from engine.formula.evaluate import Moment, evaluate
from engine.formula.functions.sets import SAMPLE
from engine.formula.outside import outside_parameters, outside_select
from engine.formula.sql_types import DurationSeconds, ExactNumeric, UtcDateTime
from engine.formula.sqlite_functions import register_functions
from engine.formula.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    INTEGER,
    MONTH,
    TEXT,
    TIME,
    Kind,
    Type,
    decimal,
    link,
    money,
)
from engine.problems import DefinitionRefused
from engine.working_time import make_calendar
from tests.formula.expressions import NOW, at_start

STAGES = Type(
    Kind.CHOICE,
    options={
        "lead": {"probability": "10%", "open": True},
        "won": {"probability": Decimal(1), "open": False},
        "lost": {"probability": 0, "open": False},
    },
)
TAGS = Type(Kind.SET, element=Type(Kind.CHOICE, options={"vip": {}, "big": {}, "new": {}}))


def rows_of(entity: str) -> Type:
    return Type(Kind.SET, element=link(entity))


ENTITIES: Mapping[str, Mapping[str, Type]] = {
    "system.user": {
        "id": INTEGER,
        "name": TEXT,
        "manager": link("system.user"),
        "department": link("system.department"),
    },
    "system.department": {"id": INTEGER, "name": TEXT, "head": link("system.user")},
    "crm.account": {"id": INTEGER, "name": TEXT, "owner": link("system.user"), "credit": money()},
    "crm.product": {"id": INTEGER, "name": TEXT, "price": money()},
    "crm.deal_line": {
        "id": INTEGER,
        "deal": link("crm.deal"),
        "position": INTEGER,
        "product": link("crm.product"),
        "quantity": INTEGER,
        "price": money(),
        "amount": money(),
    },
    "crm.deal": {
        "id": INTEGER,
        "name": TEXT,
        "amount": money(),
        "discount": decimal(4, 9),
        "owner": link("system.user"),
        "account": link("crm.account"),
        "won_on": DATE,
        "created_at": DATETIME,
        "stage": STAGES,
        "quantity": INTEGER,
        "rate": decimal(6),
        "important": BOOLEAN,
        "tags": TAGS,
        "watchers": rows_of("system.user"),
        "lines": rows_of("crm.deal_line"),
        "starts": TIME,
        "effort": DURATION,
        "month": MONTH,
        "kept": Type(Kind.MONEY, decimals=2, blank_stays=True),
        "total": money(),
        "doubled": money(),
    },
    "hrm.payslip": {
        "id": INTEGER,
        "employee": link("system.user"),
        "month": DATE,
        "base": money(),
        "taxable": money(),
        "taxable_to_date": money(),
        "tax": money(),
    },
    "hrm.rate": {"id": INTEGER, "valid_from": DATE, "value": decimal(4)},
    "hrm.tax_bracket": {"id": INTEGER, "year": INTEGER, "up_to": money(), "rate": decimal(4)},
    "demo.sale": {
        "id": INTEGER,
        "city": TEXT,
        "amount": money(),
        "rate": decimal(4),
        "sold_on": DATE,
        "won": BOOLEAN,
    },
}
LIVE = {
    (
        "hrm.payslip",
        "taxable",
    ): "base - 11500 + sum(d.amount for d in crm.deal if d.owner == employee and d.id == 1)",
    ("hrm.payslip", "taxable_to_date"): "taxable + sum(p.taxable for p in payslip if p.employee == employee"
    " and p.month < month and year(p.month) == year(month))",
    (
        "hrm.payslip",
        "tax",
    ): "bracket(taxable_to_date, b.up_to, b.rate for b in tax_bracket if b.year == year(month))"
    " - sum(p.tax for p in payslip if p.employee == employee"
    " and p.month < month and year(p.month) == year(month))",
    ("crm.deal_line", "amount"): "quantity * price",
    ("crm.deal", "total"): "sum(l.amount for l in lines)",
    ("crm.deal", "doubled"): "total * 2",
}
FREEZING = {("crm.deal", "doubled"), *(key for key in LIVE if key[0] == "hrm.payslip")}
"""Live fields that are stored for good at some stage; until then their column is empty."""
COLUMNS = {
    Kind.BOOLEAN: lambda _: Boolean(),
    Kind.INTEGER: lambda _: BigInteger(),
    Kind.LINK: lambda _: BigInteger(),
    Kind.DECIMAL: lambda type_: ExactNumeric(type_.digits, type_.decimals),
    Kind.MONEY: lambda type_: ExactNumeric(type_.digits, type_.decimals),
    Kind.TEXT: lambda _: Text(),
    Kind.CHOICE: lambda _: Text(),
    Kind.SET: lambda _: Text(),
    Kind.DATE: lambda _: Date(),
    Kind.MONTH: lambda _: Date(),
    Kind.DATETIME: lambda _: UtcDateTime(),
    Kind.TIME: lambda _: Time(),
    Kind.DURATION: lambda _: DurationSeconds(),
}
M = Decimal
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "system.user": [
        {"id": 1, "name": "Ann", "manager": None, "department": 1},
        {"id": 2, "name": "Bo", "manager": 1, "department": 1},
        {"id": 3, "name": None, "manager": 2, "department": None},
    ],
    "system.department": [{"id": 1, "name": "Sales", "head": 1}],
    "crm.account": [
        {"id": 1, "name": "Acme", "owner": 2, "credit": M("1000.00")},
        {"id": 2, "name": "Émile & Co", "owner": None, "credit": None},
    ],
    "crm.product": [
        {"id": 1, "name": "Bolt", "price": M("0.35")},
        {"id": 2, "name": "Nut", "price": M("12.00")},
    ],
    "crm.deal_line": [
        {"id": 1, "deal": 1, "position": 1, "product": 1, "quantity": 3, "price": M("0.35")},
        {"id": 2, "deal": 1, "position": 2, "product": 2, "quantity": 2, "price": M("11.50")},
        {"id": 3, "deal": 2, "position": 1, "product": 2, "quantity": None, "price": M("5.00")},
    ],
    "crm.deal": [
        {
            "id": 1,
            "name": "First",
            "amount": M("1234.50"),
            "discount": M("0.1250"),
            "owner": 2,
            "account": 1,
            "won_on": date(2026, 1, 31),
            "created_at": datetime(2026, 1, 1, 18, 0, 5, tzinfo=UTC),
            "stage": "won",
            "quantity": 7,
            "rate": M("0.033333"),
            "important": True,
            "tags": ",vip,big,",
            "starts": time(9, 30),
            "effort": timedelta(hours=5),
            "month": date(2026, 1, 1),
            "kept": M("5.00"),
        },
        {
            "id": 2,
            "name": "Second",
            "amount": M("-0.05"),
            "discount": M("0.0000"),
            "owner": 3,
            "account": 2,
            "won_on": date(2024, 2, 29),
            "created_at": datetime(2026, 7, 15, 20, 0, tzinfo=UTC),
            "stage": "lead",
            "quantity": -3,
            "rate": M("-2.5"),
            "important": False,
            "tags": ",new,",
            "starts": time(0, 0),
            "effort": timedelta(days=2),
            "month": date(2025, 12, 1),
            "kept": None,
        },
        {
            "id": 3,
            "name": None,
            "amount": None,
            "discount": None,
            "owner": None,
            "account": None,
            "won_on": None,
            "created_at": None,
            "stage": None,
            "quantity": None,
            "rate": None,
            "important": None,
            "tags": None,
            "starts": None,
            "effort": None,
            "month": None,
            "kept": None,
        },
        {
            "id": 4,
            "name": "Huge",
            "amount": M("9999999999999999.99"),
            "discount": M("0.9999"),
            "owner": 2,
            "account": 1,
            "won_on": date(9999, 12, 31),
            "created_at": datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC),
            "stage": "lost",
            "quantity": 999999999999999999,
            "rate": M("999999999999.999999"),
            "important": True,
            "tags": ",big,",
            "starts": time(23, 59, 59),
            "effort": timedelta(seconds=59),
            "month": date(9999, 12, 1),
            "kept": M("0.00"),
        },
    ],
    "hrm.payslip": [
        {
            "id": 1,
            "employee": 1,
            "month": date(2025, 12, 1),
            "base": M(90000),
            "taxable": M(78500),
            "tax": M(9),
        },
        {
            "id": 2,
            "employee": 1,
            "month": date(2026, 1, 1),
            "base": M(30000),
            "taxable": M(18500),
            "tax": M("555.00"),
        },
        {
            "id": 3,
            "employee": 1,
            "month": date(2026, 2, 1),
            "base": M(30000),
            "taxable": M(18500),
            "tax": M("625.00"),
        },
        {"id": 4, "employee": 1, "month": date(2026, 3, 1), "base": M(30000)},
        {"id": 5, "employee": 1, "month": date(2026, 4, 1), "base": M(30000)},
        {"id": 6, "employee": 2, "month": date(2026, 3, 1), "base": M(30000)},
    ],
    "hrm.rate": [
        {"id": 1, "valid_from": date(2025, 1, 1), "value": M("0.0500")},
        {"id": 2, "valid_from": date(2026, 1, 1), "value": M("0.0600")},
        {"id": 3, "valid_from": None, "value": M("0.0100")},
    ],
    "hrm.tax_bracket": [
        {"id": number, "year": 2026, "up_to": limit, "rate": rate}
        for number, (limit, rate) in enumerate(
            zip(
                [M(36000), M(144000), M(300000), M(420000), M(660000), M(960000), None],
                [M("0.03"), M("0.10"), M("0.20"), M("0.25"), M("0.30"), M("0.35"), M("0.45")],
                strict=True,
            ),
            start=1,
        )
    ]
    + [{"id": 8, "year": 2027, "up_to": None, "rate": M("0.50")}]
    # What nobody should write, and still has one meaning: a limit below 0, one twice, none twice, rates of
    # nothing and below 0, no unlimited one, limits whose taxes pass 64 bits.
    + [
        {"id": 9 + number, "year": year, "up_to": limit, "rate": rate}
        for number, (year, limit, rate) in enumerate(
            [
                (2024, M("-500"), M("0.10")),
                (2024, M("100"), M("0.20")),
                (2024, M("100"), M("0.70")),
                (2024, None, M("0.25")),
                (2024, None, M("0.35")),
                (2025, M("9999999999999999"), M("99999999999999.9999")),
                (2025, M("5000000000000000"), M("99999999999999.9999")),
                (2025, M("40"), None),
                (2025, M("50"), M("-0.15")),
                (None, M("70"), M("0.15")),
            ]
        )
    ],
    "demo.sale": [
        {"id": number, **row, "sold_on": row["sold_on"] and date.fromisoformat(str(row["sold_on"]))}
        for number, row in enumerate(SAMPLE, start=1)
    ],
}
STORED_ELSEWHERE = {"lines", "watchers"}
WATCHERS = {1: (1, 3), 2: (2,)}


@dataclass(slots=True)
class Company:
    """The company's database, and ways to compute formulas with it. Implements the compiler's Tables."""

    connection: Connection
    world: World
    tables: Mapping[str, Table]
    watchers: Table
    live: dict[tuple[str, str], Formula] = field(default_factory=dict)
    moment: Moment = field(default_factory=lambda: Moment(2, frozenset({"crm.sales"}), NOW, "Asia/Shanghai"))
    of_many: bool = False

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def source(self, entity: str) -> FromClause:
        return self.tables[entity].alias()

    def column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        formula = self.live.get((entity, field))
        return source.c[field] if formula is None else compile_sql(formula, self, source, self.dialect)

    def frozen_column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        return source.c[field] if (entity, field) in FREEZING else self.column(source, entity, field)

    def gathers(self, entity: str, field: str) -> bool:
        return self.of_many and (entity, field) not in self.live

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        if field == "lines":
            rows = self.source("crm.deal_line")
            return rows, "crm.deal_line", rows.c.deal == source.c.id
        rows, pairs = self.source("system.user"), self.watchers.alias()
        linked = select(pairs.c.target_id).where(pairs.c.record_id == source.c.id).correlate(source)
        return rows, "system.user", rows.c.id.in_(linked)

    def check(
        self, text: str, expected: Type | None = None, entity: str = "crm.deal", **scope: Any
    ) -> Formula:
        app = entity.partition(".")[0]
        return check_formula(at_start(text), self.world, Scope(app, entity, **scope), expected)

    def in_memory(self, formula: Formula, number: int) -> Any:
        """The value for a record as if it were not saved yet: own values as parameters."""
        entity = formula.scope.entity or ""
        own = dict(next(row for row in ROWS[entity] if row["id"] == number))
        if entity == "crm.deal":
            own["watchers"] = WATCHERS.get(number, ())
            own["lines"] = [
                {**line, "amount": (line["quantity"] or 0) * line["price"]}
                for line in ROWS["crm.deal_line"]
                if line["deal"] == number
            ]
            own["total"] = sum((line["amount"] for line in own["lines"]), Decimal(0))
            own["doubled"] = own["total"] * 2
        statement = outside_select([formula], self, self.dialect)
        outside: Mapping[str, Any] = {}
        if statement is not None:
            parameters = outside_parameters([formula], own, self.moment)
            outside = self.connection.execute(statement, parameters).mappings().one()
        return evaluate(formula, own, outside, self.moment)

    def in_database(self, formula: Formula, number: int) -> Any:
        """The value for the saved record, computed by the database."""
        source = self.source(formula.scope.entity or "")
        value = compile_sql(formula, self, source, self.dialect)
        statement = select(value).select_from(source).where(source.c.id == number)
        return self.connection.execute(statement, moment_parameters(self.moment)).scalar_one()

    def both(self, text: str, number: int = 1, expected: Type | None = None, entity: str = "crm.deal") -> Any:
        """The value of a formula, which must be the same in memory and in the database."""
        formula = self.check(text, expected, entity)
        memory, database = self.in_memory(formula, number), self.in_database(formula, number)
        assert (memory, type(memory)) == (database, type(database)), text
        return memory

    def condition(self, formula: Formula, source: FromClause) -> ColumnElement[bool]:
        """The condition on the rows of `source`."""
        return condition(formula, self, source, self.dialect)

    def found(self, text: str) -> list[int]:
        """The deals for which a condition holds."""
        formula = self.check(text)
        source = self.source("crm.deal")
        statement = select(source.c.id).where(self.condition(formula, source)).order_by(source.c.id)
        return list(self.connection.execute(statement, moment_parameters(self.moment)).scalars())


OFFICE_DAY = ((540, 720), (780, 1080))
CALENDARS = {
    "crm.office": make_calendar(
        [OFFICE_DAY] * 5 + [()] * 2,
        [date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))],
        [date(2026, 9, 20), date(2026, 10, 10)],
    ),
    "crm.sundays": make_calendar([()] * 6 + [OFFICE_DAY]),
    "hrm.always": make_calendar([OFFICE_DAY] * 7, [date(2026, 10, 1)]),
}


def make_world() -> World:
    return World(ENTITIES, frozenset(LIVE), {"crm.deal_line": "deal"}, CALENDARS)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def company(database_url: str) -> Iterator[Company]:
    with open_company(database_url) as company:
        yield company


@contextmanager
def open_company(url: str) -> Iterator[Company]:
    """The company in an empty database."""
    database = create_engine(url)
    if database.dialect.name == "sqlite":
        event.listen(database, "connect", lambda connection, _record: register_functions(connection))
    metadata = MetaData()
    tables = {
        entity: Table(
            entity.replace(".", "__"),
            metadata,
            *[
                Column(name, COLUMNS[type_.kind](type_), primary_key=name == "id")
                for name, type_ in fields.items()
            ],
        )
        for entity, fields in ENTITIES.items()
    }
    watchers = Table("watchers", metadata, Column("record_id", BigInteger), Column("target_id", BigInteger))
    with database.connect() as connection, connection.begin():
        metadata.create_all(connection)
        for entity, rows in ROWS.items():
            blank = dict.fromkeys(ENTITIES[entity].keys() - STORED_ELSEWHERE)
            connection.execute(tables[entity].insert(), [{**blank, **row} for row in rows])
        pairs = [
            {"record_id": one, "target_id": other} for one, others in WATCHERS.items() for other in others
        ]
        connection.execute(watchers.insert(), pairs)
        company = Company(connection, make_world(), tables, watchers)
        for (entity, name), text in LIVE.items():
            expected = ENTITIES[entity][name]
            company.live[entity, name] = company.check(text, expected, entity, user=False)
        yield company
    database.dispose()


def problems(text: str, entity: str = "crm.deal", expected: Type | None = None, **scope: Any) -> list[str]:
    """The problems of a formula as `column: sentence`."""
    app = entity.partition(".")[0]
    try:
        check_formula(at_start(text), make_world(), Scope(app, entity, **scope), expected)
    except DefinitionRefused as refused:
        return [f"{each.where.column}: {each.message}" for each in refused.problems]
    return []


@pytest.fixture(name="problems")
def problems_of() -> Any:
    return problems
