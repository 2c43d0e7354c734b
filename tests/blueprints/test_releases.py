"""The pages of releases: for administrators, complete without scripts."""

import re
from io import BytesIO

import pytest

from engine.access.actors import ADMINISTRATOR
from engine.releases.history import all_releases
from engine.releases.retired import list_retired
from tests.blueprints.conftest import Site, Visitor, give_password
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import person

CARRIED = re.compile(r'name="files" value="([^"]*)"')
BEGUN = re.compile(r'name="begun" value="(\d+)"')
LATER = SHOP.replace("entities:\n", "icon: star\nentities:\n", 1)


@pytest.fixture
def admin(site: Site) -> Visitor:
    made = person(site.workspace, "root")
    assert made.id is not None
    give_password(site.workspace, "root", made.id, ADMINISTRATOR)
    return site.as_("root")


def numbers(site: Site) -> list[int]:
    with site.workspace.database.reading() as connection:
        return [each.number for each in all_releases(connection)]


def planned(visitor: Visitor, text: str) -> dict[str, str]:
    """The hidden values of the plan for a pasted text."""
    answer = visitor.post("/admin/releases/plan", text=text)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200, page
    carried, begun = CARRIED.search(page), BEGUN.search(page)
    assert carried
    assert begun
    return {"files": carried[1], "begun": begun[1]}


def test_others_are_refused(site: Site) -> None:
    visitor = site.as_("chief")
    assert "/admin/releases" not in visitor.get("/").get_data(as_text=True)
    for path in (
        "/admin/releases",
        "/admin/releases/1",
        "/admin/releases/diff?before=1&after=1",
        "/admin/releases/1/back",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 403, path
        assert "Only administrators see releases" in answer.get_data(as_text=True)
    for path in ("/plan", "", "/1/back", "/purge"):
        assert visitor.post(f"/admin/releases{path}", text=LATER, files="e30=").status_code == 403, path
    assert numbers(site) == [1]
    stranger = site.visitor().get("/admin/releases")
    assert (stranger.status_code, stranger.headers["Location"]) == (302, "/sign-in?next=/admin/releases")


def test_history_and_one_release(site: Site, admin: Visitor) -> None:
    assert 'href="/admin/releases"' in admin.get("/").get_data(as_text=True)
    page = admin.get("/admin/releases").get_data(as_text=True)
    assert "Current" in page
    one = admin.get("/admin/releases/1").get_data(as_text=True)
    assert "Creates" in one
    assert "app_0.yaml" in one
    assert admin.get("/admin/releases/7").status_code == 404


def test_a_pasted_text_is_planned_and_published(site: Site, admin: Visitor) -> None:
    seen = planned(admin, LATER.replace("\n", "\r\n"))
    assert numbers(site) == [1]
    answer = admin.post("/admin/releases", message="A star", **seen)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin/releases/2"
    with site.workspace.database.reading() as connection:
        latest = all_releases(connection)[0]
    assert (latest.published_by, latest.message) == ("root", "A star")
    assert latest.apps["shop"] == {"app_0.yaml": LATER}
    assert "icon" in admin.get("/admin/releases/diff?before=1&after=2").get_data(as_text=True)
    back = admin.get("/admin/releases/1/back").get_data(as_text=True)
    begun = BEGUN.search(back)
    assert begun
    assert admin.post("/admin/releases/1/back", begun=begun[1]).status_code == 303
    with site.workspace.database.reading() as connection:
        assert all_releases(connection)[0].apps["shop"] == {"app_0.yaml": SHOP}


def test_files_arrive_byte_for_byte(site: Site, admin: Visitor) -> None:
    written = ("\ufeff" + LATER.replace("\n", "\r\n")).encode()
    answer = admin.client.post(
        "/admin/releases/plan",
        data={"csrf_token": admin.token, "files": (BytesIO(written), "shop_app.yaml")},
        content_type="multipart/form-data",
    )
    page = answer.get_data(as_text=True)
    carried = CARRIED.search(page)
    assert carried
    admin.post("/admin/releases", files=carried[1])
    with site.workspace.database.reading() as connection:
        assert all_releases(connection)[0].apps["shop"]["shop_app.yaml"].encode() == written


def test_problems_are_shown_with_what_was_entered(site: Site, admin: Visitor) -> None:
    answer = admin.post("/admin/releases/plan", text="app: shop\nentities: {a: {fields: {b: {type: txt}}}}\n")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "There is no field type &#39;txt&#39;. Did you mean &#39;text&#39;?" in page
    assert "type: txt" in page
    empty = admin.post("/admin/releases/plan", text=" ")
    assert empty.status_code == 422
    assert "Choose the files of a definition, or paste its text." in empty.get_data(as_text=True)
    assert numbers(site) == [1]


def test_every_risk_is_agreed_to(site: Site, admin: Visitor) -> None:
    removed = SHOP.replace("      promise: {type: text, read_only_when: special}\n", "")
    page = admin.post("/admin/releases/plan", text=removed).get_data(as_text=True)
    seen = {"files": CARRIED.findall(page)[0], "begun": BEGUN.findall(page)[0]}
    assert 'name="agreed"' in page
    refused = admin.post("/admin/releases", **seen)
    assert refused.status_code == 409
    assert "Nothing was published. Agree to this first:" in refused.get_data(as_text=True)
    assert numbers(site) == [1]
    agreed = [("agreed", "confirm"), ("agreed", "destructive")]
    assert admin.post("/admin/releases", *agreed, **seen).status_code == 303


def test_a_plan_that_is_out_of_date_is_not_published(site: Site, admin: Visitor) -> None:
    seen = planned(admin, LATER)
    other = planned(admin, SHOP + "# a remark\n")
    assert admin.post("/admin/releases", **other).status_code == 303
    late = admin.post("/admin/releases", **seen)
    assert late.status_code == 412
    assert "root published release 2 meanwhile" in late.get_data(as_text=True)
    assert numbers(site) == [2, 1]


def test_what_was_carried_is_looked_at(admin: Visitor) -> None:
    for sent in ("%%%", "W10=", "eyJhIjogMX0="):
        assert admin.post("/admin/releases", files=sent).status_code == 400


def test_dropping_data_asks_twice(site: Site, admin: Visitor) -> None:
    assert admin.post("/admin/releases/purge", retired="1").status_code == 422
    assert admin.post("/admin/releases/purge", sure="yes").status_code == 422
    assert list_retired(site.workspace.database) == []


def test_the_page_speaks_chinese(admin: Visitor) -> None:
    admin.post("/profile/locale", locale="zh", next="/")
    page = admin.get("/admin/releases").get_data(as_text=True)
    assert "发布新定义" in page
    assert "Publish new" not in page


WITHOUT_LOST = (
    SHOP.replace("        lost: {final: true, weight: 0%, edit: []}\n", "")
    .replace("        lose: {from: [draft, shipped], to: lost,", "        lose: {from: draft, to: shipped,")
    .replace("from: [shipped, lost], to: draft", "from: shipped, to: draft")
)


def test_it_is_asked_where_the_records_of_a_stage_go(site: Site, admin: Visitor) -> None:
    with site.workspace.writing() as transaction:
        orders = transaction.catalog.tables.table("shop.order")
        customers = transaction.catalog.tables.table("shop.customer")
        system = {"created_at": transaction.now, "updated_at": transaction.now, "revision": 1}
        transaction.connection.execute(customers.insert().values(id=900, name="Z", **system))
        transaction.connection.execute(orders.insert().values(id=900, customer=900, stage="lost", **system))
    asked = admin.post("/admin/releases/plan", text=WITHOUT_LOST)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "Where do these records go?" in page
    assert "Records that stand there: 1" in page
    assert '<option value="shop.order.lost=draft">' in page
    carried = CARRIED.findall(page)[0]
    plan = admin.post("/admin/releases/plan", files=carried, moved="shop.order.lost=draft")
    page = plan.get_data(as_text=True)
    assert plan.status_code == 200
    assert "Removes the stage Lost of 订单" in page or "Removes the stage Lost of Order" in page
    assert 'name="moved" value="shop.order.lost=draft"' in page
    sent = {"files": carried, "begun": BEGUN.findall(page)[0], "moved": "shop.order.lost=draft"}
    assert admin.post("/admin/releases", ("agreed", "confirm"), **sent).status_code == 303
    with site.workspace.reading() as transaction:
        orders = transaction.catalog.tables.table("shop.order")
        found = transaction.connection.execute(orders.select().where(orders.c.id == 900)).one()
    assert found.stage == "draft"


def test_an_application_is_taken_out_of_use(site: Site, admin: Visitor) -> None:
    assert 'name="removed" value="shop"' in admin.get("/admin/releases").get_data(as_text=True)
    page = admin.post("/admin/releases/plan", removed="shop").get_data(as_text=True)
    assert "Removes the application Shop." in page
    assert 'name="removed" value="shop"' in page
    sent = {"files": CARRIED.findall(page)[0], "begun": BEGUN.findall(page)[0], "removed": "shop"}
    assert admin.post("/admin/releases", **sent).status_code == 409
    agreed = [("agreed", "confirm"), ("agreed", "destructive")]
    assert admin.post("/admin/releases", *agreed, **sent).status_code == 303
    with site.workspace.database.reading() as connection:
        assert all_releases(connection)[0].apps == {}
    unknown = admin.post("/admin/releases/plan", removed="shopp")
    assert unknown.status_code == 422
    assert "No app &#39;shopp&#39; is published." in unknown.get_data(as_text=True)
