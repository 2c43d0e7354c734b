"""Records over HTTP: list, one, create, change, delete, preview."""

from collections.abc import Mapping
from typing import Any

from flask import request

from blueprints.api.answers import Answer, record_answer
from blueprints.api.bodies import body_of, members
from blueprints.api.caller import Call
from blueprints.api.parameters import read_count, read_fields, read_limit, read_revision, read_sort
from blueprints.errors import problem_as_json
from engine.access.policy import readable
from engine.commands import create_record, delete_record, update_record
from engine.records.compute import preview
from engine.records.json import to_json
from engine.records.read import Query, get, page
from engine.transaction import Transaction


def list_records(call: Call, app: str, entity: str) -> Answer:
    """`{"records", "next", "count"}` for the filter, order and page that the parameters ask for."""
    key, parameters = f"{app}.{entity}", request.args
    with call.workspace.reading(call.actor) as tx:
        fields = read_fields(parameters.get("fields"), tx.catalog.entity(key).fields)
        query = Query(
            filter=parameters.get("filter", ""),
            sort=read_sort(parameters.get("sort")),
            limit=read_limit(parameters.get("limit")),
            after=parameters.get("after"),
            count=read_count(parameters.get("count")),
            view=parameters.get("view"),
        )
        found = page(tx, key, query)
        records = [_narrowed(to_json(tx, key, record), fields) for record in found.records]
    body: dict[str, Any] = {"records": records, "next": found.next}
    if found.count is not None:
        body |= {"count": found.count, "count_capped": found.count_capped}
    return Answer(body)


def get_record(call: Call, app: str, entity: str, record_id: int) -> Answer:
    """The record, with its revision as ETag."""
    key = f"{app}.{entity}"
    with call.workspace.reading(call.actor) as tx:
        fields = read_fields(request.args.get("fields"), tx.catalog.entity(key).fields)
        answer = record_answer(tx, key, get(tx, key, record_id))
        return Answer(_narrowed(answer.body, fields), headers=answer.headers)


def _narrowed(record: dict[str, Any], fields: tuple[str, ...] | None) -> dict[str, Any]:
    if fields is None:
        return record
    return {name: record[name] for name in ("id", *fields) if name in record}


def post_record(call: Call, app: str, entity: str) -> Answer:
    """Creates a record; 201 with the record and its address."""
    key, values = f"{app}.{entity}", body_of(request)
    record = create_record(call.workspace, call.actor, key, values)
    return _shown(call, key, record, 201)


def patch_record(call: Call, app: str, entity: str, record_id: int) -> Answer:
    """Changes the fields that are named; the others stay."""
    key, values = f"{app}.{entity}", body_of(request)
    revision = read_revision(request.headers)
    record = update_record(call.workspace, call.actor, key, record_id, values, revision)
    return _shown(call, key, record, 200)


def _shown(call: Call, key: str, record: Mapping[str, Any], status: int) -> Answer:
    with call.workspace.reading(call.actor) as tx:
        return record_answer(tx, key, record, status)


def remove_record(call: Call, app: str, entity: str, record_id: int) -> Answer:
    """Deletes a record; 204."""
    revision = read_revision(request.headers)
    delete_record(call.workspace, call.actor, f"{app}.{entity}", record_id, revision)
    return Answer(None, 204)


def preview_record(call: Call, app: str, entity: str) -> Answer:
    """What `values` would become: computed fields, visibility and problems; nothing is written."""
    key, body = f"{app}.{entity}", body_of(request)
    members(body, {"values": dict, "id": (int, type(None))})
    with call.workspace.reading(call.actor) as tx:
        shown = preview(tx, key, body.get("values", {}), body.get("id"))
        return Answer(
            {
                "values": to_json(tx, key, _readable(tx, key, shown.values)),
                "problems": [problem_as_json(each, call.locale) for each in shown.problems],
                "hidden": sorted(shown.hidden),
                "required": sorted(shown.required),
                "read_only": sorted(shown.read_only),
            }
        )


def _readable(tx: Transaction, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    allowed = readable(tx, key)
    return {name: value for name, value in values.items() if name in allowed}
