"""What somebody without an account can do: send a public form, each page once, not too often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.access.form_limits import count_sent, is_first
from engine.problems import ReleaseChanged
from engine.records.public_forms import open_form, receive, switch_form
from engine.transaction import Actor
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of a form that was given out; it is taken until then, and written once."""

    number: str
    until: datetime


def begin_sending(workspace: Workspace, stranger: Actor, key: str, name: str) -> None:
    """Counts that the form was sent, before anything is read of it. Raises NotFound, TooMany."""
    with workspace.writing(stranger) as transaction:
        count_sent(transaction, open_form(transaction, key, name).key, stranger.address)


def send_form(
    workspace: Workspace,
    stranger: Actor,
    key: str,
    name: str,
    values: Mapping[str, Any],
    page: FormPage,
    release: int,
) -> bool:
    """Writes what was sent; False where this page was written already. Raises NotFound, InputRefused."""
    with workspace.writing(stranger) as transaction:
        if release != transaction.catalog.release:
            raise ReleaseChanged
        form = open_form(transaction, key, name)
        if not is_first(transaction, page.number, page.until):
            return False
        receive(transaction, form, values)
        return True


def switch(workspace: Workspace, actor: Actor, key: str, name: str, wanted: bool) -> None:
    """Opens or closes a form. Raises NotFound, NotAllowed."""
    with workspace.writing(actor) as transaction:
        switch_form(transaction, key, name, wanted)
