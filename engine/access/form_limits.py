"""How often public forms may be sent: counted in the database, for all processes together."""

from collections.abc import Mapping
from datetime import datetime

from engine.access.limits import TooMany, add_to_count, end_of_window, network_of
from engine.text import say
from engine.transaction import Transaction

LIMITS: Mapping[str, int] = {"form_address": 20, "form": 300}
"""How many may be sent in a window: from one address, perhaps that of an office, and of one form in all."""


def count_sent(transaction: Transaction, form: str, address: str | None) -> None:
    """Counts that a form was sent, whatever comes of it; raises TooMany."""
    ends_at = end_of_window(transaction.now)
    network = network_of(address)
    whose = {"form": form} | ({"form_address": network} if network else {})
    counts = {
        kind: add_to_count(transaction, kind, subject, ends_at, 1) for kind, subject in sorted(whose.items())
    }
    if any(count > LIMITS[kind] for kind, count in counts.items()):
        seconds = max(1, int((ends_at - transaction.now).total_seconds()))
        sentence = "This form was sent too often just now. Please try again in {minutes} minutes."
        raise TooMany(seconds, say(sentence, minutes=-(-seconds // 60)))


def is_first(transaction: Transaction, page: str, until: datetime) -> bool:
    """Whether this page of a form is sent for the first time; of two at one moment one waits for the other.

    It is known until then; a page as old as that is no longer taken.
    """
    return add_to_count(transaction, "form_page", page, until, 1) == 1
