"""Personal fields: in full for those whom they concern; for all others behind a button."""

import html
from pathlib import Path
from typing import Any

import pytest

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.audit import Sought, page_of
from engine.access.reasons import reasons_on
from engine.access.tokens import new_token
from engine.commands import create_record, update_record
from engine.problems import InputRefused, NotFound
from engine.records.personal import show_personal
from engine.records.query import Query
from engine.records.read import get, page, titles
from engine.records.workbook import read_file
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.blueprints.conftest import Site, give_password
from tests.fixtures.workspaces import Publish, person

MEMBER = "club.member"
MOBILE, OTHER = "13800138000", "13911112222"
CLUB = """
app: club
roles: {desk: {}, trainer: {}, front: {}}
entities:
  member:
    title: name
    fields:
      name: {type: text, required: true}
      account: {type: user, unique: true}
      mobile: {type: text, personal: true}
      weight: {type: integer, personal: true}
      nickname: {type: text, personal: true}
      fees: {type: table, of: fee}
    views:
      all: {type: list, columns: [name, mobile, weight], totals: {weight: sum}}
      cards: {type: gallery, card: [name, mobile]}
    access:
      everyone: {read: true, export: true}
      account: {read: true}
      role:desk: {read: true, update: true, create: true, export: true}
      role:trainer: {read: true, update: name != "Bo"}
      fields:
        nickname: {read: [role:trainer]}
        weight: {update: [role:trainer]}
  fee:
    parent: member
    fields:
      year: {type: integer}
      amount: {type: money, personal: true}
  visit:
    title: member.mobile
    fields:
      member: {type: link, to: member}
      note: {type: text, personal: true}
    access:
      everyone: {read: true}
"""


@pytest.fixture
def club(publish: Publish, database_url: str, tmp_path: Path) -> Site:
    workspace = publish(CLUB)
    people = {}
    for name, *roles in (("ann",), ("idle",), ("desk", "club.desk"), ("trainer", "club.trainer")):
        made = person(workspace, name, *roles)
        assert made.id is not None
        people[name] = made.id
        give_password(workspace, name, made.id, *roles)
    for name, mobile in (("Ann", MOBILE), ("Bo", OTHER)):
        fees = [{"year": year, "amount": f"{year}.{len(name)}"} for year in (2025, 2026)]
        values = {"name": name, "mobile": mobile, "weight": 61, "nickname": "Tiger", "fees": fees}
        create_record(
            workspace, SYSTEM, MEMBER, values | ({"account": people["ann"]} if name == "Ann" else {})
        )
    create_record(workspace, SYSTEM, "club.visit", {"member": 1, "note": "tired"})
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, people)


def actor(club: Site, name: str) -> Actor:
    roles = frozenset({f"club.{name}"} if name in {"desk", "trainer"} else ())
    return Actor(club.people[name], name, name.title(), roles, administrator=False)


def shown(club: Site, name: str) -> list[dict[str, Any]]:
    """What a list tells of the two members."""
    with club.workspace.reading(actor(club, name)) as transaction:
        return page(transaction, MEMBER, Query(sort=(("id", False),))).records


def audited(workspace: Workspace, event: str) -> list[tuple[Any, ...]]:
    with workspace.reading(SYSTEM) as transaction:
        found = page_of(transaction, Sought(events=(event,)), 10, None)
        return [(each.username, each.about, each.about_id, each.detail) for each in found]


def test_they_are_in_full_for_those_whom_they_concern(club: Site) -> None:
    everything = {"mobile", "weight"}
    hidden: dict[str, list[set[str]]] = {
        "idle": [everything, everything],
        "ann": [set(), everything],  # one's own record
        "desk": [{"weight"}, {"weight"}],  # may change members, of which the weight is the trainer's alone
        "trainer": [set(), everything],  # may change everybody but Bo
    }
    for name, expected in hidden.items():
        records = shown(club, name)
        assert [set(each.get("_masked", ())) for each in records] == expected, name
        for record, masks in zip(records, expected, strict=True):
            assert not masks & record.keys()
            assert everything - masks <= record.keys()
    # A rule of the field says itself for whom it is.
    assert "nickname" not in shown(club, "idle")[0]
    assert shown(club, "trainer")[1]["nickname"] == "Tiger"
    assert shown(club, "desk")[0]["mobile"] == MOBILE
    with club.workspace.reading(SYSTEM) as transaction:
        assert get(transaction, MEMBER, 2)["mobile"] == OTHER


def test_nothing_else_tells_them(club: Site) -> None:
    with club.workspace.reading(actor(club, "idle")) as transaction:
        for query in (Query(filter=f'mobile == "{MOBILE}"'), Query(sort=(("weight", True),))):
            with pytest.raises(InputRefused):
                page(transaction, MEMBER, query)
        assert page(transaction, MEMBER, Query(search="13800138")).records == []
        assert page(transaction, MEMBER, Query(view="all", totals={"weight": "sum"})).totals == {}
        assert titles(transaction, "club.visit", [1]) == {1: "#1"}
    with club.workspace.reading(actor(club, "desk")) as transaction:
        assert len(page(transaction, MEMBER, Query(search="13800138")).records) == 1
        assert len(page(transaction, MEMBER, Query(filter=f'mobile == "{MOBILE}"')).records) == 1


def test_asking_shows_them_and_is_written_down(club: Site) -> None:
    with club.workspace.writing(actor(club, "idle")) as transaction:
        assert show_personal(transaction, MEMBER, 2, ["mobile"]) == {"mobile": OTHER}
        for names in (["name"], ["nickname"], []):
            with pytest.raises(InputRefused):
                show_personal(transaction, MEMBER, 2, names)
        with pytest.raises(NotFound):
            show_personal(transaction, MEMBER, 99, ["mobile"])
    assert audited(club.workspace, "personal_shown") == [("idle", MEMBER, 2, {"fields": ["mobile"]})]
    with club.workspace.reading(actor(club, "idle")) as transaction:
        reasons = reasons_on(transaction, transaction.catalog.entity(MEMBER), 2)
        (said,) = (each.read for each in reasons.fields if each.name == "mobile")
    assert (said.allowed, "written into the audit" in str(said.reason)) == (False, True)


def test_on_pages_stands_a_button_instead(club: Site) -> None:
    idle = club.as_("idle")
    for path in ("/club/member", "/club/member?view=cards", "/club/member/2"):
        found = idle.get(path).get_data(as_text=True)
        assert OTHER not in found, path
        assert "••••" in found, path
    page_of_bo = idle.get("/club/member/2").get_data(as_text=True)
    assert page_of_bo.count('hx-post="/club/member/2/show"') == 4  # two in rows
    answer = idle.post("/club/member/2/show", field="mobile")
    assert answer.status_code == 200
    found = html.unescape(answer.get_data(as_text=True))
    assert OTHER in found
    assert "••••" in found  # the weight
    assert OTHER not in idle.get("/club/member/2").get_data(as_text=True)
    assert audited(club.workspace, "personal_shown") == [("idle", MEMBER, 2, {"fields": ["mobile"]})]
    own = club.as_("ann").get("/club/member/1").get_data(as_text=True)
    assert MOBILE in own
    assert "••••" not in own


def test_in_child_rows_stands_a_button_too(club: Site) -> None:
    """The rows are as personal as their record; asked for by the number of the row."""
    idle, path = club.as_("idle"), "/club/member/2"
    page_of_bo = idle.get(path).get_data(as_text=True)
    assert "2026.2" not in page_of_bo
    assert 'value="fees.4.amount"' in page_of_bo
    assert page_of_bo.count('hx-post="/club/member/2/show"') == 4
    found = idle.post(f"{path}/show", field="fees.4.amount").get_data(as_text=True)
    assert "2,026.20" in found
    assert "2,025.20" not in found
    assert 'value="fees.3.amount"' in found
    told = ("idle", MEMBER, 2, {"fields": ["fees.4.amount"]})
    assert audited(club.workspace, "personal_shown") == [told]
    # Of somebody else's record, of a row that is not there, of what is not hidden.
    for name, status in (
        ("fees.1.amount", 404),
        ("fees.99.amount", 404),
        ("fees.4.year", 422),
        ("x.4.y", 422),
    ):
        assert idle.post(f"{path}/show", field=name).status_code == status, name
    assert "••••" not in club.as_("ann").get("/club/member/1").get_data(as_text=True)
    assert "2,026.30" in club.as_("ann").get("/club/member/1").get_data(as_text=True)
    # They are the desk's to change, with the record.
    assert 'name="fees-1-amount"' in club.as_("desk").get(path).get_data(as_text=True)


def test_child_rows_over_the_api(club: Site) -> None:
    with club.workspace.writing(SYSTEM) as transaction:
        token = new_token(transaction, club.people["idle"], "test")
    client, headers = club.app.test_client(), {"Authorization": f"Bearer {token}"}
    record = client.get("/api/v1/club/member/2", headers=headers).json
    assert record is not None
    assert [(each["_masked"], "amount" in each) for each in record["fees"]] == [(["amount"], False)] * 2
    asked = {"fields": ["mobile", "fees.4.amount", "fees.3.amount"]}
    answer = client.post("/api/v1/club/member/2/show", json=asked, headers=headers)
    rows = [{"id": 4, "amount": "2026.20"}, {"id": 3, "amount": "2025.20"}]
    assert (answer.status_code, answer.json) == (200, {"mobile": OTHER, "fees": rows})
    paths = client.get("/api/v1/openapi.json", headers=headers).json["paths"]  # type: ignore[index]
    assert "fees" in str(paths["/club/member/{id}/show"])


def test_whoever_may_not_change_a_hidden_value_does_not_lose_it_by_saving(club: Site) -> None:
    desk = club.as_("desk")
    desk.get("/club/member/2")
    answer = desk.post("/club/member/2", name="Bob", revision="1", weight="5")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with club.workspace.reading(SYSTEM) as transaction:
        record = get(transaction, MEMBER, 2)
    assert (record["name"], record["weight"], record["mobile"]) == ("Bob", 61, OTHER)
    update_record(club.workspace, actor(club, "trainer"), MEMBER, 2, {"weight": 62})


def test_over_the_api_and_in_files(club: Site) -> None:
    with club.workspace.writing(SYSTEM) as transaction:
        token = new_token(transaction, club.people["idle"], "test")
    client, headers = club.app.test_client(), {"Authorization": f"Bearer {token}"}
    record = client.get("/api/v1/club/member/2", headers=headers).json
    assert record is not None
    assert (record["_masked"], "mobile" in record) == (["mobile", "weight"], False)
    answer = client.post("/api/v1/club/member/2/show", json={"fields": ["mobile"]}, headers=headers)
    assert (answer.status_code, answer.json) == (200, {"mobile": OTHER})
    assert client.post("/api/v1/club/member/2/show", json={"fields": 5}, headers=headers).status_code == 400
    refused = client.post("/api/v1/club/member/2/show", json={"fields": ["name"]}, headers=headers)
    assert refused.status_code == 422
    paths = client.get("/api/v1/openapi.json", headers=headers).json["paths"]  # type: ignore[index]
    assert "post" in paths["/club/member/{id}/show"]
    idle = club.as_("idle")
    for form in ("csv", "xlsx"):
        answer = idle.client.get(f"/club/member/export.{form}")
        assert answer.status_code == 200
        assert ("Bo", "••••", "••••") in [tuple(row) for _, row in read_file(answer.data).rows]
    exports = audited(club.workspace, "exported")
    assert [each[3]["personal"] for each in exports] == [["mobile", "weight"]] * 2
