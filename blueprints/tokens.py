"""API tokens: one's own on the profile, everybody's for administrators. A new one is shown once."""

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.passwords import sentences
from blueprints.sign_in import own_address
from engine.access.members import USER
from engine.access.tokens import Token, new_token, revoke_token, tokens_of
from engine.fields.field_type import ValueRefused
from engine.fields.types.date import Date
from engine.problems import InputRefused, NotFound, Problem, Refused
from engine.records.read import titles
from engine.text import Text, say
from engine.transaction import Transaction

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/profile/tokens", endpoint="show")
def show() -> str:
    """The visitor's own tokens."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        return _page(transaction, visitor.person().id)


@blueprint.get("/admin/tokens", endpoint="everybodys")
def everybodys() -> str:
    """The tokens of everybody."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = [_shown(each, transaction.now) for each in tokens_of(transaction, None)]
    return render_template("all_tokens.html", tokens=found)


@blueprint.route("/admin/users/<int:identity>/tokens", methods=["GET", "POST"], endpoint="of_one")
def of_one(identity: int) -> Response:
    """The tokens of one person or program; makes one."""
    return _of(identity)


@blueprint.post("/profile/tokens", endpoint="make")
def make() -> Response:
    """A new token of the visitor's own."""
    return _of(visitor.person().id or 0)


def _of(identity: int) -> Response:
    made, error = None, None
    if request.method == "POST":
        try:
            with visitor.workspace().writing(visitor.person()) as transaction:
                made = new_token(
                    transaction, identity, request.form.get("name", "").strip(), _scopes(), _end()
                )
        except (InputRefused, Refused) as refused:
            error = refused
    with visitor.workspace().reading(visitor.person()) as transaction:
        page = _page(transaction, identity, made, error)
    return make_response(page, answer_to(error).status if error else 200)


@blueprint.post("/tokens/<int:identity>/revoke", endpoint="revoke")
def revoke(identity: int) -> Response:
    """Ends a token for good."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        revoke_token(transaction, identity)
    flash(visitor.translated("The token is revoked."))
    return make_response(redirect(own_address(request.form.get("next")), 303))


def _scopes() -> list[str]:
    """The scopes of the form: a kind, and what it is for; nothing for everything."""
    kind = request.form.get("kind", "")
    if kind not in ("read", "write"):
        return []
    places = request.form.getlist("place")
    return [f"{kind}:{each}" for each in places] if places else [kind]


def _end() -> datetime | None:
    """The end of the last day; InputRefused for what is no day."""
    actor = visitor.person()
    try:
        day = Date().parse({}, request.form.get("expires", ""), actor.locale, actor.time_zone)
    except ValueRefused as refused:
        raise InputRefused([Problem("expires", refused.message)]) from refused
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), visitor.time_zone()).astimezone(UTC)


def _page(
    transaction: Transaction, identity: int | None, made: str | None = None, error: Exception | None = None
) -> str:
    assert identity is not None
    own = identity == transaction.actor.id
    found = tokens_of(transaction, identity)
    person = titles(transaction, USER, [identity]).get(identity)
    if person is None:
        raise NotFound(say("There is no person {id}.", id=identity))
    apps = [each for each in transaction.catalog.apps.values() if not each.hidden]
    return render_template(
        "tokens.html",
        own=own,
        person=person,
        identity=identity,
        tokens=[_shown(each, transaction.now) for each in found],
        made=made,
        typed=request.form if error else {},
        places=request.form.getlist("place") if error else [],
        problems=sentences(error) if isinstance(error, InputRefused) else {},
        refusal=error.message.to(visitor.locale()) if isinstance(error, Refused) else None,
        apps=[{"name": each.name, "label": Text.to(each.label, visitor.locale())} for each in apps],
        soon=(transaction.now + timedelta(days=90)).date().isoformat(),
    )


def _shown(each: Token, now: datetime) -> dict[str, object]:
    return {
        "one": each,
        "scopes": each.scopes,
        "over": each.expires_at is not None and each.expires_at <= now,
        "ends": visitor.day((each.expires_at - timedelta(seconds=1)).astimezone(visitor.time_zone()).date())
        if each.expires_at
        else None,
    }
