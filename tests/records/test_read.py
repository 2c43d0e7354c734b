"""Reading records: pages, filters, order, counts, totals, and what each person sees of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine import commands
from engine.problems import InputRefused, Malformed, NotFound
from engine.records import read
from engine.records.bulk import insert_many
from engine.records.query import Query
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    """Three customers; nine orders of falling size, every third without a due date."""
    workspace = publish(SHOP)
    today = date(2030, 1, 1)
    with workspace.writing(SYSTEM) as transaction:
        customers = insert_many(
            transaction,
            "shop.customer",
            [{"name": name, "city": city} for name, city in (("Ada", "Paris"), ("Bo", "Rome"), ("Cy", None))],
        )
        orders = insert_many(
            transaction,
            "shop.order",
            [
                {
                    "customer": customers[number % 3],
                    "due": None if number % 3 == 0 else today + timedelta(days=number),
                    "discount": "10%" if number == 4 else "0%",
                    "reason": "Loyal" if number == 4 else None,
                    "stage": "lost" if number == 8 else "draft",
                }
                for number in range(9)
            ],
        )
        insert_many(
            transaction,
            "shop.order_line",
            [
                {"order": order, "text": "Tea", "quantity": 10 - number, "price": "1.10", "position": 0}
                for number, order in enumerate(orders)
            ],
        )
    return workspace


def listed(workspace: Workspace, actor: Actor = SYSTEM, **query: Any) -> list[int]:
    with workspace.reading(actor) as transaction:
        return [record["id"] for record in read.page(transaction, "shop.order", Query(**query)).records]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ('stage == "lost"', [9]),
        ("stage.weight > 0", [8, 7, 6, 5, 4, 3, 2, 1]),
        ('customer.city == "Rome"', [8, 5, 2]),
        ("isblank(due)", [7, 4, 1]),
        ("total >= 9.9", [2, 1]),
        ("total = 5.94", [5]),
        ("sum(l.quantity for l in lines) > 8", [2, 1]),
        ("any(l.quantity == 7 for l in lines) or discount > 5%", [5, 4]),
    ],
)
def test_filters_are_formulas(shop: Workspace, text: str, expected: list[int]) -> None:
    assert listed(shop, filter=text) == expected


def test_filters_over_many_links(shop: Workspace) -> None:
    with shop.writing(SYSTEM) as transaction:
        rows = [{"name": name, "price": 1} for name in ("Tea", "Pot", "Cup")]
        tea, pot, cup = insert_many(transaction, "shop.product", rows)
    commands.update_record(shop, SYSTEM, "shop.order", 2, {"also": [tea, pot]})
    commands.update_record(shop, SYSTEM, "shop.order", 5, {"also": [cup]})
    assert listed(shop, filter="count(p for p in also) > 0") == [5, 2]
    assert listed(shop, filter="count(also) == 2") == [2]
    assert listed(shop, filter='any(p.name == "Cup" for p in also)') == [5]
    assert listed(shop, filter="product in also") == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("totl > 1", "filter: shop.order has no field 'totl'. Did you mean 'total'?"),
        ("total >", None),
        ('stage == "gone"', None),
        ("total", None),
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_a_sentence(
    shop: Workspace, text: str, sentence: str | None
) -> None:
    with pytest.raises(InputRefused) as caught:
        listed(shop, filter=text)
    (problem,) = caught.value.problems
    assert problem.where == "filter"
    if sentence:
        assert str(problem) == sentence


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([("id", False)], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ([("due", False)], [2, 3, 5, 6, 8, 9, 1, 4, 7]),
        ([("due", True)], [7, 4, 1, 9, 8, 6, 5, 3, 2]),
        ([("customer", False), ("total", True)], [1, 4, 7, 2, 5, 8, 3, 6, 9]),
        ([("stage", True), ("id", False)], [9, 1, 2, 3, 4, 5, 6, 7, 8]),
        ([("total", False)], [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_pages_follow_on_in_every_order(
    shop: Workspace, sort: list[tuple[str, bool]], expected: list[int]
) -> None:
    assert listed(shop, sort=tuple(sort)) == expected
    found: list[int] = []
    after = None
    with shop.reading() as transaction:
        for _ in range(5):
            page = read.page(transaction, "shop.order", Query(sort=tuple(sort), limit=2, after=after))
            found += [record["id"] for record in page.records]
            after = page.next
    assert found == expected
    assert after is None


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ["stored", "live", "kept", "last", "label"])
def test_computed_fields_of_all_sorts_order_pages_and_filter(
    publish: Publish, field: str, descending: bool
) -> None:
    tally = publish(TALLY)
    rows = [(0, 1), (3, 1), (2, 2), (2, 0), (5, 2), (1, None)]
    for points, weight in rows:
        sent = {"points": points, "weight": weight}
        identity = commands.create_record(tally, SYSTEM, "tally.entry", sent)["id"]
        if points in {2, 5}:
            commands.fire_transition(tally, SYSTEM, "tally.entry", identity, "close")
    commands.create_record(tally, SYSTEM, "tally.entry", {"points": 9, "weight": 1})
    sort = ((field, descending),)
    found: list[int] = []
    after = None
    with tally.reading() as transaction:
        whole = read.page(transaction, "tally.entry", Query(sort=sort, limit=50)).records
        for _ in range(4):
            page = read.page(transaction, "tally.entry", Query(sort=sort, limit=2, after=after))
            found += [record["id"] for record in page.records]
            after = page.next
        assert after is None
        assert found == [record["id"] for record in whole]
        assert sorted(found) == [1, 2, 3, 4, 5, 6, 7]
        filled = [record[field] for record in whole if record[field] is not None]
        assert filled == sorted(filled, reverse=descending)
        middle = filled[3]
        said = f'"{middle}"' if isinstance(middle, (str, date)) else str(middle)
        filtered = read.page(transaction, "tally.entry", Query(filter=f"{field} <= {said}", limit=50)).records
    assert {each["id"] for each in filtered} == {
        each["id"] for each in whole if each[field] is not None and each[field] <= middle
    }


TALLY = """
app: tally
entities:
  entry:
    title: label
    fields:
      points: {type: integer}
      weight: {type: integer}
      stored: {type: decimal, decimals: 3, formula: points / weight}
      live: {type: integer, formula: sum(e.points for e in entry if e.weight == weight)}
      kept: {type: integer, formula: live * 10 + points, freeze: closed}
      last: {type: date, formula: "date(2026, 1, 1) + count(e for e in entry if e.points < points)"}
      label: {type: text, formula: '"E" & count(e for e in entry if e.points > points)'}
    workflow:
      stages: {open: {}, closed: {}}
      transitions: {close: {from: open, to: closed, by: [everyone]}}
"""


def test_a_foreign_cursor_is_refused(shop: Workspace) -> None:
    for text in ("nonsense", "WzFd", "WzEsMl0"):
        with pytest.raises(Malformed, match="is not a cursor of this list"):
            listed(shop, sort=(("due", True),), after=text)


def test_sorting_by_something_else_is_refused(shop: Workspace) -> None:
    with pytest.raises(InputRefused, match="Did you mean 'total'"):
        listed(shop, sort=(("totel", False),))


def test_counts_and_totals(shop: Workspace) -> None:
    with shop.reading() as transaction:
        query = Query(
            filter="total > 5", limit=2, count="exact", totals={"total": "sum", "factor": "avg", "due": "max"}
        )
        page = read.page(transaction, "shop.order", query)
    assert page.count == 6
    assert page.totals["total"] == Decimal("48.84")
    assert page.totals["factor"] == Decimal("0.98")
    assert page.totals["due"] == date(2030, 1, 6)


def test_a_list_that_ends_on_its_first_page_is_counted_by_reading_it(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop.reading(SYSTEM) as transaction:
        whole = read.page(transaction, "shop.order", Query(count="exact", totals={"id": "count"}))
        counted: list[object] = []
        monkeypatch.setattr("engine.records.whole.count_up_to", lambda *each: counted.append(each))
        for count in ("capped", "exact"):
            again = read.page(transaction, "shop.order", Query(count=count, totals={"id": "count"}))
            assert (again.count, again.count_capped, again.totals) == (whole.count, False, whole.totals)
        nothing = Query(count="capped", filter="id < 0", totals={"id": "count"})
        assert read.page(transaction, "shop.order", nothing).totals == {"id": 0}
        assert not counted


def test_where_no_index_has_the_order_all_are_put_in_order_by_ids_alone(shop: Workspace) -> None:
    texts = {}
    with shop.reading(SYSTEM) as transaction:
        for name in ("due", "id"):
            transaction.catalog.prepared.clear()
            read.page(transaction, "shop.order", Query(sort=((name, False),), fields=frozenset({"due"})))
            made = transaction.catalog.prepared.items()
            (texts[name],) = (each.prepared.text for key, each in made if key[0] == "page")
    assert texts["due"].count("ORDER BY") == 2
    assert "IN (SELECT" in texts["due"]
    assert texts["id"].count("ORDER BY") == 1


def test_searching_by_words(shop: Workspace) -> None:
    assert listed(shop, search="loyal") == [5]
    assert listed(shop, search="Rom") == []
    assert listed(shop, search="bo") == [8, 5, 2]
    assert listed(shop, search="%") == []


def test_a_live_value_over_other_records(shop: Workspace) -> None:
    with shop.reading() as transaction:
        customer = read.get(transaction, "shop.customer", 1)
    assert customer["turnover"] == Decimal(0)
    order = commands.fire_transition(shop, SYSTEM, "shop.order", 2, "ship")
    with shop.reading() as transaction:
        assert read.get(transaction, "shop.customer", 2)["turnover"] == order["total"] == Decimal("9.90")


def test_what_rules_do_not_show_is_not_there(shop: Workspace) -> None:
    boss = person(shop, "boss", "shop.chief")
    ann = person(shop, "ann", "shop.clerk", manager=boss.id)
    guest = person(shop, "gus", "shop.guest")
    for identity in (3, 4):
        with shop.writing(SYSTEM) as transaction:
            transaction.connection.exec_driver_sql(
                f"UPDATE shop__order SET owner = {ann.id} WHERE id = {identity}"
            )
    assert listed(shop, ann) == [4, 3]
    assert listed(shop, boss) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert listed(shop, guest) == []
    with shop.reading(ann) as transaction:
        assert "special" in read.get(transaction, "shop.order", 4)
        with pytest.raises(NotFound):
            read.get(transaction, "shop.order", 5)
    with shop.reading(boss) as transaction:
        assert "special" in read.get(transaction, "shop.order", 5)
    with shop.reading(guest) as transaction:
        page = read.page(transaction, "shop.customer", Query(count="exact"))
        assert [record["name"] for record in page.records] == ["Ada"]
        assert page.count == 1
    with shop.reading(boss) as transaction:
        # Whatever the page, they are as many.
        for limit in (3, 9, 50):
            page = read.page(transaction, "shop.order", Query(count="capped", limit=limit))
            assert (len(page.records), page.count, page.count_capped) == (min(limit, 9), 9, False)
        last = read.page(
            transaction, "shop.order", Query(count="exact", limit=5, after=_after(shop, boss, 5))
        )
        assert (len(last.records), last.next, last.count) == (4, None, 9)


def _after(shop: Workspace, actor: Actor, limit: int) -> str | None:
    with shop.reading(actor) as transaction:
        return read.page(transaction, "shop.order", Query(limit=limit)).next


def test_a_sent_formula_sees_only_what_its_sender_sees(shop: Workspace) -> None:
    guest = person(shop, "gus", "shop.guest")
    with shop.reading(guest) as transaction:
        spied = read.page(transaction, "shop.customer", Query(filter="count(o for o in order) > 0"))
        assert spied.records == []


def test_choices_respect_only_rights_and_what_is_typed(shop: Workspace) -> None:
    with shop.writing(SYSTEM) as transaction:
        insert_many(
            transaction,
            "shop.product",
            [
                {"name": name, "price": 1, "customer": owner}
                for name, owner in (("Tea", 1), ("Teacup", 1), ("Pot", 2))
            ],
        )
    clerk, guest = person(shop, "ann", "shop.clerk"), person(shop, "gus", "shop.guest")
    with shop.reading(clerk) as transaction:
        found = read.choices(transaction, "shop.order", "product", "tea", {"customer": 1})
        assert [link.title for link in found] == ["Tea", "Teacup"]
        assert [
            link.title for link in read.choices(transaction, "shop.order", "product", "", {"customer": 2})
        ] == ["Pot"]
    with shop.reading(guest) as transaction:
        assert read.choices(transaction, "shop.order", "product", "", {"customer": 1}) == []


def test_an_index_behind_a_filter_has_the_order(publish: Publish) -> None:
    text = """
app: yard
entities:
  crate:
    fields:
      kind: {type: text}
      weight: {type: integer}
    indexes: [[kind, weight]]
"""
    queries = {
        "filtered": Query(filter='kind == "a" and weight < 9', sort=(("weight", True),)),
        "unfiltered": Query(sort=(("weight", True),)),
        "by another": Query(filter="weight < 9", sort=(("weight", True),)),
    }
    sorted_once = {}
    with publish(text).reading(SYSTEM) as transaction:
        for name, query in queries.items():
            transaction.catalog.prepared.clear()
            read.page(transaction, "yard.crate", query)
            made = transaction.catalog.prepared.items()
            (each,) = (each.prepared.text for key, each in made if key[0] == "page")
            sorted_once[name] = each.count("ORDER BY") == 1
    assert sorted_once == {"filtered": True, "unfiltered": False, "by another": False}
