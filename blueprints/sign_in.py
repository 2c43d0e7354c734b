"""Signing in and out."""

from urllib.parse import urlsplit

from argon2 import PasswordHasher
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_login import login_user, logout_user

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.texts import words
from engine.access.accounts import actor_of_password
from engine.access.limits import TooMany, begin_sign_in, sign_in_succeeded, whose_sign_in
from engine.transaction import Actor

blueprint = Blueprint("sign_in", __name__)


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
                login_user(visitor.Visitor(found))
                return make_response(redirect(following, 303))
            problem, status = words("The user name or the password is not right.", visitor.locale()), 422
    page = render_template(
        "sign_in.html",
        username=username,
        next=following,
        problem=problem,
        demo=current_app.config.get("DEMO_PEOPLE"),
    )
    return make_response(page, status, headers)


def _known(username: str, password: str) -> Actor | None:
    """Who has this name and password; TooMany when that was guessed too often, right or wrong."""
    whose = whose_sign_in(username, request.remote_addr)
    workspace = visitor.workspace()
    with workspace.writing() as transaction:
        wait = begin_sign_in(transaction, whose)
    if wait is not None:
        raise TooMany(wait)
    with workspace.reading() as transaction:
        found = actor_of_password(
            transaction.catalog, transaction.connection, PasswordHasher(), username, password
        )
    if found is not None:
        with workspace.writing() as transaction:
            sign_in_succeeded(transaction, whose)
    return found


@blueprint.post("/sign-out")
def leave() -> Response:
    """Ends the visit."""
    logout_user()
    return make_response(redirect(url_for("sign_in.enter"), 303))


def own_address(address: str | None) -> str:
    """`address` when it is a page of this site, else the home page: nobody is sent away by a link."""
    parts = urlsplit((address or "").replace("\\", "/"))
    safe = address and not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return str(address) if safe and not str(address).startswith("//") else url_for("home.show")
