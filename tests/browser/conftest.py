"""HRM, CRM and an app that only tests know, as a running site with people, for a real browser."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from dougong.app import create_app
from dougong.settings import Settings
from engine.definition.check import check_texts
from engine.releases.apply import apply_plan
from engine.transaction import Actor
from tests.apps.office import Office, Record, empty, open_with_apps
from tests.blueprints.conftest import give_password
from tests.fixtures.kinds import KINDS
from tests.fixtures.shop import SHOP

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Company:
    """The running company: where its site is, and what is in it."""

    address: str
    office: Office
    people: dict[str, Actor]
    deal: Record
    payslip: Record

    def sign_in(self, page: Page, username: str) -> None:
        """Signs somebody in and ends at the home page."""
        page.goto(f"{self.address}/sign-in")
        page.fill("#username", username)
        page.fill("#password", f"secret-{username}")
        page.click("#sign-in button[type=submit]")
        page.wait_for_url(f"{self.address}/")

    def open(self, page: Page, path: str) -> None:
        page.goto(f"{self.address}{path}")


ROLES = {
    "sales": ("crm.sales",),
    "manager": ("crm.sales_manager",),
    "payroll": ("hrm.payroll",),
    "chief": ("shop.chief", "kinds.keeper"),
}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    """The address of a site with both applications, which tests fill anew."""
    folder = tmp_path_factory.mktemp("company")
    url = f"sqlite:///{folder / 'company.db'}"
    workspace = open_with_apps(url)
    own = check_texts([{"shop_app.yaml": SHOP}, {"kinds_app.yaml": KINDS}])
    apply_plan(workspace.database, own, message="test", by="test")
    server = make_server("127.0.0.1", 0, create_app(Settings(url, folder), workspace), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", Office(workspace)
    server.shutdown()
    thread.join()
    server.server_close()
    workspace.close()


@pytest.fixture
def company(running: tuple[str, Office]) -> Company:
    """The company with its people and a little business, and nothing else."""
    address, office = running
    empty(office.workspace)
    people = {username: office.sign_in(username, *roles) for username, roles in ROLES.items()}
    for username, person in people.items():
        give_password(office.workspace, username, person.id or 0, *ROLES[username])
    deal, payslip = _business(office, people["sales"], people["payroll"])
    return Company(address, office, people, deal, payslip)


def _business(office: Office, seller: Actor, payroll: Actor) -> tuple[Record, Record]:
    today = datetime.now(ZONE).date()
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    office.add_brackets(today.year)
    accounts = [
        office.create("crm.account", name=name)
        for name in ("Haier Smart Home 海尔智家", "Nordwind GmbH", "京东物流")
    ]
    office.create("crm.contact", name="Anna Schmidt", account=accounts[1]["id"])
    rack = office.create("crm.product", code="R740", name="Rack server R740", list_price=Decimal(32_000))
    deal = office.create(
        "crm.deal",
        name="Data centre extension",
        account=accounts[0]["id"],
        amount=Decimal(100_000),
        owner=seller.id,
        lines=[{"product": rack["id"], "quantity": 2, "unit_price": Decimal(32_000)}],
    )
    for name in ("propose", "negotiate"):
        deal = office.move("crm.deal", deal, name, seller)
    for number, account in enumerate(accounts):
        office.create(
            "crm.deal",
            name=f"Retrofit {number + 1}",
            account=account["id"],
            amount=Decimal(20_000 * (number + 1)),
            owner=seller.id,
        )
    employee = office.create(
        "hrm.employee",
        name="林悦",
        user=seller.id,
        base_salary=Decimal(12_000),
        commission_rate=Decimal("0.0125"),
    )
    period = office.create("hrm.payroll_period", name=f"{today:%Y-%m}", start=first, end=last)
    payslip = office.create("hrm.payslip", payroll, employee=employee["id"], period=period["id"])
    return deal, payslip
