"""A payslip from draft to paid: commission that follows CRM until it is frozen, insurance, rights."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible
from engine.transaction import Actor
from tests.apps.office import Office, Record, money


class Shop:
    """A salesperson with an account, this month's pay period and a draft payslip."""

    def __init__(self, office: Office) -> None:
        self.office = office
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        self.first = today.replace(day=1)
        self.last = (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        office.add_brackets(today.year)
        self.payroll = office.sign_in("payroll", "hrm.payroll")
        self.seller = office.sign_in("sales", "crm.sales")
        self.account = office.create("crm.account", name="Nordwind GmbH")
        self.employee = office.create(
            "hrm.employee",
            name="王芳",
            user=self.seller.id,
            base_salary=Decimal(12_000),
            commission_rate=Decimal("0.0125"),
        )
        self.period = office.create("hrm.payroll_period", name="now", start=self.first, end=self.last)
        self.payslip = office.create(
            "hrm.payslip", self.payroll, employee=self.employee["id"], period=self.period["id"]
        )

    def deal(self, amount: str, owner: Actor | None = None) -> Record:
        return self.office.create(
            "crm.deal",
            name="Retrofit",
            account=self.account["id"],
            amount=Decimal(amount),
            owner=(owner or self.seller).id,
        )

    def win(self, amount: str) -> Record:
        deal = self.deal(amount)
        for move in ("propose", "negotiate", "win"):
            deal = self.office.move("crm.deal", deal, move, self.seller)
        return deal

    def now(self) -> Record:
        return self.office.read("hrm.payslip", self.payslip)


@pytest.fixture
def shop(office: Office) -> Shop:
    return Shop(office)


def test_a_draft_begins_with_the_base_salary_and_no_commission(shop: Shop) -> None:
    assert shop.payslip["base"] == money(12_000)
    assert shop.payslip["sales_won"] == money(0)
    assert shop.payslip["commission"] == money(0)
    assert shop.payslip["gross"] == money(12_000)
    assert shop.payslip["stage"] == "draft"


def test_winning_a_deal_moves_the_draft_and_approving_freezes_it(shop: Shop) -> None:
    deal = shop.win("100000.40")
    assert shop.now()["sales_won"] == money("100000.40")
    assert shop.now()["commission"] == money("1250.01")

    manager = shop.office.sign_in("boss", "crm.sales_manager")
    shop.office.update("crm.deal", deal, manager, amount=Decimal(200_000))
    assert shop.now()["commission"] == money(2_500)

    frozen = shop.office.move("hrm.payslip", shop.payslip, "approve", shop.payroll)
    assert frozen["commission"] == money(2_500)
    shop.office.update("crm.deal", deal, manager, amount=Decimal(900_000))
    shop.win("50000")
    shop.office.update("hrm.employee", shop.employee, commission_rate=Decimal("0.5"))
    computed = ("sales_won", "commission", "gross", "taxable", "taxable_to_date", "tax", "net")
    assert [shop.now()[name] for name in computed] == [frozen[name] for name in computed]


def test_only_deals_that_this_person_won_within_the_period_count(shop: Shop) -> None:
    other = shop.office.sign_in("other", "crm.sales")
    won = {"account": shop.account["id"], "owner": shop.seller.id, "stage": "won"}
    shop.office.add_deals(
        [
            {**won, "name": "first day", "amount": Decimal(1), "won_on": shop.first},
            {**won, "name": "last day", "amount": Decimal(20), "won_on": shop.last},
            {**won, "name": "day before", "amount": Decimal(300), "won_on": shop.first - timedelta(days=1)},
            {**won, "name": "day after", "amount": Decimal(4_000), "won_on": shop.last + timedelta(days=1)},
            {**won, "name": "other's", "amount": Decimal(50_000), "won_on": shop.first, "owner": other.id},
            {**won, "name": "open", "amount": Decimal(600_000), "stage": "negotiation"},
        ]
    )
    assert shop.now()["sales_won"] == money(21)


def test_somebody_without_a_sign_in_has_no_commission(shop: Shop) -> None:
    shop.win("100000")
    employee = shop.office.create("hrm.employee", name="李强", commission_rate=Decimal("0.1"))
    payslip = shop.office.create("hrm.payslip", employee=employee["id"], period=shop.period["id"])
    assert payslip["commission"] == money(0)


@pytest.mark.parametrize(
    ("base", "hours", "pay"),
    [
        ("21750", "8", "1500.00"),
        ("12345.67", "7.5", "798.21"),
        ("8700", "0.01", "0.75"),
        ("10000", "0", "0.00"),
    ],
)
def test_overtime_is_one_and_a_half_times_the_hourly_pay(shop: Shop, base: str, hours: str, pay: str) -> None:
    changed = shop.office.update(
        "hrm.payslip", shop.payslip, base=Decimal(base), overtime_hours=Decimal(hours)
    )
    assert changed["overtime_pay"] == money(pay)
    assert changed["gross"] == money(base) + money(pay)


def _city(office: Office, year: int) -> Record:
    return office.create(
        "hrm.city",
        name="上海",
        rates=[
            {
                "year": year,
                "insurance_floor": Decimal(7_460),
                "insurance_cap": Decimal(37_302),
                "fund_floor": Decimal(2_740),
                "fund_cap": Decimal(37_302),
                "fund": Decimal("0.07"),
            }
        ],
    )


@pytest.mark.parametrize(
    ("employee", "insurance"),
    [
        # Within the band: 10.5 % and 7 % of 20,000.
        ({"base_salary": Decimal(20_000)}, "3500.00"),
        # Below the floor of social insurance: 10.5 % of 7,460 and 7 % of 5,000.
        ({"base_salary": Decimal(5_000)}, "1133.30"),
        # Above both caps: 17.5 % of 37,302, each share rounded (3,916.71 and 2,611.14).
        ({"base_salary": Decimal(80_000)}, "6527.85"),
        # Own bases and an own rate: 10.5 % of 10,000 and 12 % of 9,000.
        (
            {
                "base_salary": Decimal(20_000),
                "insurance_base": Decimal(10_000),
                "housing_fund_base": Decimal(9_000),
                "housing_fund_rate": Decimal("0.12"),
            },
            "2130.00",
        ),
    ],
)
def test_insurance_follows_the_city_with_floor_and_cap(
    shop: Shop, employee: dict[str, Decimal], insurance: str
) -> None:
    city = _city(shop.office, shop.first.year)
    person = shop.office.create("hrm.employee", name="李强", city=city["id"], **employee)
    payslip = shop.office.create("hrm.payslip", employee=person["id"], period=shop.period["id"])
    assert payslip["social_insurance"] == money(insurance)


def test_insurance_of_another_year_does_not_hold(shop: Shop) -> None:
    city = _city(shop.office, shop.first.year - 1)
    person = shop.office.create("hrm.employee", name="李强", city=city["id"], base_salary=Decimal(20_000))
    payslip = shop.office.create("hrm.payslip", employee=person["id"], period=shop.period["id"])
    assert payslip["social_insurance"] == money(0)


def test_special_deductions_are_those_that_hold_in_the_period(shop: Shop) -> None:
    def deduction(kind: str, amount: int, begins: date, ends: date | None) -> dict[str, object]:
        return {"kind": kind, "amount": Decimal(amount), "valid_from": begins, "valid_until": ends}

    long_ago = date(2020, 1, 1)
    person = shop.office.create(
        "hrm.employee",
        name="李强",
        deductions=[
            deduction("children", 2_000, long_ago, None),
            deduction("rent", 1_500, long_ago, shop.first),
            deduction("elderly", 3_000, long_ago, shop.first - timedelta(days=1)),
            deduction("infant", 2_000, shop.last + timedelta(days=1), None),
        ],
    )
    payslip = shop.office.create("hrm.payslip", employee=person["id"], period=shop.period["id"])
    assert payslip["special_deductions"] == money(3_500)


def test_one_payslip_for_each_employee_and_period(shop: Shop) -> None:
    with pytest.raises(InputRefused):
        shop.office.create("hrm.payslip", employee=shop.employee["id"], period=shop.period["id"])


def test_only_payroll_approves_and_only_approved_payslips_are_paid(shop: Shop) -> None:
    people = shop.office.sign_in("hr", "hrm.hr")
    with pytest.raises((NotAllowed, NotFound)):
        shop.office.move("hrm.payslip", shop.payslip, "approve", people)
    with pytest.raises(NotPossible):
        shop.office.move("hrm.payslip", shop.payslip, "pay", shop.payroll)
    shop.office.move("hrm.payslip", shop.payslip, "approve", shop.payroll)
    with pytest.raises(NotPossible, match="HR and finance have to release"):
        shop.office.move("hrm.payslip", shop.payslip, "pay", shop.payroll)
    _release(shop, people)
    paid = shop.office.move("hrm.payslip", shop.payslip, "pay", shop.payroll)
    assert paid["stage"] == "paid"
    assert paid["paid_on"] is not None


def _release(shop: Shop, people: Actor) -> None:
    """HR, then finance release the period; its totals are frozen."""
    finance = shop.office.sign_in("finance", "hrm.finance")
    period = shop.office.move("hrm.payroll_period", shop.period, "release", shop.payroll)
    assert period["stage"] == "in_approval"
    assert shop.office.decide("hrm.payroll_period", period, "approve", people)["stage"] == "in_approval"
    released = shop.office.decide("hrm.payroll_period", period, "approve", finance)
    assert (released["stage"], released["payslips"]) == ("released", 1)
    assert released["net_total"] == shop.now()["net"]


def test_a_period_is_released_when_all_payslips_are_approved(shop: Shop) -> None:
    with pytest.raises(NotPossible, match="all of them approved"):
        shop.office.move("hrm.payroll_period", shop.period, "release", shop.payroll)


def test_nobody_edits_an_approved_payslip(shop: Shop) -> None:
    shop.office.move("hrm.payslip", shop.payslip, "approve", shop.payroll)
    with pytest.raises(NotAllowed):
        shop.office.update("hrm.payslip", shop.payslip, shop.payroll, base=Decimal(1))


def test_back_to_draft_makes_the_numbers_live_again(shop: Shop) -> None:
    shop.office.move("hrm.payslip", shop.payslip, "approve", shop.payroll)
    shop.win("80000")
    assert shop.now()["commission"] == money(0)
    with pytest.raises(InputRefused):
        shop.office.move("hrm.payslip", shop.payslip, "correct", shop.payroll)
    shop.office.move("hrm.payslip", shop.payslip, "correct", shop.payroll, comment="A deal was missing")
    assert shop.now()["commission"] == money(1_000)


def test_people_see_their_own_payslip_once_it_is_approved_and_no_other(shop: Shop) -> None:
    stranger = shop.office.sign_in("stranger", "crm.sales_manager")
    assert shop.office.seen("hrm.payslip", shop.seller) == []
    shop.office.move("hrm.payslip", shop.payslip, "approve", shop.payroll)
    assert shop.office.seen("hrm.payslip", shop.seller) == [shop.payslip["id"]]
    assert shop.office.seen("hrm.payslip", stranger) == []
    with pytest.raises(NotFound):
        shop.office.read("hrm.payslip", shop.payslip, stranger)


def test_colleagues_see_the_name_but_not_the_pay(shop: Shop) -> None:
    stranger = shop.office.sign_in("stranger")
    seen = shop.office.read("hrm.employee", shop.employee, stranger)
    assert seen["name"] == "王芳"
    assert "base_salary" not in seen
    own = shop.office.read("hrm.employee", shop.employee, shop.seller)
    assert own["base_salary"] == money(12_000)
