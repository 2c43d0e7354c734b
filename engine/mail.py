"""Mail: a notification as a message with text and HTML, in its reader's language, sent over SMTP.

A message has the same Message-ID however often it is sent: when a process dies between the server's answer
and the note of it, the second copy is recognised by mail programs as the same (RFC 5322, 3.6.4).
"""

import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from engine.notifications import wants_mail
from engine.outbox import GivenUp
from engine.problems import Refused
from engine.schema.system_tables import notification
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workspace import Workspace

SECONDS_TO_ANSWER = 30
LONGEST_SUBJECT = 150
PORTS: Mapping[str, int] = {"smtp": 587, "smtps": 465}

HTML = """<!doctype html>
<html lang="{locale}"><body style="margin:0;padding:24px;background:#f6f8fb;\
font-family:system-ui,-apple-system,'PingFang SC','Microsoft YaHei',sans-serif">
<table role="presentation" style="max-width:560px;margin:0 auto;background:#fff;border:1px solid #e6e7e9;\
border-radius:8px"><tr><td style="padding:24px">
<p style="margin:0 0 16px;font-size:16px;line-height:1.5;color:#182433">{sentence}</p>
{button}<p style="margin:16px 0 0;font-size:13px;color:#667382">{footer}</p>
</td></tr></table></body></html>
"""
BUTTON = """<p style="margin:0"><a href="{link}" style="display:inline-block;padding:8px 16px;\
background:#066fd1;color:#fff;border-radius:4px;text-decoration:none">{label}</a></p>
"""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom. `site` is the address at which people reach the pages."""

    host: str
    port: int
    secure: str
    """`tls` from the first byte, `starttls` when the server offers it, or `plain`."""
    username: str | None
    password: str | None
    sender: str
    site: str


def read_server(address: str, sender: str, site: str) -> MailServer:
    """The server of `smtp://user:password@host:587` or `smtps://…`; Refused with what would be right."""
    parts = urlsplit(address)
    try:
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        port = 0
    if not port or not parts.hostname:
        sentence = "“{address}” is not the address of a mail server. Write smtp://user:password@host:587."
        raise Refused(say(sentence, address=address.rpartition("@")[2]))
    if "@" not in sender:
        raise Refused(say("“{sender}” is not an address that mail can come from.", sender=sender))
    return MailServer(
        host=parts.hostname,
        port=port,
        secure="tls" if parts.scheme == "smtps" else "plain" if parts.query == "plain" else "starttls",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        sender=sender,
        site=site.rstrip("/"),
    )


def mail_handler(
    workspace: Workspace, server: MailServer | None
) -> Callable[[Mapping[str, Any]], Message | None]:
    """What a job `mail` does: sends the notification of its payload, or says why nobody gets it."""

    def send_notification(payload: Mapping[str, Any]) -> Message | None:
        if server is None:
            return say("No mail server is set up (DOUGONG_SMTP_URL).")
        with workspace.reading() as transaction:
            message = compose(transaction, server, int(payload["notification"]))
        if isinstance(message, Message):
            return message
        send(server, message)
        return None

    return send_notification


def compose(transaction: Transaction, server: MailServer, identity: int) -> EmailMessage | Message:
    """The notification as a message, or why nobody is to get it."""
    users = transaction.catalog.tables.table("system.user")
    found = transaction.connection.execute(
        select(notification, users.c.name, users.c.email, users.c.locale, users.c.active)
        .join(users, users.c.id == notification.c.user_id)
        .where(notification.c.id == identity)
    ).first()
    if found is None:
        return say("The notification or its reader is no longer there.")
    if not found.active or not found.email:
        return say("The person has left or has no address.")
    if found.read_at is not None:
        return say("It was read before it was sent.")
    if not wants_mail(transaction, found.user_id):
        return say("The person wants no mail.")
    locale = found.locale or "en"
    sentence = Text(found.words).to(locale)
    message = EmailMessage()
    message["Subject"] = " ".join(sentence.split())[:LONGEST_SUBJECT]
    message["From"] = formataddr(("Dougong", server.sender))
    message["To"] = formataddr((found.name, found.email))
    message["Date"] = format_datetime(found.at)
    message["Message-ID"] = f"<notification-{identity}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    path = _path(found.entity, found.record_id)
    footer = say("You choose in your profile whether notifications come by mail.")
    link = f"{server.site}{path}" if server.site else ""
    write_body(message, locale, sentence, link, say("Open in Dougong"), footer)
    return message


def _path(entity: str | None, record_id: int | None) -> str:
    return f"/{entity.replace('.', '/')}/{record_id}" if entity else "/notifications"


def write_body(
    message: EmailMessage, locale: str, sentence: str, link: str, label: Message, footer: Message
) -> None:
    """One sentence, a button that leads somewhere, and a footer: as text and as HTML."""
    below = footer.to(locale)
    message.set_content("\n\n".join(each for each in (sentence, link, below) if each) + "\n")
    button = BUTTON.format(link=escape(link), label=escape(label.to(locale))) if link else ""
    html = HTML.format(locale=locale, sentence=escape(sentence), button=button, footer=escape(below))
    message.add_alternative(html, subtype="html")


def send(server: MailServer, message: EmailMessage) -> None:
    """Hands the message in; GivenUp when the server refuses it for good, Refused when it cannot be handed in.

    The server's 250 after the data is its word that it has the message (RFC 5321, 4.2.5): nothing is waited
    for after it, and nothing that goes wrong after it makes the message be sent again.
    """
    try:
        connection = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        raise _away(server, error) from error
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refused(code, answer) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _away(server, error) from error
    finally:
        _leave(connection)


def _leave(connection: smtplib.SMTP) -> None:
    """Says goodbye without waiting for the answer."""
    with suppress(OSError, smtplib.SMTPException):
        connection.putcmd("quit")
    connection.close()


def _away(server: MailServer, error: Exception) -> Refused:
    sentence = "The mail server {host} does not take the message: {reason}"
    return Refused(say(sentence, host=server.host, reason=f"{type(error).__name__}: {error}"))


def _refused(code: int, answer: bytes | str) -> Refused:
    """RFC 5321, 4.2.1: an answer of 5xx will not change; 4xx may."""
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    if code >= 500:
        return GivenUp(say("The mail server refuses it: {code} {answer}", code=code, answer=words))
    return Refused(say("The mail server asks to try later: {code} {answer}", code=code, answer=words))


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.secure == "tls":
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS_TO_ANSWER, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS_TO_ANSWER)
        connection.ehlo()
        if server.secure == "starttls" and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
        elif server.secure == "starttls" and server.username is not None:
            connection.close()
            sentence = "The mail server {host} offers no encryption, and the password is not sent without."
            raise Refused(say(sentence, host=server.host))
    if server.username is not None:
        connection.login(server.username, server.password or "")
    return connection
