"""Views that people keep: made, saved again, renamed, shared, deleted, begun with."""

from flask import Blueprint, Response, flash, make_response, redirect, request

from blueprints import visitor
from blueprints.list_address import SETTINGS
from blueprints.values import entity_url
from engine.problems import Malformed
from engine.records import kept_views
from engine.text import say

blueprint = Blueprint("kept_views", __name__)


def _sent_settings() -> dict[str, list[str]]:
    return {name: request.form.getlist(name) for name in ("view", *SETTINGS) if request.form.getlist(name)}


def _back(key: str, name: str | int | None) -> Response:
    base = entity_url(key)
    return make_response(redirect(f"{base}?view={name}" if name else base, 303))


@blueprint.post("/<app>/<entity>/views", endpoint="keep")
def keep(app: str, entity: str) -> Response:
    """Keeps the list as a new view."""
    key, form = f"{app}.{entity}", request.form
    with visitor.workspace().writing(visitor.person()) as transaction:
        identity = kept_views.keep_view(
            transaction, key, form.get("name", ""), _sent_settings(), form.get("shared") == "yes"
        )
    flash(visitor.translated("View saved"))
    return _back(key, identity)


@blueprint.post("/<app>/<entity>/views/<int:identity>", endpoint="change")
def change(app: str, entity: str, identity: int) -> Response:
    """Saves the list into a view (`act` is save), renames or shares it (rename), or deletes it (delete)."""
    key, form = f"{app}.{entity}", request.form
    act = form.get("act")
    if act not in {"save", "rename", "delete"}:
        raise Malformed(say("There is no operation '{name}'.", name=act or ""))
    with visitor.workspace().writing(visitor.person()) as transaction:
        if act == "delete":
            kept_views.delete_view(transaction, identity)
        elif act == "save":
            kept_views.change_view(transaction, identity, settings=_sent_settings())
        else:
            shared = form.get("shared") == "yes" if "may_share" in form else None
            kept_views.change_view(transaction, identity, name=form.get("name", ""), shared=shared)
    flash(visitor.translated("View deleted") if act == "delete" else visitor.translated("View saved"))
    return _back(key, None if act == "delete" else identity)


@blueprint.post("/<app>/<entity>/views/first", endpoint="first")
def first(app: str, entity: str) -> Response:
    """The visitor begins with this view from now on."""
    key, name = f"{app}.{entity}", request.form.get("name", "")
    with visitor.workspace().writing(visitor.person()) as transaction:
        kept_views.begin_with(transaction, transaction.catalog.entity(key), name)
    flash(visitor.translated("You begin with this view from now on"))
    return _back(key, name)
