"""The search for everything: what it finds for whom, and what it gives back of what a browser remembers."""

import re

from engine.records.write import create
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor

ITEM = re.compile(r'<a class="palette-item"[^>]* href="([^"]+)"')


def found(visitor: Visitor, address: str) -> list[str]:
    return ITEM.findall(visitor.get(address).get_data(as_text=True))


def customers(site: Site) -> tuple[int, int]:
    with site.workspace.writing(SYSTEM) as transaction:
        return (
            create(transaction, "shop.customer", {"name": "Acme Lamps", "city": "Paris"}),
            create(transaction, "shop.customer", {"name": "Acme Chairs", "city": "Rome"}),
        )


def test_records_pages_and_actions_are_found_in_both_languages(site: Site) -> None:
    paris, rome = customers(site)
    clerk = site.as_("clerk")
    hits = found(clerk, "/search?part=results&q=acme")
    assert set(hits) == {f"/shop/customer/{paris}", f"/shop/customer/{rome}"}
    for words in ("new customer", "客户", "CUSTOMER new"):
        assert "/shop/customer/new" in found(clerk, f"/search?part=results&q={words}")
    assert "/shop/customer/import" in found(clerk, "/search?part=results&q=import cust")
    assert found(clerk, "/search?part=results&q=inbox") == ["/inbox"]
    assert found(clerk, "/search?part=results&q=待办") == found(clerk, "/search?part=results&q=inbox")
    assert "Acme Lamps" in clerk.get("/search?q=acme").get_data(as_text=True)


def test_nothing_is_found_that_may_not_be_seen(site: Site) -> None:
    paris, rome = customers(site)
    guest = site.as_("guest")
    assert found(guest, "/search?part=results&q=acme") == [f"/shop/customer/{paris}"]
    assert found(guest, "/search?part=results&q=new customer") == []
    assert found(guest, "/search?part=results&q=people and programs") == []
    seen = f"/search?part=palette&seen=shop.customer:{rome}&seen=shop.customer:{paris}"
    assert found(guest, seen)[0] == f"/shop/customer/{paris}"
    assert f"/shop/customer/{rome}" not in found(guest, seen)
    assert site.visitor().get("/search?q=acme").status_code == 302


def test_what_was_looked_at_and_is_followed_comes_first(site: Site) -> None:
    paris, rome = customers(site)
    clerk = site.as_("clerk")
    assert clerk.post(f"/shop/customer/{rome}/follow", wanted="yes").status_code == 303
    broken = "&seen=shop.customer:x&seen=nothing:1&seen=&seen=shop.customer:99999999999999999999"
    begun = found(clerk, f"/search?part=palette&seen=shop.customer:{paris}{broken}")
    assert begun[:2] == [f"/shop/customer/{paris}", f"/shop/customer/{rome}"]
    home = clerk.get("/").get_data(as_text=True)
    assert "You follow" in home
    assert f'href="/shop/customer/{rome}"' in home
