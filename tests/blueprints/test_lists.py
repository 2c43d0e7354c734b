"""The list page: what it shows, finds, sorts and refuses."""

import html
import re
from pathlib import Path

import pytest

from blueprints.quick_filters import quick_filters
from dougong.app import create_app
from dougong.settings import Settings
from engine.commands import create_record
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor
from tests.fixtures.workspaces import Publish

ROW = re.compile(r'class="row-title" href="([^"]+)">([^<]*)<')


def rows(visitor: Visitor, address: str) -> list[str]:
    answer = visitor.get(address)
    while answer.status_code == 302:
        answer = visitor.get(answer.location)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [html.unescape(title) for _, title in ROW.findall(answer.get_data(as_text=True))]


@pytest.fixture
def chief(site: Site) -> Visitor:
    for name, city in (("Acme", "Paris"), ("Bolt", "Lyon"), ("Cargo", "Paris"), ("Dune <b>", None)):
        create_record(site.workspace, SYSTEM, "shop.customer", {"name": name, "city": city})
    return site.as_("chief")


def test_an_empty_list_says_what_to_do_next(site: Site) -> None:
    page = site.as_("chief").get("/shop/customer").get_data(as_text=True)
    assert "No customer yet" in page
    assert 'href="/shop/customer/new"' in page


def test_records_are_listed_with_a_way_to_each_and_nothing_of_them_is_markup(chief: Visitor) -> None:
    page = chief.get("/shop/customer?sort=name").get_data(as_text=True)
    assert rows(chief, "/shop/customer?sort=name") == ["Acme", "Bolt", "Cargo", "Dune <b>"]
    assert "Dune &lt;b&gt;" in page
    assert "1–4 of 4" in page


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?sort=-name", ["Dune <b>", "Cargo", "Bolt", "Acme"]),
        ("?q=bol", ["Bolt"]),
        ("?filter=city+%3D%3D+%22Paris%22&sort=name", ["Acme", "Cargo"]),
        ("?where=city~eq~Paris&sort=name", ["Acme", "Cargo"]),
        ("?where=city~blank~&sort=name", ["Dune <b>"]),
        ("?where=city~eq~Paris&where=name~contains~arg", ["Cargo"]),
        ("?field=city&operator=eq&value=Lyon", ["Bolt"]),
        ("?where=nonsense&where=city~eq~Lyon", ["Bolt"]),
        ("?where=city~in~Paris~Lyon&sort=name", ["Acme", "Bolt", "Cargo"]),
        ("?field=city&operator=in&value=Lyon;+Rome;&sort=name", ["Bolt"]),
        ("?field=city&operator=in&value=Lyon&value=Paris&sort=name", ["Acme", "Bolt", "Cargo"]),
        ("?where=turnover~between~1~-1&sort=name", ["Acme", "Bolt", "Cargo", "Dune <b>"]),
        ("?where=turnover~between~1~2", []),
    ],
)
def test_a_list_is_narrowed_and_sorted_by_its_address(chief: Visitor, address: str, found: list[str]) -> None:
    assert rows(chief, f"/shop/customer{address}") == found


def test_a_wrong_formula_is_told_where_it_was_written(chief: Visitor) -> None:
    answer = chief.get("/shop/customer?filter=citty+%3D%3D+%22Paris%22")
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "citty" in page
    assert "Did you mean 'city'?" in page
    assert 'aria-invalid="true"' in page


def test_a_filter_with_several_values_stands_in_the_address_and_in_words(chief: Visitor) -> None:
    answer = chief.client.get("/shop/customer?field=city&operator=in&value=a~b;50%25")
    assert answer.location.endswith("where=city~in~a%257Eb~50%2525")
    page = html.unescape(chief.get(answer.location).get_data(as_text=True))
    assert "City is one of a~b, 50%" in page
    answer = chief.client.get("/shop/customer?field=turnover&operator=between&value=3&value=")
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "Say both values: from which to which." in page
    assert re.search(r'name="value" value="3"', page)


def test_a_value_that_does_not_fit_its_field_is_told_beside_it(site: Site) -> None:
    answer = site.as_("chief").get("/shop/order?field=due&operator=after&value=soon")
    assert answer.status_code == 422
    assert "“soon” is not a date." in answer.get_data(as_text=True)


def test_nothing_found_offers_to_clear_the_search(chief: Visitor) -> None:
    page = chief.get("/shop/customer?q=zzz").get_data(as_text=True)
    assert "Nothing matches" in page
    assert "Clear search and filters" in page


def test_pages_are_turned_forth_and_back(site: Site) -> None:
    for number in range(120):
        create_record(site.workspace, SYSTEM, "shop.customer", {"name": f"Customer {number:03}"})
    chief = site.as_("chief")
    address, seen = "/shop/customer?sort=name", []
    while address:
        page = chief.get(address).get_data(as_text=True)
        seen.append([title for _, title in ROW.findall(page)])
        following = re.search(r'rel="next" href="([^"]+)"', page)
        back = re.search(r'rel="prev" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""
    assert [len(titles) for titles in seen] == [50, 50, 20]
    assert sorted(title for titles in seen for title in titles) == [
        f"Customer {number:03}" for number in range(120)
    ]
    assert back is not None
    earlier = chief.get(html.unescape(back[1])).get_data(as_text=True)
    assert [title for _, title in ROW.findall(earlier)] == seen[1]
    assert "51–100 of 120" in earlier


def test_a_list_that_may_not_be_seen_is_refused(site: Site) -> None:
    assert ROW.findall(site.as_("idle").get("/shop/customer").get_data(as_text=True)) == []


def test_an_entity_that_does_not_exist_is_not_found(chief: Visitor) -> None:
    answer = chief.get("/shop/nothing")
    assert answer.status_code == 404
    assert "There is no 'shop.nothing' here." in html.unescape(answer.get_data(as_text=True))


TASKS = """
app: work
entities:
  task:
    fields:
      name: {type: text}
      start: {type: date}
      due: {type: date, deadline: true}
    workflow: {stages: {open: {}, done: {final: true}}, transitions: {finish: {from: open, to: done}}}
    views:
      both: {type: list, columns: [name, start, due]}
      begun: {type: list, columns: [name, start]}
  chore:
    fields: {name: {type: text}, due: {type: date, deadline: true}}
    views: {all: {type: list, columns: [name, due]}}
"""


def test_only_a_deadline_is_overdue(publish: Publish, database_url: str, tmp_path: Path) -> None:
    """A start that has passed is no reason to hurry; without stages nobody knows whether it was done."""
    workspace = publish(TASKS)
    app = create_app(Settings(database_url, tmp_path), workspace)

    def offered(key: str, view: str) -> list[str]:
        with app.test_request_context(), workspace.reading(SYSTEM) as transaction:
            entity = transaction.catalog.entity(key)
            found = quick_filters(transaction, entity, entity.definition.views[view])
            return [each.label for each in found if each.family == "due"]

    assert offered("work.task", "both") == ["Due: next 7 days", "Due: overdue"]
    assert offered("work.task", "begun") == ["Start: next 7 days"]
    assert offered("work.chore", "all") == ["Due: next 7 days"]
