"""The page of what was deleted lately: found from the list, brought back one by one or together."""

import html

import pytest
from werkzeug.test import TestResponse

from engine.commands import create_record, delete_record
from engine.problems import NotFound
from engine.records.read import get
from engine.transaction import SYSTEM, Actor
from tests.blueprints.conftest import Site

PRODUCT = "shop.product"
PAGE = "/shop/product/deleted"


def text(answer: TestResponse) -> str:
    return " ".join(html.unescape(answer.get_data(as_text=True)).split())


def product(site: Site, name: str) -> int:
    values = {"name": name, "price": "1"}
    identity: int = create_record(site.workspace, SYSTEM, PRODUCT, values)["id"]
    return identity


def deleted(site: Site, identity: int, by: str = "chief") -> str:
    """The record and the change, as the form sends them."""
    actor = Actor(site.people[by], by, by, frozenset({"shop.chief"}), administrator=False)
    return f"{identity}.{delete_record(site.workspace, actor, PRODUCT, identity)}"


def is_there(site: Site, identity: int) -> bool:
    with site.workspace.reading(SYSTEM) as transaction:
        try:
            get(transaction, PRODUCT, identity)
        except NotFound:
            return False
        return True


def test_it_is_offered_to_those_who_may_bring_something_back(site: Site) -> None:
    assert f'href="{PAGE}"' in text(site.as_("chief").get("/shop/product"))
    clerk = site.as_("clerk")
    assert f'href="{PAGE}"' not in text(clerk.get("/shop/product"))
    refused = clerk.get(PAGE)
    assert refused.status_code == 403
    assert "No rule lets you delete this Product." in text(refused)
    assert clerk.post(PAGE, gone="1.1").status_code in {403, 422}
    assert site.visitor().get(PAGE).status_code == 302


def test_an_empty_page_says_what_will_stand_here(site: Site) -> None:
    page = text(site.as_("chief").get(PAGE))
    assert "Nothing to bring back" in page
    assert "Whatever you delete stands here for 30 days." in page


def test_one_is_brought_back_by_its_button_and_many_by_ticking_them(site: Site) -> None:
    ids = [product(site, name) for name in ("Tea", "Milk", "<b>Rice</b>")]
    sent = [deleted(site, each) for each in ids]
    chief = site.as_("chief")
    page = text(chief.get(PAGE))
    assert page.index("<b>Rice</b>") < page.index("Milk") < page.index("Tea")
    assert "<b>Rice</b>" not in chief.get(PAGE).get_data(as_text=True)
    # The button of a row counts alone, whatever is ticked.
    answer = chief.post(PAGE, ("gone", sent[1]), ("one", sent[0]))
    assert (answer.status_code, answer.location) == (303, f"/shop/product/{ids[0]}")
    assert "Brought back" in text(chief.get(answer.location))
    assert [is_there(site, each) for each in ids] == [True, False, False]
    answer = chief.post(PAGE, ("gone", sent[1]), ("gone", sent[2]))
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "2 brought back" in text(chief.get(PAGE))
    assert all(is_there(site, each) for each in ids)


def test_what_is_refused_says_why_in_its_row(site: Site) -> None:
    customer = create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})["id"]
    values = {"name": "Tea", "price": "1", "customer": customer}
    tea: int = create_record(site.workspace, SYSTEM, PRODUCT, values)["id"]
    milk = product(site, "Milk")
    rice = product(site, "Rice")
    sent = [deleted(site, each) for each in (tea, milk)]
    other = deleted(site, rice, "clerk")
    delete_record(site.workspace, SYSTEM, "shop.customer", customer)
    chief = site.as_("chief")
    chief.get(PAGE)
    answer = chief.post(PAGE, *(("gone", each) for each in (*sent, other)))
    page = text(answer)
    assert answer.status_code == 422
    assert "1 brought back, 2 refused" in page
    assert f"There is no Customer {customer}." in page
    assert f"#{rice}: Only who deleted this Product, or an administrator, brings it back." in page
    assert f'<a href="/shop/product/{milk}">Milk</a>' in page
    assert f'value="{sent[0]}"' in page
    assert page.count("checked") == 1
    assert [is_there(site, each) for each in (tea, milk, rice)] == [False, True, False]


def test_what_somebody_else_brought_back_meanwhile_is_led_to(site: Site) -> None:
    tea, milk = product(site, "Tea"), product(site, "Milk")
    sent = [deleted(site, each) for each in (tea, milk)]
    chief = site.as_("chief")
    chief.get(PAGE)
    assert chief.post(PAGE, gone=sent[0]).status_code == 303
    page = text(chief.post(PAGE, *(("gone", each) for each in sent)))
    assert f'<a href="/shop/product/{tea}">Tea</a>: This Product is there already.' in page
    assert "Nothing to bring back" in page


@pytest.mark.parametrize("sent", ["", "x", "1.x", "1", "99999999999999999999.1"])
def test_nothing_that_can_be_read_is_nothing_chosen(site: Site, sent: str) -> None:
    deleted(site, product(site, "Tea"))
    chief = site.as_("chief")
    chief.get(PAGE)
    answer = chief.post(PAGE, gone=sent)
    assert answer.status_code == 422
    assert "Tick what is to come back first." in text(answer)


def test_far_more_than_a_page(site: Site) -> None:
    for number in range(55):
        deleted(site, product(site, f"P{number}"))
    chief = site.as_("chief")
    page = text(chief.get(PAGE))
    assert "P54" in page
    assert "P4<" not in page
    following = page.split('rel="next" href="')[1].split('"')[0]
    older = text(chief.get(following))
    assert "P4<" in older
    assert "First page" in older
    assert chief.get(f"{PAGE}?after=x").status_code == 400
    assert chief.post(PAGE, *(("gone", f"{each}.1") for each in range(201))).status_code == 400
