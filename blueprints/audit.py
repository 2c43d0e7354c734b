"""`/admin/audit`: who did what that concerns rights and safety; filters, and everything found as CSV."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from blueprints import visitor
from blueprints.people_picker import picked
from blueprints.values import label
from engine.access.audit import EVENTS, Entry, Sought, all_of, page_of, record
from engine.catalog import CompiledEntity
from engine.text import say

blueprint = Blueprint("audit", __name__)
SHOWN = 50
COLUMNS = ("at", "event", "username", "as_username", "about", "about_id", "subject", "address", "detail")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute (OWASP CSV injection)."""
ICONS: Mapping[str, tuple[str, str]] = {
    "sign_in": ("login", "hue-green"),
    "sign_in_failed": ("alert-circle", "hue-orange"),
    "sign_in_locked": ("lock", "hue-red"),
    "sign_out": ("logout", "hue-gray"),
    "session_ended": ("logout", "hue-gray"),
    "second_factor_failed": ("alert-circle", "hue-orange"),
    "role_granted": ("user-plus", "hue-blue"),
    "role_withdrawn": ("user-x", "hue-blue"),
    "person_deactivated": ("user-x", "hue-red"),
    "token_created": ("key", "hue-purple"),
    "token_revoked": ("key", "hue-purple"),
    "view_as_begun": ("eye", "hue-orange"),
    "view_as_ended": ("eye", "hue-gray"),
    "exported": ("download", "hue-azure"),
    "imported": ("upload", "hue-azure"),
    "personal_shown": ("eye", "hue-purple"),
    "personal_seen": ("eye", "hue-gray"),
    "key_rotated": ("lock", "hue-teal"),
    "published": ("versions", "hue-teal"),
}
FIELDS = frozenset({"fields", "personal"})
"""Which parts of an entry are names of fields of what it is about."""
USUAL = ("shield", "hue-gray")
DETAILS = {
    "created": say("created"),
    "expires": say("valid until"),
    "fields": say("fields"),
    "filter": say("filter"),
    "keys": say("with keys"),
    "personal": say("personal fields"),
    "records": say("records"),
    "scopes": say("scopes"),
    "sessions": say("devices"),
    "updated": say("changed"),
    "user": say("person"),
    "values": say("values"),
}
"""What the parts of an entry are called; others stand under their own names."""


@blueprint.get("/admin/audit", endpoint="show")
def show() -> str:
    """Entries, the newest first."""
    sought, before = _sought(), request.args.get("before", "")
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = page_of(
            transaction, sought, SHOWN + 1, int(before) if before.isdigit() and len(before) < 19 else None
        )
        person = picked(transaction, [sought.user_id]) if sought.user_id else []
    locale = visitor.locale()
    kept = {name: text for name, text in request.args.items() if text and name != "before"}
    return render_template(
        "audit.html",
        entries=[_shown(each) for each in found[:SHOWN]],
        events=sorted(((name, words.to(locale)) for name, words in EVENTS.items()), key=lambda each: each[1]),
        person=person,
        kept=kept,
        filtered=bool(kept),
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
    )


@blueprint.get("/admin/audit.csv", endpoint="export")
def export() -> Response:
    """Everything that the filters find, as CSV; that it was exported is an entry of its own."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    with visitor.workspace().writing(visitor.person()) as transaction:
        for each in all_of(transaction, _sought()):
            rows.writerow(_cell(getattr(each, name)) for name in COLUMNS)
        record(transaction, "audit_exported", detail={"filters": request.args.to_dict()})
    answer = make_response(written.getvalue().encode("utf-8-sig"))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    return answer


def _cell(value: Any) -> str:
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _sought() -> Sought:
    """The filters of the address; what cannot be read is passed over, since a link may be old."""
    given = request.args
    person, event = given.get("person", ""), given.get("event", "")
    first, last = _day(given.get("first_day", "")), _day(given.get("last_day", ""))
    sought = Sought(
        events=(event,) if event in EVENTS else (),
        user_id=int(person) if person.isdigit() and len(person) < 19 else None,
        text=given.get("q", ""),
    )
    zone = visitor.time_zone()
    if first is not None:
        sought = replace(sought, since=datetime.combine(first, time(), zone))
    if last is not None:
        sought = replace(sought, until=datetime.combine(last + timedelta(days=1), time(), zone))
    return sought


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(each: Entry) -> dict[str, Any]:
    words = EVENTS.get(each.event)
    icon, hue = ICONS.get(each.event, USUAL)
    return {
        "one": each,
        "words": words.to(visitor.locale()) if words else each.event,
        "icon": icon,
        "hue": hue,
        "about": _entity(each.about),
        "details": " · ".join(
            f"{_called(name)}: {_said(name, value, each.about)}"
            for name, value in each.detail.items()
            if value
        ),
    }


def _entity(key: str | None) -> str:
    """What an entity is called; its key where it is no longer there."""
    found = visitor.workspace().catalog.entities.get(key or "")
    return label(found.definition.label) if found else key or ""


def _called(name: str) -> str:
    return DETAILS[name].to(visitor.locale()) if name in DETAILS else name


def _said(name: str, value: Any, about: str | None) -> str:
    if not isinstance(value, list):
        return str(value)
    entity = visitor.workspace().catalog.entities.get(about or "") if name in FIELDS else None
    return ", ".join(_field(entity, str(each)) if entity else str(each) for each in value)


def _field(entity: CompiledEntity, path: str) -> str:
    """What people call a field, or one of child rows: `deductions.31.amount`, with the number of the row."""
    table, *row, name = path.split(".") if "." in path else ("", path)
    if not table:
        return label(entity.fields[name].definition.label) if name in entity.fields else name
    child = visitor.workspace().catalog.entities.get(entity.children.get(table, ""))
    if child is None:
        return path
    rows = label(entity.fields[table].definition.label)
    return " → ".join([rows, *(f"#{each}" for each in row), _field(child, name)])
