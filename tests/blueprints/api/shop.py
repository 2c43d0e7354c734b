"""A published shop with people who may do different things, and a client for each of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.accounts import grant_roles, set_password
from engine.access.actors import ADMINISTRATOR
from engine.access.tokens import new_token
from engine.records.write import create
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.published import published

SHOP = Path(__file__).with_name("shop_app.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody's program: requests with a token."""

    client: FlaskClient
    token: str | None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Sends a request; underscores of header names stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body, default=_plain, ensure_ascii=False).encode()
        kind = None if body is None else "application/json"
        return self.client.open(f"/api/v1{path}", method=method, data=data, content_type=kind, headers=sent)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.ask("DELETE", path, **headers)

    def problems(self, answer: TestResponse, status: int = 422) -> dict[str, str]:
        """The problems of a refusal: path → sentence."""
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.content_type == "application/problem+json"
        return {each["path"]: each["message"] for each in json.loads(answer.data)["problems"]}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value == Decimal(str(float(value))) else str(value)
    raise TypeError(type(value).__name__)


def detail(answer: TestResponse, status: int) -> str:
    """The sentence of a refusal with this status."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    found = json.loads(answer.data)
    assert found["status"] == status
    return str(found["detail"])


def add_person(workspace: Workspace, username: str, *roles: str, locale: str = "en") -> int:
    """A person with roles; the password is “secret-” and the user name."""
    with workspace.writing(SYSTEM) as transaction:
        values = {"username": username, "name": username.capitalize(), "locale": locale}
        identity = create(transaction, "system.user", values)
        grant_roles(transaction, identity, roles)
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        set_password(transaction, identity, f"secret-{username}", hasher)
    return identity


def token_of(workspace: Workspace, identity: int) -> str:
    with workspace.writing(SYSTEM) as transaction:
        return new_token(transaction, identity, "test")


@dataclass(frozen=True, slots=True)
class Shop:
    """The running shop: its application and who calls it."""

    app: Flask
    workspace: Workspace
    boss: Caller
    clerk: Caller
    other: Caller
    """A clerk too, who sells nothing."""
    stranger: Caller
    """Somebody without any role."""
    admin: Caller
    nobody: Caller
    people: dict[str, int]


@contextmanager
def open_shop(database_url: str, folder: Path) -> Iterator[Shop]:
    """The shop, published on an empty database."""
    workspace = published(database_url, SHOP)
    app = create_app(Settings(database_url, folder), workspace)
    people = {
        "boss": add_person(workspace, "boss", "shop.boss"),
        "clerk": add_person(workspace, "clerk", "shop.clerk"),
        "other": add_person(workspace, "other", "shop.clerk", locale="zh"),
        "stranger": add_person(workspace, "stranger"),
        "admin": add_person(workspace, "admin", ADMINISTRATOR),
    }
    callers = {name: Caller(app.test_client(), token_of(workspace, each)) for name, each in people.items()}
    yield Shop(app, workspace, nobody=Caller(app.test_client(), None), people=people, **callers)
    workspace.close()
