"""Looking at the product as somebody else: for administrators, to read only, told in the audit."""

from flask import Blueprint, Response, make_response, redirect, url_for

from blueprints import visitor
from engine.access.sessions import begin_view, end_view

blueprint = Blueprint("view_as", __name__)


@blueprint.post("/admin/users/<int:identity>/view", endpoint="begin")
def begin(identity: int) -> Response:
    """From now on the visitor sees what this person sees."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        begin_view(transaction, visitor.opened().id, identity)
    return make_response(redirect(url_for("home.show"), 303))


@blueprint.post("/view-as/end", endpoint="end")
def end() -> Response:
    """The visitor is themselves again."""
    opened = visitor.opened()
    seen, by = opened.actor, opened.actor.viewer
    if by is not None:
        with visitor.workspace().writing(by) as transaction:
            end_view(transaction, opened.id, seen)
        return make_response(redirect(url_for("people.person", identity=seen.id), 303))
    return make_response(redirect(url_for("home.show"), 303))
