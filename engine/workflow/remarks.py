"""Remarks on an approval by whoever sees the record."""

from engine.access.scopes import require_scope
from engine.notifications import notify
from engine.problems import InputRefused, NotFound, NotPossible, Problem
from engine.records.follow import tell_followers
from engine.records.history import remember
from engine.records.read import exists, titles
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.events import event_row, write_event
from engine.workflow.mentions import tell_mentioned


def remark(transaction: Transaction, key: str, identity: int, text: str) -> None:
    """Keeps a remark in the latest approval of a record; tells those it mentions, and the submitter.

    Where nothing was ever approved it is a comment on the record. Raises NotFound, InputRefused at `comment`
    for an empty text or somebody who does not exist or may not see the record.
    """
    label = transaction.catalog.entity(key).definition.label
    if not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=label, id=identity))
    require_scope(transaction, "update", transaction.catalog.entity(key))
    known = store.instances(transaction, key, identity)
    if not known:
        comment(transaction, key, identity, text)
        return
    _refuse_empty(text)
    told = tell_mentioned(transaction, key, identity, text)
    instance = known[0]
    row = event_row(transaction, key, identity, "commented") | {
        "instance_id": instance.id,
        "transition": instance.transition,
        "comment": text.strip(),
        "release": instance.release,
        "detail": {"mentioned": told} if told else {},
    }
    write_event(transaction, row)
    title = titles(transaction, key, [identity]).get(identity, str(identity))
    about, name = (key, identity), transaction.actor.name
    once = f"{instance.id}:{transaction.actor.id}:{transaction.now.isoformat()}"
    submitter = instance.submitter
    if submitter is not None and submitter not in (*told, transaction.actor.id):
        message = say("{person} commented on your request: {title}.", person=name, title=title)
        notify(transaction, [submitter], message, about, "workflow_comment", f"comment:{once}")


def comment(transaction: Transaction, key: str, identity: int, text: str) -> None:
    """Keeps a comment in the history of a record; tells those it mentions and those who follow the record.

    Raises NotFound, NotPossible (no history is kept), InputRefused at `comment` like `remark`.
    """
    entity = transaction.catalog.entity(key)
    if not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    if not entity.definition.keep_history:
        raise NotPossible(
            say("{entity} keeps no history, and so no comments.", entity=entity.definition.label)
        )
    _refuse_empty(text)
    told = tell_mentioned(transaction, key, identity, text)
    remember(transaction, entity, identity, "commented", {}, comment=text.strip())
    tell_followers(transaction, key, identity, "commented", leave_out=told)


def _refuse_empty(text: str) -> None:
    if not text.strip():
        raise InputRefused([Problem("comment", say("Write the comment."))])
