"""Who calls the API: the bearer of a token, or somebody who is signed in to the site."""

from dataclasses import dataclass

from flask import Request, current_app
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from blueprints.errors import SENTENCES, NotSignedIn
from engine.access.accounts import actor_of_token
from engine.problems import Malformed
from engine.text import LOCALES, say
from engine.transaction import Actor
from engine.workspace import Workspace

READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API: the workspace, who asks, and the locale of the sentences they get."""

    workspace: Workspace
    actor: Actor
    locale: str


def workspace_here() -> Workspace:
    """The workspace that the running application serves."""
    workspace: Workspace = current_app.extensions["dougong"]
    return workspace


def caller(request: Request) -> Call:
    """The call that a request makes; NotSignedIn when nobody known is asking."""
    workspace = workspace_here()
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        actor = _bearer(workspace, authorization)
        return Call(workspace, actor, accepted_locale(request) or actor.locale)
    if not current_user.is_authenticated:
        raise NotSignedIn(SENTENCES[401])
    if request.method not in READING:
        _check_csrf(request)
    actor = current_user.actor
    return Call(workspace, actor, actor.locale)


def _bearer(workspace: Workspace, authorization: str) -> Actor:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn(SENTENCES[401])
    actor = actor_of_token(workspace, token.strip())
    if actor is None:
        raise NotSignedIn(say("This token is not known, or no longer valid."))
    return actor


def _check_csrf(request: Request) -> None:
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.headers.get("X-CSRF-Token"))
    except ValidationError as error:
        sentence = "With the cookie of the site, writing needs the header X-CSRF-Token of one of its pages."
        raise Malformed(say(sentence)) from error


def accepted_locale(request: Request) -> str | None:
    """The best locale for Accept-Language; None when the request names none that exists."""
    if "Accept-Language" not in request.headers:
        return None
    wanted = [language.partition("-")[0].lower() for language, _ in request.accept_languages]
    return next((each for each in wanted if each in LOCALES), None)


def locale_of_errors(request: Request) -> str:
    """The locale for an error of a request whose caller may not be known."""
    if "Authorization" not in request.headers and current_user and current_user.is_authenticated:
        locale: str = current_user.actor.locale
        return locale
    return accepted_locale(request) or "en"
