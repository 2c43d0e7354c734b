"""The demonstration company: always the same, complete, and every reference leads to a row written before."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.demo.batches import Reference
from apps.demo.generate import PASSWORD, SEED, SIGN_INS, Company, demo_company, demo_records
from apps.demo.organisation import units

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def company() -> Company:
    return demo_company(SEED, TODAY)


def rows_of(company: Company, entity: str) -> list[dict[str, Any]]:
    return [row for key, rows in company.batches if key == entity for row in rows if "id" not in row]


def test_the_same_seed_and_day_give_the_same_company() -> None:
    assert list(demo_records(SEED, TODAY)) == list(demo_records(SEED, TODAY))


def test_another_seed_gives_other_people(company: Company) -> None:
    others = demo_company(SEED + 1, TODAY)
    names = [[row["name"] for row in rows_of(each, "hrm.employee")] for each in (company, others)]
    assert names[0] != names[1]


@pytest.mark.parametrize(
    ("entity", "count"),
    [
        ("hrm.employee", 1_500),
        ("hrm.payroll_period", 12),
        ("hrm.tax_bracket", 3 * 7),
        ("crm.account", 3_000),
        ("crm.deal", 20_000),
        ("hrm.applicant", 96),
    ],
)
def test_it_is_as_large_as_promised(company: Company, entity: str, count: int) -> None:
    assert len(rows_of(company, entity)) == count


def test_forty_salespeople_own_all_deals(company: Company) -> None:
    selling = {row["user"] for row in rows_of(company, "hrm.employee") if row["commission_rate"]}
    assert len(selling) == 40
    assert {row["owner"] for row in rows_of(company, "crm.deal")} == selling


def test_every_reference_leads_to_a_row_that_is_already_written(company: Company) -> None:
    written: Counter[str] = Counter()
    for entity, rows in company.batches:
        for row in rows:
            for value in row.values():
                if isinstance(value, Reference):
                    assert value.row < written[value.entity], (entity, row)
        written[entity] += sum("id" not in row for row in rows)


def test_departments_form_one_tree_whose_every_department_has_a_head(company: Company) -> None:
    departments = rows_of(company, "system.department")
    assert [row["parent"] for row in departments].count(None) == 1
    headed = {
        row["id"].row
        for key, rows in company.batches
        if key == "system.department"
        for row in rows
        if "head" in row
    }
    assert headed == set(range(len(departments)))


def test_names_that_have_to_differ_do(company: Company) -> None:
    for entity, field in (
        ("hrm.employee", "number"),
        ("system.user", "username"),
        ("crm.account", "name"),
        ("crm.product", "code"),
        ("hrm.position", "name"),
    ):
        values = [row[field] for row in rows_of(company, entity)]
        assert len(set(values)) == len(values), entity


def test_won_deals_have_a_day_that_is_not_in_the_future_and_lost_ones_a_reason(company: Company) -> None:
    stages = Counter(deal["stage"] for deal in rows_of(company, "crm.deal"))
    assert set(stages) == {"lead", "proposal", "negotiation", "won", "lost"}
    assert 0.25 < stages["won"] / (stages["won"] + stages["lost"]) < 0.45
    for deal in rows_of(company, "crm.deal"):
        assert (deal["stage"] == "won") == ("won_on" in deal)
        assert (deal["stage"] == "lost") == ("lost_reason" in deal)
        assert deal.get("won_on", TODAY) <= TODAY
        assert deal["amount"] > 0


def test_deals_go_back_two_years(company: Company) -> None:
    begun = [deal["created_at"].date() for deal in rows_of(company, "crm.deal")]
    assert max(begun) == TODAY
    assert 720 <= (TODAY - min(begun)).days <= 730


def test_applicants_stand_at_every_stage_with_what_it_asks_for(company: Company) -> None:
    applicants = rows_of(company, "hrm.applicant")
    stages = Counter(row["stage"] for row in applicants)
    assert {"received", "interview", "offered", "hired", "declined"} == set(stages)
    assert min(stages.values()) >= 5
    for row in applicants:
        if row["stage"] in {"interview", "offered", "hired"}:
            assert row["position"]
            assert row["interview_on"].weekday() < 5
        assert row["stage"] == "interview" or (row["interview_on"] or TODAY) <= TODAY
        assert row["created_at"].date() <= TODAY
    languages = Counter(row["name"].isascii() for row in applicants)
    assert min(languages[True], languages[False]) >= 15
    assert len({row["email"] for row in applicants}) == len(applicants)


def _payslips(company: Company) -> Iterator[list[dict[str, Any]]]:
    return (rows for key, rows in company.batches if key == "hrm.payslip")


@pytest.mark.parametrize(("today", "months"), [(TODAY, 11), (date(2026, 1, 3), 1), (date(2027, 12, 31), 12)])
def test_everybody_here_has_a_payslip_this_month_and_salespeople_since_january(
    today: date, months: int
) -> None:
    company = demo_company(SEED, today)
    working = sum(row["active"] for row in rows_of(company, "hrm.employee"))
    assert [len(rows) for rows in _payslips(company)] == [40] * (months - 1) + [working]


def test_a_pay_period_is_a_month_of_this_year(company: Company) -> None:
    periods = rows_of(company, "hrm.payroll_period")
    assert [row["name"] for row in periods] == [f"2026-{month:02}" for month in range(1, 13)]
    assert periods[1]["end"] == date(2026, 2, 28)
    assert periods[11]["end"] == date(2026, 12, 31)


def test_those_who_can_sign_in_are_there_with_their_roles(company: Company) -> None:
    usernames = {row["username"] for row in rows_of(company, "system.user")}
    assert usernames >= set(SIGN_INS)
    assert set(SIGN_INS) <= set(company.roles)
    assert set(company.roles) <= usernames
    assert company.roles["manager"] == ("crm.sales_manager",)
    assert company.roles["payroll"] == ("hrm.payroll",)
    assert company.administrators == {"admin"}


def test_the_page_about_the_company_names_every_sign_in() -> None:
    page = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == SIGN_INS
    assert PASSWORD in page
    assert f"{len(units())} departments" in page
