"""What the pages of records share: opening a record for the visitor, and showing a form again."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.opened import Opened, open_new, open_record
from blueprints.record_page import record_page
from blueprints.trouble import Trouble
from engine.forms.bind import Bound
from engine.forms.carry import carry_over
from engine.forms.layout import problems_by_path
from engine.forms.nodes import Typed
from engine.problems import InputRefused, NotAllowed, Refused, Stale
from engine.records.merge import Meanwhile
from engine.text import Message, say
from engine.transaction import Transaction


def reading() -> AbstractContextManager[Transaction]:
    """A transaction that reads on behalf of the visitor."""
    return visitor.reading()


def openable_new(transaction: Transaction, key: str) -> Opened:
    """A new record; NotAllowed when the visitor may create none."""
    opened = open_new(transaction, key, {})
    if not opened.rights.writable:
        raise NotAllowed(say("No rule lets you create {entity}.", entity=opened.entity.definition.label))
    return opened


def sent_revision() -> int | None:
    """The revision at which the form was opened."""
    sent = request.form.get("revision", "")
    return int(sent) if sent.isdigit() else None


def sent_release() -> int | None:
    """The release by which the form was made."""
    sent = request.form.get("release", "")
    return int(sent) if sent.isdigit() else None


def submitted(transaction: Transaction, key: str) -> tuple[MultiDict[str, str], Message | None]:
    """What was sent, under the names that fields have now; and why it cannot simply be written."""
    release = sent_release()
    if release is None or release == transaction.catalog.release:
        return request.form, None
    texts = {path: request.form.getlist(path) for path in request.form}
    sent = {path: next((text for text in reversed(each) if text), "") for path, each in texts.items()}
    carried = carry_over(transaction, key, release, sent)
    if not carried.notes:
        return request.form, None
    return (
        MultiDict((carried.paths.get(path, path), text) for path, each in texts.items() for text in each),
        carried.message,
    )


def again(key: str, identity: int | None, bound: Bound, error: Exception) -> Response:
    """The form once more, after writing was refused."""
    with reading() as transaction:
        opened = open_record(transaction, key, identity) if identity else open_new(transaction, key, {})
        return refused_page(transaction, opened, bound, error)


def refused_page(
    transaction: Transaction,
    opened: Opened,
    bound: Bound,
    error: Exception,
    note: Message | None = None,
    conflicts: Sequence[Meanwhile] = (),
) -> Response:
    """The same form with what was typed and what is wrong with it; `note` says more about it."""
    problems = dict(bound.problems)
    if isinstance(error, InputRefused):
        for path, messages in problems_by_path(error.problems).items():
            problems[path] = (*problems.get(path, ()), *messages)
    trouble = Trouble(
        typed=Typed(bound.texts, bound.titles, problems),
        values=bound.values,
        stale=error.message if isinstance(error, Stale) else None,
        refusal=error.message if isinstance(error, Refused) and not isinstance(error, Stale) else note,
        conflicts=conflicts,
    )
    page = render_template("record.html", **record_page(transaction, opened, trouble))
    return make_response(page, answer_to(error).status)


def dialog_page(context: Mapping[str, Any], opened: Opened, status: int, **about: Any) -> Response:
    """A small form on a page of its own, which scripts show as a dialog."""
    shared = {name: context[name] for name in ("title", "app_label", "plural", "list_url", "record_id")}
    shared |= {"record_url": opened.url, "revision": opened.record.get("revision"), "nodes": []}
    return make_response(render_template("transition.html", **shared | about), status)
