"""“Why is my commission 4,312.50?”: the answer for the employee, for payroll, live and frozen."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.problems import NotFound
from engine.records.explain import explain
from engine.transaction import SYSTEM, Actor
from tests.apps.office import Office, Record


@pytest.fixture
def payslip(office: Office) -> Record:
    """The seller won two deals in March, worth 345,000, at 1.25 %; another deal is somebody else's."""
    office.add_brackets(2026)
    office.sign_in("payroll", "hrm.payroll")
    seller, other = office.sign_in("sales", "crm.sales"), office.sign_in("other", "crm.sales")
    account = office.create("crm.account", name="Nordwind GmbH")["id"]
    won = {"account": account, "stage": "won", "won_on": date(2026, 3, 10)}
    office.add_deals(
        [
            {**won, "name": "Retrofit", "amount": Decimal(300_000), "owner": seller.id},
            {**won, "name": "Spares", "amount": Decimal(45_000), "owner": seller.id},
            {**won, "name": "Not his", "amount": Decimal(1_000), "owner": other.id},
        ]
    )
    employee = office.create(
        "hrm.employee",
        name="王芳",
        user=seller.id,
        base_salary=Decimal(12_000),
        commission_rate=Decimal("0.0125"),
    )["id"]
    period = office.create("hrm.payroll_period", name="March", start=date(2026, 3, 1), end=date(2026, 3, 31))[
        "id"
    ]
    return office.create("hrm.payslip", employee=employee, period=period)


def person(office: Office, username: str, *roles: str) -> Actor:
    table = office.workspace.catalog.entity("system.user").table
    with office.workspace.reading() as transaction:
        identity = transaction.connection.execute(
            table.select().with_only_columns(table.c.id).where(table.c.username == username)
        ).scalar_one()
    return Actor(identity, username, username, frozenset(roles), administrator=False)


def explained(office: Office, payslip: Record, field: str, actor: Actor = SYSTEM) -> dict[str, Any]:
    with office.workspace.reading(actor) as transaction:
        return explain(transaction, "hrm.payslip", payslip["id"], field)


def values(part: Mapping[str, Any]) -> dict[str, Any]:
    """Text → value of a part and all below it."""
    found = {part["text"]: part.get("value")}
    for each in part.get("parts", ()):
        found |= values(each)
    return found


def test_a_commission_is_taken_apart_into_what_was_sold_and_the_rate(office: Office, payslip: Record) -> None:
    found = explained(office, payslip, "commission")
    assert (found["value"], found["stage"], found["release"]) == ("4312.50", None, 1)
    assert found["formula"] == "round(sales_won * employee.commission_rate, 2)"
    assert {text: Decimal(value) for text, value in values(found["part"]).items()} == {
        "round(sales_won * employee.commission_rate, 2)": Decimal("4312.50"),
        "sales_won * employee.commission_rate": Decimal("4312.5"),
        "sales_won": Decimal(345_000),
        "employee.commission_rate": Decimal("0.0125"),
    }
    product = found["part"]["parts"][0]
    assert [each.get("operator") for each in product["parts"]] == [None, "*"]
    assert product["parts"][0]["opens"] == {"entity": "hrm.payslip", "field": "sales_won", "id": None}


def test_the_deals_that_count_are_named_with_what_each_gives(office: Office, payslip: Record) -> None:
    part = explained(office, payslip, "sales_won")["part"]
    deals = [(each["title"], each["value"]) for each in part["records"]["listed"]]
    assert deals == [("Retrofit", "300000.00"), ("Spares", "45000.00")]
    assert part["records"]["count"] == 2
    assert values(part)["period.end"] == "2026-03-31"
    (who,) = [each for each in part["parts"] if each["text"] == "employee.user"]
    assert who["title"] == "Sales"


def test_the_slices_of_the_tax_add_up(office: Office, payslip: Record) -> None:
    found = explained(office, payslip, "tax_to_date")
    records = found["part"]["parts"][0]["records"]
    given = [Decimal(each["value"]) for each in records["listed"]]
    taxable = Decimal(12_000) + Decimal("4312.50") - 5000
    assert given[0] == taxable * Decimal("0.03")
    assert sum(given) == given[0]
    assert Decimal(found["value"]) == round(given[0], 2)
    rounded = found["rounding"][0]
    assert (Decimal(rounded["before"]), rounded["after"]) == (given[0], found["value"])


def test_records_that_may_not_be_seen_are_a_count_and_a_total(office: Office, payslip: Record) -> None:
    payroll = person(office, "payroll", "hrm.payroll")
    records = explained(office, payslip, "sales_won", payroll)["part"]["records"]
    assert records["listed"] == []
    assert records["hidden"] == {"count": 2, "total": "345000.00"}
    office.move("hrm.payslip", payslip, "approve", payroll)
    seller = explained(office, payslip, "sales_won", person(office, "sales", "crm.sales"))
    assert [each["title"] for each in seller["part"]["records"]["listed"]] == ["Retrofit", "Spares"]
    assert seller["part"]["records"]["hidden"] == {"count": 0}


def test_a_payslip_that_may_not_be_seen_is_not_explained(office: Office, payslip: Record) -> None:
    with pytest.raises(NotFound, match="There is no Payslip"):
        explained(office, payslip, "commission", person(office, "sales", "crm.sales"))
    with pytest.raises(NotFound, match="“Base pay” is not computed"):
        explained(office, payslip, "base")
    with pytest.raises(NotFound, match=r"no field 'comission'\. Did you mean 'commission'"):
        explained(office, payslip, "comission")


def test_a_frozen_value_keeps_its_explanation(office: Office, payslip: Record) -> None:
    payroll = person(office, "payroll", "hrm.payroll")
    before = explained(office, payslip, "sales_won")
    office.move("hrm.payslip", payslip, "approve", payroll)
    table = office.workspace.catalog.entity("crm.deal").table
    with office.workspace.writing() as transaction:
        transaction.connection.execute(table.update().values(amount=Decimal(1)))
    after = explained(office, payslip, "sales_won")
    assert (after["stage"], after["release"], after["value"]) == ("approved", 1, "345000.00")
    assert after["part"] == before["part"]
    assert explained(office, payslip, "overtime_pay")["stage"] == "approved"

    office.move("hrm.payslip", payslip, "correct", payroll, comment="Look again")
    live = explained(office, payslip, "sales_won")
    assert (live["stage"], live["value"]) == (None, "2.00")
    assert [each["value"] for each in live["part"]["records"]["listed"]] == ["1.00", "1.00"]
