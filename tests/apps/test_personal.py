"""Everything about one person: written out, and erased, on both databases."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine.personal.erase import erase_person, plan_erasure
from engine.personal.export import as_text, export_person
from engine.problems import NotAllowed, NotPossible
from engine.schema.system_tables import audit, history
from engine.transaction import SYSTEM, Actor
from tests.apps.office import Office

SECRETS = ("13800138000", "6222021234567890", "1990-02-03", "31415.92")


@pytest.fixture
def ann(office: Office) -> Actor:
    """Somebody with an employee record, a child row, an approved payslip and a draft, and a deal."""
    seller = office.sign_in("ann", "crm.sales")
    employee = office.create(
        "hrm.employee", name="Ann Li", user=seller.id, mobile=SECRETS[0], bank_account=SECRETS[1],
        birthday=SECRETS[2], base_salary=SECRETS[3],
        deductions=[{"kind": "rent", "amount": 1500, "valid_from": date(2026, 1, 1)}],
    )  # fmt: skip
    office.update("hrm.employee", employee, mobile="13800138001")
    office.update("hrm.employee", employee, mobile=SECRETS[0])
    office.add_brackets(2026)
    for number, name in ((1, "January"), (2, "February")):
        period = office.create(
            "hrm.payroll_period", name=name, start=date(2026, number, 1), end=date(2026, number, 28)
        )
        slip = office.create("hrm.payslip", employee=employee["id"], period=period["id"])
        if number == 1:
            office.move("hrm.payslip", slip, "approve")
    account = office.create("crm.account", name="Acme")
    office.create("crm.deal", seller, name="Retrofit", account=account["id"], amount=10)
    return seller


def test_everything_is_written_out(office: Office, ann: Actor) -> None:
    with office.workspace.writing() as transaction:
        data = export_person(transaction, ann.id or 0)
        text = as_text(transaction, data, "en")
    assert {key: len(records) for key, records in data["records"].items()} == {
        "hrm.employee": 1, "hrm.payslip": 2, "hrm.special_deduction": 1, "system.user": 1,
    }  # fmt: skip
    assert [(each["entity"], each["title"]) for each in data["named_in"]] == [("crm.deal", "Retrofit")]
    for secret in SECRETS:
        assert secret in json.dumps(data)
        assert secret in text
    assert "# Personal data of Ann (ann)" in text


def test_erasing_blanks_values_wherever_they_are_and_keeps_payslips(office: Office, ann: Actor) -> None:
    identity = ann.id or 0
    with office.workspace.writing() as transaction:
        planned = plan_erasure(transaction, identity)
        assert planned.blanked["hrm.employee"]["mobile"] == 1
        kept = [each.to("en") for each in planned.kept]
        assert kept == ["1 records of Payslip were computed for good and stay as they are."]
        before = _payslips(transaction)
        erase_person(transaction, identity)
    with office.workspace.reading() as transaction:
        changes = transaction.connection.execute(
            select(history.c.changes).where(history.c.entity.in_(["hrm.employee", "system.user"]))
        ).scalars()
        told = json.dumps(list(changes))
        assert [secret for secret in SECRETS if secret in told] == []
        assert "Ann" not in json.dumps(_rows(transaction, "system.user"), default=str)
        employee = _rows(transaction, "hrm.employee")[0]
        assert (employee["mobile"], employee["birthday"], employee["base_salary"]) == (None, None, None)
        assert employee["name"] == "Ann Li"
        assert _payslips(transaction) == before
        noted = transaction.connection.execute(
            select(audit.c.subject).where(audit.c.event == "personal_erased")
        ).scalars()
        assert list(noted)[-1] == f"erased-{identity}"


def _rows(transaction: Any, key: str) -> list[dict[str, Any]]:
    table = transaction.catalog.entity(key).table
    return [dict(row) for row in transaction.connection.execute(select(table)).mappings()]


def _payslips(transaction: Any) -> list[Any]:
    rows = _rows(transaction, "hrm.payslip")
    return [(row["base"], row["gross"]) for row in rows if row["stage"] == "approved"]


def test_only_administrators_and_not_for_themselves(office: Office, ann: Actor) -> None:
    with office.workspace.writing(ann) as transaction:
        for do in (export_person, plan_erasure):
            with pytest.raises(NotAllowed):
                do(transaction, ann.id or 0)
    with (
        office.workspace.writing(replace(ann, administrator=True)) as transaction,
        pytest.raises(NotPossible, match="another administrator"),
    ):
        erase_person(transaction, ann.id or 0)
    assert SYSTEM.id is None
