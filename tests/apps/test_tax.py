"""Cumulative withholding tax, month by month through the engine, beside an independent model in fractions."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from engine.problems import NotPossible
from tests.apps.office import Office, Record, money

YEAR = 2026
SLICES = (
    (36_000, "0.03"),
    (144_000, "0.10"),
    (300_000, "0.20"),
    (420_000, "0.25"),
    (660_000, "0.30"),
    (960_000, "0.35"),
)
TOP_RATE = "0.45"


@dataclass(frozen=True, slots=True)
class Month:
    """What a payslip of a month says before anything is computed."""

    number: int
    base: str
    insurance: str = "0"
    deductions: str = "0"


def annual_tax(taxable: Fraction) -> Fraction:
    """Each slice of a year's taxable income at its own rate."""
    tax, below = Fraction(0), Fraction(0)
    for up_to, rate in SLICES:
        tax += max(Fraction(0), min(taxable, Fraction(up_to)) - below) * Fraction(rate)
        below = Fraction(up_to)
    return tax + max(Fraction(0), taxable - below) * Fraction(TOP_RATE)


def cents(value: Fraction) -> Fraction:
    """Rounded half up to the cent; the values here are never below 0."""
    return Fraction(int(value * 100 + Fraction(1, 2)), 100)


def expected_taxes(months: Sequence[Month]) -> list[Decimal]:
    """The tax of each month after State Taxation Administration announcement No. 61 of 2018."""
    taxable, withheld, answer = Fraction(0), Fraction(0), []
    for month in months:
        taxable += Fraction(month.base) - 5_000 - Fraction(month.insurance) - Fraction(month.deductions)
        tax = max(Fraction(0), cents(annual_tax(max(Fraction(0), taxable))) - withheld)
        withheld += tax
        answer.append(Decimal(tax.numerator) / Decimal(tax.denominator))
    return answer


class Year:
    """One employee's payslips of a year."""

    def __init__(self, office: Office) -> None:
        self.office = office
        office.add_brackets(YEAR)
        self.employee = office.create("hrm.employee", name="王芳", base_salary=Decimal(30_000))
        self.periods: Mapping[int, Record] = {
            month: office.create(
                "hrm.payroll_period",
                name=f"{YEAR}-{month:02}",
                start=date(YEAR, month, 1),
                end=date(YEAR, month, calendar.monthrange(YEAR, month)[1]),
            )
            for month in range(1, 13)
        }

    def draft(self, month: Month) -> Record:
        return self.office.create(
            "hrm.payslip",
            employee=self.employee["id"],
            period=self.periods[month.number]["id"],
            base=Decimal(month.base),
            social_insurance=Decimal(month.insurance),
            special_deductions=Decimal(month.deductions),
        )

    def approve(self, payslip: Record) -> Record:
        return self.office.move("hrm.payslip", payslip, "approve")

    def taxes(self, months: Sequence[Month]) -> list[Decimal]:
        """The tax of each month; each payslip is read as a draft, approved, and has to say the same."""
        answer = []
        for month in months:
            draft = self.draft(month)
            approved = self.approve(draft)
            assert approved["tax"] == draft["tax"]
            assert approved["net"] == approved["gross"] - approved["social_insurance"] - approved["tax"]
            answer.append(approved["tax"])
        return answer


@pytest.fixture
def year(office: Office) -> Year:
    return Year(office)


def test_the_published_example_comes_out_exact(year: Year) -> None:
    months = [Month(number, "30000", "4500", "2000") for number in range(1, 4)]
    assert year.taxes(months) == [money("555.00"), money("625.00"), money("1850.00")]


def test_the_year_to_date_stands_on_the_payslip(year: Year) -> None:
    months = [Month(number, "30000", "4500", "2000") for number in range(1, 4)]
    payslips = [year.approve(year.draft(month)) for month in months]
    assert [each["taxable"] for each in payslips] == [money(18_500)] * 3
    assert [each["taxable_to_date"] for each in payslips] == [money(18_500), money(37_000), money(55_500)]
    assert [each["tax_to_date"] for each in payslips] == [money(555), money(1_180), money(3_030)]
    assert [each["tax_withheld"] for each in payslips] == [money(0), money(555), money(1_180)]
    assert [each["net"] for each in payslips] == [money(24_945), money(24_875), money(23_650)]


_CENTS = Random(61)

YEARS = {
    "the published example, all year": [Month(number, "30000", "4500", "2000") for number in range(1, 13)],
    "through all seven brackets": [Month(number, "125000.01", "4999.99") for number in range(1, 13)],
    "below the basic deduction": [Month(number, "4800", "500") for number in range(1, 13)],
    "a good January, then so little that the tax to date falls": [
        Month(1, "60000", "4000", "1000"),
        *(Month(number, "3000", "1200", "3000") for number in range(2, 8)),
        *(Month(number, "42000", "4000", "1000") for number in range(8, 13)),
    ],
    "hired in May": [Month(number, "28765.43", "3210.98", "1500") for number in range(5, 13)],
    "a month of unpaid leave between": [
        Month(number, "30000", "4500", "2000") for number in range(1, 13) if number != 6
    ],
    "odd cents": [
        Month(
            number,
            f"{_CENTS.randrange(800_000, 6_000_000) / 100:.2f}",
            f"{_CENTS.randrange(0, 400_000) / 100:.2f}",
            f"{_CENTS.randrange(0, 300_000) / 100:.2f}",
        )
        for number in range(1, 13)
    ],
}


@pytest.mark.parametrize("months", YEARS.values(), ids=YEARS)
def test_every_month_of_a_year_is_exact(year: Year, months: list[Month]) -> None:
    assert year.taxes(months) == expected_taxes(months)


def test_the_model_itself_gives_the_published_example() -> None:
    assert expected_taxes(YEARS["the published example, all year"])[:3] == [555, 625, 1_850]


def test_tax_that_was_withheld_is_not_refunded_within_the_year(year: Year) -> None:
    months = YEARS["a good January, then so little that the tax to date falls"]
    taxes = year.taxes(months)
    assert taxes[0] > 0
    assert taxes[1:7] == [money(0)] * 6
    assert all(tax >= 0 for tax in taxes)


def test_a_new_year_begins_from_nothing(year: Year) -> None:
    office = year.office
    office.add_brackets(YEAR + 1)
    year.approve(year.draft(Month(12, "30000", "4500", "2000")))
    january = office.create(
        "hrm.payroll_period", name="next", start=date(YEAR + 1, 1, 1), end=date(YEAR + 1, 1, 31)
    )
    payslip = office.create(
        "hrm.payslip",
        employee=year.employee["id"],
        period=january["id"],
        base=Decimal(30_000),
        social_insurance=Decimal(4_500),
        special_deductions=Decimal(2_000),
    )
    assert (payslip["taxable_to_date"], payslip["tax"]) == (money(18_500), money(555))


def test_a_draft_does_not_count_for_a_later_month_and_has_to_be_approved_first(year: Year) -> None:
    january = year.draft(Month(1, "30000", "4500", "2000"))
    february = year.draft(Month(2, "30000", "4500", "2000"))
    assert february["taxable_to_date"] == money(18_500)
    with pytest.raises(NotPossible, match="the earlier payslips of the year approved"):
        year.approve(february)
    year.approve(january)
    assert year.approve(february)["tax"] == money(625)


def test_without_brackets_of_the_year_nothing_is_approved(office: Office) -> None:
    employee = office.create("hrm.employee", name="李强")
    period = office.create("hrm.payroll_period", name="old", start=date(2020, 1, 1), end=date(2020, 1, 31))
    payslip = office.create("hrm.payslip", employee=employee["id"], period=period["id"], base=Decimal(30_000))
    with pytest.raises(NotPossible, match="tax brackets of the year"):
        office.move("hrm.payslip", payslip, "approve")


def test_other_people_do_not_count(year: Year) -> None:
    year.approve(year.draft(Month(1, "90000")))
    year.employee = year.office.create("hrm.employee", name="李强")
    assert year.draft(Month(2, "30000", "4500", "2000"))["tax"] == money(555)
