"""Deals, leads and follow-ups: who may do what, in which stage, and what is computed."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible
from engine.transaction import Actor
from tests.apps.office import Office, Record, money


class Floor:
    """Two salespeople, the one who leads them, a sales manager and an account."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.manager = office.sign_in("manager", "crm.sales_manager")
        self.lead = office.sign_in("lead", "crm.sales", manager=self.manager)
        self.seller = office.sign_in("sales", "crm.sales", manager=self.lead)
        self.other = office.sign_in("other", "crm.sales")
        self.account = office.create("crm.account", name="Nordwind GmbH")

    def deal(self, actor: Actor | None = None, /, **values: Any) -> Record:
        given = {"name": "Retrofit", "account": self.account["id"], "amount": Decimal(1_000), **values}
        return self.office.create("crm.deal", actor or self.seller, **given)

    def move(self, deal: Record, *names: str, by: Actor | None = None, **values: Any) -> Record:
        for name in names:
            deal = self.office.move("crm.deal", deal, name, by or self.seller, **values)
        return deal


@pytest.fixture
def floor(office: Office) -> Floor:
    return Floor(office)


def test_a_deal_belongs_to_who_enters_it_and_begins_as_a_lead(floor: Floor) -> None:
    deal = floor.deal()
    assert deal["owner"].id == floor.seller.id
    assert deal["stage"] == "lead"
    assert deal["close_date"] is not None
    assert deal["probability"] == Decimal("0.1")
    assert deal["weighted"] == money(100)


def test_deals_are_numbered(floor: Floor) -> None:
    numbers = [floor.deal()["number"] for _ in range(2)]
    year = datetime.now(ZoneInfo("Asia/Shanghai")).year
    assert numbers == [f"DEAL-{year}-00001", f"DEAL-{year}-00002"]


def test_the_way_to_a_won_deal(floor: Floor) -> None:
    deal = floor.deal()
    for move, stage, weighted in (
        ("propose", "proposal", 400),
        ("negotiate", "negotiation", 700),
        ("win", "won", 1_000),
    ):
        deal = floor.move(deal, move)
        assert (deal["stage"], deal["weighted"]) == (stage, money(weighted))
    assert deal["won_on"] == datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.mark.parametrize(
    ("stage", "move"),
    [
        ("lead", "negotiate"),
        ("lead", "win"),
        ("lead", "reopen"),
        ("proposal", "propose"),
        ("proposal", "win"),
        ("negotiation", "negotiate"),
        ("won", "win"),
        ("won", "lose"),
        ("won", "reopen"),
    ],
)
def test_moves_that_do_not_begin_in_this_stage_are_refused(floor: Floor, stage: str, move: str) -> None:
    way = {"lead": (), "proposal": ("propose",), "negotiation": ("propose", "negotiate")}
    deal = floor.move(floor.deal(), *way.get(stage, ("propose", "negotiate", "win")))
    with pytest.raises(NotPossible):
        floor.move(deal, move, by=floor.manager)


def test_only_a_deal_with_an_amount_above_0_is_won(floor: Floor) -> None:
    deal = floor.move(floor.deal(amount=Decimal(0)), "propose", "negotiate")
    with pytest.raises(NotPossible, match="amount above 0"):
        floor.move(deal, "win")


def test_a_proposal_needs_an_amount(floor: Floor) -> None:
    deal = floor.deal(amount=None)
    with pytest.raises(InputRefused):
        floor.move(deal, "propose")
    assert floor.move(deal, "propose", amount=Decimal(5_000))["amount"] == money(5_000)


def test_losing_needs_a_reason_and_only_the_manager_reopens(floor: Floor) -> None:
    deal = floor.deal()
    with pytest.raises(InputRefused):
        floor.move(deal, "lose")
    lost = floor.move(deal, "lose", lost_reason="price")
    assert (lost["stage"], lost["lost_reason"]) == ("lost", "price")
    with pytest.raises(NotAllowed):
        floor.move(deal, "reopen")
    opened = floor.move(deal, "reopen", by=floor.manager)
    assert (opened["stage"], opened["lost_reason"]) == ("proposal", None)


def test_the_stage_and_the_day_of_winning_are_not_written_directly(floor: Floor) -> None:
    deal = floor.deal()
    for values in ({"stage": "won"}, {"won_on": datetime(2026, 1, 1).date()}):  # noqa: DTZ001 - a mere day
        with pytest.raises(InputRefused):
            floor.office.update("crm.deal", deal, floor.seller, **values)
    with pytest.raises(InputRefused):
        floor.deal(stage="won")


def test_a_won_deal_is_only_changed_by_the_manager(floor: Floor) -> None:
    deal = floor.move(floor.deal(), "propose", "negotiate", "win")
    with pytest.raises(NotAllowed):
        floor.office.update("crm.deal", deal, floor.seller, amount=Decimal(2_000))
    changed = floor.office.update("crm.deal", deal, floor.manager, amount=Decimal(2_000))
    assert changed["amount"] == money(2_000)


def test_a_discount_is_at_most_half(floor: Floor) -> None:
    assert floor.deal(discount="50%")["discount"] == Decimal("0.5")
    with pytest.raises(InputRefused):
        floor.deal(discount="50.1%")


def test_the_contact_works_at_the_account(floor: Floor) -> None:
    elsewhere = floor.office.create("crm.account", name="Falcon Ltd")
    here, there = (
        floor.office.create("crm.contact", name="Anna", account=account["id"])
        for account in (floor.account, elsewhere)
    )
    assert floor.deal(contact=here["id"])["contact"].id == here["id"]
    with pytest.raises(InputRefused):
        floor.deal(contact=there["id"])


def test_products_are_added_up(floor: Floor) -> None:
    product = floor.office.create("crm.product", code="PLC", name="Controller", list_price=Decimal("2980.50"))
    deal = floor.deal(
        lines=[
            {"product": product["id"], "quantity": Decimal("2.5")},
            {"product": product["id"], "quantity": 1, "unit_price": Decimal(2_500)},
        ]
    )
    assert [line["unit_price"] for line in deal["lines"]] == [money("2980.50"), money(2_500)]
    assert [line["description"] for line in deal["lines"]] == ["Controller", "Controller"]
    assert [line["amount"] for line in deal["lines"]] == [money("7451.25"), money(2_500)]
    assert deal["lines_total"] == money("9951.25")


def test_each_sees_what_is_theirs(floor: Floor) -> None:
    deal = floor.deal()
    for actor in (floor.seller, floor.lead, floor.manager):
        assert floor.office.seen("crm.deal", actor) == [deal["id"]]
    assert floor.office.seen("crm.deal", floor.other) == []
    with pytest.raises(NotFound):
        floor.office.update("crm.deal", deal, floor.other, amount=Decimal(1))
    with pytest.raises(NotAllowed):
        floor.office.update("crm.deal", deal, floor.lead, amount=Decimal(1))


def test_views_show_what_their_names_say(floor: Floor) -> None:
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    first, won, lost = (floor.deal(name=name, close_date=today)["id"] for name in ("open", "won", "lost"))
    floor.move({"id": won}, "propose", "negotiate", "win")
    floor.move({"id": lost}, "lose", lost_reason="timing")
    views = floor.office.workspace.catalog.entity("crm.deal").definition.views
    assert {view: floor.office.seen("crm.deal", floor.seller, view) for view in views} == {
        "open": [first],
        "mine": [first],
        "closing": [first],
        "won_this_month": [won],
        "lost": [lost],
        "all": [first, won, lost],
        "board": [first, won, lost],
        "calendar": [first],
        "results": [won],
        "won_by_month": [won],
    }


def test_an_account_knows_its_deals(floor: Floor) -> None:
    floor.move(floor.deal(amount=Decimal(700)), "propose", "negotiate", "win")
    floor.deal(amount=Decimal(50))
    floor.deal(amount=Decimal(8))
    account = floor.office.read("crm.account", floor.account)
    assert (account["won_amount"], account["open_amount"]) == (money(700), money(58))


def test_an_account_without_an_owner_may_be_taken(floor: Floor) -> None:
    free = floor.office.create("crm.account", name="Free Ltd", owner=None)
    taken = floor.office.update("crm.account", free, floor.seller, owner=floor.seller.id)
    assert taken["owner"].id == floor.seller.id
    with pytest.raises(NotAllowed):
        floor.office.update("crm.account", free, floor.other, owner=floor.other.id)


def test_a_lead_becomes_an_account(floor: Floor) -> None:
    lead = floor.office.create("crm.lead", floor.seller, name="Enquiry")
    with pytest.raises(InputRefused):
        floor.office.move("crm.lead", lead, "qualify", floor.seller)
    qualified = floor.office.move("crm.lead", lead, "qualify", floor.seller, account=floor.account["id"])
    assert qualified["stage"] == "qualified"


def test_a_follow_up_is_done_with_a_result(floor: Floor) -> None:
    call = floor.office.create("crm.activity", floor.seller, subject="Call", account=floor.account["id"])
    with pytest.raises(InputRefused):
        floor.office.move("crm.activity", call, "complete", floor.seller)
    done = floor.office.move("crm.activity", call, "complete", floor.seller, result="Interested")
    assert done["done_on"] is not None


def test_a_large_discount_is_approved_by_the_manager(office: Office) -> None:
    lead = office.sign_in("lead", "crm.sales")
    seller = office.sign_in("seller", "crm.sales", manager=lead)
    account = office.create("crm.account", name="Customer")
    values = {"name": "Deal", "account": account["id"], "amount": 1_000, "discount": "15%"}
    deal = office.create("crm.deal", seller, **values)
    for name in ("propose", "negotiate"):
        office.move("crm.deal", deal, name, seller)
    assert office.move("crm.deal", deal, "win", seller)["stage"] == "closing"
    won = office.decide("crm.deal", deal, "approve", lead)
    assert (won["stage"], won["won_on"] is not None) == ("won", True)


def test_a_very_large_discount_goes_up_to_the_board(office: Office) -> None:
    lead = office.sign_in("lead", "crm.sales")
    seller = office.sign_in("seller", "crm.sales", manager=lead)
    desk, board = office.sign_in("desk", "crm.deal_desk"), office.sign_in("board", "crm.board")
    account = office.create("crm.account", name="Customer")
    values = {"name": "Deal", "account": account["id"], "amount": 1_000, "discount": "35%"}
    deal = office.create("crm.deal", seller, **values)
    for name in ("propose", "negotiate", "win"):
        office.move("crm.deal", deal, name, seller)
    for decider in (lead, desk):
        assert office.decide("crm.deal", deal, "approve", decider)["stage"] == "closing"
    assert office.decide("crm.deal", deal, "reject", board, "Too much")["stage"] == "negotiation"
