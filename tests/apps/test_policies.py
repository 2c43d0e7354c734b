"""Who sees what in HRM and CRM, sentence by sentence."""

from datetime import date
from decimal import Decimal

import pytest

from engine.fields.encryption import is_kept
from engine.problems import InputRefused, NotAllowed, NotFound
from engine.records.explain import explain
from engine.records.export import export_csv
from engine.records.query import Query
from engine.records.read import page
from engine.transaction import Actor
from tests.apps.office import Office, Record

ID_NUMBER = "11010519491231002X"
PAY = ("base_salary", "commission_rate", "bank_account", "insurance_base", "housing_fund_base")


class Firm:
    """Two salespeople, their lead who is also their boss, and the people of HR and payroll."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.boss = office.sign_in("boss", "crm.sales")
        self.ann = office.sign_in("ann", "crm.sales", manager=self.boss)
        self.bob = office.sign_in("bob", "crm.sales")
        self.hr = office.sign_in("hr", "hrm.hr")
        self.payroll = office.sign_in("payroll", "hrm.payroll")
        office.add_brackets(2026)
        self.staff = {
            actor.username: office.create(
                "hrm.employee", name=actor.name, user=actor.id, manager=self.boss.id, base_salary=12_000,
                commission_rate="5%", bank_account="6222", mobile="13800138000", birthday=date(1990, 1, 1),
                id_number=ID_NUMBER,
            )
            for actor in (self.ann, self.bob)
        }  # fmt: skip
        days = {"start": date(2026, 1, 1), "end": date(2026, 1, 31)}
        self.period = office.create("hrm.payroll_period", name="January", **days)
        account = office.create("crm.account", name="Acme")
        self.deals = {
            actor.username: office.add_deals(
                [
                    {
                        "name": f"of {actor.username}", "account": account["id"], "amount": Decimal(1_000),
                        "owner": actor.id, "stage": "won", "won_on": date(2026, 1, 10),
                    }
                ]
            )[0]
            for actor in (self.ann, self.bob)
        }  # fmt: skip
        self.slips = {
            name: office.create("hrm.payslip", employee=employee["id"], period=self.period["id"])
            for name, employee in self.staff.items()
        }

    def seen(self, key: str, actor: Actor) -> list[int]:
        return self.office.seen(key, actor)

    def employee(self, name: str, actor: Actor) -> Record:
        return self.office.read("hrm.employee", self.staff[name], actor)


@pytest.fixture
def firm(office: Office) -> Firm:
    return Firm(office)


def test_an_employee_sees_the_own_payslip_once_it_is_approved_and_no_other(firm: Firm) -> None:
    assert firm.seen("hrm.payslip", firm.ann) == []
    for slip in firm.slips.values():
        firm.office.move("hrm.payslip", slip, "approve", firm.payroll)
    assert firm.seen("hrm.payslip", firm.ann) == [firm.slips["ann"]["id"]]
    with pytest.raises(NotFound):
        firm.office.read("hrm.payslip", firm.slips["bob"], firm.ann)


def test_an_employee_sees_all_of_the_own_profile_and_of_others_what_a_colleague_needs(firm: Firm) -> None:
    own, other = firm.employee("ann", firm.ann), firm.employee("bob", firm.ann)
    assert all(name in own for name in (*PAY, "mobile", "birthday", "id_number", "deductions"))
    assert not any(name in other for name in (*PAY, "mobile", "birthday", "id_number", "deductions"))
    assert other["name"] == "Bob"


def test_a_manager_sees_the_team_without_salaries(firm: Firm) -> None:
    found = firm.employee("ann", firm.boss)
    assert found["mobile"]
    assert not any(name in found for name in (*PAY, "id_number"))
    assert firm.seen("hrm.payslip", firm.boss) == []


def test_payroll_grants_a_manager_the_salaries(firm: Firm) -> None:
    granted = firm.office.sign_in("granted", "hrm.payroll")
    assert firm.employee("ann", granted)["base_salary"] == Decimal(12_000)


def test_hr_sees_people_and_pay_but_neither_bank_accounts_nor_payslips_nor_deals(firm: Firm) -> None:
    found = firm.employee("ann", firm.hr)
    assert found["base_salary"] == Decimal(12_000)
    assert "bank_account" not in found
    assert found["id_number"] == ID_NUMBER
    for key in ("hrm.payslip", "crm.deal", "crm.account"):
        assert firm.seen(key, firm.hr) == []


def test_sales_sees_the_own_deals_and_those_of_the_team(firm: Firm) -> None:
    assert firm.seen("crm.deal", firm.ann) == [firm.deals["ann"]]
    assert firm.seen("crm.deal", firm.boss) == [firm.deals["ann"]]
    assert firm.seen("crm.deal", firm.bob) == [firm.deals["bob"]]


def test_payroll_reads_deals_in_payslips_and_nobody_of_sales_sees_payroll(firm: Firm) -> None:
    slip = firm.office.read("hrm.payslip", firm.slips["bob"], firm.payroll)
    assert (slip["sales_won"], slip["commission"]) == (Decimal(1_000), Decimal(50))
    assert firm.seen("crm.deal", firm.payroll) == []
    with firm.office.workspace.reading(firm.payroll) as transaction:
        told = explain(transaction, "hrm.payslip", slip["id"], "sales_won")
        assert "of bob" not in str(told)
    for seller in (firm.ann, firm.boss):
        assert firm.seen("hrm.payslip", seller) == []
        with firm.office.workspace.reading(seller) as transaction:
            (period,) = page(transaction, "hrm.payroll_period", Query()).records
            assert not {"payslips", "gross_total", "net_total"} & period.keys()
            for name in ("gross_total", "payslips"):
                with pytest.raises(InputRefused):
                    page(transaction, "hrm.payroll_period", Query(filter=f"{name} > 0"))
            with pytest.raises(NotAllowed):
                export_csv(transaction, "hrm.payslip", Query())


def test_nobody_asks_for_the_leave_of_somebody_else_but_hr(firm: Firm) -> None:
    days = {"start": date(2026, 6, 1), "end": date(2026, 6, 2)}
    other = firm.staff["bob"]["id"]
    with pytest.raises(NotAllowed):
        firm.office.create("hrm.leave_request", firm.ann, employee=other, **days)
    assert firm.office.create("hrm.leave_request", firm.ann, **days)["employee"].id == firm.staff["ann"]["id"]
    assert firm.office.create("hrm.leave_request", firm.hr, employee=other, **days)["id"]


def test_identity_numbers_and_bank_accounts_are_nowhere_in_the_database(firm: Firm) -> None:
    """Of a copy without its key nobody reads them; payroll, who may, does."""
    assert firm.employee("ann", firm.payroll)["bank_account"] == "6222"
    with firm.office.workspace.reading() as transaction:
        kept = transaction.connection.exec_driver_sql(
            "SELECT bank_account, id_number FROM hrm__employee"
        ).all()
        told = transaction.connection.exec_driver_sql("SELECT changes FROM dougong_history").all()
    assert all(is_kept(each.encode()) for row in kept for each in row)
    assert ID_NUMBER not in str(told)
    assert '"6222"' not in str(told)
