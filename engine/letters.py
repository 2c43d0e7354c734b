"""Letters: mail with a link to set a password, for an invitation or because the old one is forgotten.

The job names the person only. The link is made when it is sent, so that none lies in the database.
"""

from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from sqlalchemy import select

from engine.access.accounts import is_service
from engine.access.links import make_link
from engine.access.site_key import SiteKey
from engine.mail import MailServer, send, write_body
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workspace import Workspace

WORDS: Mapping[str, tuple[Message, Message, Message]] = {
    "invite": (
        say("You are invited to Dougong"),
        say("Choose a password"),
        say("The link opens once and for seven days. Your user name is {username}."),
    ),
    "reset": (
        say("A new password for Dougong"),
        say("Choose a new password"),
        say(
            "The link opens once and for two hours. Your user name is {username}. If you did not ask for it, "
            "you need not do anything."
        ),
    ),
}
"""Kind → subject, the button, what is to be known of it."""
ADDRESS = "/password/"


def letter_handler(
    workspace: Workspace, server: MailServer | None, key: SiteKey
) -> Callable[[Mapping[str, Any]], Message | None]:
    """What a job `account_mail` does: sends the link of its payload, or says why nobody gets it."""

    def send_letter(payload: Mapping[str, Any]) -> Message | None:
        if server is None or not server.site:
            return say(
                "No mail server, or no address of the site, is set up (DOUGONG_SMTP_URL, DOUGONG_URL)."
            )
        if payload["user"] is None:
            return say("Nobody has this user name or address.")
        with workspace.reading() as transaction:
            message = compose_letter(transaction, server, key, str(payload["kind"]), int(payload["user"]))
        if isinstance(message, Message):
            return message
        send(server, message)
        return None

    return send_letter


def compose_letter(
    transaction: Transaction, server: MailServer, key: SiteKey, kind: str, user_id: int
) -> EmailMessage | Message:
    """The letter, or why nobody is to get it."""
    users = transaction.catalog.tables.table("system.user")
    columns = [users.c[name] for name in ("username", "name", "email", "locale", "active")]
    person = transaction.connection.execute(select(*columns).where(users.c.id == user_id)).first()
    if person is None or not person.active or not person.email:
        return say("The person has left or has no address.")
    if is_service(transaction, user_id):
        return say("It is a program, which has no password.")
    locale = person.locale or "en"
    subject, label, footer = WORDS[kind]
    message = EmailMessage()
    message["Subject"] = subject.to(locale)
    message["From"] = formataddr(("Dougong", server.sender))
    message["To"] = formataddr((person.name, person.email))
    message["Date"] = format_datetime(transaction.now)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    link = f"{server.site}{ADDRESS}{make_link(transaction, key, kind, user_id)}"
    below = say(footer.template, username=person.username)
    write_body(message, locale, f"{subject.to(locale)}: {person.name}", link, label, below)
    return message
