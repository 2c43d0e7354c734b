"""People on the pages of administrators: added, invited, given roles, signed out, looked at as, audited."""

import re

import pytest

from engine.access.accounts import grant_roles
from engine.access.actors import ADMINISTRATOR
from engine.access.audit import Sought, page_of
from engine.access.members import members
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor

LINK = re.compile(r'value="https?://localhost(/password/[^"]+)"')


@pytest.fixture
def boss(site: Site) -> Visitor:
    with site.workspace.writing(SYSTEM) as transaction:
        grant_roles(transaction, site.people["chief"], [ADMINISTRATOR])
    return site.as_("chief")


def events(site: Site, *names: str) -> list[tuple[str, str]]:
    with site.workspace.reading() as transaction:
        return [(each.event, each.subject) for each in page_of(transaction, Sought(events=names), 20)]


def added(site: Site, boss: Visitor, **values: str) -> int:
    boss.get("/admin/users/new")
    answer = boss.post("/admin/users/new", **values)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(answer.location.rpartition("/")[2])


def test_nobody_else_gets_there(site: Site) -> None:
    clerk = site.as_("clerk")
    for path in ("users", "users/new", "users/1", "departments", "tokens", "audit", "audit.csv"):
        assert clerk.get(f"/admin/{path}").status_code == 403, path
    clerk.get("/")
    for path in ("users/new", "users/2", "users/2/link", "users/2/active", "users/2/second-factor",
                 "users/2/sessions/end", "users/2/view", "users/2/tokens"):  # fmt: skip
        assert clerk.post(f"/admin/{path}", name="x", username="y", active="no").status_code == 403, path


def test_a_person_is_added_invited_and_signs_in(site: Site, boss: Visitor) -> None:
    dora_neu = {"name": "Dora Neu", "username": "dora", "email": "dora@shop.example", "locale": "en"}
    identity = added(site, boss, **dora_neu, role="shop.clerk", time_zone="Europe/Berlin")
    page = boss.get("/admin/users?q=dora").get_data(as_text=True)
    assert "Dora Neu" in page
    assert "No password yet" in page
    sent = boss.post(f"/admin/users/{identity}/link").get_data(as_text=True)
    (link,) = LINK.findall(sent)
    dora = site.visitor()
    assert "Welcome, Dora Neu" in dora.get(link).get_data(as_text=True)
    weak = dora.post(link, password="dora", again="dora")
    assert weak.status_code == 422
    assert "A password has at least 8 characters." in weak.get_data(as_text=True)
    assert dora.post(link, password="long enough 1", again="something else").status_code == 422
    assert dora.post(link, password="secret-dora", again="secret-dora").location == "/sign-in"
    assert "no longer valid" in dora.get(link).get_data(as_text=True), "it opens once"
    dora.sign_in("dora")
    assert dora.get("/shop/order").status_code == 200
    assert events(site, "invited", "password_reset") == [("password_reset", ""), ("invited", "dora")]


def test_a_later_link_voids_the_earlier_one(site: Site, boss: Visitor) -> None:
    boss.get("/admin/users")
    clerk = site.people["clerk"]
    first, second = (
        LINK.findall(boss.post(f"/admin/users/{clerk}/link").get_data(as_text=True))[0] for _ in range(2)
    )
    visitor = site.visitor()
    assert visitor.get(first).status_code == 410
    assert visitor.get(second).status_code == 200
    assert visitor.get(second[:-3] + "abc").status_code == 410


def test_roles_are_given_and_taken_and_bad_input_is_told_at_its_place(site: Site, boss: Visitor) -> None:
    idle = site.people["idle"]
    boss.get(f"/admin/users/{idle}")
    fields = {"name": "Idle", "username": "idle", "time_zone": "Asia/Shanghai", "locale": "zh"}
    assert (
        boss.post(
            f"/admin/users/{idle}", ("role", "shop.clerk"), ("role", "shop.guest"), **fields
        ).status_code
        == 303
    )
    assert boss.post(f"/admin/users/{idle}", ("role", "shop.guest"), **fields).status_code == 303
    assert events(site, "role_withdrawn")[0] == ("role_withdrawn", "shop.clerk")
    with site.workspace.reading() as transaction:
        (found,), _ = members(transaction, "idle", "all")
    assert found.roles == ("shop.guest",)
    answer = boss.post(f"/admin/users/{idle}", **{**fields, "username": "clerk", "email": "no address"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'id="username-problem"' in page
    assert 'id="email-problem"' in page


def test_the_last_administrator_stays(site: Site, boss: Visitor) -> None:
    chief = site.people["chief"]
    boss.get(f"/admin/users/{chief}")
    answer = boss.post(f"/admin/users/{chief}", name="Chief", username="chief", role="shop.chief")
    assert answer.status_code == 409
    assert "Then nobody would be an administrator." in answer.get_data(as_text=True)
    assert boss.post(f"/admin/users/{chief}/active", active="no").status_code == 409


def test_who_is_deactivated_is_out_at_once_and_comes_back(site: Site, boss: Visitor) -> None:
    clerk, identity = site.as_("clerk"), site.people["clerk"]
    boss.get("/admin/users")
    assert boss.post(f"/admin/users/{identity}/active", active="no").status_code == 303
    assert clerk.get("/").status_code == 302
    assert "clerk" in boss.get("/admin/users?which=inactive").get_data(as_text=True)
    assert boss.post(f"/admin/users/{identity}/link").status_code == 409
    assert boss.post(f"/admin/users/{identity}/active", active="yes").status_code == 303
    assert site.as_("clerk").get("/").status_code == 200
    told = events(site, "person_deactivated", "person_activated")
    assert told == [("person_activated", "clerk"), ("person_deactivated", "clerk")]


def test_an_administrator_ends_sessions(site: Site, boss: Visitor) -> None:
    clerk, identity = site.as_("clerk"), site.people["clerk"]
    page = boss.get(f"/admin/users/{identity}").get_data(as_text=True)
    (session,) = re.findall(rf"/admin/users/{identity}/sessions/(\d+)/end", page)
    assert boss.post(f"/admin/users/{identity}/sessions/{session}/end").status_code == 303
    assert clerk.get("/").status_code == 302
    again = site.as_("clerk")
    assert boss.post(f"/admin/users/{identity}/sessions/end").status_code == 303
    assert again.get("/").status_code == 302


def test_a_program_has_tokens_and_no_password(site: Site, boss: Visitor) -> None:
    identity = added(site, boss, service="yes", name="Nightly import", username="nightly", role="shop.chief")
    boss.get(f"/admin/users/{identity}")
    refused = boss.post(f"/admin/users/{identity}/link")
    assert refused.status_code == 409
    assert "it has tokens and no password" in refused.get_data(as_text=True)
    made = boss.post(f"/admin/users/{identity}/tokens", name="import", kind="read", place="shop")
    (token,) = re.findall(r'value="(dg_[^"]+)"', made.get_data(as_text=True))
    client = site.app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/shop/customer", headers=bearer).status_code == 200
    refused = client.post("/api/v1/shop/customer", headers=bearer, json={"name": "X"})
    assert refused.status_code == 403
    assert "The token has the scopes read:shop." in refused.get_json()["detail"]
    assert client.get("/api/v1/releases", headers=bearer).status_code == 403
    assert client.get("/api/v1/system/user", headers=bearer).status_code == 403
    page = boss.get("/admin/tokens").get_data(as_text=True)
    (number,) = re.findall(r"/tokens/(\d+)/revoke", page)
    assert token not in page
    assert boss.post(f"/tokens/{number}/revoke", next="/admin/tokens").location == "/admin/tokens"
    assert client.get("/api/v1/shop/customer", headers=bearer).status_code == 401
    assert "Programs <b>1</b>" in boss.get("/admin/users").get_data(as_text=True)


def test_departments_are_shown_as_a_tree(site: Site, boss: Visitor) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        table = transaction.catalog.tables.table("system.department")
        execute = transaction.connection.execute
        rows = [
            {"name": "Company", "parent": None},
            {"name": "Sales", "parent": 1},
            {"name": "East", "parent": 2},
        ]
        for row in rows:
            stamps = {"created_at": transaction.now, "updated_at": transaction.now, "revision": 1}
            execute(table.insert().values(**row, **stamps))
    page = boss.get("/admin/departments").get_data(as_text=True)
    assert page.index("Company") < page.index("Sales") < page.index("East")
    assert "tree-2" in page


def test_looking_as_somebody_else_changes_nothing_and_ends_with_a_click(site: Site, boss: Visitor) -> None:
    clerk = site.people["clerk"]
    boss.get("/admin/users")
    assert boss.post(f"/admin/users/{clerk}/view").location == "/"
    page = boss.get("/").get_data(as_text=True)
    assert "You see Dougong as Clerk does." in page
    assert boss.get("/admin/users").status_code == 403
    with boss.client.session_transaction() as cookie:
        assert cookie["csrf_token"]
    for path, values in (
        ("/shop/customer", {"name": "Written as a clerk"}),
        ("/profile/mail", {"wanted": "no"}),
        ("/profile/tokens", {"name": "mine"}),
        ("/profile/second-factor/begin", {}),
        ("/notifications/read", {}),
    ):
        answer = boss.post(path, **values)
        assert answer.status_code == 403, path
        assert "nothing can be changed" in answer.get_data(as_text=True), path
    written = boss.client.post(
        "/api/v1/shop/customer", json={"name": "x"}, headers={"X-CSRF-Token": boss.token}
    )
    assert written.status_code == 403
    assert "nothing can be changed" in written.get_json()["detail"]
    assert boss.post("/view-as/end").location == f"/admin/users/{clerk}"
    assert boss.get("/admin/users").status_code == 200
    with site.workspace.reading() as transaction:
        told = page_of(transaction, Sought(events=("view_as_begun", "view_as_ended")), 9)
    assert [(each.event, each.username, each.subject) for each in told] == [
        ("view_as_ended", "chief", "clerk"),
        ("view_as_begun", "chief", "clerk"),
    ]


def test_the_audit_is_filtered_and_exported(site: Site, boss: Visitor) -> None:
    site.as_("clerk")
    visitor = site.visitor()
    visitor.get("/sign-in")
    visitor.post("/sign-in", username="=cmd|' /C calc'!A0", password="x")
    page = boss.get("/admin/audit?event=sign_in_failed").get_data(as_text=True)
    assert "Sign-in failed" in page
    assert page.count('class="line line-top"') == 1
    assert "No entry fits" in boss.get("/admin/audit?last_day=2001-01-01").get_data(as_text=True)
    of_clerk = boss.get(f"/admin/audit?person={site.people['clerk']}").get_data(as_text=True)
    assert "Only Clerk" in of_clerk
    exported = boss.get("/admin/audit.csv?event=sign_in_failed")
    assert exported.content_type.startswith("text/csv")
    text = exported.get_data().decode("utf-8-sig")
    assert text.splitlines()[0].startswith("at,event,username")
    assert ",'=cmd" in text
    assert events(site, "audit_exported") == [("audit_exported", "")]
