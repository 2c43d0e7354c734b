"""The application as a whole: whether it is alive and ready, how errors end, what the sign-in page offers."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.errors import STATUSES, answer_to
from dougong.app import create_app
from dougong.demo_people import read_demo_people, write_demo_people
from dougong.settings import Settings
from engine.access.limits import TooMany
from engine.definition.load import OF_THE_SITE
from engine.problems import InputRefused, Problem, Refused, ReleaseChanged
from engine.schema.address import DatabaseUnavailable
from engine.text import say
from tests.blueprints.api.shop import add_person
from tests.fixtures.published import published


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Flask:
    return create_app(Settings(sqlite_url, tmp_path / "data", https=True))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_it_says_whether_it_lives_and_can_work(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "release": 0}


def test_before_anything_is_published_no_token_is_known(client: FlaskClient) -> None:
    answer = client.get("/api/v1/system/user", headers={"Authorization": "Bearer dg_x"})
    assert answer.status_code == 401


def test_without_its_database_it_lives_but_is_not_ready(app: Flask, tmp_path: Path) -> None:
    app.extensions["dougong"].close()
    (tmp_path / "test.db").unlink()
    (tmp_path / "test.db").mkdir()
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_an_error_that_nobody_expected_is_told_without_its_insides(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/api/v1/broken")
    def broken() -> str:
        raise ZeroDivisionError("secret insides")

    answer = app.test_client().get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert b"secret" not in answer.data
    assert "secret insides" in caplog.text


def test_no_app_can_be_called_as_a_page_of_the_site(app: Flask) -> None:
    """Addresses with a dash are no names of apps."""
    begin = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    own = {each for each in begin if each.isidentifier()}
    assert own == OF_THE_SITE


def test_every_error_of_the_engine_has_a_status() -> None:
    sentence = say("No.")
    # These have a sentence of their own.
    made: Mapping[type[Exception], Callable[[], Exception]] = {
        TooMany: lambda: TooMany(60),
        ReleaseChanged: ReleaseChanged,
    }
    for error, status in STATUSES.items():
        takes_problems = "problems" in error.__init__.__code__.co_varnames
        raised = (
            made[error]()
            if error in made
            else error([Problem("a", sentence)] if takes_problems else sentence)
        )
        answer = answer_to(raised)
        assert answer.status == status
        assert error in made or str(answer.detail) == "No."
    assert answer_to(DatabaseUnavailable(sentence)).status == 503
    assert issubclass(DatabaseUnavailable, Refused)
    two = answer_to(InputRefused([Problem("a", sentence), Problem("b", sentence)]))
    assert str(two.detail) == "2 values are not valid."


def test_behind_tls_cookies_go_over_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    assert "Strict-Transport-Security" in answer.headers
    assert "Secure; HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


def test_the_sign_in_page_offers_only_demo_people_who_can_sign_in(sqlite_url: str, tmp_path: Path) -> None:
    workspace = published(sqlite_url)
    try:
        add_person(workspace, "sales")
        write_demo_people(tmp_path, workspace, ["sales", "nobody"], "wrong")
        assert read_demo_people(tmp_path) is None
        write_demo_people(tmp_path, workspace, ["sales", "nobody"], "secret-sales")
        people = [{"username": "sales", "label": "sales · Sales"}]
        assert read_demo_people(tmp_path) == {"password": "secret-sales", "people": people}
        page = create_app(Settings(sqlite_url, tmp_path), workspace).test_client().get("/sign-in")
        assert 'value="sales"' in page.get_data(as_text=True)
    finally:
        workspace.close()
