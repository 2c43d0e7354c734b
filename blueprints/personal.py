"""`/admin/personal`: the personal data of one person, written out or erased; for administrators."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select

from blueprints import visitor
from blueprints.navigation import plural
from blueprints.values import label
from engine.access.people import USER
from engine.personal.belongings import belongings
from engine.personal.erase import NOT_ONESELF, Erasure, erase_person, plan_erasure
from engine.personal.export import as_text, export_person
from engine.problems import Malformed
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("personal", __name__)


@blueprint.get("/admin/personal", endpoint="show")
def show() -> str:
    """Chooses a person; then: what there is about them, and what erasing would do."""
    chosen = request.args.get("person", "")
    with visitor.workspace().reading(visitor.person()) as transaction:
        context: dict[str, Any] = {"person": None}
        if chosen.isdigit() and len(chosen) < 19:
            context = _about(transaction, int(chosen))
        elif not transaction.actor.administrator:
            belongings(transaction, transaction.actor.id or 0)
        return render_template("personal.html", people=people_of(transaction), **context)


@blueprint.post("/admin/personal/<int:user>/export", endpoint="export")
def export(user: int) -> Response:
    """Everything about a person as a file: JSON, or a text for people."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        data = export_person(transaction, user)
        text = as_text(transaction, data, visitor.locale())
    readable = request.form.get("form") == "text"
    answer = make_response(text) if readable else jsonify(data)
    answer.mimetype = "text/markdown" if readable else "application/json"
    ending = "md" if readable else "json"
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{user}.{ending}"'
    return answer


@blueprint.post("/admin/personal/<int:user>/erase", endpoint="erase")
def erase(user: int) -> Response:
    """Erases the personal data of a person, who has to be named once more."""
    if request.form.get("sure") != "yes":
        raise Malformed(say("Say that you are sure: what is erased cannot be brought back."))
    with visitor.workspace().writing(visitor.person()) as transaction:
        erase_person(transaction, user)
    flash(visitor.translated("The personal data is erased."))
    return make_response(redirect(url_for("personal.show", person=user), 303))


def people_of(transaction: Transaction) -> list[tuple[int, str]]:
    """Everybody, by name."""
    table = transaction.catalog.entity(USER).table
    ids = transaction.connection.execute(select(table.c.id)).scalars().all()
    return sorted(titles(transaction, USER, ids).items(), key=lambda each: each[1])


def _about(transaction: Transaction, user: int) -> dict[str, Any]:
    found, planned = belongings(transaction, user), plan_erasure(transaction, user)
    catalog, locale = transaction.catalog, visitor.locale()
    name = titles(transaction, USER, [user]).get(user, "")
    named: dict[str, int] = {}
    for (key, _), ids in found.named.items():
        named[key] = named.get(key, 0) + len(ids)
    return {
        "person": {"id": user, "name": name, "username": planned.username},
        "own": [(plural(catalog.entity(key), locale), len(ids)) for key, ids in sorted(found.own.items())],
        "named": [(plural(catalog.entity(key), locale), count) for key, count in sorted(named.items())],
        "blanked": _blanked(transaction, planned),
        "kept": [each.to(locale) for each in planned.kept],
        "myself": NOT_ONESELF.to(locale) if user == transaction.actor.id else "",
    }


def _blanked(transaction: Transaction, planned: Erasure) -> list[dict[str, Any]]:
    return [
        {
            "entity": label(entity.definition.label),
            "fields": [(label(entity.fields[each].definition.label), n) for each, n in fields.items()],
        }
        for key, fields in planned.blanked.items()
        for entity in (transaction.catalog.entity(key),)
    ]
