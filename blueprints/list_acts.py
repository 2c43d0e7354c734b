"""What can be done with many records of a list at once: edit a field, move, delete, export."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from blueprints import visitor
from blueprints.again import reading
from blueprints.list_address import Asked, read_address
from blueprints.values import label
from engine.access.field_policy import record_dependent, writable
from engine.access.policy import may, rights_key
from engine.batches import Operation, Outcome, run_each
from engine.catalog import CompiledEntity
from engine.fields.field_type import Relation
from engine.forms.bind import bind
from engine.forms.layout import field_node
from engine.forms.nodes import Typed
from engine.problems import Malformed, NotFound
from engine.records.query import LARGEST_PAGE, Query
from engine.records.read import page
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.guards import find_transition, waits_for_approval

blueprint = Blueprint("list_acts", __name__)
TOGETHER = 200
"""How many records one request acts on; a page sends one after the other and shows how far it is."""
SELECTED_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen: a field to edit, a transition to fire."""

    name: str
    label: str
    comment: bool = False


@dataclass(frozen=True, slots=True)
class Acts:
    """What is offered for records that are selected."""

    fields: tuple[Choice, ...]
    moves: tuple[Choice, ...]
    delete: bool
    export: bool

    @property
    def some(self) -> bool:
        return bool(self.fields or self.moves or self.delete or self.export)


def editable_fields(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    """The fields that may be set on at least some records, by somebody who may change any."""
    return transaction.catalog.once(
        ("editable", entity.key, rights_key(transaction)), lambda: _editable_fields(transaction, entity)
    )


def _editable_fields(transaction: Transaction, entity: CompiledEntity) -> frozenset[str]:
    if not may(transaction, "update", entity).allowed:
        return frozenset()
    allowed = writable(transaction, entity) | record_dependent(entity)
    return frozenset(
        name
        for name in allowed
        if name in entity.fields
        and entity.fields[name].type.relation is not Relation.ROWS
        and not entity.fields[name].definition.read_only
        and not entity.fields[name].computed
    )


def offered_acts(transaction: Transaction, entity: CompiledEntity) -> Acts:
    """What the visitor may try; the engine decides for each record."""
    return transaction.catalog.once(
        ("acts", entity.key, rights_key(transaction), visitor.locale()),
        lambda: _offered_acts(transaction, entity),
    )


def _offered_acts(transaction: Transaction, entity: CompiledEntity) -> Acts:
    editable = editable_fields(transaction, entity)
    shown = [name for section in entity.definition.form for name in section.fields]
    workflow = entity.definition.workflow
    moves = [each for each in workflow.transitions.values() if each.by] if workflow else []
    return Acts(
        fields=tuple(
            Choice(name, label(entity.fields[name].definition.label)) for name in shown if name in editable
        ),
        moves=tuple(Choice(each.name, label(each.label), each.comment_required) for each in moves),
        delete=may(transaction, "delete", entity).allowed,
        export=may(transaction, "export", entity).allowed,
    )


@blueprint.get("/<app>/<entity>/matching", endpoint="matching")
def matching(app: str, entity: str) -> Response:
    """The ids of all records that a list has, up to a bound: `{"ids", "more"}`."""
    with reading() as transaction:
        compiled = transaction.catalog.entity(f"{app}.{entity}")
        ids, after = matching_ids(transaction, compiled, read_address(transaction, compiled, request.args))
    return jsonify({"ids": ids, "more": after is not None})


def matching_ids(
    transaction: Transaction, entity: CompiledEntity, asked: Asked
) -> tuple[list[int], str | None]:
    """The ids of the records that a list has, and the cursor behind the last where there are more."""
    found: list[int] = []
    after = None
    while len(found) < SELECTED_AT_MOST:
        query = Query(
            filter=asked.filter, search=asked.search, view=asked.view.name, sort=(("id", True),),
            limit=LARGEST_PAGE, after=after, fields=frozenset({"id"}),
        )  # fmt: skip
        some = page(transaction, entity.key, query)
        found += [record["id"] for record in some.records]
        after = some.next
        if after is None:
            break
    return found, after


@blueprint.get("/<app>/<entity>/edit-many", endpoint="field")
def field(app: str, entity: str) -> Response:
    """The control for a field that is to be the same in many records."""
    with reading() as transaction:
        compiled = transaction.catalog.entity(f"{app}.{entity}")
        node = _node(transaction, compiled, request.args.get("field", ""))
        return make_response(render_template("parts/one_field.html", node=node))


def _node(transaction: Transaction, entity: CompiledEntity, name: str, typed: Typed | None = None) -> Any:
    if name not in editable_fields(transaction, entity):
        raise NotFound(say("{entity} has no field '{name}'.", entity=entity.definition.label, name=name))
    return field_node(transaction, entity, name, {}, frozenset({name}), typed)


@blueprint.post("/<app>/<entity>/several", endpoint="several")
def several(app: str, entity: str) -> Response:
    """Does one thing with up to 200 records: `{"results": [{"id", "reason", "undo", "stays"}]}`.

    There is a reason where it was refused, and `stays` says why what was done cannot be undone.
    `act` is update (with `name`, a field, and its control), transition (with `name`, `comment`), delete, or
    undo (with the `event` of each, which is the `undo` of the results before).
    """
    key, form = f"{app}.{entity}", request.form
    identities = [int(each) for each in form.getlist("id") if each.isdigit() and len(each) < 19]
    if not 1 <= len(identities) <= TOGETHER:
        raise Malformed(say("Name 1 to {most} records by their ids.", most=TOGETHER))
    act, name = form.get("act", ""), form.get("name", "")
    with reading() as transaction:
        compiled = transaction.catalog.entity(key)
        about: Operation = {"op": act, "name": name, "comment": form.get("comment", "")}
        if act == "update":
            bound = bind(transaction, [_node(transaction, compiled, name)], form)
            if bound.problems:
                sentences = [one.to(visitor.locale()) for each in bound.problems.values() for one in each]
                return make_response(jsonify({"problem": " ".join(sentences)}), 422)
            about = {**about, "values": bound.values}
    events = [int(each) for each in form.getlist("event") if each.isdigit() and len(each) < 19]
    if act == "undo" and len(events) != len(identities):
        raise Malformed(say("Each record needs the number of the change that is to be undone."))
    numbered = zip(identities, events if act == "undo" else [None] * len(identities), strict=True)
    operations = [{**about, "id": identity, "event": event} for identity, event in numbered]
    outcomes = run_each(visitor.workspace(), visitor.person(), key, operations)
    results = zip(identities, outcomes, strict=True)
    return jsonify({"results": [_result(compiled, about, *each) for each in results]})


def _result(entity: CompiledEntity, about: Operation, identity: int, outcome: Outcome) -> dict[str, Any]:
    """What the page is told of one record."""
    locale = visitor.locale()
    told: dict[str, Any] = {
        "id": identity,
        "reason": " ".join(each.to(locale) for each in outcome.refusal) or None,
    }
    if outcome.event is not None:
        told["undo"] = outcome.event
    elif about["op"] == "transition" and not outcome.refusal and entity.definition.keep_history:
        # Nothing has moved: somebody is asked first.
        told["stays"] = waits_for_approval(find_transition(entity.definition, about["name"])).to(locale)
    return told
