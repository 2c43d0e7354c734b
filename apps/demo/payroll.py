"""Rates, pay periods and payslips of the demonstration company."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from apps.demo.batches import Batches, Reference
from apps.demo.people import Staff

TAX_BRACKETS = (
    (Decimal(36_000), Decimal("0.03"), Decimal(0)),
    (Decimal(144_000), Decimal("0.10"), Decimal(2_520)),
    (Decimal(300_000), Decimal("0.20"), Decimal(16_920)),
    (Decimal(420_000), Decimal("0.25"), Decimal(31_920)),
    (Decimal(660_000), Decimal("0.30"), Decimal(52_920)),
    (Decimal(960_000), Decimal("0.35"), Decimal(85_920)),
    (None, Decimal("0.45"), Decimal(181_920)),
)
"""Upper limit of the year's taxable income, rate, quick deduction: Individual Income Tax Law of 2018."""

CITIES = {
    "上海": (7_460, 37_302, "0.02", 2_740, 37_302, "0.07"),
    "北京": (7_162, 35_811, "0.02", 2_540, 35_811, "0.12"),
    "深圳": (4_775, 27_549, "0.02", 2_520, 44_265, "0.05"),
    "苏州": (4_952, 24_762, "0.02", 2_490, 34_300, "0.08"),
    "成都": (4_588, 22_938, "0.02", 2_330, 29_800, "0.06"),
}
"""City → floor, cap and medical rate of social insurance; floor, cap and rate of the housing fund.

Near the figures of 2025 and good enough to look at; a real payroll takes them from the city's notice.
"""


def add_rates(batches: Batches, today: date) -> dict[str, Reference]:
    """Adds the tax brackets and insured cities of last, this and next year; the cities by name."""
    years = range(today.year - 1, today.year + 2)
    batches.add(
        "hrm.tax_bracket",
        (
            {"year": year, "up_to": up_to, "rate": rate, "quick_deduction": quick}
            for year in years
            for up_to, rate, quick in TAX_BRACKETS
        ),
    )
    references = batches.add("hrm.city", ({"name": name} for name in CITIES))
    cities = dict(zip(CITIES, references, strict=True))
    batches.add(
        "hrm.insurance_rate",
        (
            {
                "city": cities[name],
                "year": year,
                "insurance_floor": floor,
                "insurance_cap": cap,
                "pension": Decimal("0.08"),
                "medical": Decimal(medical),
                "unemployment": Decimal("0.005"),
                "fund_floor": fund_floor,
                "fund_cap": fund_cap,
                "fund": Decimal(fund),
                "position": place,
            }
            for name, (floor, cap, medical, fund_floor, fund_cap, fund) in CITIES.items()
            for place, year in enumerate(years)
        ),
    )
    return cities


def add_payroll(batches: Batches, random: Random, today: date, staff: Staff) -> None:
    """Adds the 12 pay periods of this year and the payslips so far, one batch of payslips a month.

    Salespeople have one for each month of the year; everybody who works here has one for this month.
    """
    months = [date(today.year, month, 1) for month in range(1, 13)]
    periods = batches.add(
        "hrm.payroll_period",
        ({"name": f"{start:%Y-%m}", "start": start, "end": _last_day(start)} for start in months),
    )
    for start, period in zip(months, periods, strict=True):
        if start > today:
            break
        is_current = start.month == today.month
        batches.add(
            "hrm.payslip",
            (
                {
                    "employee": employee,
                    "period": period,
                    "overtime_hours": _overtime(random, often=employee in staff.production),
                    "stage": "draft" if is_current else "approved",
                }
                for employee in (staff.working if is_current else staff.selling)
            ),
        )


def _last_day(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _overtime(random: Random, *, often: bool) -> Decimal:
    """Hours in halves; mostly none, for those in production mostly some."""
    if random.random() > (0.7 if often else 0.15):
        return Decimal(0)
    return Decimal(random.randrange(1, 73 if often else 25)) / 2
