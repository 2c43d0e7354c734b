"""The matrix of rights through the doors that people and programs come by: pages, API, figures, files."""

import html
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.rules import DEFAULT
from engine.access.sessions import Device, begin_session
from engine.access.tokens import new_token
from engine.figures.answer import answer
from engine.figures.question import sent_question
from engine.problems import InputRefused, NotAllowed
from engine.records.query import Query
from engine.transaction import SYSTEM
from tests.access.matrix_world import ENTITIES, MADE, PEOPLE, Office, everything_known, own_values
from tests.access.policy_model import Row, allowed, definitions, field_allowed, plain_fields, readable_rows

pytestmark = pytest.mark.parametrize("username", PEOPLE)


def _drawn(entity: Mapping[str, Any]) -> list[str]:
    views = entity.get("views", {})
    return [name for name, each in views.items() if each.get("type", "list") != "list"][-1:]


CLOSED_AT_MOST = 2
"""How many of the records that somebody may not see are asked for at each address: they are refused alike."""
VIEWS = {key: {*list(entity.get("views", {}))[:1], *_drawn(entity)} for key, entity in definitions().items()}
"""The first view of each entity, and the last of those that are no list."""


@pytest.fixture(scope="module")
def app(furnished: Office, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = furnished.workspace.database.url.render_as_string(hide_password=False)
    return create_app(Settings(url, tmp_path_factory.mktemp("doors")), furnished.workspace)


@pytest.fixture
def program(app: Flask, furnished: Office, username: str) -> "Program":
    with furnished.workspace.writing(SYSTEM) as transaction:
        token = new_token(transaction, furnished.people[username].id, "matrix")
    return Program(app.test_client(), {"Authorization": f"Bearer {token}"})


@pytest.fixture
def browser(app: Flask, furnished: Office, username: str) -> "Program":
    client = app.test_client()
    with furnished.workspace.writing(SYSTEM) as transaction:
        secret = begin_session(transaction, furnished.people[username].id, Device(), DEFAULT)
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = secret, True
    return Program(client, {})


class Program:
    """Somebody who asks: status and text of an address."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def get(self, path: str, **parameters: Any) -> tuple[int, str]:
        found = self.client.get(path, headers=self.headers, query_string=parameters)
        return found.status_code, html.unescape(found.get_data(as_text=True))


def parted(office: Office, username: str, key: str) -> tuple[list[Row], list[Row]]:
    """The records that somebody may see, and some of those that they may not."""
    who = office.people[username]
    seen = readable_rows(office.world, who, key)
    rows = office.world.rows.get(key, {}).values()
    closed = [row for row in rows if not allowed(office.world, who, "read", key, row)]
    return seen, closed[:CLOSED_AT_MOST]


def test_the_api(furnished: Office, program: Program, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    for key in ENTITIES:
        base = f"/api/v1/{key.replace('.', '/')}"
        status, text = program.get(base, limit=200, count="exact")
        shown = furnished.found_in(text)
        assert status == 200, key
        assert own_values(furnished, who, key) <= shown <= may_know, (key, shown - may_know)
        seen, closed = parted(furnished, username, key)
        for row in seen[:1]:
            for door in ("", "/history", "/rights", "/transitions", "/files"):
                status, text = program.get(f"{base}/{row['id']}{door}")
                assert status == 200 or (door == "/transitions" and status in (404, 409)), (key, door, text)
                assert furnished.found_in(text) <= may_know, (key, door)
        for row in closed:
            for door in ("", "/history", "/rights", "/files"):
                status, text = program.get(f"{base}/{row['id']}{door}")
                assert (status, furnished.found_in(text)) == (404, set()), (key, door)


def test_the_pages(furnished: Office, browser: Program, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    for key in ENTITIES:
        base = f"/{key.replace('.', '/')}"
        for view in sorted(VIEWS[key]) or [""]:
            status, text = browser.get(base, **({"view": view} if view else {}))
            # A chart of what somebody may not read is refused as a whole.
            assert status in (200, 403), (key, view)
            shown = furnished.found_in(text)
            assert shown <= may_know, (key, view, shown - may_know)
        seen, closed = parted(furnished, username, key)
        for row in seen[:1]:
            status, text = browser.get(f"{base}/{row['id']}")
            assert status == 200, key
            assert furnished.found_in(text) <= may_know, key
        for row in closed[:1]:
            status, text = browser.get(f"{base}/{row['id']}")
            assert (status, furnished.found_in(text)) == (404, set()), key


def test_files_of_lists(furnished: Office, browser: Program, username: str) -> None:
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    for key in ENTITIES:
        status, text = browser.get(f"/{key.replace('.', '/')}/export.csv")
        assert status == (200 if allowed(furnished.world, who, "export", key, None) else 403), key
        assert furnished.found_in(text) <= may_know, key


def test_figures_by_group(furnished: Office, username: str) -> None:
    """Grouped by any field, with any amount as measure: what comes out may be known, or it is refused."""
    who = furnished.people[username]
    may_know = everything_known(furnished, who)
    with furnished.workspace.reading(furnished.actors[username]) as transaction:
        for key in ENTITIES:
            entity = transaction.catalog.entity(key)
            fields = furnished.world.entity(key)["fields"]
            for name in plain_fields(furnished.world, key):
                if fields[name]["type"] not in MADE:
                    continue
                values = [f"max({name})"] if fields[name]["type"] == "money" else ["count()"]
                try:
                    rows = answer(transaction, sent_question(transaction, entity, [name], values), Query())
                except (InputRefused, NotAllowed):
                    # Refused is what they may read on no record, and what the database cannot read.
                    open_ = field_allowed(furnished.world, who, "read", key, name, None)
                    open_ = open_ and not fields[name].get("encrypted")
                    assert not (open_ and allowed(furnished.world, who, "read", key, None)), (key, name)
                    continue
                told = " ".join(str(each) for row in rows for each in (*row.keys, *row.values))
                assert furnished.found_in(told) <= may_know, (key, name)
                seen = len(readable_rows(furnished.world, who, key))
                assert sum(row.count for row in rows) <= seen, (key, name)


def test_dashboards(furnished: Office, program: Program, browser: Program, username: str) -> None:
    may_know = everything_known(furnished, furnished.people[username])
    for board in program.client.get("/api/v1/dashboards", headers=program.headers).json["dashboards"]:  # type: ignore[index]
        address = f"dashboards/{board['app']}/{board['name']}"
        for asked, path in ((program, f"/api/v1/{address}"), (browser, f"/{address}")):
            status, text = asked.get(path, period="all")
            if status == 400:
                status, text = asked.get(path)
            assert status == 200, path
            shown = furnished.found_in(text)
            assert shown <= may_know, (path, shown - may_know)


def test_one_thing_with_many_records(furnished: Office, browser: Program, username: str) -> None:
    """The page that changes many: those that may not be changed come back with a reason, and stay."""
    who, world = furnished.people[username], furnished.world
    page = browser.get("/profile")[1]
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    for key in ENTITIES:
        refused = [
            row["id"]
            for row in world.rows.get(key, {}).values()
            if not (allowed(world, who, "read", key, row) and allowed(world, who, "delete", key, row))
        ]
        if not refused:
            continue
        sent = {"csrf_token": token, "act": "delete", "id": [str(each) for each in refused]}
        answered = browser.client.post(f"/{key.replace('.', '/')}/several", data=sent)
        assert answered.status_code == 200, (key, answered.get_data(as_text=True))
        results = answered.json["results"]  # type: ignore[index]
        assert [each["id"] for each in results if each["reason"]] == refused, key
        assert furnished.found_in(str(results)) <= everything_known(furnished, who), key
    with furnished.workspace.reading(SYSTEM) as transaction:
        for key in ENTITIES:
            table = transaction.catalog.entity(key).table
            found = transaction.connection.execute(table.select()).all()
            assert len(found) == len(world.rows.get(key, {})), key
