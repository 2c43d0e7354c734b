"""The person's own page: who they are, and the language and appearance of their pages."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.sign_in import own_address
from blueprints.values import label, show
from engine.commands import update_record
from engine.notifications import choose_mail, wants_mail
from engine.records.read import get
from engine.text import LOCALES

blueprint = Blueprint("profile", __name__)
SHOWN = ("name", "username", "email", "department", "manager", "time_zone")


@blueprint.get("/profile", endpoint="show")
def show_own() -> str:
    """Who the visitor is."""
    person = visitor.person()
    assert person.id is not None
    with visitor.workspace().reading(person) as transaction:
        entity = transaction.catalog.entity("system.user")
        record = get(transaction, "system.user", person.id)
        mail = wants_mail(transaction, person.id)
    fields = [entity.fields[name] for name in SHOWN if name in record]
    facts = [
        {"label": label(each.definition.label), "shown": shown or "–"}
        for each in fields
        for shown in [show(each, record[each.name])]
    ]
    return render_template("profile.html", facts=facts, mail=mail, address=record.get("email"))


@blueprint.post("/profile/locale")
def locale() -> Response:
    """Keeps the language: with the person, and on this device for the sign-in page."""
    chosen = request.form.get("locale", "")
    answer = make_response(redirect(own_address(request.form.get("next")), 303))
    if chosen in LOCALES:
        answer.set_cookie(
            visitor.LOCALE_COOKIE, chosen, max_age=visitor.A_YEAR, httponly=True, samesite="Lax"
        )
        person = visitor.actor()
        if person is not None and person.id is not None:
            # Everyone may choose their own language, whatever the rules say about people's records.
            own = replace(person, administrator=True)
            update_record(visitor.workspace(), own, "system.user", person.id, {"locale": chosen})
    return answer


@blueprint.post("/profile/mail")
def mail() -> Response:
    """Keeps whether notifications come by mail too."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        choose_mail(transaction, wanted=request.form.get("wanted") == "yes")
    return make_response(redirect(url_for("profile.show"), 303))


@blueprint.post("/profile/theme")
def theme() -> Response:
    """Keeps the appearance on this device."""
    chosen = request.form.get("theme", "")
    answer = make_response(redirect(own_address(request.form.get("next")), 303))
    if chosen in visitor.THEMES:
        answer.set_cookie(visitor.THEME_COOKIE, chosen, max_age=visitor.A_YEAR, httponly=True, samesite="Lax")
    return answer
