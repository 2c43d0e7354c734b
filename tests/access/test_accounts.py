"""Who signs in: passwords, tokens, roles with what they include, and people who have left."""

from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import select, update

from engine.access.accounts import actor_of_password, grant_roles, set_password, user_id_of
from engine.access.actors import ADMINISTRATOR, find_actor
from engine.access.tokens import bearer_of, new_token
from engine.problems import InputRefused, NotFound
from engine.schema.system_tables import credential, token
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

HASHER = PasswordHasher.from_parameters(CHEAPEST)


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def ann(shop: Workspace) -> Actor:
    ann = person(shop, "ann")
    with shop.writing(SYSTEM) as transaction:
        assert ann.id is not None
        set_password(transaction, ann.id, "correct horse", HASHER)
        grant_roles(transaction, ann.id, ["shop.chief"])
    return ann


def signed_in(workspace: Workspace, username: str, password: str) -> Actor | None:
    with workspace.reading() as transaction:
        return actor_of_password(transaction.catalog, transaction.connection, HASHER, username, password)


def test_the_right_password_gives_the_person_with_all_roles(shop: Workspace, ann: Actor) -> None:
    found = signed_in(shop, " Ann ", "correct horse")
    assert found is not None
    assert (found.id, found.username) == (ann.id, "ann")
    assert found.roles == {"shop.chief", "shop.clerk"}
    assert not found.administrator


@pytest.mark.parametrize(
    ("username", "password"), [("ann", "Correct horse"), ("ann", ""), ("bob", "correct horse"), ("", "")]
)
def test_a_wrong_name_or_password_gives_nobody(
    shop: Workspace, ann: Actor, username: str, password: str
) -> None:
    assert signed_in(shop, username, password) is None


def test_somebody_who_has_left_is_nobody(shop: Workspace, ann: Actor) -> None:
    assert ann.id is not None
    with shop.writing(SYSTEM) as transaction:
        sent = new_token(transaction, ann.id, "script")
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(update(users).values(active=False))
    assert signed_in(shop, "ann", "correct horse") is None
    with shop.reading() as transaction:
        assert bearer_of(transaction.catalog, transaction.connection, sent, transaction.now) is None
        assert find_actor(transaction.catalog, transaction.connection, ann.id) is None


def test_neither_passwords_nor_tokens_are_kept_as_they_are(shop: Workspace, ann: Actor) -> None:
    assert ann.id is not None
    with shop.writing(SYSTEM) as transaction:
        sent = new_token(transaction, ann.id, "script")
        kept = [
            *transaction.connection.execute(select(token.c.token_hash)).scalars(),
            *transaction.connection.execute(select(credential.c.password_hash)).scalars(),
        ]
        assert len(kept) == 2
        assert all("correct horse" not in each and sent not in each for each in kept)
    with shop.reading() as transaction:
        catalog, connection, now = transaction.catalog, transaction.connection, transaction.now
        found = bearer_of(catalog, connection, sent, now)
        assert found is not None
        assert found.actor.id == ann.id
        assert bearer_of(catalog, connection, sent[:-1], now) is None


def test_roles_that_do_not_exist_are_refused(shop: Workspace, ann: Actor) -> None:
    assert ann.id is not None
    with shop.writing(SYSTEM) as transaction:
        grant_roles(transaction, ann.id, [ADMINISTRATOR, "shop.chief"])
        with pytest.raises(InputRefused, match=r"no role 'shop\.chef'\. Did you mean 'shop\.chief'"):
            grant_roles(transaction, ann.id, ["shop.chef"])
        with pytest.raises(NotFound, match="no user 'eve'"):
            user_id_of(transaction, "eve")
        with pytest.raises(InputRefused, match="at least 8 characters"):
            set_password(transaction, ann.id, "short", HASHER)
    with shop.reading() as transaction:
        found = find_actor(transaction.catalog, transaction.connection, ann.id)
    assert found is not None
    assert found.administrator


class Counting(PasswordHasher):
    """A hasher that counts what costs time."""

    work = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.work += 1
        return HASHER.hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.work += 1
        return HASHER.verify(hash, password)


@pytest.mark.parametrize("username", ["ann", "nobody"])
def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password(
    shop: Workspace, ann: Actor, username: str
) -> None:
    hasher = Counting()
    with shop.reading() as transaction:
        catalog, connection = transaction.catalog, transaction.connection
        assert actor_of_password(catalog, connection, hasher, username, "wrong") is None
    assert hasher.work == 1
