"""Where a person is signed in: their devices on /profile/sessions, each of which can be signed out."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from blueprints import visitor
from engine.access.sessions import Session, end_others, end_session, sessions_of

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/profile/sessions", endpoint="show")
def show() -> str:
    """The visitor's own sessions."""
    person = visitor.person()
    assert person.id is not None
    with visitor.workspace().reading(person) as transaction:
        found = sessions_of(transaction, person.id, visitor.rules())
    return render_template("sessions.html", sessions=[shown(each) for each in found])


@blueprint.post("/profile/sessions/<int:identity>/end", endpoint="end")
def end(identity: int) -> Response:
    """Ends one of the visitor's sessions."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        end_session(transaction, identity)
    flash(visitor.translated("That device is signed out."))
    return make_response(redirect(url_for("sessions.show"), 303))


@blueprint.post("/profile/sessions/end-others", endpoint="end_others")
def end_all_others() -> Response:
    """Ends all of the visitor's sessions but this one."""
    person = visitor.person()
    assert person.id is not None
    with visitor.workspace().writing(person) as transaction:
        end_others(transaction, person.id, visitor.opened().id)
    flash(visitor.translated("You are signed out everywhere else."))
    return make_response(redirect(url_for("sessions.show"), 303))


def shown(each: Session) -> dict[str, Any]:
    """A session for a list: the device in words, and whether it is the one in use."""
    named = [name for name in (each.browser, each.system) if name]
    return {
        "one": each,
        "device": " · ".join(named) or visitor.translated("Unknown browser"),
        "icon": "device-mobile" if each.system in ("iPhone", "Android", "HarmonyOS") else "device-laptop",
        "current": each.id == visitor.opened().id,
    }
