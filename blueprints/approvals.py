"""What is done with a whole approval: by those who take part, and by administrators."""

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.again import reading
from blueprints.results import Result
from blueprints.small_form import SmallForm, came_from, form_page
from blueprints.task_actions import INSTANCE_ACTIONS, RECORD_ACTIONS, TASK_ACTIONS
from blueprints.values import entity_url, label
from engine import commands
from engine.problems import InputRefused, NotFound, Refused
from engine.records.read import exists, titles
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workflow.overview import (
    Mapped,
    Migrating,
    jump_choices,
    mapping_choices,
    ongoing,
    records_of,
    standing_at,
    standings,
)

blueprint = Blueprint("approvals", __name__)
SHOWN = 50


@blueprint.route("/<app>/<entity>/<int:identity>/approval/<action>", endpoint="act", methods=["GET", "POST"])
def act(app: str, entity: str, identity: int, action: str) -> Response:
    """Withdraws, reminds or comments, after asking."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        asked = _record_form(transaction, key, identity, action)
        if request.method == "GET":
            return form_page(transaction, asked)
    try:
        RECORD_COMMANDS[action](key, identity, request.form.get("comment", ""))
    except (InputRefused, Refused) as error:
        with reading() as transaction:
            return form_page(transaction, _record_form(transaction, key, identity, action), error)
    flash(visitor.translated(RECORD_ACTIONS[action].done.template))
    return make_response(redirect(asked.back, 303))


def _withdraw(key: str, identity: int, comment: str) -> None:
    commands.withdraw(visitor.workspace(), visitor.person(), key, identity, comment)


def _remind(key: str, identity: int, comment: str) -> None:
    commands.remind(visitor.workspace(), visitor.person(), key, identity, comment)


def _remark(key: str, identity: int, comment: str) -> None:
    commands.remark(visitor.workspace(), visitor.person(), key, identity, comment)


RECORD_COMMANDS: Mapping[str, Callable[[str, int, str], None]] = {
    "withdraw": _withdraw,
    "remind": _remind,
    "comment": _remark,
}


def _record_form(transaction: Transaction, key: str, identity: int, action: str) -> SmallForm:
    entity = transaction.catalog.entity(key)
    if action not in RECORD_ACTIONS or not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    title = titles(transaction, key, [identity]).get(identity) or f"#{identity}"
    url = entity_url(key, identity)
    return SmallForm(
        action=RECORD_ACTIONS[action],
        about=title,
        url=f"{url}/approval/{action}",
        back=came_from(url),
        crumbs=((label(entity.definition.label), entity_url(key)), (title, url)),
    )


@blueprint.get("/admin/approvals", endpoint="standing")
def standing() -> Response:
    """Approvals that go on, by step and release, and those that cannot go on."""
    return _standing([])


def _standing(results: Sequence[Result], *, nothing_chosen: bool = False) -> Response:
    incidents = request.args.get("incidents") == "1"
    before = request.args.get("before", "")
    with reading() as transaction:
        found = ongoing(
            transaction,
            SHOWN + 1,
            int(before) if before.isdigit() and len(before) < 19 else None,
            incidents=incidents,
        )
        stuck = len(ongoing(transaction, SHOWN + 1, incidents=True))
        where = standings(transaction)
        release = transaction.catalog.release
    rows = [
        {
            "one": each,
            "movable": not each.current,
            "url": entity_url(each.entity, each.record.id),
            "reassign": url_for("tasks.act", identity=each.incident_task, action="reassign", next=_here())
            if each.incident_task
            else None,
            "actions": [
                {
                    "label": INSTANCE_ACTIONS[name].words,
                    "icon": INSTANCE_ACTIONS[name].icon,
                    "danger": INSTANCE_ACTIONS[name].danger,
                    "url": url_for("approvals.migrate", approval=each.id, next=_here())
                    if name == "migrate"
                    else url_for("approvals.administer", instance=each.id, action=name, next=_here()),
                }
                for name in INSTANCE_ACTIONS
                if name != "migrate" or not each.current
            ],
        }
        for each in found[:SHOWN]
    ]
    page = render_template(
        "approvals.html",
        rows=rows,
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
        incidents=incidents,
        stuck=f"{SHOWN}+" if stuck > SHOWN else str(stuck),
        standings=where,
        release=release,
        reassign_words=TASK_ACTIONS["reassign"].words,
        migrate_words=INSTANCE_ACTIONS["migrate"].words,
        movable=any(row["movable"] for row in rows),
        results=results,
        failed=sum(not each.done for each in results),
        nothing_chosen=nothing_chosen,
        address=_here(),
    )
    return make_response(page)


def _here() -> str:
    """The page to come back to; what was posted came from the whole list."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("approvals.standing")


@blueprint.route(
    "/admin/approvals/<int:instance>/<any(cancel, jump):action>",
    endpoint="administer",
    methods=["GET", "POST"],
)
def administer(instance: int, action: str) -> Response:
    """Cancels an approval, or lets it jump to a step; with a reason."""
    with reading() as transaction:
        asked = _instance_form(transaction, instance, action)
        if request.method == "GET":
            return form_page(transaction, asked)
    try:
        INSTANCE_COMMANDS[action](instance, request.form.get("comment", ""))
    except (InputRefused, Refused) as error:
        with reading() as transaction:
            return form_page(transaction, _instance_form(transaction, instance, action), error)
    flash(visitor.translated(INSTANCE_ACTIONS[action].done.template))
    return make_response(redirect(asked.back, 303))


def _cancel(instance: int, reason: str) -> None:
    commands.cancel_approval(visitor.workspace(), visitor.person(), instance, reason)


def _jump(instance: int, reason: str) -> None:
    step = request.form.get("step", "")
    commands.jump_to_step(visitor.workspace(), visitor.person(), instance, step, reason)


INSTANCE_COMMANDS: Mapping[str, Callable[[int, str], None]] = {
    "cancel": _cancel,
    "jump": _jump,
}


def _instance_form(transaction: Transaction, instance: int, action: str) -> SmallForm:
    steps = jump_choices(transaction, instance)
    return SmallForm(
        action=INSTANCE_ACTIONS[action],
        about=visitor.translated("Approval {number}", number=instance),
        url=url_for("approvals.administer", instance=instance, action=action),
        back=came_from(url_for("approvals.standing")),
        crumbs=_crumbs(),
        steps=[(name, label(text)) for name, text in steps] if action == "jump" else (),
    )


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((visitor.translated("Approvals"), url_for("approvals.standing")),)


@blueprint.route("/admin/approvals/migrate", endpoint="migrate", methods=["GET", "POST"])
def migrate() -> Response:
    """Moves approvals to the current release by a mapping of steps: those ticked, or all of a kind."""
    with reading() as transaction:
        groups = _chosen(transaction)
        if request.method == "GET" or not groups:
            return _migrate_page(transaction, groups) if groups else _standing([], nothing_chosen=True)
    moves = {
        identity: {
            each.name: chosen
            for each in group.steps
            if (chosen := request.form.get(_place(number, each), each.name))
        }
        for number, group in enumerate(groups)
        for identity in group.approvals
    }
    try:
        outcomes = commands.migrate_approvals(
            visitor.workspace(), visitor.person(), moves, request.form.get("comment", "")
        )
    except (InputRefused, Refused) as error:
        with reading() as transaction:
            return _migrate_page(transaction, groups, error)
    if len(outcomes) == 1 and not any(outcomes.values()):
        flash(visitor.translated(INSTANCE_ACTIONS["migrate"].done.template))
        return make_response(redirect(came_from(url_for("approvals.standing")), 303))
    return _standing(_results(outcomes))


def _chosen(transaction: Transaction) -> list[Migrating]:
    """What is to be moved: `approval` ids, or those that stand at the `step` of a kind and release."""
    sent = request.values
    chosen = [int(each) for each in sent.getlist("approval") if each.isdigit() and len(each) < 19]
    if not chosen and sent.get("release", "").isdigit():
        key, name, step = sent.get("entity", ""), sent.get("transition", ""), sent.get("step", "")
        release = min(int(sent["release"]), transaction.catalog.release)
        chosen = standing_at(transaction, key, name, release, step, commands.APPROVALS_AT_ONCE)
    return mapping_choices(transaction, chosen[: commands.APPROVALS_AT_ONCE])


def _place(number: int, step: Mapped) -> str:
    """The name of the control for a step of the group of this number."""
    return f"map-{number}-{step.name}"


def _unchosen(step: Mapped) -> list[tuple[str, str]]:
    """Nothing is chosen beforehand for a step whose name is gone."""
    same = any(name == step.name for name, _ in step.targets)
    return [] if same or not step.targets else [("", visitor.translated("Choose a step"))]


def _migrate_page(
    transaction: Transaction, groups: Sequence[Migrating], error: Exception | None = None
) -> Response:
    many = len(groups) > 1
    count = sum(len(group.approvals) for group in groups)
    asked = SmallForm(
        action=INSTANCE_ACTIONS["migrate"],
        about=visitor.translated(
            "{count} approvals move to release {release}.", count=count, release=transaction.catalog.release
        ),
        url=url_for("approvals.migrate"),
        back=came_from(url_for("approvals.standing")),
        crumbs=_crumbs(),
        hidden=[("approval", str(each)) for group in groups for each in group.approvals],
        mapping=[
            {
                "name": _place(number, each),
                "label": f"{label(group.label)} · {label(each.label)}" if many else label(each.label),
                "targets": [*_unchosen(each), *((name, label(text)) for name, text in each.targets)],
            }
            for number, group in enumerate(groups)
            for each in group.steps
        ],
    )
    return form_page(transaction, asked, error)


def _results(outcomes: Mapping[int, Message | Text | None]) -> list[Result]:
    """What came of each, under the name of its record."""
    with reading() as transaction:
        named = records_of(transaction, list(outcomes))
    done = visitor.translated(INSTANCE_ACTIONS["migrate"].done.template)
    return [
        Result(
            named[identity].title or f"#{identity}",
            entity_url(named[identity].entity, named[identity].id),
            done=refused is None,
            sentence=done if refused is None else refused.to(visitor.locale()),
        )
        for identity, refused in outcomes.items()
    ]
