"""Who is asked instead of somebody, and when: naming a substitute and ending it."""

from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.again import reading
from blueprints.errors import answer_to
from blueprints.people_picker import picked, sent_people
from engine import commands
from engine.fields.field_type import ValueRefused
from engine.fields.types.date import Date
from engine.problems import InputRefused, Problem, Refused
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.substitutes import Substitute, standing_in, substitutes

blueprint = Blueprint("substitutes", __name__)


@blueprint.get("/profile/substitutes", endpoint="show")
def show() -> Response:
    """My substitutes, and for whom I stand in."""
    with reading() as transaction:
        return _page(transaction)


@blueprint.post("/profile/substitutes", endpoint="name")
def name() -> Response:
    """Names a substitute from one day to another."""
    person: tuple[int, ...] = ()
    chosen: tuple[int, ...] = ()
    try:
        problems: list[Problem] = []
        with reading() as transaction:
            chosen = _people(transaction, "substitute", problems)
            person = _people(transaction, "person", problems)
        _name(chosen, person, problems)
    except (InputRefused, Refused) as error:
        with reading() as transaction:
            return _page(transaction, error, chosen, person)
    flash(visitor.translated("The substitute is named."))
    return make_response(redirect(url_for("substitutes.show"), 303))


def _name(chosen: tuple[int, ...], person: tuple[int, ...], problems: list[Problem]) -> None:
    """Names the substitute; InputRefused with everything that is wrong."""
    if not chosen and not problems:
        problems.append(Problem("substitute", say("Choose who is asked instead.")))
    first, last = _day("first_day", problems), _day("last_day", problems)
    if problems or first is None or last is None:
        raise InputRefused(problems)
    absent = person[0] if person else None
    commands.name_substitute(visitor.workspace(), visitor.person(), chosen[0], first, last, absent)


@blueprint.post("/profile/substitutes/<int:identity>/end", endpoint="end")
def end(identity: int) -> Response:
    """Ends a substitution at once."""
    commands.remove_substitute(visitor.workspace(), visitor.person(), identity)
    flash(visitor.translated("The substitution has ended."))
    return make_response(redirect(url_for("substitutes.show"), 303))


def _people(transaction: Transaction, field: str, problems: list[Problem]) -> tuple[int, ...]:
    try:
        return sent_people(transaction, field)
    except InputRefused as refused:
        problems += refused.problems
        return ()


def _day(field: str, problems: list[Problem]) -> date | None:
    actor = visitor.person()
    try:
        found: date | None = Date().parse({}, request.form.get(field, ""), actor.locale, actor.time_zone)
    except ValueRefused as refused:
        problems.append(Problem(field, refused.message))
        return None
    if found is None:
        problems.append(Problem(field, say("Say the day.")))
    return found


def _page(
    transaction: Transaction,
    error: Exception | None = None,
    chosen: tuple[int, ...] = (),
    person: tuple[int, ...] = (),
) -> Response:
    actor = transaction.actor
    today = transaction.now.astimezone(visitor.time_zone()).date()
    problems: dict[str, str] = {}
    if isinstance(error, InputRefused):
        problems = {str(each.where): each.message.to(visitor.locale()) for each in error.problems}
    elif isinstance(error, Refused):
        problems = {"": error.message.to(visitor.locale())}
    found = substitutes(transaction)
    page = render_template(
        "substitutes.html",
        mine=[_shown(each, today) for each in found if each.person.id == actor.id],
        others=[_shown(each, today) for each in found if each.person.id != actor.id],
        stands_in=[_shown(each, today) for each in standing_in(transaction)],
        problems=problems,
        typed=request.form,
        chosen=picked(transaction, chosen),
        person=picked(transaction, person),
        today=today.isoformat(),
    )
    return make_response(page, answer_to(error).status if error else 200)


def _shown(each: Substitute, today: date) -> dict[str, object]:
    state = "past" if each.last_day < today else "now" if each.first_day <= today else "later"
    return {
        "one": each,
        "state": state,
        "first": visitor.day(each.first_day),
        "last": visitor.day(each.last_day),
        "word": visitor.translated(WORDS[state].template),
        "hue": HUES[state],
    }


WORDS = {"past": say("Past"), "now": say("In force"), "later": say("Planned")}
HUES = {"past": "hue-gray", "now": "hue-green", "later": "hue-azure"}
