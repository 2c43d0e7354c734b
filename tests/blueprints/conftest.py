"""A published shop as a site, and people who look at it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.accounts import grant_roles, set_password
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(slots=True)
class Visitor:
    """A browser without scripts: pages by GET, forms by POST with the token of the page before."""

    client: FlaskClient
    token: str = ""
    seen: list[str] = field(default_factory=list)

    def get(self, path: str) -> TestResponse:
        return self._kept(self.client.get(path))

    def post(self, path: str, /, *pairs: tuple[str, Any], **values: Any) -> TestResponse:
        sent = MultiDict([("csrf_token", self.token), *pairs, *values.items()])
        return self._kept(self.client.post(path, data=sent))

    def _kept(self, answer: TestResponse) -> TestResponse:
        found = TOKEN.search(answer.get_data(as_text=True))
        if found:
            self.token = found[1]
        return answer

    def sign_in(self, username: str) -> "Visitor":
        self.get("/sign-in")
        answer = self.post("/sign-in", username=username, password=f"secret-{username}")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        self.get("/")
        return self


@dataclass(frozen=True, slots=True)
class Site:
    """The running site."""

    app: Flask
    workspace: Workspace
    people: dict[str, int]

    def visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def as_(self, username: str) -> Visitor:
        return self.visitor().sign_in(username)


def give_password(workspace: Workspace, username: str, identity: int, *roles: str) -> None:
    """The password is “secret-” and the user name."""
    with workspace.writing(SYSTEM) as transaction:
        grant_roles(transaction, identity, roles)
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        set_password(transaction, identity, f"secret-{username}", hasher)


@pytest.fixture
def site(publish: Publish, database_url: str, tmp_path: Path) -> Site:
    """The shop with a clerk, a chief, a guest, and somebody without any role."""
    workspace = publish(SHOP)
    people = {}
    for username, *roles in (
        ("clerk", "shop.clerk"),
        ("chief", "shop.chief"),
        ("guest", "shop.guest"),
        ("idle",),
    ):
        made = person(workspace, username, *roles)
        assert made.id is not None
        people[username] = made.id
        give_password(workspace, username, made.id, *roles)
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, people)
