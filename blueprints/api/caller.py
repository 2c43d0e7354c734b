"""Who calls the API: the bearer of a token, or somebody who is signed in to the site.

The caller is found in the transaction in which the request is answered, so that both see one state and the
database is asked once whether another release is current.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from flask import Request, current_app, g
from flask_wtf.csrf import validate_csrf
from sqlalchemy import Connection
from wtforms import ValidationError

from blueprints.errors import SENTENCES, NotSignedIn
from blueprints.visitor import has_to_enrol, locale, signed_in, workspace
from engine.access.calls import Calls
from engine.access.tokens import bearer_of, note_used
from engine.catalog import Catalog
from engine.problems import Malformed, NotAllowed
from engine.text import LOCALES, say
from engine.transaction import SYSTEM, Actor, Transaction, require_writer
from engine.workspace import Workspace

Identify = Callable[[Catalog, Connection, datetime], Actor]
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a name under which calls are counted, and how to find the person in a transaction."""

    key: str
    identify: Identify


@contextmanager
def reading(request: Request) -> Iterator[Transaction]:
    """A transaction that only reads, on behalf of the caller; raises NotSignedIn, TooMany."""
    caller = _admitted(request)
    with workspace().reading(SYSTEM) as transaction:
        yield _as_caller(request, transaction, caller)
    bearer = g.pop("bearer", None)
    if bearer is not None and bearer.is_worth_noting(transaction.now):
        with workspace().writing(SYSTEM) as transaction:
            note_used(transaction, bearer)


@contextmanager
def writing(request: Request) -> Iterator[Transaction]:
    """A transaction on behalf of the caller, committed at the end; raises NotSignedIn, TooMany."""
    caller = _admitted(request)
    # Whoever sends a body slowly is not to keep other writers waiting.
    request.get_data(cache=True)
    with workspace().writing(SYSTEM) as transaction:
        own = _as_caller(request, transaction, caller)
        require_writer(own.actor)
        bearer = g.pop("bearer", None)
        if bearer is not None and bearer.is_worth_noting(transaction.now):
            note_used(transaction, bearer)
        yield own


def _admitted(request: Request) -> Caller:
    """The caller, unless they called too often."""
    caller = identification(request)
    calls().admit(caller.key, datetime.now(UTC))
    return caller


def calls() -> Calls:
    """The counter of the calls of this application."""
    found: Calls = current_app.extensions["dougong_calls"]
    return found


def _as_caller(request: Request, transaction: Transaction, caller: Caller) -> Transaction:
    actor = caller.identify(transaction.catalog, transaction.connection, transaction.now)
    calls().know(caller.key)
    if "Authorization" in request.headers:
        actor = replace(actor, locale=accepted_locale(request) or actor.locale, address=request.remote_addr)
    # An error is answered after the transaction has ended, in the same language.
    g.api_locale = actor.locale
    return replace(transaction, actor=actor)


def identification(request: Request) -> Caller:
    """Who calls, and how to find them; NotSignedIn at once when nobody is named."""
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn(SENTENCES[401])
        sent = token.strip()
        key = sha256(sent.encode()).hexdigest()
        return Caller(key, lambda catalog, connection, now: _bearer(catalog, connection, sent, now))
    visiting = signed_in()
    if visiting is None:
        raise NotSignedIn(SENTENCES[401])
    if request.method not in READING:
        _check_csrf(request)
    if has_to_enrol():
        raise NotAllowed(say("Set up your second factor first, on the page of your profile."))
    actor = visiting.actor
    return Caller(f"user {actor.id}", lambda _catalog, _connection, _now: actor)


def _bearer(catalog: Catalog, connection: Connection, token: str, now: datetime) -> Actor:
    bearer = bearer_of(catalog, connection, token, now)
    if bearer is None:
        raise NotSignedIn(say("This token is not known, or no longer valid."))
    g.bearer = bearer
    return bearer.actor


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
        require_writer(actor)
        yield replace(self._transaction, actor=actor)
