"""`/admin/users` and `/admin/departments`: people and programs, their roles, and how they sign in."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import func, select

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.passwords import sentences
from blueprints.people_picker import picked, sent_people
from blueprints.sessions import shown as session_shown
from engine.access.accounts import roles_of
from engine.access.actors import ADMINISTRATOR
from engine.access.members import USER, Member, counts, member, members, require_administrator
from engine.access.second_factor import remove_second_factor
from engine.access.sessions import end_others, end_session, sessions_of
from engine.problems import InputRefused, Refused
from engine.records.read import get
from engine.staff import add_person, change_person, send_link
from engine.text import LOCALES, Message, say
from engine.transaction import Transaction

blueprint = Blueprint("people", __name__)
DEPARTMENT = "system.department"
KINDS: Mapping[str, Message] = {
    "active": say("Active people"),
    "inactive": say("Inactive ones"),
    "programs": say("Programs"),
    "all": say("All of them"),
}
TYPED = ("name", "username", "email", "locale", "time_zone")
ZONES = tuple(sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/")))


@blueprint.get("/admin/users", endpoint="listing")
def listing() -> str:
    """People by name, with what they may do."""
    search, which = request.args.get("q", ""), request.args.get("which", "active")
    after = request.args.get("after", "")
    start = int(after) if after.isdigit() and len(after) < 10 else 0
    which = which if which in KINDS else "active"
    with visitor.workspace().reading(visitor.person()) as transaction:
        found, more = members(transaction, search, which, start)
        numbers = counts(transaction)
        labels = _role_labels(transaction)
    locale = visitor.locale()
    return render_template(
        "people.html",
        people=[_row(each, labels) for each in found],
        search=search,
        which=which,
        tabs=[
            {"name": name, "label": words.to(locale), "count": numbers[name]} for name, words in KINDS.items()
        ],
        following=start + len(found) if more else None,
    )


@blueprint.route("/admin/users/new", methods=["GET", "POST"], endpoint="new")
def new() -> Response:
    """A new person, or a program."""
    service = request.values.get("service") == "yes"
    error: Exception | None = None
    if request.method == "POST":
        try:
            identity = add_person(
                visitor.workspace(), visitor.person(), _values(service), _roles(), service=service
            )
            flash(visitor.translated("Added."))
            return make_response(redirect(url_for("people.person", identity=identity), 303))
        except (InputRefused, Refused) as refused:
            error = refused
    return _form(None, service, error)


@blueprint.route("/admin/users/<int:identity>", methods=["GET", "POST"], endpoint="person")
def person(identity: int) -> Response:
    """One person: the fields, the roles, and how they sign in."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = member(transaction, identity)
    error: Exception | None = None
    if request.method == "POST":
        try:
            values = _values(found.service)
            change_person(visitor.workspace(), visitor.person(), identity, values, _roles())
            flash(visitor.translated("Saved."))
            return make_response(redirect(url_for("people.person", identity=identity), 303))
        except (InputRefused, Refused) as refused:
            error = refused
    return _form(found, found.service, error)


@blueprint.post("/admin/users/<int:identity>/link", endpoint="link")
def link(identity: int) -> Response:
    """Sends a link to set a password, and shows it once to be copied."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = member(transaction, identity)
    kind = "reset" if found.has_password else "invite"
    made = send_link(visitor.workspace(), visitor.person(), visitor.site_key(), kind, identity)
    address = url_for("passwords.choose", link=made, _external=True)
    page = render_template("person_link.html", person=found, address=address, kind=kind)
    return make_response(page)


@blueprint.post("/admin/users/<int:identity>/active", endpoint="active")
def active(identity: int) -> Response:
    """Deactivates a person, who is signed out at once, or lets them in again."""
    wanted = request.form.get("active") == "yes"
    change_person(visitor.workspace(), visitor.person(), identity, {"active": wanted}, None)
    flash(visitor.translated("They can sign in again." if wanted else "Deactivated and signed out."))
    return make_response(redirect(url_for("people.person", identity=identity), 303))


@blueprint.post("/admin/users/<int:identity>/second-factor", endpoint="second_factor")
def second_factor(identity: int) -> Response:
    """Removes a second factor, for somebody who lost their phone."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        remove_second_factor(transaction, identity)
    flash(visitor.translated("The second factor is removed."))
    return make_response(redirect(url_for("people.person", identity=identity), 303))


@blueprint.post("/admin/users/<int:identity>/sessions/<int:session_id>/end", endpoint="end_session")
def end_one(identity: int, session_id: int) -> Response:
    """Ends a session of somebody."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        end_session(transaction, session_id)
    flash(visitor.translated("That device is signed out."))
    return make_response(redirect(url_for("people.person", identity=identity), 303))


@blueprint.post("/admin/users/<int:identity>/sessions/end", endpoint="end_sessions")
def end_all(identity: int) -> Response:
    """Ends all sessions of somebody; of oneself, all others."""
    kept = visitor.opened().id if identity == visitor.person().id else None
    with visitor.workspace().writing(visitor.person()) as transaction:
        end_others(transaction, identity, kept)
    flash(visitor.translated("Signed out everywhere."))
    return make_response(redirect(url_for("people.person", identity=identity), 303))


@blueprint.get("/admin/departments", endpoint="departments")
def departments() -> str:
    """The departments as a tree, with how many people each has."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        require_administrator(transaction.actor)
        tree = _tree(transaction)
    return render_template("departments.html", departments=tree)


def _tree(transaction: Transaction) -> list[dict[str, Any]]:
    """Departments in the order of the tree, each with its depth. One in a circle stands at the top."""
    tables = transaction.catalog.tables
    table, users = tables.table(DEPARTMENT), tables.table(USER)
    working = select(func.count()).where(users.c.department == table.c.id, users.c.active).scalar_subquery()
    head = select(users.c.name).where(users.c.id == table.c.head).scalar_subquery()
    columns = (table.c.id, table.c.name, table.c.parent, working.label("people"), head.label("head"))
    rows = transaction.connection.execute(select(*columns).order_by(func.lower(table.c.name))).all()
    beneath: dict[int | None, list[Any]] = {}
    for row in rows:
        beneath.setdefault(row.parent, []).append(row)
    found: list[dict[str, Any]] = []
    placed: set[int] = set()

    def place(row: Any, depth: int) -> None:
        if row.id in placed:
            return
        placed.add(row.id)
        found.append({"id": row.id, "name": row.name, "people": row.people, "head": row.head, "depth": depth})
        for each in beneath.get(row.id, []):
            place(each, depth + 1)

    for row in [*beneath.get(None, []), *rows]:
        place(row, 0)
    return found


def _values(service: bool) -> dict[str, Any]:
    """The values of the form as `records.write` takes them; InputRefused for people nobody knows."""
    form = request.form
    if service:
        return {"name": form.get("name", "").strip(), "username": form.get("username", "").strip()}
    with visitor.workspace().reading(visitor.person()) as transaction:
        manager = sent_people(transaction, "manager")
    department = form.get("department", "")
    return {
        **{name: form.get(name, "").strip() or None for name in TYPED},
        "manager": manager[0] if manager else None,
        "department": int(department) if department.isdigit() else None,
    }


def _roles() -> list[str]:
    return [*request.form.getlist("role"), *([ADMINISTRATOR] if request.form.get("administrator") else [])]


def _form(found: Member | None, service: bool, error: Exception | None) -> Response:
    with visitor.workspace().reading(visitor.person()) as transaction:
        require_administrator(transaction.actor)
        page = _form_page(transaction, found, service, error)
    return make_response(page, answer_to(error).status if error else 200)


def _form_page(transaction: Transaction, found: Member | None, service: bool, error: Exception | None) -> str:
    kept = get(transaction, USER, found.id) if found else {}
    chosen = roles_of(transaction, found.id) if found else frozenset()
    manager = _link_id(kept.get("manager"))
    typed = {name: kept.get(name) or "" for name in TYPED} | {"department": _link_id(kept.get("department"))}
    if not found:
        typed |= {"locale": visitor.locale(), "time_zone": visitor.person().time_zone}
    if error:
        typed = {name: request.form.get(name, "") for name in (*TYPED, "department")}
        chosen = frozenset(_roles())
        sent = request.form.get("manager", "")
        manager = int(sent) if sent.isdigit() else None
    sessions: Sequence[Any] = sessions_of(transaction, found.id, visitor.rules()) if found else ()
    return render_template(
        "person.html",
        person=found,
        service=service,
        typed=typed,
        manager=picked(transaction, [manager] if manager else []),
        departments=_tree(transaction),
        locales=LOCALES,
        zones=ZONES,
        apps=_roles_by_app(transaction, chosen),
        administrator=ADMINISTRATOR in chosen,
        sessions=[session_shown(each) for each in sessions],
        problems=sentences(error) if isinstance(error, InputRefused) else {},
        refusal=error.message.to(visitor.locale()) if isinstance(error, Refused) else None,
        mail=bool(kept.get("email")),
    )


def _link_id(value: Any) -> int | None:
    found: int | None = getattr(value, "id", value)
    return found


def _roles_by_app(transaction: Transaction, chosen: frozenset[str]) -> list[dict[str, Any]]:
    locale = visitor.locale()
    return [
        {
            "label": app.label.to(locale),
            "roles": [
                {
                    "key": f"{app.name}.{name}",
                    "label": role.label.to(locale),
                    "chosen": f"{app.name}.{name}" in chosen,
                    "includes": ", ".join(
                        _label_of(transaction, f"{app.name}.{each}" if "." not in each else each)
                        for each in role.includes
                    ),
                }
                for name, role in app.roles.items()
            ],
        }
        for app in transaction.catalog.apps.values()
        if app.roles and not app.hidden
    ]


def _role_labels(transaction: Transaction) -> dict[str, str]:
    return {
        f"{app.name}.{name}": f"{role.label.to(visitor.locale())} · {app.label.to(visitor.locale())}"
        for app in transaction.catalog.apps.values()
        for name, role in app.roles.items()
    }


def _label_of(transaction: Transaction, role: str) -> str:
    app, _, name = role.partition(".")
    known = transaction.catalog.apps.get(app)
    return known.roles[name].label.to(visitor.locale()) if known and name in known.roles else role


def _row(each: Member, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "one": each,
        "administrator": ADMINISTRATOR in each.roles,
        "roles": [labels.get(role, role) for role in each.roles if role != ADMINISTRATOR],
        "invited": not each.service and not each.has_password,
    }
