"""Scopes: what a token may do of all that its person may.

`read` and `write` are about everything; `read:crm`, `write:crm.deal` about one app or one entity with its
child rows. Whoever may write may read. A token without any scope may do what its person may.
"""

import re
from collections.abc import Iterable

from engine.catalog import Catalog, CompiledEntity
from engine.problems import InputRefused, NotAllowed, Problem, unknown
from engine.text import Message, say
from engine.transaction import Transaction

FORM = re.compile(r"(read|write)(?::([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?))?")


def read_scopes(catalog: Catalog, sent: Iterable[str]) -> tuple[str, ...] | None:
    """The scopes that were written, sorted; None for none. InputRefused for what is no scope."""
    found, problems = set(), []
    for each in (text.strip() for text in sent):
        if not each:
            continue
        parts = FORM.fullmatch(each)
        if parts is None:
            sentence = "“{scope}” is not a scope. Write read, write, read:crm or write:crm.deal."
            problems.append(Problem("scopes", say(sentence, scope=each)))
        elif parts[2] and parts[2] not in catalog.apps and parts[2] not in catalog.entities:
            sentence_of = say("There is no app and no entity '{name}'.", name=parts[2])
            known = [*catalog.apps, *catalog.entities]
            problems.append(Problem("scopes", unknown(sentence_of, parts[2], known)))
        else:
            found.add(each)
    if problems:
        raise InputRefused(problems)
    return tuple(sorted(found)) or None


def scope_refusal(transaction: Transaction, action: str, entity: CompiledEntity) -> Message | None:
    """Why the scopes of the token do not reach to an action on this entity; None when they do."""
    scopes = transaction.actor.scopes
    if scopes is None:
        return None
    if _reaches(transaction.catalog, scopes, entity, reading=action in ("read", "export")):
        return None
    wanted = "read" if action in ("read", "export") else "write"
    sentence = "The token has the scopes {scopes}. For this it needs “{scope}”."
    return say(sentence, scopes=", ".join(sorted(scopes)), scope=f"{wanted}:{entity.key}")


def require_scope(transaction: Transaction, action: str, entity: CompiledEntity) -> None:
    """NotAllowed when the scopes of the token do not reach to an action on this entity."""
    refused = scope_refusal(transaction, action, entity)
    if refused is not None:
        raise NotAllowed(refused)


def _reaches(catalog: Catalog, scopes: frozenset[str], entity: CompiledEntity, *, reading: bool) -> bool:
    kinds = ("read", "write") if reading else ("write",)
    names = {"", entity.definition.app, entity.key}
    parent = entity.definition.parent
    while parent:
        names.add(parent)
        parent = catalog.entity(parent).definition.parent
    return any(f"{kind}:{name}".rstrip(":") in scopes for kind in kinds for name in names)
