"""HRM, CRM and apps that only tests know, as a running site with people, for a real browser."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from dougong.app import create_app
from dougong.settings import Settings
from engine.definition.check import check_texts
from engine.definition.files import read_files
from engine.releases.apply import apply_plan
from engine.transaction import Actor
from tests.apps.office import Office, Record, empty, open_with_apps
from tests.browser.busy import make_busy
from tests.browser.company import Company, Site
from tests.browser.looks import Eyes
from tests.fixtures.kinds import KINDS
from tests.fixtures.shop import SHOP

ZONE = ZoneInfo("Asia/Shanghai")
MUSEUM = Path(__file__).parents[1] / "fixtures" / "museum" / "museum_app.yaml"


ROLES = {
    "sales": ("crm.sales",),
    "manager": ("crm.sales_manager",),
    "payroll": ("hrm.payroll",),
    "chief": ("shop.chief", "kinds.keeper", "museum.curator"),
}


class Answering(WSGIRequestHandler):
    """Keeps connections open, as the server of the product does, and tells nothing."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The test's own output is enough."""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with both applications and those of tests, which tests fill anew."""
    folder = tmp_path_factory.mktemp("company")
    url = f"sqlite:///{folder / 'company.db'}"
    workspace = open_with_apps(url)
    own = check_texts([{"shop_app.yaml": SHOP}, {"kinds_app.yaml": KINDS}, *read_files([MUSEUM]).values()])
    apply_plan(workspace.database, own, message="test", by="test")
    app = create_app(Settings(url, folder), workspace)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.port}"
    yield Site(address, app, Office(workspace), folder / "company.db", folder)
    server.shutdown()
    thread.join()
    server.server_close()
    workspace.close()


@pytest.fixture
def company(running: Site) -> Company:
    """The company with its people and a little business, and nothing else."""
    return running.state("company", lambda: _furnished(running))


@pytest.fixture
def lively(running: Site) -> Company:
    """The company on a busy day: there is something on every page."""

    def furnish() -> Company:
        found = running.state("company", lambda: _furnished(running))
        make_busy(found)
        return found

    return running.state("lively", furnish)


@pytest.fixture
def eyes(accessibility_violations: Callable[..., list[str]], screenshot: Callable[[Page, str], Path]) -> Eyes:
    return Eyes(accessibility_violations, screenshot, [])


def _furnished(site: Site) -> Company:
    office = site.office
    empty(office.workspace)
    made = Company(site.address, site.app, office, {}, {}, {})
    for username, roles in ROLES.items():
        made.join(username, *roles)
    deal, payslip = _business(office, made.people["sales"], made.people["payroll"])
    return replace(made, deal=deal, payslip=payslip)


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
