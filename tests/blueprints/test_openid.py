"""Signing in at a real OpenID provider: who comes in, as whom, and what is not believed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.accounts import roles_of
from engine.access.audit import Sought, page_of
from engine.access.openid import Provider
from engine.schema.system_tables import identity
from tests.blueprints.conftest import Site, Visitor
from tests.fixtures.openid import Running

Open = Callable[..., Site]


@pytest.fixture
def with_provider(site: Site, openid_provider: Running, tmp_path: Path) -> Open:
    """The same site, where one may sign in with the provider."""

    def open_site(**values: object) -> Site:
        provider = Provider(
            openid_provider.issuer, "dougong", "a secret of the client", "Company sign-in", **values
        )
        settings = Settings("", tmp_path, openid=provider)
        return Site(create_app(settings, site.workspace), site.workspace, site.people)

    return open_site


def come_back(visitor: Visitor, provider: Running, name: str) -> str:
    """Goes to the provider and signs in there; the address at which the visitor comes back."""
    sent = visitor.get("/sign-in/openid?next=/shop/order")
    assert sent.status_code == 302
    assert "code_challenge_method=S256" in sent.location
    return provider.visit(sent.location, name).removeprefix("http://localhost")


def give_mail(site: Site, username: str, address: str) -> None:
    with site.workspace.writing() as transaction:
        users = transaction.catalog.tables.table("system.user")
        statement = update(users).where(users.c.username == username).values(email=address)
        transaction.connection.execute(statement)


def test_who_has_the_verified_address_comes_in_and_is_known_from_then_on(
    with_provider: Open, openid_provider: Running
) -> None:
    site = with_provider()
    give_mail(site, "clerk", "Anna@shop.example")
    visitor = site.visitor()
    assert "Sign in with Company sign-in" in visitor.get("/sign-in").get_data(as_text=True)
    back = come_back(visitor, openid_provider, "anna@shop.example")
    assert visitor.get(back).location == "/shop/order"
    assert "Clerk" in visitor.get("/").get_data(as_text=True)
    give_mail(site, "clerk", "new@shop.example")
    again = site.visitor()
    assert again.get(come_back(again, openid_provider, "anna@shop.example")).status_code == 303
    with site.workspace.reading() as transaction:
        linked = transaction.connection.execute(select(identity)).all()
        told = [each.event for each in page_of(transaction, Sought(events=("identity_linked", "sign_in")), 5)]
    assert [(each.subject, each.user_id) for each in linked] == [("anna@shop.example", site.people["clerk"])]
    assert told == ["sign_in", "sign_in", "identity_linked"]


def test_what_came_back_once_opens_nothing_again(with_provider: Open, openid_provider: Running) -> None:
    site = with_provider()
    give_mail(site, "clerk", "anna@shop.example")
    visitor, thief = site.visitor(), site.visitor()
    back = come_back(visitor, openid_provider, "anna@shop.example")
    assert thief.get(back).location == "/sign-in", "another browser has begun nothing"
    thief.get("/sign-in/openid")
    refused = thief.get(back)
    assert refused.status_code == 403
    assert "It was begun in another window, or came back twice." in refused.get_data(as_text=True)
    assert visitor.get(back).status_code == 303
    visitor.get("/")
    visitor.post("/sign-out")
    assert visitor.get(back).location == "/sign-in"
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize("name", ["unverified-anna@shop.example", "clerk", "stranger@shop.example"])
def test_a_name_or_an_unverified_address_is_no_proof(
    with_provider: Open, openid_provider: Running, name: str
) -> None:
    site = with_provider()
    give_mail(site, "clerk", "unverified-anna@shop.example")
    visitor = site.visitor()
    refused = visitor.get(come_back(visitor, openid_provider, name))
    assert refused.status_code == 403
    assert "There is nobody here with your verified address." in refused.get_data(as_text=True)
    assert visitor.get("/").status_code == 302


def test_people_are_added_with_the_roles_of_their_groups(
    with_provider: Open, openid_provider: Running
) -> None:
    roles = {"Chiefs": "shop.chief", "Others": "shop.guest"}
    site = with_provider(create=True, roles_claim="groups", roles=roles)
    visitor = site.visitor()
    back = come_back(visitor, openid_provider, "dora-chief@shop.example")
    assert visitor.get(back).status_code == 303
    with site.workspace.reading() as transaction:
        users = transaction.catalog.tables.table("system.user")
        made = transaction.connection.execute(
            select(users.c.id, users.c.email).where(users.c.username == "dora")
        ).one()
        assert made.email == "dora-chief@shop.example"
        assert roles_of(transaction, made.id) == {"shop.chief"}
    taken = site.visitor()
    refused = taken.get(come_back(taken, openid_provider, "clerk@shop.example"))
    assert refused.status_code == 403
    assert "You cannot be added as “clerk”" in refused.get_data(as_text=True)


def test_who_was_deactivated_stays_out(with_provider: Open, openid_provider: Running) -> None:
    site = with_provider()
    give_mail(site, "clerk", "anna@shop.example")
    visitor = site.visitor()
    visitor.get(come_back(visitor, openid_provider, "anna@shop.example"))
    with site.workspace.writing() as transaction:
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(update(users).values(active=False))
    again = site.visitor()
    refused = again.get(come_back(again, openid_provider, "anna@shop.example"))
    assert "cannot sign in here" in refused.get_data(as_text=True)
    assert again.get("/").status_code == 302


def test_without_a_provider_there_is_nothing(site: Site) -> None:
    visitor = site.visitor()
    assert visitor.get("/sign-in/openid").status_code == 404
    assert "Company sign-in" not in visitor.get("/sign-in").get_data(as_text=True)
