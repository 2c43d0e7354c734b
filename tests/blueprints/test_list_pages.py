"""What lists can do besides showing: kept views, groups, acting on many, editing in place, export."""

import html
import json
import re

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.access.accounts import grant_roles
from engine.commands import create_record
from engine.records.workbook import read_workbook
from engine.schema.system_tables import audit
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor

HEADS = re.compile(r'<th scope="col" data-column="([a-z_]+)"')
ROW = re.compile(r'class="row-title" href="[^"]+">([^<]*)<')


@pytest.fixture
def products(site: Site) -> list[int]:
    made = [
        create_record(site.workspace, SYSTEM, "shop.product", {"name": name, "price": price})
        for name, price in (("Tea", "1.50"), ("Milk", "2"), ("=SUM(A1)", "3"))
    ]
    return [record["id"] for record in made]


@pytest.fixture
def chief(site: Site, products: list[int]) -> Visitor:
    assert products
    return site.as_("chief")


def text(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_columns_and_orders_stand_in_the_address(chief: Visitor) -> None:
    chosen = chief.get("/shop/product?column=price&column=name")
    assert chosen.location == "/shop/product?columns=price%2Cname"
    assert HEADS.findall(text(chief.get(chosen.location))) == ["price", "name"]
    ordered = chief.get("/shop/product?key=price&direction=down&key=name&direction=up&key=&direction=up")
    assert ordered.location == "/shop/product?sort=-price%2Cname"
    assert ROW.findall(text(chief.get(ordered.location))) == ["=SUM(A1)", "Milk", "Tea"]


def test_groups_have_a_heading_and_open_and_close(chief: Visitor) -> None:
    page = text(chief.get("/shop/product?group=customer"))
    assert "No Customer" in page
    assert sorted(ROW.findall(page)) == ["=SUM(A1)", "Milk", "Tea"]
    assert ROW.findall(text(chief.get("/shop/product?group=customer&open=-"))) == []


def test_a_list_is_kept_changed_and_begun_with(chief: Visitor) -> None:
    assert "Not saved" not in text(chief.get("/shop/product"))
    assert "Not saved" in text(chief.get("/shop/product?sort=-price"))
    kept = chief.post("/shop/product/views", ("view", "all"), ("sort", "-price"), name="Dear first")
    page = text(chief.get(kept.location))
    assert ROW.findall(page) == ["=SUM(A1)", "Milk", "Tea"]
    assert "Not saved" not in page
    assert 'aria-current="page"' in page
    assert "Dear first" in page
    changed = text(chief.get(f"{kept.location}&q=tea"))
    assert "Not saved" in changed
    assert ROW.findall(changed) == ["Tea"]
    chief.post("/shop/product/views/first", name=kept.location.rpartition("=")[2])
    assert ROW.findall(text(chief.get("/shop/product"))) == ["=SUM(A1)", "Milk", "Tea"]
    refused = chief.post("/shop/product/views", ("view", "all"), name="dear FIRST")
    assert refused.status_code == 422
    assert "You have a view “dear FIRST” already" in text(refused)


def test_many_are_edited_and_each_refusal_has_its_reason(chief: Visitor, products: list[int]) -> None:
    ids = [("id", str(each)) for each in [*products, 999]]
    answer = chief.post("/shop/product/several", *ids, act="update", name="price", price="7")
    results = json.loads(text(answer))["results"]
    assert [each["reason"] for each in results[:3]] == [None, None, None]
    assert "There is no" in results[3]["reason"]
    assert text(chief.get("/shop/product")).count("¥7.00") == 3
    undone = [
        pair for each in results[:2] for pair in (("id", str(each["id"])), ("event", str(each["undo"])))
    ]
    back = json.loads(text(chief.post("/shop/product/several", *undone, act="undo")))["results"]
    assert [each["reason"] for each in back] == [None, None]
    assert text(chief.get("/shop/product")).count("¥7.00") == 1
    assert chief.post("/shop/product/several", *undone[:3], act="undo").status_code == 400
    wrong = chief.post("/shop/product/several", *ids, act="update", name="price", price="dear")
    assert wrong.status_code == 422
    assert "dear" in json.loads(text(wrong))["problem"]
    matching = json.loads(text(chief.get("/shop/product/matching?q=tea")))
    assert matching == {"ids": [products[0]], "more": False}
    gone = chief.post("/shop/product/several", ("id", str(products[0])), act="delete")
    (deleted,) = json.loads(text(gone))["results"]
    assert (deleted["id"], deleted["reason"]) == (products[0], None)
    assert ROW.findall(text(chief.get("/shop/product?q=tea"))) == []
    pairs = (("id", str(products[0])), ("event", str(deleted["undo"])))
    again = chief.post("/shop/product/several", *pairs, act="undo")
    assert json.loads(text(again))["results"] == [{"id": products[0], "reason": None}]
    assert ROW.findall(text(chief.get("/shop/product?q=tea"))) == ["Tea"]


def test_moves_of_many_are_taken_back_from_the_list_and_from_the_record(site: Site) -> None:
    clerk = site.as_("clerk")
    customer = create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})["id"]
    rows = [{"text": "Chair", "quantity": 2, "price": "10"}]
    values = {"customer": customer, "promise": "soon", "owner": site.people["clerk"], "lines": rows}
    ids = [create_record(site.workspace, SYSTEM, "shop.order", values)["id"] for _ in range(2)]
    clerk.get("/shop/order")
    pairs = [("id", str(each)) for each in ids]
    moved = json.loads(text(clerk.post("/shop/order/several", *pairs, act="transition", name="ship")))[
        "results"
    ]
    assert "Undo this change" in text(clerk.get(f"/shop/order/{ids[1]}"))
    undo = [pair for each in moved for pair in (("id", str(each["id"])), ("event", str(each["undo"])))]
    back = json.loads(text(clerk.post("/shop/order/several", *undo, act="undo")))["results"]
    assert [each["reason"] for each in back] == [None, None]
    page = text(clerk.get(f"/shop/order/{ids[1]}"))
    assert "took the move back: from Shipped to Draft again" in page
    again = json.loads(text(clerk.post("/shop/order/several", *undo, act="undo")))["results"]
    assert "was changed again since" in again[0]["reason"]


def test_a_deletion_is_undone_from_the_list_that_follows(chief: Visitor, products: list[int]) -> None:
    address = f"/shop/product/{products[0]}"
    chief.get(f"{address}/delete")
    page = text(chief.get(chief.post(f"{address}/delete", revision="1").location))
    undo = re.search(r'action="([^"]+/undo/\d+)"', page)
    assert undo
    assert "Tea" not in ROW.findall(page)
    assert chief.post(undo[1]).location == address
    shown = text(chief.get(address))
    assert "brought this back" in shown
    refused = text(chief.post(undo[1]))
    assert "This Product is there already." in refused


def test_who_may_change_nothing_is_offered_nothing(site: Site, chief: Visitor, products: list[int]) -> None:
    assert "data-edit>" not in text(site.as_("clerk").get("/shop/product"))
    assert "data-edit" in text(chief.get("/shop/product"))
    refused = site.as_("clerk").get(f"/shop/product/{products[0]}/cell/price")
    assert refused.status_code == 404


def test_a_cell_is_edited_where_it_stands(chief: Visitor, products: list[int]) -> None:
    address = f"/shop/product/{products[0]}/cell/price"
    form = text(chief.get(address))
    revision = re.search(r'name="revision" value="(\d+)"', form)
    assert revision
    assert 'value="1.50"' in form
    refused = chief.post(address, price="-1", revision=revision[1])
    assert refused.status_code == 422
    assert 'class="problem' in text(refused)
    row = chief.post(f"{address}?columns=name,price", price="4", revision=revision[1])
    assert row.status_code == 200
    assert "¥4.00" in text(row)
    stale = chief.post(address, price="5", revision=revision[1])
    assert stale.status_code == 412
    assert 'role="alert"' in text(stale)


def test_what_is_seen_is_exported_and_nothing_of_it_is_a_formula(
    chief: Visitor, site: Site, products: list[int]
) -> None:
    assert chief.get("/shop/product/export.csv").status_code == 403
    with site.workspace.writing(SYSTEM) as transaction:
        grant_roles(transaction, site.people["chief"], ["system.administrator"])
    csv = text(chief.get("/shop/product/export.csv?sort=-price&columns=name,price&q=sum"))
    assert csv.splitlines() == ["\ufeffName,Price", "'=SUM(A1),3.00"]
    with site.workspace.reading(SYSTEM) as transaction:
        told = transaction.connection.execute(select(audit.c.detail).where(audit.c.event == "exported"))
        assert [detail["records"] for detail in told.scalars()] == [1]
    book = chief.client.get("/shop/product/export.xlsx?sort=price&columns=name,price").get_data()
    sheet = read_workbook(book)
    assert sheet.header == ("Name", "Price")
    assert [row for _, row in sheet.rows] == [("Tea", "1.5"), ("Milk", "2"), ("=SUM(A1)", "3")]
    some = chief.post(
        "/shop/product/export.csv?columns=name&sort=name", ("only", str(products[1])), ("only", "x")
    )
    assert text(some).splitlines() == ["\ufeffName", "Milk"]


def test_a_large_export_is_sent_while_it_is_read_and_excel_has_its_limit(
    chief: Visitor, site: Site, products: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        grant_roles(transaction, site.people["chief"], ["system.administrator"])
    wrong = chief.get("/shop/product/export.csv?filter=nonsense == 1")
    assert wrong.status_code == 400
    assert "nonsense" in text(wrong)
    monkeypatch.setattr("blueprints.exports.LINES_AT_ONCE", 1)
    monkeypatch.setattr("blueprints.exports.EXCEL_AT_MOST", 2)
    answer = chief.client.get("/shop/product/export.csv?columns=name", buffered=False)
    pieces = iter(answer.response)
    assert (next(pieces), next(pieces).strip()) == ("\ufeffName\r\n".encode(), b"'=SUM(A1)")
    answer.close()
    with site.workspace.reading(SYSTEM) as transaction:
        (told,) = transaction.connection.execute(select(audit.c.detail).where(audit.c.event == "exported"))
    assert 1 <= told[0]["records"] <= len(products)
    refused = chief.get("/shop/product/export.xlsx?columns=name")
    assert refused.status_code == 400
    assert "An Excel file takes 2 records at most" in text(refused)


def test_totals_and_groups_of_very_many_records_come_after_the_list(
    chief: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blueprints.lists.TOLD_AT_ONCE", 2)
    monkeypatch.setattr("engine.records.whole.COUNTED_AT_MOST", 1)
    later = text(chief.get("/shop/product?group=customer"))
    assert ROW.findall(later) == []
    assert "The groups are being counted …" in later
    address = re.search(r'hx-get="([^"]+whole=1)"', later)
    assert address
    groups = text(chief.get(address[1]))
    assert sorted(ROW.findall(groups)) == ["=SUM(A1)", "Milk", "Tea"]
    toggle = re.search(r'href="([^"]+)" class="group-toggle"', groups)
    assert toggle
    assert "whole=1" in toggle[1]
    assert "The groups are being counted" not in text(chief.get("/shop/product?group=customer&q=tea"))


def test_an_order_without_an_index_comes_after_the_page_of_very_many(
    chief: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_order = ROW.findall(text(chief.get("/shop/product?sort=-name")))
    assert in_order == ["Tea", "Milk", "=SUM(A1)"]
    monkeypatch.setattr("blueprints.lists.ORDERED_AT_ONCE", 2)
    monkeypatch.setattr("engine.records.whole.COUNTED_AT_MOST", 1)
    later = text(chief.get("/shop/product?sort=-name"))
    assert ROW.findall(later) == []
    assert "no index holds them in the order of “Name”" in later
    address = re.search(r'hx-get="([^"]+whole=1)"', later)
    assert address
    assert f'<noscript><a class="button" href="{address[1]}">' in later
    assert ROW.findall(text(chief.get(address[1]))) == in_order
    # What an index holds, and few records, stand there at once.
    assert len(ROW.findall(text(chief.get("/shop/product?sort=id")))) == 3
    assert ROW.findall(text(chief.get("/shop/product?sort=-name&q=tea"))) == ["Tea"]
    wrong = chief.get("/shop/product?sort=nothing")
    assert wrong.status_code == 422
