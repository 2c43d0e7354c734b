"""The second factor: asked for at the sign-in, set up and removed on the profile."""

from time import time
from typing import Any

import segno
from argon2 import PasswordHasher
from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from markupsafe import Markup

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.passwords import confirm_password_attempt, sentences
from blueprints.sign_in import HALF, begin_visit, own_address
from engine.access.accounts import is_password_of
from engine.access.actors import find_actor
from engine.access.audit import record
from engine.access.limits import TooMany, begin_sign_in, sign_in_succeeded, whose_sign_in
from engine.access.second_factor import (
    begin_second_factor,
    begun_second_factor,
    confirm_second_factor,
    has_second_factor,
    is_second_factor,
    make_recovery_codes,
    recovery_codes_left,
    remove_second_factor,
)
from engine.problems import InputRefused, Problem, Refused
from engine.text import say
from engine.transaction import Actor, Transaction

blueprint = Blueprint("second_factor", __name__)
SECONDS_FOR_THE_CODE = 600


@blueprint.route("/sign-in/code", methods=["GET", "POST"], endpoint="ask")
def ask() -> Response:
    """The second page of the sign-in."""
    half = _half()
    if half is None:
        session.pop(HALF, None)
        return make_response(redirect(url_for("sign_in.enter")))
    person, following = half
    problem, status, headers = None, 200, {}
    if request.method == "POST":
        try:
            right = _is_right(person, request.form.get("code", ""))
        except TooMany as error:
            answer = answer_to(error)
            problem, status, headers = answer.detail.to(visitor.locale()), answer.status, answer.headers
        else:
            if right:
                begin_visit(person)
                return make_response(redirect(following, 303))
            problem, status = visitor.translated("The code is not right, or was used already."), 422
    return make_response(render_template("code.html", problem=problem), status, headers)


def _half() -> tuple[Actor, str] | None:
    """Whose password was right a moment ago, and where they want to go."""
    kept: Any = session.get(HALF)
    if not isinstance(kept, dict) or time() - kept.get("at", 0) > SECONDS_FOR_THE_CODE:
        return None
    with visitor.workspace().reading() as transaction:
        person = find_actor(transaction.catalog, transaction.connection, int(kept["user"]))
    return (person, own_address(kept.get("next"))) if person else None


def _is_right(person: Actor, code: str) -> bool:
    """Whether the code opens; TooMany when codes were guessed too often."""
    whose = whose_sign_in(person.username, request.remote_addr)
    with visitor.workspace().writing() as transaction:
        wait = begin_sign_in(transaction, whose)
    if wait is not None:
        raise TooMany(wait)
    with visitor.workspace().writing(person) as transaction:
        right = is_second_factor(transaction, visitor.site_key(), person.id or 0, code)
        if right:
            sign_in_succeeded(transaction, whose)
        else:
            record(transaction, "second_factor_failed", about="system.user", identity=person.id)
    return right


@blueprint.get("/profile/second-factor", endpoint="show")
def show() -> str:
    """Whether there is one, and setting it up."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        return _page(transaction)


@blueprint.post("/profile/second-factor/begin", endpoint="begin")
def begin() -> Response:
    """Makes a secret for the phone."""
    person = visitor.person()
    with visitor.workspace().writing(person) as transaction:
        begin_second_factor(transaction, visitor.site_key(), person.id or 0)
    return make_response(redirect(url_for("second_factor.show"), 303))


@blueprint.post("/profile/second-factor/confirm", endpoint="confirm")
def confirm() -> Response:
    """Puts it in force by a first code, and shows the recovery codes."""
    person = visitor.person()
    try:
        with visitor.workspace().writing(person) as transaction:
            code = "".join(request.form.get("code", "").split())
            codes = confirm_second_factor(transaction, visitor.site_key(), person.id or 0, code)
    except InputRefused as refused:
        return _again(refused)
    return make_response(render_template("recovery_codes.html", codes=codes))


@blueprint.post("/profile/second-factor/codes", endpoint="codes")
def codes() -> Response:
    """New recovery codes instead of the old ones."""
    person = visitor.person()
    try:
        _ask_for_password()
    except (InputRefused, Refused) as refused:
        return _again(refused)
    with visitor.workspace().writing(person) as transaction:
        made = make_recovery_codes(transaction, person.id or 0)
    return make_response(render_template("recovery_codes.html", codes=made))


@blueprint.post("/profile/second-factor/remove", endpoint="remove")
def remove() -> Response:
    """Has the sign-in ask for the password alone again."""
    person = visitor.person()
    try:
        _ask_for_password()
    except (InputRefused, Refused) as refused:
        return _again(refused)
    with visitor.workspace().writing(person) as transaction:
        remove_second_factor(transaction, person.id or 0)
    flash(visitor.translated("The second factor is removed."))
    return make_response(redirect(url_for("second_factor.show"), 303))


def _ask_for_password() -> None:
    """InputRefused when the present password was not sent along: a session that lies open is not enough."""
    person = visitor.person()
    confirm_password_attempt()
    sent = request.form.get("old", "")
    with visitor.workspace().writing(person) as transaction:
        if not is_password_of(transaction, person.id or 0, sent, PasswordHasher()):
            raise InputRefused([Problem("old", say("This is not your present password."))])
        sign_in_succeeded(transaction, whose_sign_in(person.username, request.remote_addr))


def _again(error: Exception) -> Response:
    with visitor.workspace().reading(visitor.person()) as transaction:
        return make_response(_page(transaction, error), answer_to(error).status)


def _page(transaction: Transaction, error: Exception | None = None) -> str:
    identity = transaction.actor.id or 0
    address = begun_second_factor(transaction, visitor.site_key(), identity)
    return render_template(
        "second_factor.html",
        on=has_second_factor(transaction, identity),
        picture=_picture(address) if address else None,
        secret=_in_groups(address) if address else "",
        left=recovery_codes_left(transaction, identity),
        needed=visitor.has_to_enrol(),
        problems=sentences(error) if isinstance(error, InputRefused) else {},
        refusal=error.message.to(visitor.locale()) if isinstance(error, Refused) else None,
    )


def _picture(address: str) -> Markup:
    """The QR code as SVG, dark on light in either theme: phones read it only so."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=5, border=3, dark="#000", light="#fff", svgclass="qr"))  # noqa: S704


def _in_groups(address: str) -> str:
    secret = address.partition("secret=")[2].partition("&")[0]
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
