"""Public forms over HTTP: which there are, and opening or closing one. Sending one is for pages alone."""

from flask import request, url_for

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from engine.problems import Malformed
from engine.records.public_forms import PublicForm, forms, switch_form
from engine.text import say
from engine.transaction import Transaction


def list_forms(transaction: Transaction) -> Answer:
    """`{"forms": [{"name", "entity", "view", "label", "open", "address"}]}` of what the caller may read."""
    return Answer({"forms": [_form(each, transaction.actor.locale) for each in forms(transaction)]})


def post_form(transaction: Transaction, form: str) -> Answer:
    """Opens or closes a form, named `app.entity.view`: `{"open": true}`."""
    body = body_of(request)
    members(body, {"open": bool})
    if "open" not in body:
        raise Malformed(say("The body has to be a JSON object, such as {example}.", example='{"open": true}'))
    key, _, view = form.rpartition(".")
    return Answer(_form(switch_form(transaction, key, view, body["open"]), transaction.actor.locale))


def _form(form: PublicForm, locale: str) -> dict[str, object]:
    app, _, entity = form.entity.key.partition(".")
    return {
        "name": form.key,
        "entity": form.entity.key,
        "view": form.view.name,
        "label": form.view.label.to(locale),
        "open": form.open,
        "address": url_for("public_forms.show", app=app, entity=entity, name=form.view.name, _external=True),
    }
