"""One value of one record edited where it stands in a list."""

from flask import Blueprint, Response, make_response, render_template, request

from blueprints import visitor
from blueprints.again import reading, sent_revision
from blueprints.errors import answer_to
from blueprints.list_acts import editable_fields
from blueprints.list_address import read_address
from blueprints.list_columns import shown_columns
from blueprints.list_rows import shown_row
from blueprints.opened import Opened, open_record
from blueprints.values import entity_url, label
from engine.commands import update_record
from engine.forms.bind import Bound, bind
from engine.forms.layout import field_node, problems_by_path
from engine.forms.nodes import Typed
from engine.problems import InputRefused, NotAllowed, NotFound, Refused
from engine.records.read import get
from engine.text import Message, Text, say
from engine.transaction import Transaction

blueprint = Blueprint("cells", __name__)


@blueprint.get("/<app>/<entity>/<int:identity>/cell/<field>", endpoint="show")
def show(app: str, entity: str, identity: int, field: str) -> Response:
    """The control of a field with the value that the record has now."""
    with reading() as transaction:
        opened = _opened(transaction, f"{app}.{entity}", identity, field)
        return _form(transaction, opened, field, None, None, 200)


@blueprint.post("/<app>/<entity>/<int:identity>/cell/<field>", endpoint="save")
def save(app: str, entity: str, identity: int, field: str) -> Response:
    """Writes the value: the row as it is then, or the control again with what is wrong."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        opened = _opened(transaction, key, identity, field)
        node = field_node(transaction, opened.entity, field, opened.record, opened.rights.writable)
        bound = bind(transaction, [node], request.form)
        if bound.problems:
            return _form(transaction, opened, field, bound, None, 422)
        release = transaction.catalog.release
    try:
        update_record(
            visitor.workspace(), visitor.person(), key, identity, bound.values, sent_revision(), release
        )
    except (Refused, InputRefused) as error:
        with reading() as transaction:
            opened = _opened(transaction, key, identity, field)
            return _form(transaction, opened, field, bound, error, answer_to(error).status)
    with reading() as transaction:
        compiled = transaction.catalog.entity(key)
        asked = read_address(transaction, compiled, request.args)
        columns = shown_columns(transaction, compiled, asked, entity_url(key))
        return make_response(shown_row(compiled, columns, get(transaction, key, identity)))


def _opened(transaction: Transaction, key: str, identity: int, field: str) -> Opened:
    """The record; NotFound or NotAllowed says why the field cannot be edited here."""
    opened = open_record(transaction, key, identity)
    entity = opened.entity
    if field not in editable_fields(transaction, entity):
        raise NotFound(say("{entity} has no field '{name}'.", entity=entity.definition.label, name=field))
    if field not in opened.rights.writable:
        sentence = "You cannot change {field} of this {entity}."
        words = entity.fields[field].definition.label
        raise NotAllowed(say(sentence, field=words, entity=entity.definition.label))
    return opened


def _form(
    transaction: Transaction,
    opened: Opened,
    field: str,
    bound: Bound | None,
    error: Exception | None,
    status: int,
) -> Response:
    """The control; what is wrong with other fields is told here too, since it stands in the way here."""
    problems: dict[str, tuple[Message | Text, ...]] = dict(bound.problems) if bound else {}
    if isinstance(error, InputRefused):
        everything = [one for each in problems_by_path(error.problems).values() for one in each]
        problems = {field: tuple(everything)}
    elif isinstance(error, Refused):
        problems = {field: (error.message,)}
    typed = Typed(bound.texts, bound.titles, problems) if bound else None
    node = field_node(transaction, opened.entity, field, opened.record, opened.rights.writable, typed)
    fragment = render_template(
        "parts/cell_form.html",
        node=node,
        record_id=opened.identity,
        action=f"{opened.url}/cell/{field}",
        revision=opened.record.get("revision"),
        name=label(opened.entity.fields[field].definition.label),
    )
    return make_response(fragment, status)
