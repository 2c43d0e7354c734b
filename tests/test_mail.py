"""Mail over a real SMTP server: in the reader's language, once, refused or tried again as the server says."""

import time
from email.message import EmailMessage

import pytest

from engine import notifications
from engine.mail import MailServer, compose, mail_handler, read_server, send
from engine.outbox import GivenUp, page_of
from engine.problems import Refused
from engine.text import Text, say
from engine.transaction import Actor
from engine.workspace import Workspace
from tests.fixtures.mail_server import Mailbox
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def server(mailbox: Mailbox) -> MailServer:
    return read_server(mailbox.url, "dougong@example.org", "https://dougong.example.org/")


def tell(workspace: Workspace, *people: Actor, key: str = "k") -> list[int]:
    sentence = say("There is no job {id}.", id=Text({"en": "<seven>", "zh": "七"}))
    with workspace.writing() as transaction:
        about = ("shop.order", 5)
        return notifications.notify(
            transaction, [each.id or 0 for each in people], sentence, about, "task", key
        )


def test_a_mail_is_in_the_language_of_its_reader(
    shop: Workspace, server: MailServer, mailbox: Mailbox
) -> None:
    ann = person(shop, "ann", email="ann@example.org")
    wang = person(shop, "wang", email="wang@example.org", locale="zh")
    handle = mail_handler(shop, server)
    for identity in tell(shop, ann, wang):
        assert handle({"notification": identity}) is None
    english, chinese = mailbox.messages
    assert english["Subject"] == "There is no job <seven>."
    assert (english["From"], english["To"]) == ("Dougong <dougong@example.org>", "Ann <ann@example.org>")
    assert english["Message-ID"].startswith("<notification-")
    link = "https://dougong.example.org/shop/order/5"
    text, html = (part.get_content() for part in english.iter_parts())
    assert text.splitlines()[0] == "There is no job <seven>."
    assert link in text
    assert f'<a href="{link}"' in html
    assert "&lt;seven&gt;" in html
    assert "Open in Dougong" in html
    assert chinese["Subject"] == "没有编号为 七 的任务。"
    text, html = (part.get_content() for part in chinese.iter_parts())
    assert "您可以在个人资料中选择" in text
    assert '<html lang="zh">' in html


def test_mail_is_enqueued_for_those_who_get_it(shop: Workspace) -> None:
    ann = person(shop, "ann", email="ann@example.org")
    bob = person(shop, "bob")
    cho = person(shop, "cho", email="cho@example.org")
    with shop.writing(cho) as transaction:
        notifications.choose_mail(transaction, wanted=False)
    told = tell(shop, ann, bob, cho)
    assert len(told) == 3
    with shop.reading() as transaction:
        assert [each.key for each in page_of(transaction, 10)] == [f"mail-{told[0]}"]


def test_why_nobody_gets_it(shop: Workspace, server: MailServer, mailbox: Mailbox) -> None:
    ann = person(shop, "ann", email="ann@example.org")
    bob = person(shop, "bob", email="bob@example.org")
    of_ann, of_bob = tell(shop, ann, bob)
    handle = mail_handler(shop, server)
    assert str(handle({"notification": 999})) == "The notification or its reader is no longer there."
    with shop.writing(ann) as transaction:
        notifications.choose_mail(transaction, wanted=False)
    assert str(handle({"notification": of_ann})) == "The person wants no mail."
    with shop.writing(bob) as transaction:
        notifications.mark_all_read(transaction)
    assert str(handle({"notification": of_bob})) == "It was read before it was sent."
    without = mail_handler(shop, None)
    assert str(without({"notification": of_ann})) == "No mail server is set up (DOUGONG_SMTP_URL)."
    assert mailbox.messages == []


def test_a_refusal_for_good_and_one_for_now(shop: Workspace, server: MailServer, mailbox: Mailbox) -> None:
    ann = person(shop, "ann", email="ann@example.org")
    (identity,) = tell(shop, ann)
    with shop.reading() as transaction:
        message = compose(transaction, server, identity)
    assert isinstance(message, EmailMessage)
    mailbox.answers = ["550 No such mailbox", "451 Try again later"]
    with pytest.raises(GivenUp, match="The mail server refuses it: 550 No such mailbox"):
        send(server, message)
    with pytest.raises(Exception, match="451") as caught:
        send(server, message)
    assert not isinstance(caught.value, GivenUp)
    send(server, message)
    assert mailbox.ids == [message["Message-ID"]]


def test_a_password_is_not_sent_in_the_open(server: MailServer, mailbox: Mailbox) -> None:
    plain = read_server(mailbox.url.replace("//", "//ann:secret@"), "dougong@example.org", "")
    assert (plain.username, plain.password) == ("ann", "secret")
    with pytest.raises(Refused, match="offers no encryption, and the password is not sent without"):
        send(plain, EmailMessage())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, "starttls", None)),
        ("smtps://ann%40x:p%3Aq@mail.example.org", ("mail.example.org", 465, "tls", "p:q")),
        ("smtp://mail:25?plain", ("mail", 25, "plain", None)),
    ],
)
def test_the_address_of_the_server(address: str, expected: tuple[object, ...]) -> None:
    found = read_server(address, "a@b", "")
    assert (found.host, found.port, found.secure, found.password) == expected


@pytest.mark.parametrize("address", ["mail.example.org", "http://mail", "smtp://", "smtp://mail:port"])
def test_what_is_no_address_of_a_server(address: str) -> None:
    with pytest.raises(
        Refused, match=r"is not the address of a mail server\. Write smtp://user:password@host:587"
    ):
        read_server(address, "a@b", "")


def test_mail_has_to_come_from_somewhere() -> None:
    with pytest.raises(Refused, match="“dougong” is not an address that mail can come from"):
        read_server("smtp://mail", "dougong", "")


@pytest.mark.parametrize(("farewell", "seconds"), [("221 Bye", 20), ("421 Too busy", 0), ("500 What?", 0)])
def test_nothing_after_the_acceptance_matters(
    shop: Workspace, server: MailServer, mailbox: Mailbox, farewell: str, seconds: float
) -> None:
    """The window in which a killed process sends again holds no waiting for the server, and no error."""
    mailbox.farewell, mailbox.farewell_seconds = farewell, seconds
    ann = person(shop, "ann", email="ann@example.org")
    (told,) = tell(shop, ann)
    began = time.monotonic()
    assert mail_handler(shop, server)({"notification": told}) is None
    took = time.monotonic() - began
    assert len(mailbox.messages) == 1
    assert took < 10


def test_a_server_that_is_away(shop: Workspace, mailbox: Mailbox) -> None:
    away = read_server("smtp://127.0.0.1:1", "dougong@example.org", "")
    ann = person(shop, "ann", email="ann@example.org")
    (told,) = tell(shop, ann)
    with pytest.raises(
        Refused, match=r"The mail server 127\.0\.0\.1 does not take the message: Connection"
    ) as found:
        mail_handler(shop, away)({"notification": told})
    assert not isinstance(found.value, GivenUp)
    assert mailbox.messages == []
