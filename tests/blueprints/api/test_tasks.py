"""Approvals over HTTP: the inbox, decisions, the timeline, substitutes, administration."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dougong.app import create_app
from dougong.settings import Settings, read_settings
from engine.access.tokens import new_token
from tests.fixtures.workspaces import Publish
from tests.workflow.office import Office, app, open_office

TWO = """
first: {approvers: [owner.manager]}
second: {approvers: [owner.manager.manager]}
"""
Call = Callable[..., TestResponse]


@pytest.fixture
def office(publish: Publish) -> Office:
    found = open_office(publish(app(TWO)))
    found.new_paper()
    return found


@pytest.fixture
def call(office: Office, database_url: str, tmp_path: Any) -> Call:
    settings: Settings = read_settings({"DOUGONG_DATA": str(tmp_path / "data")}, database_url)
    client: FlaskClient = create_app(settings, office.workspace).test_client()
    tokens: dict[str, str] = {}
    with office.workspace.writing() as transaction:
        for name, actor in office.people.items():
            tokens[name] = new_token(transaction, actor.id or 0, "test")

    def send(who: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        return client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    return send


def test_from_the_submission_to_the_approval(call: Call, office: Office) -> None:
    paper = f"/office/paper/{office.paper}"
    route = call("ann", "GET", f"{paper}/transitions/submit/approval").json
    assert [step["people"][0]["title"] for step in route["steps"]] == ["Bo", "Cy"]
    assert call("ann", "POST", f"{paper}/transitions/submit", {}).json["stage"] == "waiting"
    (task,) = call("bo", "GET", "/tasks?state=open").json["tasks"]
    assert task["record"] == {"entity": "office.paper", "id": office.paper, "title": "Paper"}
    sent = {"comment": "Fine", "request": "r-1"}
    answer = call("bo", "POST", f"/tasks/{task['id']}/approve", sent)
    assert (answer.status_code, answer.json["status"], answer.json["stage"]) == (200, "approved", "waiting")
    assert call("bo", "POST", f"/tasks/{task['id']}/approve", sent).json == answer.json
    late = call("bo", "POST", f"/tasks/{task['id']}/reject", {})
    assert late.status_code == 409
    assert late.json["detail"].startswith("This was already decided by Bo at ")
    (approval,) = call("ann", "GET", f"{paper}/approvals").json["approvals"]
    assert [step["status"] for step in approval["steps"]] == ["approved", "active"]
    (next_task,) = call("cy", "GET", "/tasks").json["tasks"]
    assert call("cy", "POST", f"/tasks/{next_task['id']}/approve", {}).json["stage"] == "done"


def test_refusals_have_their_statuses(call: Call, office: Office) -> None:
    paper = f"/office/paper/{office.paper}"
    call("ann", "POST", f"{paper}/transitions/submit", {})
    (task,) = call("bo", "GET", "/tasks").json["tasks"]
    path = f"/tasks/{task['id']}"
    assert call("eve", "POST", f"{path}/approve", {}).status_code == 403
    assert call("bo", "POST", f"{path}/aprove", {}).status_code == 404
    assert call("bo", "POST", f"{path}/transfer", {}).status_code == 422
    assert call("bo", "POST", f"{path}/approve", {"coment": "x"}).status_code == 400
    assert call("bo", "GET", "/tasks?state=opn").status_code == 400
    assert call("bo", "POST", f"{paper}/withdraw", {}).status_code == 403
    assert call("ann", "POST", f"{paper}/withdraw", {"comment": "Oops"}).json["stage"] == "draft"


def test_substitutes_and_administration(call: Call, office: Office) -> None:
    ida = office.people["ida"].id
    wrong = {"substitute": ida, "first_day": "2026-01-09", "last_day": "2026-01-01"}
    assert call("bo", "POST", "/substitutes", wrong).status_code == 422
    made = call("bo", "POST", "/substitutes", {**wrong, "last_day": "2099-01-01"})
    assert made.status_code == 201
    call("ann", "POST", f"/office/paper/{office.paper}/transitions/submit", {})
    (task,) = call("ida", "GET", "/tasks").json["tasks"]
    assert task["instead_of"]["title"] == "Bo"
    assert len(call("bo", "GET", "/substitutes").json["substitutes"]) == 1
    assert call("bo", "DELETE", f"/substitutes/{made.json['id']}").status_code == 204
    reassign = {"to": [office.people["eve"].id], "reason": "Away"}
    assert call("bo", "POST", f"/tasks/{task['id']}/reassign", reassign).status_code == 403
    assert call("root", "POST", f"/tasks/{task['id']}/reassign", reassign).status_code == 200
    approval = task["approval"]
    assert (
        call("root", "POST", f"/approvals/{approval}/jump", {"step": "second", "reason": "x"}).status_code
        == 204
    )
    assert call("root", "POST", f"/approvals/{approval}/cancel", {"reason": "x"}).status_code == 204
    assert office.record()["stage"] == "draft"


def test_where_approvals_stand_and_moving_many(call: Call, office: Office, publish: Publish) -> None:
    papers = []
    for _ in range(2):
        office.new_paper()
        office.act("ann: submit")
        papers.append(office.instance()["id"])
    publish(app(TWO.replace("first:", "start:")))
    assert call("ann", "GET", "/approvals").status_code == 403
    (standing,) = call("root", "GET", "/approvals").json["standings"]
    assert standing == {
        "entity": "office.paper", "transition": "submit", "label": "Submit", "release": 1, "current": False,
        "step": "first", "step_label": "First", "count": 2,
    }  # fmt: skip
    body = {"approvals": [*papers, 999], "mapping": {"first": "start"}, "reason": "Renamed"}
    assert call("ann", "POST", "/approvals/migrate", body).status_code == 403
    assert call("root", "POST", "/approvals/migrate", {**body, "reason": ""}).status_code == 422
    results = call("root", "POST", "/approvals/migrate", body).json["results"]
    assert results == [
        *({"id": each, "moved": True, "reason": None} for each in papers),
        {"id": 999, "moved": False, "reason": "There is no approval 999."},
    ]
    (standing,) = call("root", "GET", "/approvals").json["standings"]
    assert (standing["release"], standing["step"], standing["count"]) == (2, "start", 2)
