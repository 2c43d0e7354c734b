"""People chosen in a small form: ids from the search box, or a name as it was typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from engine.fields.field_type import ValueRefused
from engine.problems import InputRefused, Problem
from engine.records.named import Titles
from engine.records.read import titles
from engine.transaction import Transaction

USER = "system.user"


@dataclass(frozen=True, slots=True)
class Picked:
    """Somebody who was chosen."""

    id: int
    name: str


def sent_people(transaction: Transaction, name: str = "to") -> tuple[int, ...]:
    """The ids that a form sent; InputRefused at `name` for a name that nobody has."""
    ids = [int(each) for each in request.form.getlist(name) if each.isdigit()]
    typed = request.form.get(f"{name}-title", "").strip()
    if typed and (not ids or typed not in titles(transaction, USER, ids).values()):
        try:
            ids.append(Titles(transaction).identity(transaction.catalog.entity(USER), typed))
        except ValueRefused as refused:
            raise InputRefused([Problem(name, refused.message)]) from refused
    return tuple(dict.fromkeys(ids))


def picked(transaction: Transaction, ids: Sequence[int]) -> list[Picked]:
    """People with their names, for showing a form again."""
    names = titles(transaction, USER, ids)
    return [Picked(each, names.get(each, "")) for each in ids]
