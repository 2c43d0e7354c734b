"""Addresses of entities that are called otherwise now lead to where they are."""

from flask import Response, make_response, redirect, request

from blueprints import visitor
from engine.releases.former_names import entity_now


def to_new_name() -> Response | None:
    """Sends on whoever follows an address of before a renaming; a form is sent on with what it holds."""
    named = request.view_args or {}
    if "app" not in named or "entity" not in named:
        return None
    key = f"{named['app']}.{named['entity']}"
    workspace = visitor.workspace()
    if key in workspace.catalog.entities:
        return None
    with workspace.reading() as transaction:
        now = None
        if key not in transaction.catalog.entities:
            now = entity_now(transaction.connection, key)
        if now is None or now not in transaction.catalog.entities:
            return None
    old, new = (f"/{each.replace('.', '/')}" for each in (key, now))
    address = request.full_path.rstrip("?").replace(old, new, 1)
    return make_response(redirect(address, 302 if request.method == "GET" else 307))
