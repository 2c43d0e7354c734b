"""Mentions: @username in what people write about a record; who is mentioned is told, if they may see it."""

import re

from engine.access.people import People
from engine.notifications import notify
from engine.problems import InputRefused, Problem
from engine.records.follow import may_see
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction

MENTION = re.compile(r"(?<![\w.@])@(\w[\w.-]*\w|\w)")


def mentions(text: str) -> list[str]:
    """The user names that a text mentions, each once.

    >>> mentions("@ann and @bo.li: what of c@d.org? @ann.")
    ['ann', 'bo.li']
    """
    return list(dict.fromkeys(MENTION.findall(text)))


def tell_mentioned(transaction: Transaction, key: str, identity: int, text: str) -> list[int]:
    """Tells the people whom a comment about a record mentions, and gives their ids, without the actor.

    InputRefused at `comment` for somebody who may not see the record. What names nobody is plain text.
    """
    return _tell(transaction, key, identity, text, named=True)


def tell_mentioned_by_somebody(transaction: Transaction, key: str, identity: int, text: str) -> list[int]:
    """As `tell_mentioned`, where the name of who wrote it is hidden."""
    return _tell(transaction, key, identity, text, named=False)


def _tell(transaction: Transaction, key: str, identity: int, text: str, *, named: bool) -> list[int]:
    told = _mentioned(transaction, key, identity, text)
    if told:
        title = titles(transaction, key, [identity]).get(identity, str(identity))
        actor = transaction.actor
        message = (
            say("{person} mentioned you: {title}.", person=actor.name, title=title)
            if named
            else say("You were mentioned: {title}.", title=title)
        )
        once = f"mention:{key}:{identity}:{actor.id}:{transaction.now.isoformat()}"
        notify(transaction, told, message, (key, identity), "workflow_mention", once)
    return told


def _mentioned(transaction: Transaction, key: str, identity: int, text: str) -> list[int]:
    names = mentions(text)
    if not names:
        return []
    people = People(transaction)
    found, problems = [], []
    for username in names:
        ids = people.active(people.named([username]))
        if ids and not may_see(transaction, ids[0], key, identity):
            sentence = say("{person} may not see this record and cannot be told.", person=people.name(ids[0]))
            problems.append(Problem("comment", sentence))
        elif ids and ids[0] != transaction.actor.id:
            found.append(ids[0])
    if problems:
        raise InputRefused(problems)
    return found
