"""The company that browser tests walk through: its running site, its people, what it was before a test."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect

from engine.transaction import Actor
from tests.apps.office import Office, Record
from tests.blueprints.conftest import Visitor, give_password

COOKIE = "dougong"


@dataclass(frozen=True, slots=True)
class Site:
    """The running site: its address and its database, with states of it that tests begin from."""

    address: str
    app: Flask
    office: Office
    database: Path
    folder: Path
    kept: dict[str, "Company"] = field(default_factory=dict)

    def state(self, name: str, furnish: Callable[[], "Company"]) -> "Company":
        """The company as `furnish` makes it, which it does once: from then on its rows are put back."""
        copy = self.folder / f"{name}.kept"
        if name in self.kept:
            _copy(copy, self.database)
        else:
            self.kept[name] = furnish()
            _copy(self.database, copy)
        found = self.kept[name]
        return replace(found, people=dict(found.people), secrets=dict(found.secrets))


def _copy(source: Path, target: Path) -> None:
    """Makes the rows of one database those of another, which may be in use."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)


@dataclass(frozen=True, slots=True)
class Company:
    """The running company: where its site is, and what is in it."""

    address: str
    app: Flask
    office: Office
    people: dict[str, Actor]
    deal: Record
    payslip: Record
    secrets: dict[str, str] = field(default_factory=dict)
    """User name → what the cookie of their browser holds."""
    numbers: dict[str, int] = field(default_factory=dict)
    """What further records are called in tests → their ids."""

    def join(self, username: str, *roles: str) -> Actor:
        """Somebody new, who can sign in."""
        person = self.people[username] = self.office.sign_in(username, *roles)
        give_password(self.office.workspace, username, person.id or 0, *roles)
        return person

    def sign_in(self, page: Page, username: str) -> None:
        """Signs somebody in, without the page for it: that one is walked by tests of its own."""
        if username not in self.secrets:
            visitor = Visitor(self.app.test_client()).sign_in(username)
            cookie = visitor.client.get_cookie(COOKIE)
            assert cookie is not None
            self.secrets[username] = cookie.value
        cookies = [{"name": COOKIE, "value": self.secrets[username], "url": self.address}]
        page.context.add_cookies(cookies)  # type: ignore[arg-type]

    def open(self, page: Page, path: str) -> None:
        """Opens a page and waits until all of it is alive."""
        page.goto(f"{self.address}{path}")
        settled(page)

    def speak(self, locale: str) -> None:
        """Everybody reads this language from now on."""
        for each in self.people.values():
            self.office.update("system.user", {"id": each.id}, locale=locale)


def settled(page: Page) -> None:
    """Waits until nothing is on its way to a page: neither parts of scripts nor parts of the page."""
    expect(page.locator("html[data-coming], .htmx-request")).to_have_count(0)
