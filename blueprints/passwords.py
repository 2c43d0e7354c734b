"""Setting a password: by a link that was sent, because it is forgotten, or one's own on the profile."""

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

from blueprints import visitor
from blueprints.errors import answer_to
from engine.access.limits import TooMany, begin_sign_in, whose_sign_in
from engine.access.links import read_link
from engine.access.sessions import renew_all
from engine.problems import InputRefused, NotPossible, Problem, Refused
from engine.staff import change_own_password, forgot_password, set_password_by_link
from engine.text import say

blueprint = Blueprint("passwords", __name__)


@blueprint.route("/forgot-password", methods=["GET", "POST"], endpoint="forgot")
def forgot() -> str:
    """Asks for a link by mail; the answer is the same whether there is such a person or not."""
    sent = request.method == "POST"
    name = request.form.get("name", "")
    if sent and name.strip():
        forgot_password(visitor.workspace(), name, request.remote_addr)
    return render_template("forgot_password.html", sent=sent and bool(name.strip()), name=name)


@blueprint.route("/password/<link>", methods=["GET", "POST"], endpoint="choose")
def choose(link: str) -> Response:
    """Sets the password of whom the link is for."""
    problems: dict[str, list[str]] = {}
    try:
        with visitor.workspace().reading() as transaction:
            person = read_link(transaction, visitor.site_key(), link)
        if request.method == "POST":
            _set_by_link(link)
            flash(visitor.translated("Your password is set. Sign in with it."))
            return make_response(redirect(url_for("sign_in.enter"), 303))
    except InputRefused as refused:
        problems = sentences(refused)
    except NotPossible as refused:
        page = render_template("link_over.html", sentence=refused.message.to(visitor.locale()))
        return make_response(page, 410)
    page = render_template(
        "choose_password.html", person=person, problems=problems, shortest=visitor.rules().shortest_password
    )
    return make_response(page, 422 if problems else 200)


def _set_by_link(link: str) -> None:
    new = _repeated()
    set_password_by_link(
        visitor.workspace(), visitor.site_key(), link, new, PasswordHasher(), visitor.rules()
    )
    session.clear()


@blueprint.route("/profile/password", methods=["GET", "POST"], endpoint="change")
def change() -> Response:
    """The visitor's own password; asks for the present one."""
    error: Exception | None = None
    if request.method == "POST":
        try:
            _change_own()
        except (InputRefused, Refused) as refused:
            error = refused
        else:
            flash(visitor.translated("Your password is changed. You are signed out everywhere else."))
            return make_response(redirect(url_for("profile.show"), 303))
    problems = sentences(error) if isinstance(error, InputRefused) else {}
    page = render_template(
        "change_password.html",
        problems=problems,
        refusal=error.message.to(visitor.locale()) if isinstance(error, Refused) else None,
        shortest=visitor.rules().shortest_password,
    )
    answer = answer_to(error) if error else None
    return make_response(page, answer.status if answer else 200, answer.headers if answer else {})


def _change_own() -> None:
    person, workspace = visitor.person(), visitor.workspace()
    confirm_password_attempt()
    old, new = request.form.get("old", ""), _repeated()
    opened = visitor.opened()
    change_own_password(workspace, person, old, new, PasswordHasher(), visitor.rules(), opened.id)
    with workspace.writing(person) as transaction:
        renew_all(transaction, person.id or 0)


def confirm_password_attempt() -> None:
    """Counts that the visitor's own password is asked for: an open session is no way to guess it."""
    person = visitor.person()
    with visitor.workspace().writing(person) as transaction:
        wait = begin_sign_in(transaction, whose_sign_in(person.username, request.remote_addr))
    if wait is not None:
        raise TooMany(wait)


def _repeated() -> str:
    """The new password; InputRefused when it was not typed the same way twice."""
    new = request.form.get("password", "")
    if new != request.form.get("again", ""):
        raise InputRefused([Problem("again", say("The two passwords are not the same."))])
    return new


def sentences(error: InputRefused) -> dict[str, list[str]]:
    """What is wrong, by the name of the field."""
    found: dict[str, list[str]] = {}
    for each in error.problems:
        found.setdefault(str(each.where), []).append(each.message.to(visitor.locale()))
    return found
