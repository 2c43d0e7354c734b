"""Remarks on an approval by whoever sees the record; people are mentioned as @username and are told."""

import re
from dataclasses import replace

from engine.access.accounts import find_actor
from engine.access.people import People
from engine.notifications import notify
from engine.problems import InputRefused, NotFound, NotPossible, Problem
from engine.records.read import exists, titles
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.events import event_row, write_event

MENTION = re.compile(r"(?<![\w.@])@(\w[\w.-]*\w|\w)")


def mentions(text: str) -> list[str]:
    """The user names that a text mentions, each once.

    >>> mentions("@ann and @bo.li: what of c@d.org? @ann.")
    ['ann', 'bo.li']
    """
    return list(dict.fromkeys(MENTION.findall(text)))


def remark(transaction: Transaction, key: str, identity: int, text: str) -> None:
    """Keeps a remark in the latest approval of a record; tells those it mentions, and the submitter.

    Raises NotFound, NotPossible (nothing was ever approved here), InputRefused at `comment` for an empty text
    or somebody who does not exist or may not see the record.
    """
    label = transaction.catalog.entity(key).definition.label
    if not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=label, id=identity))
    known = store.instances(transaction, key, identity)
    if not known:
        raise NotPossible(say("There is no approval of this record to comment on."))
    if not text.strip():
        raise InputRefused([Problem("comment", say("Write the comment."))])
    told = _mentioned(transaction, key, identity, text)
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
    message = say("{person} mentioned you: {title}.", person=name, title=title)
    notify(transaction, told, message, about, "workflow_mention", f"mention:{once}")
    submitter = instance.submitter
    if submitter is not None and submitter not in (*told, transaction.actor.id):
        message = say("{person} commented on your request: {title}.", person=name, title=title)
        notify(transaction, [submitter], message, about, "workflow_comment", f"comment:{once}")


def _mentioned(transaction: Transaction, key: str, identity: int, text: str) -> list[int]:
    """The people whom a text mentions, without the actor."""
    people = People(transaction)
    found, problems = [], []
    for username in mentions(text):
        ids = people.active(people.named([username]))
        if not ids:
            sentence = say("There is no active person with the user name “{name}”.", name=username)
            problems.append(Problem("comment", sentence))
        elif not _may_see(transaction, ids[0], key, identity):
            sentence = say("{person} may not see this record and cannot be told.", person=people.name(ids[0]))
            problems.append(Problem("comment", sentence))
        elif ids[0] != transaction.actor.id:
            found.append(ids[0])
    if problems:
        raise InputRefused(problems)
    return found


def _may_see(transaction: Transaction, person: int, key: str, identity: int) -> bool:
    actor = find_actor(transaction.catalog, transaction.connection, person)
    return actor is not None and exists(replace(transaction, actor=actor), key, identity)
