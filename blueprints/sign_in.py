"""Signing in and out."""

from dataclasses import replace
from time import time
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import login_user, logout_user

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.texts import words
from engine.access.accounts import actor_of_password
from engine.access.audit import record
from engine.access.limits import TooMany, begin_sign_in, sign_in_succeeded, whose_sign_in
from engine.access.second_factor import has_second_factor
from engine.access.sessions import Opened, begin_session, sign_out
from engine.transaction import Actor

blueprint = Blueprint("sign_in", __name__)
LONGEST_NAME = 100
HALF = "half_signed_in"
"""What the signed cookie holds between the password and the second factor."""


@blueprint.route("/sign-in", methods=["GET", "POST"])
def enter() -> Response:
    """The sign-in page; after it, the page that was asked for."""
    following = own_address(request.values.get("next"))
    if visitor.actor() is not None:
        return make_response(redirect(following))
    username = request.form.get("username", "").strip()
    problem, status, headers = None, 200, {}
    if request.method == "POST":
        try:
            found = _known(username, request.form.get("password", ""))
        except TooMany as error:
            answer = answer_to(error)
            problem, status, headers = answer.detail.to(visitor.locale()), answer.status, answer.headers
        else:
            if found is not None:
                return go_on(found, following)
            problem, status = words("The user name or the password is not right.", visitor.locale()), 422
    page = render_template(
        "sign_in.html",
        username=username,
        next=following,
        problem=problem,
        demo=current_app.config.get("DEMO_PEOPLE"),
        provider=current_app.extensions.get("dougong_openid"),
    )
    return make_response(page, status, headers)


def _known(username: str, password: str) -> Actor | None:
    """Who has this name and password; TooMany when that was guessed too often, right or wrong."""
    whose = whose_sign_in(username, request.remote_addr)
    workspace = visitor.workspace()
    with workspace.writing(unknown_visitor(username)) as transaction:
        wait = begin_sign_in(transaction, whose)
        if wait is not None:
            record(transaction, "sign_in_locked", subject=transaction.actor.username)
    if wait is not None:
        raise TooMany(wait)
    with workspace.reading() as transaction:
        found = actor_of_password(
            transaction.catalog, transaction.connection, PasswordHasher(), username, password
        )
    with workspace.writing(unknown_visitor(username)) as transaction:
        if found is None:
            record(transaction, "sign_in_failed", subject=transaction.actor.username)
        elif not has_second_factor(transaction, found.id or 0):
            # With a second factor the attempt counts until its code is right as well.
            sign_in_succeeded(transaction, whose)
    return found


def go_on(person: Actor, following: str) -> Response:
    """What comes after the password: the second factor if there is one, else the page that was asked for."""
    with visitor.workspace().reading() as transaction:
        asked = has_second_factor(transaction, person.id or 0)
    if not asked:
        begin_visit(person)
        return make_response(redirect(following, 303))
    session.clear()
    session[HALF] = {"user": person.id, "at": int(time()), "next": following}
    return make_response(redirect(url_for("second_factor.ask"), 303))


def begin_visit(person: Actor) -> None:
    """Signs a person in: with a session, and a cookie, that nobody can have prepared for them."""
    device = visitor.device()
    with visitor.workspace().writing(replace(person, address=device.address)) as transaction:
        assert person.id is not None
        secret = begin_session(transaction, person.id, device, visitor.rules())
        record(transaction, "sign_in", about="system.user", identity=person.id)
        opened = Opened(0, person, transaction.now, renew=False)
    session.clear()
    login_user(visitor.Visitor(opened, secret))


def unknown_visitor(username: str) -> Actor:
    """Whoever says that this is their name. What is not a name, perhaps a password, is not written down."""
    said = username if len(username) <= LONGEST_NAME else ""
    return Actor(None, said, said, frozenset(), administrator=False, address=request.remote_addr)


@blueprint.post("/sign-out")
def leave() -> Response:
    """Ends the visit."""
    if visitor.actor() is not None:
        opened = visitor.opened()
        by = opened.actor.viewer or opened.actor
        with visitor.workspace().writing(by) as transaction:
            sign_out(transaction, opened.id)
    logout_user()
    session.clear()
    return make_response(redirect(url_for("sign_in.enter"), 303))


def own_address(address: str | None) -> str:
    """`address` when it is a page of this site, else the home page: nobody is sent away by a link."""
    parts = urlsplit((address or "").replace("\\", "/"))
    safe = address and not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return str(address) if safe and not str(address).startswith("//") else url_for("home.show")
