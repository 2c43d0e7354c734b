"""Signing in at an OpenID provider: going there, and coming back."""

from dataclasses import asdict
from datetime import UTC, datetime

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

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.sign_in import go_on, own_address, unknown_visitor
from engine.access.audit import record
from engine.access.openid import Begun, OpenId
from engine.joining import person_of_claims
from engine.problems import NotFound, Refused
from engine.text import say

blueprint = Blueprint("openid", __name__)
UNDER_WAY = "openid"


@blueprint.get("/sign-in/openid", endpoint="go")
def go() -> Response:
    """Sends the visitor to the provider."""
    provider = _provider()
    try:
        address, begun = provider.begin(_back(), datetime.now(UTC))
    except Refused as error:
        return _refused(error)
    session[UNDER_WAY] = {**asdict(begun), "next": own_address(request.args.get("next"))}
    return make_response(redirect(address))


@blueprint.get("/sign-in/openid/back", endpoint="back")
def back() -> Response:
    """Signs in whom the provider vouches for. What was begun is used up, whatever comes of it."""
    provider = _provider()
    kept = session.pop(UNDER_WAY, None)
    if not isinstance(kept, dict):
        return make_response(redirect(url_for("sign_in.enter")))
    following = own_address(kept.pop("next", None))
    try:
        claims = provider.finish(request.args, Begun(**kept), _back(), datetime.now(UTC))
        with visitor.workspace().writing() as transaction:
            person = person_of_claims(transaction, provider.provider, claims)
    except Refused as error:
        with visitor.workspace().writing(unknown_visitor("")) as transaction:
            record(transaction, "sign_in_failed", subject=provider.provider.issuer)
        return _refused(error)
    return go_on(person, following)


def _provider() -> OpenId:
    found: OpenId | None = current_app.extensions.get("dougong_openid")
    if found is None:
        raise NotFound(say("There is nothing at this address."))
    return found


def _back() -> str:
    site: str = current_app.extensions["dougong_site"]
    return f"{site}{url_for('openid.back')}" if site else url_for("openid.back", _external=True)


def _refused(error: Refused) -> Response:
    sentence = error.message.to(visitor.locale())
    page = render_template(
        "sign_in.html", username="", next=url_for("home.show"), problem=sentence, provider=_provider()
    )
    return make_response(page, answer_to(error).status)
