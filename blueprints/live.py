"""What forms ask for while somebody types: computed values and conditions, candidates of link fields."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from blueprints import visitor
from blueprints.again import openable_new, reading
from blueprints.opened import Opened, open_record, unsaved_values
from blueprints.trouble import every_node
from blueprints.values import entity_url, inside, label, show_whole
from engine.access.policy import may
from engine.forms.bind import bind
from engine.forms.layout import hidden_sections, layout
from engine.problems import NotFound
from engine.records.compute import bare
from engine.records.read import choices as candidates
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("live", __name__)
BLANK = '<span class="value-blank">–</span>'


@blueprint.post("/<app>/<entity>/preview", endpoint="preview_new")
def preview_new(app: str, entity: str) -> Response:
    """What a new record would be, while it is typed."""
    with reading() as transaction:
        return _preview(transaction, openable_new(transaction, f"{app}.{entity}"))


@blueprint.post("/<app>/<entity>/<int:identity>/preview", endpoint="preview")
def preview(app: str, entity: str, identity: int) -> Response:
    """What a record would be with what is typed."""
    with reading() as transaction:
        return _preview(transaction, open_record(transaction, f"{app}.{entity}", identity))


@blueprint.post("/<app>/<entity>/choices/<field>", endpoint="choices")
def choices(app: str, entity: str, field: str) -> Response:
    """Records for the search box of a link field; the rest of the form decides with `only`.

    `path` names the box: `account-title`, `lines-0-product-title`; `text` is what was typed.
    """
    key = f"{app}.{entity}"
    with reading() as transaction:
        compiled = transaction.catalog.entity(key)
        each = compiled.fields.get(field)
        if each is None or each.type.target(each.definition.options) is None:
            raise NotFound(
                say("{entity} has no link '{name}'.", entity=compiled.definition.label, name=field)
            )
        prefix = request.form.get("path", "").removesuffix(f"{field}-title")
        own = MultiDict(
            (name.removeprefix(prefix), value)
            for name, value in request.form.items(multi=True)
            if name.startswith(prefix)
        )
        everything = frozenset(compiled.fields) - {field}
        values = {} if prefix else _saved(transaction, key)
        form = layout(transaction, compiled, values, everything)
        values |= {name: bare(value) for name, value in bind(transaction, form.fields, own).values.items()}
        found = candidates(transaction, key, field, request.form.get("text", ""), values)
        shown = [{"id": str(link.id), "title": link.title} for link in found]
        return jsonify(
            {"choices": shown, "new": _new(transaction, str(each.type.target(each.definition.options)))}
        )


def _new(transaction: Transaction, target: str) -> dict[str, str] | None:
    """Where a record of the link's entity is begun, and its words; None where none may be created."""
    entity = transaction.catalog.entity(target)
    if entity.definition.parent or not may(transaction, "create", entity).allowed:
        return None
    singular = inside(label(entity.definition.label))
    return {
        "url": f"{entity_url(target)}/new/short",
        "label": visitor.translated("New {entity}", entity=singular),
    }


def _saved(transaction: Transaction, key: str) -> dict[str, Any]:
    identity = request.args.get("record", "")
    if not identity.isdigit():
        return {}
    return dict(open_record(transaction, key, int(identity)).record)


def _preview(transaction: Transaction, opened: Opened) -> Response:
    """Shown values and states of all fields, under the paths by which the page knows them."""
    bound = bind(transaction, opened.form.fields, request.form)
    values = unsaved_values(transaction, opened.entity, bound.values, opened.identity)
    saved = opened.record if opened.identity else None
    form = layout(transaction, opened.entity, values, opened.rights.writable, saved=saved)
    sent_as = {
        f"{name}-{number}": path
        for name, paths in bound.row_paths.items()
        for number, path in enumerate(paths)
    }
    shown, states = {}, {}
    for node in every_node(form.fields):
        path = _sent_path(node.path, sent_as)
        states[path] = {"hidden": node.hidden, "required": node.required, "locked": node.locked}
        if node.read_only and node.rows is None:
            shown[path] = str(show_whole(node.field, node.value)) or BLANK
    return jsonify(
        {
            "values": shown,
            "states": states,
            "hidden_sections": sorted(hidden_sections(transaction, opened.entity, values, saved)),
        }
    )


def _sent_path(path: str, sent_as: Mapping[str, str]) -> str:
    row = "-".join(path.split("-")[:2])
    return path.replace(row, sent_as[row], 1) if row in sent_as else path
