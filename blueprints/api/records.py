"""Records over HTTP: list, one, create, change, delete, preview."""

from typing import Any

from flask import request

from blueprints.api.answers import Answer, record_answer
from blueprints.api.bodies import body_of, members
from blueprints.api.caller import Joined
from blueprints.api.parameters import read_count, read_fields, read_limit, read_revision, read_sort
from blueprints.errors import problem_as_json
from blueprints.visitor import disclosures
from engine.commands import create_record, delete_record, update_record
from engine.records.json import all_to_json, to_json
from engine.records.preview import preview
from engine.records.query import Query
from engine.records.read import get, page
from engine.transaction import Transaction


def list_records(transaction: Transaction, app: str, entity: str) -> Answer:
    """`{"records", "next", "count"}` for the filter, order and page that the parameters ask for."""
    key, parameters = f"{app}.{entity}", request.args
    fields = read_fields(parameters.get("fields"), transaction.catalog.entity(key).fields)
    query = Query(
        filter=parameters.get("filter", ""),
        search=parameters.get("search", ""),
        sort=read_sort(parameters.get("sort")),
        limit=read_limit(parameters.get("limit")),
        after=parameters.get("after"),
        count=read_count(parameters.get("count")),
        view=parameters.get("view"),
        fields=None if fields is None else frozenset(fields),
    )
    found = page(transaction, key, query)
    disclosures().records(transaction, transaction.catalog.entity(key), found.records, query)
    records = [_narrowed(record, fields) for record in all_to_json(transaction, key, found.records)]
    body: dict[str, Any] = {"records": records, "next": found.next}
    if found.count is not None:
        body |= {"count": found.count, "count_capped": found.count_capped}
    return Answer(body)


def get_record(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """The record, with its revision as ETag."""
    key = f"{app}.{entity}"
    compiled = transaction.catalog.entity(key)
    fields = read_fields(request.args.get("fields"), compiled.fields)
    record = get(transaction, key, record_id)
    disclosures().record(transaction, compiled, record, fields)
    answer = record_answer(transaction, key, record)
    return Answer(_narrowed(answer.body, fields), headers=answer.headers)


def _narrowed(record: dict[str, Any], fields: tuple[str, ...] | None) -> dict[str, Any]:
    if fields is None:
        return record
    return {name: record[name] for name in ("id", *fields) if name in record}


def post_record(transaction: Transaction, app: str, entity: str) -> Answer:
    """Creates a record; 201 with the record and its address."""
    key, values = f"{app}.{entity}", body_of(request)
    record = create_record(Joined(transaction), transaction.actor, key, values)
    return record_answer(transaction, key, record, 201)


def patch_record(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """Changes the fields that are named; the others stay."""
    key, values = f"{app}.{entity}", body_of(request)
    revision = read_revision(request.headers.get("If-Match"))
    record = update_record(Joined(transaction), transaction.actor, key, record_id, values, revision)
    return record_answer(transaction, key, record)


def remove_record(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """Deletes a record; 204."""
    revision = read_revision(request.headers.get("If-Match"))
    delete_record(Joined(transaction), transaction.actor, f"{app}.{entity}", record_id, revision)
    return Answer(None, 204)


def preview_record(transaction: Transaction, app: str, entity: str) -> Answer:
    """What `values` would become: computed fields, visibility and problems; nothing is written."""
    key, body = f"{app}.{entity}", body_of(request)
    members(body, {"values": dict, "id": (int, type(None))})
    identity = body.get("id")
    shown = preview(transaction, key, body.get("values", {}), identity)
    if identity is not None:
        kept = {name: value for name, value in shown.values.items() if name not in body.get("values", {})}
        disclosures().record(transaction, transaction.catalog.entity(key), {**kept, "id": identity})
    return Answer(
        {
            "values": to_json(transaction, key, shown.values),
            "problems": [problem_as_json(each, transaction.actor.locale) for each in shown.problems],
            "hidden": sorted(shown.hidden),
            "required": sorted(shown.required),
            "read_only": sorted(shown.read_only),
        }
    )
