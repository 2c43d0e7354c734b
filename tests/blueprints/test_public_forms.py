"""Public forms: what strangers can send, and everything that they cannot."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from blueprints import public_forms
from blueprints.public_forms import TRAP
from dougong.app import create_app
from dougong.settings import Settings
from engine.access.form_limits import LIMITS
from engine.access.tokens import new_token
from engine.records.query import Query
from engine.records.read import page as records_page
from engine.records.write import create
from engine.schema.system_tables import audit
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor, give_password
from tests.fixtures.inquiries import INQUIRIES
from tests.fixtures.workspaces import Publish, person

ADDRESS = "/form/desk/inquiry/ask"
PAGE = re.compile(r'name="page" value="([^"]+)"')
GOOD = {"name": "Ann", "email": "ann@example.com", "size": "small"}
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def site(publish: Publish, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(public_forms, "QUICKEST", timedelta(0))
    workspace = publish(INQUIRIES)
    people = {}
    for username, *roles in (("keeper", "desk.keeper"), ("idle",)):
        made = person(workspace, username, *roles)
        people[username] = made.id or 0
        give_password(workspace, username, made.id or 0, *roles)
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, people)


def opened(site: Site, address: str = ADDRESS) -> tuple[Visitor, str]:
    """A stranger with the form before them, and what proves that the form was opened."""
    stranger = site.visitor()
    answer = stranger.get(address)
    assert answer.status_code == 200
    return stranger, PAGE.findall(answer.get_data(as_text=True))[0]


def send(site: Site, **values: Any) -> Any:
    stranger, page = opened(site)
    return stranger.post(ADDRESS, page=page, **{**GOOD, **values})


def inquiries(site: Site) -> list[dict[str, Any]]:
    with site.workspace.reading(SYSTEM) as transaction:
        return [dict(each) for each in records_page(transaction, "desk.inquiry", Query()).records]


def text_of(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def test_a_stranger_sends_the_form_once_and_reads_the_thanks(site: Site) -> None:
    stranger, page = opened(site)
    answer = stranger.post(ADDRESS, page=page, **GOOD)
    assert (answer.status_code, answer.location) == (303, f"{ADDRESS}/thanks")
    assert "We have your question." in text_of(stranger.get(answer.location))
    (found,) = inquiries(site)
    kept = {
        name: found[name] for name in ("name", "email", "source", "greeting", "secret", "keeper", "stage")
    }
    assert kept == {
        "name": "Ann", "email": "ann@example.com", "source": "web", "greeting": "Dear Ann", "secret": "kept",
        "keeper": None, "stage": "new",
    }  # fmt: skip
    assert found["created_by"] is None
    assert stranger.post(ADDRESS, page=page, **GOOD).status_code == 303
    assert len(inquiries(site)) == 1


def test_what_the_form_does_not_name_is_not_written(site: Site) -> None:
    answer = send(
        site, secret="mine", price="5", keeper="1", room="1", source="call", stage="done", id="7",
        revision="9", greeting="Hi", created_by="1", double="4",
        **{"keeper-title": "Keeper", "secret-upload": "x"},
    )  # fmt: skip
    assert answer.status_code == 303
    (found,) = inquiries(site)
    assert (found["secret"], found["price"], found["keeper"], found["room"]) == ("kept", None, None, None)
    assert (found["source"], found["greeting"], found["stage"], found["double"]) == (
        "web",
        "Dear Ann",
        "new",
        0,
    )
    filled = text_of(site.visitor().get(f"{ADDRESS}?secret=mine&name=Bo"))
    assert 'value="Bo"' in filled
    assert 'name="secret"' not in filled


def test_what_is_wrong_stands_at_its_field_with_what_was_typed(site: Site) -> None:
    answer = send(site, email="", name="", day="2020-01-01")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Name is required." in page
    assert "Email is required." in page
    assert 'value="2020-01-01"' in page
    assert inquiries(site) == []
    answer = send(site, size="large")
    assert answer.status_code == 422
    assert "People is required." in text_of(answer)


def test_nothing_else_can_be_asked_of_it(site: Site) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        room = create(transaction, "desk.room", {"name": "The red room"})
    stranger, page = opened(site)
    assert "The red room" not in text_of(stranger.get(f"{ADDRESS}?room={room}"))
    for path in (
        "/form/desk/room/ask",
        "/form/desk/inquiry/all",
        "/form/desk/nothing/ask",
        "/form/system/user/all",
    ):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, page=page, **GOOD).status_code == 404
    for path in ("/desk/inquiry", "/desk/room/1", "/api/v1/desk/room"):
        assert stranger.get(path).status_code in {302, 401}
    for path in ("/desk/inquiry/choices/room", "/desk/inquiry/preview", "/files", f"{ADDRESS}/switch"):
        assert stranger.post(path, text="red", path="room-title").status_code in {302, 401}
    answer = stranger.post(f"{ADDRESS}/preview", name="Ann", size="large", people="3", room=str(room))
    assert answer.get_json()["values"] == {}
    assert set(answer.get_json()["states"]) == {"name", "email", "size", "people", "day", "paper"}
    assert answer.get_json()["states"]["people"] == {"hidden": False, "required": True, "locked": False}


def test_a_record_that_the_definition_links_is_written_but_not_shown(site: Site) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        create(transaction, "desk.room", {"name": "The red room"})
    answer = send(site)
    assert answer.status_code == 303
    assert inquiries(site)[0]["room"].title == "The red room"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({TRAP: "me"}, "has to stay empty"),
        ({"page": "forged"}, "open for too long"),
        ({"page": ""}, "open for too long"),
    ],
)
def test_programs_are_refused(site: Site, sent: dict[str, str], told: str) -> None:
    stranger, page = opened(site)
    answer = stranger.post(ADDRESS, **{"page": page, **GOOD, **sent})
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert 'value="Ann"' in text_of(answer)
    assert inquiries(site) == []


def test_a_page_of_another_form_and_one_sent_at_once_are_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_forms, "QUICKEST", timedelta(hours=1))
    assert "quicker than anybody types" in text_of(send(site))
    foreign = site.app.extensions["dougong_key"].signer("public form").dumps(["desk.room", "ask", "1"])
    stranger, _ = opened(site)
    assert stranger.post(ADDRESS, page=foreign, **GOOD).status_code == 422
    assert stranger.client.post(ADDRESS, data=GOOD).status_code == 400


def test_one_address_may_send_it_only_so_often(site: Site) -> None:
    stranger, page = opened(site)
    sent = {"csrf_token": stranger.token, "page": page, **GOOD, "email": "no"}

    def status(address: str) -> int:
        return stranger.client.post(ADDRESS, data=sent, environ_base={"REMOTE_ADDR": address}).status_code

    answers = [status("203.0.113.9") for _ in range(LIMITS["form_address"] + 1)]
    assert answers == [422] * LIMITS["form_address"] + [429]
    assert status("203.0.113.10") == 422


def test_a_closed_form_takes_nothing(site: Site) -> None:
    stranger, page = opened(site)
    keeper = site.as_("keeper")
    assert "Close the form" in text_of(keeper.get("/desk/inquiry?view=ask"))
    assert keeper.post(f"{ADDRESS}/switch", open="no").status_code == 303
    assert stranger.post(ADDRESS, page=page, **GOOD).status_code == 404
    assert "This form is closed" in text_of(stranger.get(ADDRESS))
    assert inquiries(site) == []
    assert site.as_("idle").post(f"{ADDRESS}/switch", open="yes").status_code == 403
    assert keeper.post(f"{ADDRESS}/switch", open="yes").status_code == 303
    assert send(site).status_code == 303
    with site.workspace.reading(SYSTEM) as transaction:
        events = transaction.connection.execute(select(audit.c.event).where(audit.c.event.like("form_%")))
        assert sorted(events.scalars()) == ["form_closed", "form_opened"]


def test_files_come_with_the_form_and_only_with_it(site: Site) -> None:
    page = text_of(site.visitor().get(ADDRESS))
    assert 'name="paper-upload"' in page
    assert "data-upload" not in page
    answer = send(
        site, paper=(io.BytesIO(b"MZ"), "cv.pdf"), **{"paper-upload": (io.BytesIO(b"MZ"), "cv.pdf")}
    )
    assert answer.status_code == 422
    assert "is not what its name says" in text_of(answer)
    assert send(site, **{"paper-upload": (io.BytesIO(PDF), "cv.pdf")}).status_code == 303
    (first,) = inquiries(site)
    assert first["paper"].endswith("/cv.pdf")
    # What another stranger has sent cannot be named.
    assert send(site, name="Bo", paper=first["paper"]).status_code == 303
    assert next(each for each in inquiries(site) if each["name"] == "Bo")["paper"] is None
    assert site.visitor().get(f"/files/{first['paper'].partition('/')[0]}").status_code == 302


def test_two_at_one_moment_write_one_record(site: Site) -> None:
    stranger, page = opened(site)
    data = {"csrf_token": stranger.token, "page": page, **GOOD}
    cookie = stranger.client.get_cookie("dougong")
    assert cookie is not None

    def post(_: int) -> int:
        client = site.app.test_client()
        client.set_cookie("dougong", cookie.value)
        return client.post(ADDRESS, data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(post, range(4))) == {303}
    assert len(inquiries(site)) == 1


def test_a_form_that_was_closed_stays_closed_under_another_name(site: Site, publish: Publish) -> None:
    site.as_("keeper").post(f"{ADDRESS}/switch", open="no")
    publish(INQUIRIES.replace("  inquiry:\n", "  question:\n    was: inquiry\n"))
    assert "This form is closed" in text_of(site.visitor().get("/form/desk/question/ask"))


def test_forms_are_listed_and_closed_over_the_api(site: Site) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        token = new_token(transaction, site.people["keeper"], "test")
    client, headers = site.app.test_client(), {"Authorization": f"Bearer {token}"}
    (form,) = client.get("/api/v1/forms", headers=headers).get_json()["forms"]
    assert form["open"] is True
    assert form["address"].endswith(ADDRESS)
    address = f"/api/v1/forms/{form['name']}"
    assert client.post(address, headers=headers, json={"open": False}).get_json()["open"] is False
    assert site.visitor().get(ADDRESS).status_code == 404
    assert client.post(address, headers=headers, json={}).status_code == 400
    assert (
        client.post("/api/v1/forms/desk.inquiry.all", headers=headers, json={"open": True}).status_code == 404
    )
