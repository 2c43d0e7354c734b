"""Who calls the API: the bearer of a token, or somebody who is signed in to the site.

The caller is found in the transaction in which the request is answered, so that both see one state and the
database is asked once whether another release is current.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Request, g
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from sqlalchemy import Connection
from wtforms import ValidationError

from blueprints.errors import SENTENCES, NotSignedIn
from blueprints.visitor import locale, workspace
from engine.access.accounts import actor_of_token
from engine.catalog import Catalog
from engine.problems import Malformed
from engine.text import LOCALES, say
from engine.transaction import SYSTEM, Actor, Transaction
from engine.workspace import Workspace

Identify = Callable[[Catalog, Connection], Actor]
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@contextmanager
def reading(request: Request) -> Iterator[Transaction]:
    """A transaction that only reads, on behalf of the caller; raises NotSignedIn."""
    identify = identification(request)
    with workspace().reading(SYSTEM) as transaction:
        yield _as_caller(request, transaction, identify)


@contextmanager
def writing(request: Request) -> Iterator[Transaction]:
    """A transaction on behalf of the caller, committed at the end; raises NotSignedIn."""
    identify = identification(request)
    # Whoever sends a body slowly is not to keep other writers waiting.
    request.get_data(cache=True)
    with workspace().writing(SYSTEM) as transaction:
        yield _as_caller(request, transaction, identify)


def _as_caller(request: Request, transaction: Transaction, identify: Identify) -> Transaction:
    actor = identify(transaction.catalog, transaction.connection)
    if "Authorization" in request.headers:
        actor = replace(actor, locale=accepted_locale(request) or actor.locale)
    # An error is answered after the transaction has ended, in the same language.
    g.api_locale = actor.locale
    return replace(transaction, actor=actor)


def identification(request: Request) -> Identify:
    """How to find the caller of a request; NotSignedIn at once when nobody is named."""
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn(SENTENCES[401])
        return lambda catalog, connection: _bearer(catalog, connection, token.strip())
    if not current_user.is_authenticated:
        raise NotSignedIn(SENTENCES[401])
    if request.method not in READING:
        _check_csrf(request)
    return lambda _catalog, _connection: current_user.actor


def _bearer(catalog: Catalog, connection: Connection, token: str) -> Actor:
    # Before the first release there are no people, and no table of them.
    actor = actor_of_token(catalog, connection, token) if catalog.release else None
    if actor is None:
        raise NotSignedIn(say("This token is not known, or no longer valid."))
    return actor


def _check_csrf(request: Request) -> None:
    try:
        validate_csrf(request.headers.get("X-CSRF-Token"))
    except ValidationError as error:
        sentence = "With the cookie of the site, writing needs the header X-CSRF-Token of one of its pages."
        raise Malformed(say(sentence)) from error


def accepted_locale(request: Request) -> str | None:
    """The best locale for Accept-Language; None when the request names none that exists."""
    if "Accept-Language" not in request.headers:
        return None
    wanted = [language.partition("-")[0].lower() for language, _ in request.accept_languages]
    return next((each for each in wanted if each in LOCALES), None)


def locale_of_errors() -> str:
    """The locale for an error; that of the site's visitor when the caller is not known."""
    found: str | None = g.get("api_locale")
    return found or locale()


class Joined(Workspace):
    """A workspace whose transactions are all the one in which a request is answered.

    A command opens a transaction of its own; given this, its work, the answer and the Idempotency-Key
    that is kept for it are committed together.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @property
    def catalog(self) -> Catalog:
        return self._transaction.catalog

    @contextmanager
    def reading(self, actor: Actor = SYSTEM) -> Iterator[Transaction]:
        yield replace(self._transaction, actor=actor)

    @contextmanager
    def writing(self, actor: Actor = SYSTEM) -> Iterator[Transaction]:
        yield replace(self._transaction, actor=actor)
