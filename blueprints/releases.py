"""The pages of releases, for administrators: history, differences, what is pending, publish, back, purge."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_time
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.release_forms import agreed, answers, begun, carried, carry, message, moved, sent_files
from engine import publishing
from engine.problems import DefinitionRefused, Refused
from engine.releases.comparison import Difference
from engine.releases.history import Release
from engine.releases.plan import StagesHeld
from engine.releases.progress import Running
from engine.releases.retired import Retired
from engine.releases.situation import Held
from engine.releases.step import Step
from engine.text import say

blueprint = Blueprint("releases", __name__)

RISKS = {"safe": "Safe", "confirm": "To confirm", "destructive": "Takes data out of use or destroys it"}
KINDS = {
    "added": "New",
    "removed": "Gone",
    "renamed": "Renamed",
    "changed": "Changed",
    "moved": "Moved",
}


@blueprint.get("/admin/releases", endpoint="listing")
def listing() -> str:
    """The history, the form for new definitions, and data that is out of use."""
    return _listing()


def _listing(text: str = "", problems: Sequence[str] = (), sentence: str = "") -> str:
    workspace, person = visitor.workspace(), visitor.person()
    found = publishing.releases(workspace, person)
    running = publishing.running(workspace, person)
    # What is out of use is counted in tables that a publish may hold, and cannot be dropped meanwhile either.
    retired = [] if running else publishing.out_of_use(workspace, person)
    return render_template(
        "releases.html",
        releases=[_shown(each, number == 0) for number, each in enumerate(found)],
        retired=[_retired(each) for each in retired],
        apps=sorted(found[0].apps) if found else [],
        removed=request.form.getlist("removed"),
        text=text,
        problems=problems,
        sentence=sentence,
        running=_running(running),
    )


@blueprint.get("/admin/releases/progress", endpoint="progress")
def progress() -> Response:
    """What the publish does that runs; without one nothing, or for who watched it that it has ended."""
    found = publishing.running(visitor.workspace(), visitor.person())
    watched = "watched" in request.args
    if found is None and not watched:
        return make_response("", 204)
    template = "parts/release_running.html" if found else "parts/release_ended.html"
    page = make_response(render_template(template, running=_running(found), watched=watched))
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.get("/admin/releases/<int:number>", endpoint="show")
def show(number: int) -> str:
    """One release: who, when, what about, its plan and its files."""
    workspace, person = visitor.workspace(), visitor.person()
    release, steps = publishing.release_with_plan(workspace, person, number)
    every = publishing.releases(workspace, person)
    locale = visitor.locale()
    return render_template(
        "release.html",
        release=_shown(release, release.number == every[0].number),
        others=[each.number for each in every if each.number != number],
        before=next((each.number for each in every if each.number < number), None),
        steps=[
            {
                "sentence": step["sentence"].get(locale, step["sentence"]["en"]),
                "risk": step["risk"],
                "risk_label": visitor.translated(RISKS[step["risk"]]),
                "affected": [each.get(locale, each["en"]) for each in step.get("affected", ())],
                "sql": step["sql"],
            }
            for step in steps
        ],
        files=[
            {"app": app, "name": name, "text": text}
            for app, texts in release.apps.items()
            for name, text in texts.items()
        ],
    )


@blueprint.get("/admin/releases/diff", endpoint="diff")
def diff() -> str:
    """What one release says otherwise than another."""
    workspace, person = visitor.workspace(), visitor.person()
    every = [each.number for each in publishing.releases(workspace, person)]
    before, after = _number("before", every, 1), _number("after", every, 0)
    found = publishing.differences(workspace, person, before, after) if every else []
    return render_template(
        "release_diff.html", numbers=every, before=before, after=after, differences=_differences(found)
    )


def _number(name: str, every: Sequence[int], position: int) -> int:
    """The number of a release that the address names; without one the latest, or the one before it."""
    written = request.args.get(name, "")
    if written.isdigit():
        return int(written)
    return every[min(position, len(every) - 1)] if every else 0


@blueprint.post("/admin/releases/plan", endpoint="plan")
def plan() -> Response:
    """What publishing the sent files would do; the same form again when they are not right."""
    workspace, person = visitor.workspace(), visitor.person()
    publishing.require_administrator(person)
    text = request.form.get("text", "")
    files: dict[str, str] = {}
    try:
        files = sent_files(text)
        found = publishing.pending(workspace, person, files, answers())
    except StagesHeld as refused:
        return _ask_for_stages(refused.held, url_for("releases.plan"), "post", files)
    except DefinitionRefused as refused:
        shown = [_problem(each.where, each.message.to(visitor.locale())) for each in refused.problems]
        return make_response(_listing(text, shown), 422)
    except Refused as refused:
        return make_response(_listing(text, sentence=refused.message.to(visitor.locale())), 422)
    return _plan_page(found, None)


@blueprint.post("/admin/releases", endpoint="publish")
def publish() -> Response:
    """Publishes what was planned, with what the person agreed to."""
    workspace, person = visitor.workspace(), visitor.person()
    publishing.require_administrator(person)
    release = publishing.publish(workspace, person, carried(), message(), agreed(), begun(), answers())
    return _published(release)


@blueprint.get("/admin/releases/<int:number>/back", endpoint="back")
def back(number: int) -> Response:
    """What publishing an earlier release again would do."""
    try:
        found = publishing.pending_rollback(visitor.workspace(), visitor.person(), number, moved())
    except StagesHeld as refused:
        return _ask_for_stages(refused.held, url_for("releases.back", number=number), "get", {})
    return _plan_page(found, number)


@blueprint.post("/admin/releases/<int:number>/back", endpoint="roll_back")
def roll_back(number: int) -> Response:
    """Publishes an earlier release again."""
    release = publishing.roll_back(
        visitor.workspace(), visitor.person(), number, message(), agreed(), begun(), moved()
    )
    return _published(release)


@blueprint.post("/admin/releases/purge", endpoint="purge")
def purge() -> Response:
    """Drops the chosen data that is out of use, for good."""
    workspace, person = visitor.workspace(), visitor.person()
    publishing.require_administrator(person)
    chosen = {int(each) for each in request.form.getlist("retired") if each.isdigit()}
    if not chosen or request.form.get("sure") != "yes":
        sentence = say("Choose what is to be dropped, and say that you are sure. Nothing was dropped.")
        return make_response(_listing(sentence=sentence.to(visitor.locale())), 422)
    dropped = publishing.purge_out_of_use(workspace, person, chosen)
    flash(visitor.translated("Dropped for good: {count}", count=len(dropped)))
    return make_response(redirect(url_for("releases.listing"), 303))


def _plan_page(found: publishing.Pending, back_to: int | None) -> Response:
    locale = visitor.locale()
    steps = [_step(each) for each in found.plan.steps]
    action = url_for("releases.publish") if back_to is None else url_for("releases.roll_back", number=back_to)
    page = render_template(
        "release_plan.html",
        action=action,
        back_to=back_to,
        begun=found.release,
        steps=steps,
        counts={risk: sum(step["risk"] == risk for step in steps) for risk in RISKS},
        differences=_differences(found.differences),
        touched=[{"place": str(each.place), "sentence": each.sentence.to(locale)} for each in found.touched],
        drift=[each.to(locale) for each in found.drift],
        names=list(found.files),
        carried=carry(found.files),
        removed=sorted(answers().removed),
        moved=moved(),
    )
    return make_response(page)


def _ask_for_stages(held: Sequence[Held], action: str, method: str, files: dict[str, str]) -> Response:
    """The page that asks where the records of stages go that are removed."""
    locale = visitor.locale()
    page = render_template(
        "release_stages.html",
        action=action,
        method=method,
        carried=carry(files),
        removed=sorted(answers().removed),
        moved=moved(),
        held=[
            {
                "key": each.key,
                "label": visitor.translated(
                    "{stage} of {entity}",
                    stage=each.stage.label.to(locale),
                    entity=each.entity.label.to(locale),
                ),
                "hint": each.sentence.to(locale),
                "stages": [(name, stage.label.to(locale)) for name, stage in each.stages.items()],
            }
            for each in held
        ],
    )
    return make_response(page, 422)


def _published(release: Release) -> Response:
    flash(visitor.translated("Release {number} is published", number=release.number))
    return make_response(redirect(url_for("releases.show", number=release.number), 303))


def _running(found: Running | None) -> dict[str, Any] | None:
    if found is None:
        return None
    locale = visitor.locale()
    return {
        "by": found.by,
        "begun": format_time(
            found.begun.astimezone(visitor.time_zone()), "medium", tzinfo=visitor.time_zone(), locale=locale
        ),
        "sentence": found.sentence.get(locale, found.sentence["en"]),
        "share": None if found.share is None else round(found.share * 100),
        "figures": [each.to(locale) for each in found.figures(datetime.now(UTC))],
    }


def _shown(release: Release, is_current: bool) -> dict[str, Any]:
    return {
        "number": release.number,
        "at": release.published_at,
        "by": release.published_by or "Dougong",
        "message": release.message,
        "apps": sorted(release.apps),
        "current": is_current,
    }


def _step(step: Step) -> dict[str, Any]:
    locale = visitor.locale()
    return {
        "sentence": step.sentence.to(locale),
        "risk": step.risk.value,
        "risk_label": visitor.translated(RISKS[step.risk.value]),
        "affected": [each.to(locale) for each in step.affected],
        "sql": step.statements,
    }


def _differences(found: Sequence[Difference]) -> list[dict[str, Any]]:
    locale = visitor.locale()
    return [
        {
            "kind": each.kind,
            "kind_label": visitor.translated(KINDS[each.kind]),
            "sentence": each.sentence.to(locale),
            "path": "/".join((each.app, *each.path)),
            "written": each.after if each.kind == "added" else None,
        }
        for each in found
    ]


def _retired(each: Retired) -> dict[str, Any]:
    return {
        "id": each.id,
        "label": each.label.to(visitor.locale()),
        "entity": each.entity,
        "where": each.table if each.column is None else f"{each.table}.{each.column}",
        "release": each.release,
        "values": each.values or 0,
    }


def _problem(where: object, sentence: str) -> str:
    return f"{where}: {sentence}" if where else sentence
