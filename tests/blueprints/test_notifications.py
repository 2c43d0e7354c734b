"""The bell, the page of notifications, the choice about mail, and the page of jobs for administrators."""

from engine import notifications, outbox
from engine.access.accounts import grant_roles
from engine.records.write import create
from engine.schema.system_tables import job
from engine.text import Text
from tests.blueprints.conftest import Site


def tell(site: Site, username: str, words: str, about: tuple[str, int] | None = None) -> int:
    with site.workspace.writing() as transaction:
        message = Text({"en": words, "zh": f"{words}（中文）"})
        (told,) = notifications.notify(transaction, [site.people[username]], message, about, "task", words)
    return told


def test_the_bell_counts_what_is_unread(site: Site) -> None:
    clerk = site.as_("clerk")
    assert "Notifications, 0 unread" in clerk.get("/").text
    tell(site, "clerk", "One")
    tell(site, "clerk", "Two")
    assert "Notifications, 2 unread" in clerk.get("/").text
    assert "Notifications, 0 unread" in site.as_("chief").get("/").text


def test_a_notification_leads_to_its_record_and_is_read(site: Site) -> None:
    with site.workspace.writing() as transaction:
        customer = create(transaction, "shop.customer", {"name": "Ada"})
    told = tell(site, "clerk", "Ada <moved>", ("shop.customer", customer))
    tell(site, "clerk", "Only words")
    clerk = site.as_("clerk")
    page = clerk.get("/notifications").text
    assert "Ada &lt;moved&gt;" in page
    assert page.index("Only words") < page.index("Ada &lt;moved&gt;")
    answer = clerk.post(f"/notifications/{told}/open")
    assert (answer.status_code, answer.location) == (303, f"/shop/customer/{customer}")
    page = clerk.get("/notifications?unread=1").text
    assert "Only words" in page
    assert "Ada" not in page
    assert clerk.post("/notifications/read").status_code == 303
    assert "Everything is read" in clerk.get("/notifications?unread=1").text


def test_one_opens_only_ones_own(site: Site) -> None:
    told = tell(site, "clerk", "One")
    answer = site.as_("chief").post(f"/notifications/{told}/open")
    assert answer.status_code == 404
    assert f"You have no notification {told}." in answer.text


def test_many_notifications_have_pages(site: Site) -> None:
    for number in range(32):
        tell(site, "clerk", f"Number {number:02}")
    clerk = site.as_("clerk")
    page = clerk.get("/notifications").text
    assert "Number 31" in page
    assert "Number 01" not in page
    older = page.partition("/notifications?before=")[2].partition('"')[0]
    assert "Number 01" in clerk.get(f"/notifications?before={older}").text


def test_an_empty_page_says_what_comes(site: Site) -> None:
    assert "Nothing to tell yet" in site.as_("idle").get("/notifications").text


def test_mail_is_chosen_in_the_profile(site: Site) -> None:
    clerk = site.as_("clerk")
    assert "There is no mail address of you" in clerk.get("/profile").text
    assert clerk.post("/profile/mail", wanted="no").status_code == 303
    with site.workspace.reading() as transaction:
        assert not notifications.wants_mail(transaction, site.people["clerk"])
        assert notifications.wants_mail(transaction, site.people["chief"])
    clerk.get("/profile")
    clerk.post("/profile/mail", wanted="yes")
    with site.workspace.reading() as transaction:
        assert notifications.wants_mail(transaction, site.people["clerk"])


def failed_job(site: Site) -> None:
    with site.workspace.writing() as transaction:
        outbox.enqueue(
            transaction, "mail", [("mail-1", {"notification": 1}), ("mail-2", {"notification": 2})]
        )
        transaction.connection.execute(
            job.update()
            .where(job.c.key == "mail-1")
            .values(state="failed", attempts=6, reason="No such mailbox")
        )


def make_administrator(site: Site, username: str) -> None:
    with site.workspace.writing() as transaction:
        grant_roles(transaction, site.people[username], ["system.administrator"])


def test_administrators_see_jobs_and_try_again(site: Site) -> None:
    failed_job(site)
    make_administrator(site, "chief")
    chief = site.as_("chief")
    page = chief.get("/admin/jobs").text
    for words in ("No such mailbox", "mail-1", "mail-2", "6 failed attempts", "No process works on jobs"):
        assert words in page
    page = chief.get("/admin/jobs?state=failed").text
    assert "mail-2" not in page
    with site.workspace.reading() as transaction:
        (found,) = outbox.page_of(transaction, 5, ("failed",))
    assert chief.post(f"/admin/jobs/{found.id}/retry", state="failed").status_code == 303
    with site.workspace.reading() as transaction:
        assert outbox.counts(transaction)["waiting"] == 2
    assert "No jobs here" in chief.get("/admin/jobs?state=failed").text


def test_nobody_else_does(site: Site) -> None:
    failed_job(site)
    clerk = site.as_("clerk")
    assert "/admin/jobs" not in clerk.get("/").text
    for answer in (clerk.get("/admin/jobs"), clerk.post("/admin/jobs/1/retry")):
        assert answer.status_code == 403
        assert "Jobs are for administrators only." in answer.text


def test_the_bell_drops_down_with_the_latest(site: Site) -> None:
    clerk = site.as_("clerk")
    assert "Nothing to tell yet" in clerk.get("/notifications/latest").text
    told = [tell(site, "clerk", f"Number {number:02}") for number in range(10)]
    page = clerk.get("/notifications/latest").text
    assert 'data-bell-unread="10"' in page
    assert "Number 09" in page
    assert "Number 01" not in page
    page = clerk.post(f"/notifications/{told[-1]}/read").text
    assert 'data-bell-unread="9"' in page
    assert f"/notifications/{told[-1]}/read" not in page
    assert site.as_("chief").post(f"/notifications/{told[0]}/read").status_code == 404
    assert 'data-bell-unread="0"' in clerk.post("/notifications/read?bell=1").text
    assert "Notifications, 0 unread" in clerk.get("/").text
