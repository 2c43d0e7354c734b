"""What is done with a whole approval: by those who take part, and by administrators."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.again import reading
from blueprints.small_form import SmallForm, came_from, form_page
from blueprints.task_actions import INSTANCE_ACTIONS, RECORD_ACTIONS, TASK_ACTIONS
from blueprints.values import entity_url, label
from engine import commands
from engine.problems import InputRefused, NotFound, Refused
from engine.records.read import exists, titles
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.overview import Mapped, jump_choices, mapping_choices, ongoing, standings

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
def standing() -> str:
    """Approvals that go on, by step and release, and those that cannot go on."""
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
            "url": entity_url(each.entity, each.record.id),
            "reassign": url_for("tasks.act", identity=each.incident_task, action="reassign", next=_here())
            if each.incident_task
            else None,
            "actions": [
                {
                    "label": INSTANCE_ACTIONS[name].words,
                    "icon": INSTANCE_ACTIONS[name].icon,
                    "danger": INSTANCE_ACTIONS[name].danger,
                    "url": url_for("approvals.administer", instance=each.id, action=name, next=_here()),
                }
                for name in INSTANCE_ACTIONS
                if name != "migrate" or not each.current
            ],
        }
        for each in found[:SHOWN]
    ]
    return render_template(
        "approvals.html",
        rows=rows,
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
        incidents=incidents,
        stuck=f"{SHOWN}+" if stuck > SHOWN else str(stuck),
        standings=where,
        release=release,
        reassign_words=TASK_ACTIONS["reassign"].words,
    )


def _here() -> str:
    return request.full_path.rstrip("?")


@blueprint.route(
    "/admin/approvals/<int:instance>/<any(cancel, jump, migrate):action>",
    endpoint="administer",
    methods=["GET", "POST"],
)
def administer(instance: int, action: str) -> Response:
    """Cancels an approval, lets it jump to a step, or moves it to the current release; with a reason."""
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


def _migrate(instance: int, reason: str) -> None:
    mapping = {
        name.removeprefix("map-"): value
        for name, value in request.form.items()
        if name.startswith("map-") and value
    }
    commands.migrate_approval(visitor.workspace(), visitor.person(), instance, mapping, reason)


INSTANCE_COMMANDS: Mapping[str, Callable[[int, str], None]] = {
    "cancel": _cancel,
    "jump": _jump,
    "migrate": _migrate,
}


def _instance_form(transaction: Transaction, instance: int, action: str) -> SmallForm:
    steps = jump_choices(transaction, instance)
    mapped: list[Mapped] = mapping_choices(transaction, instance) if action == "migrate" else []
    home = url_for("approvals.standing")
    return SmallForm(
        action=INSTANCE_ACTIONS[action],
        about=visitor.translated("Approval {number}", number=instance),
        url=url_for("approvals.administer", instance=instance, action=action),
        back=came_from(home),
        crumbs=((visitor.translated("Approvals"), home),),
        steps=[(name, label(text)) for name, text in steps] if action == "jump" else (),
        mapping=[
            {
                "name": each.name,
                "label": label(each.label),
                "targets": [(name, label(text)) for name, text in each.targets],
            }
            for each in mapped
        ],
    )
