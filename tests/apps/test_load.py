"""The demonstration company in a real workspace: complete, loaded once, payroll and deals agree."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from apps.demo.generate import PASSWORD, SIGN_INS
from apps.demo.load import load
from engine.access.accounts import actor_of_password
from engine.commands import create_record, fire_transition
from engine.records.query import Query
from engine.records.read import page
from engine.transaction import SYSTEM, Actor
from tests.apps.office import Office, money

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


def count(office: Office, key: str) -> int:
    table = office.workspace.catalog.entity(key).table
    with office.workspace.reading() as transaction:
        return int(transaction.connection.execute(select(func.count()).select_from(table)).scalar_one())


def listed(office: Office, key: str, text: str) -> list[dict[str, Any]]:
    with office.workspace.reading(SYSTEM) as transaction:
        return list(page(transaction, key, Query(filter=text, limit=100)).records)


def sign_in(office: Office, username: str) -> Actor:
    with office.workspace.reading() as transaction:
        catalog, connection = transaction.catalog, transaction.connection
        actor = actor_of_password(catalog, connection, PasswordHasher(), username, PASSWORD)
    assert actor is not None, username
    return actor


@pytest.mark.slow
def test_the_company_is_loaded_and_works(office: Office) -> None:
    # All deals are loaded once; on PostgreSQL fewer show what is different there.
    deals = 20_000 if office.workspace.database.dialect == "sqlite" else 10_000
    said: list[str] = []
    load(office.workspace, said.append, deals)
    assert f"Deals: {deals:,}" in said
    assert (count(office, "hrm.employee"), count(office, "crm.account")) == (1_500, 3_000)
    assert (count(office, "crm.deal"), count(office, "hrm.payroll_period")) == (deals, 12)

    again: list[str] = []
    load(office.workspace, again.append)
    assert again == ["Nothing to do: the demonstration data is already there."]
    assert count(office, "crm.deal") == deals

    actors = {username: sign_in(office, username) for username in SIGN_INS}
    assert [username for username, actor in actors.items() if actor.administrator] == ["admin"]
    _walk(office, actors["sales"], actors["payroll"])
    _deals_continue_their_numbers(office, actors["sales"])


def _walk(office: Office, seller: Actor, payroll: Actor) -> None:
    """A salesperson wins a deal; their draft payslip of this month follows, until it is approved."""
    draft = 'stage == "draft" and employee.user.username == "sales"'
    (payslip,) = listed(office, "hrm.payslip", draft)
    open_deals = 'stage == "negotiation" and owner.username == "sales" and discount <= 10%'
    deal = listed(office, "crm.deal", open_deals)[0]
    fire_transition(office.workspace, seller, "crm.deal", deal["id"], "win")
    (after,) = listed(office, "hrm.payslip", draft)
    assert after["sales_won"] == payslip["sales_won"] + deal["amount"]
    assert after["commission"] > payslip["commission"]
    approved = fire_transition(office.workspace, payroll, "hrm.payslip", payslip["id"], "approve")
    office.update("crm.deal", deal, SYSTEM, amount=Decimal(9_999_999))
    (later,) = listed(office, "hrm.payslip", f"id == {payslip['id']}")
    assert later["commission"] == approved["commission"] == after["commission"]
    assert later["net"] == approved["net"]

    earlier = listed(office, "hrm.payslip", 'stage == "paid" and employee.user.username == "sales"')
    assert len(earlier) == TODAY.month - 1
    assert later["tax_withheld"] == sum((each["tax"] for each in earlier), money(0))


def _deals_continue_their_numbers(office: Office, seller: Actor) -> None:
    account = listed(office, "crm.account", 'owner.username == "sales"')[0]
    values = {"name": "One more", "account": account["id"]}
    deal = create_record(office.workspace, seller, "crm.deal", values)
    same = listed(office, "crm.deal", f'number == "{deal["number"]}"')
    assert [each["id"] for each in same] == [deal["id"]]


def test_a_workspace_with_people_of_its_own_is_left_alone(office: Office) -> None:
    office.sign_in("somebody")
    said: list[str] = []
    load(office.workspace, said.append)
    assert said == ["The demonstration data is left out, because there are records in system.user already."]
    assert count(office, "hrm.employee") == 0
