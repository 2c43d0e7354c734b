"""`/admin/jobs`: what waits, runs, was done or failed, and why; for administrators."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from engine import outbox
from engine.text import Message, say

blueprint = Blueprint("jobs", __name__)
SHOWN = 50
ALIVE_SECONDS = 30
STATES: Mapping[str, tuple[Message, str]] = {
    "waiting": (say("Waiting"), "azure"),
    "handed": (say("Handed over"), "azure"),
    "running": (say("Running"), "blue"),
    "failed": (say("Failed"), "red"),
    "done": (say("Done"), "green"),
}
"""State → its word and the colour of its badge."""
KINDS: Mapping[str, tuple[Message, str]] = {
    "mail": (say("E-mail"), "mail"),
    "account_mail": (say("Letter with a link"), "mail"),
    "timer": (say("Timer"), "alarm"),
}
"""Kind → its word and icon."""


@blueprint.get("/admin/jobs", endpoint="show")
def show() -> str:
    """The jobs, the newest first, and the processes that work on them."""
    locale = visitor.locale()
    chosen = request.args.get("state", "")
    states = (chosen,) if chosen in STATES else outbox.STATES
    before = request.args.get("before", "")
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = outbox.page_of(
            transaction, SHOWN + 1, states, int(before) if before.isdigit() and len(before) < 19 else None
        )
        counts = outbox.counts(transaction)
        workers = [
            {"worker": each, "alive": (transaction.now - each.seen_at).total_seconds() < ALIVE_SECONDS}
            for each in outbox.workers(transaction)
        ]
    return render_template(
        "jobs.html",
        jobs=[
            {
                "job": each,
                "reason": each.told(locale),
                "kind": KINDS[each.kind][0].to(locale) if each.kind in KINDS else each.kind,
                "icon": KINDS[each.kind][1] if each.kind in KINDS else "settings",
                "state": STATES[each.state][0].to(locale),
                "color": STATES[each.state][1],
                "again": each.state == "failed" or (each.state == "waiting" and each.attempts > 0),
            }
            for each in found[:SHOWN]
        ],
        tabs=[{"name": name, "label": STATES[name][0].to(locale), "count": counts[name]} for name in STATES],
        total=sum(counts.values()),
        chosen=chosen if chosen in STATES else "",
        workers=workers,
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
    )


@blueprint.post("/admin/jobs/<int:identity>/retry", endpoint="retry")
def retry(identity: int) -> Response:
    """Has a failed job tried again."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        outbox.retry(transaction, identity)
    flash(visitor.translated("The job is tried again."))
    return make_response(redirect(url_for("jobs.show", state=request.form.get("state") or None), 303))
