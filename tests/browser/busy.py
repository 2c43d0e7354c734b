"""A busy day in the company: tasks, applicants, leave, messages, a failed job, pictures in the museum."""

import io
from datetime import date, timedelta
from decimal import Decimal

from PIL import Image
from sqlalchemy import func, select

from engine import notifications, outbox
from engine.access.actors import ADMINISTRATOR
from engine.access.tokens import new_token
from engine.commands import comment_on, delete_record
from engine.records import imports
from engine.schema.system_tables import job
from engine.schema.workflow_tables import workflow_instance
from engine.text import Text
from engine.transaction import Actor
from engine.workflow.inbox import Question, inbox
from tests.blueprints.conftest import Visitor
from tests.browser.company import Company

EXHIBITS = (
    ("Sunflowers 向日葵", "painting", 8_200_000, "#c9a227"),
    ("Bronze horse 铜奔马", "bronze", 4_600_000, "#4d7f6a"),
    ("Blue and white vase 青花瓶", "porcelain", 1_300_000, "#2f55d4"),
    ("Harbour at dusk 暮色港湾", "painting", 960_000, "#7a4b8f"),
)


def make_busy(company: Company) -> None:
    """Adds to the company and notes the numbers of what pages are about."""
    office, people, numbers = company.office, company.people, company.numbers
    every = sorted(each for each in office.workspace.catalog.effective_roles if each[:4] in ("crm.", "hrm."))
    everything, root = company.join("everything", *every), company.join("root", ADMINISTRATOR)
    sales, manager = people["sales"], people["manager"]
    today = date.today()

    office.update("system.user", {"id": sales.id}, manager=manager.id)
    office.update("crm.deal", company.deal, discount=Decimal("0.25"), close_date=today)
    comment_on(
        office.workspace, sales, "crm.deal", company.deal["id"], "They want an answer soon, @manager 请尽快"
    )
    office.move("crm.deal", company.deal, "win", sales)
    with office.workspace.reading(manager) as transaction:
        numbers["task"] = inbox(transaction, Question()).entries[0].id
        numbers["approval"] = transaction.connection.execute(
            select(func.max(workflow_instance.c.id))
        ).scalar_one()
    with office.workspace.writing(sales) as transaction:
        content = "Name,客户,Email,Shoe size\nWei Ling,京东物流,wei@example.com,41\n".encode()
        numbers["import"] = imports.keep_file(transaction, "crm.contact", "contacts.csv", content)
    deals = office.seen("crm.deal", sales)
    numbers.update(deal=company.deal["id"], payslip=company.payslip["id"], seller=sales.id or 0)
    numbers["other"] = next(each for each in deals if each != company.deal["id"])
    won = next(each for each in reversed(deals) if each != company.deal["id"])
    office.move("crm.deal", {"id": won}, "propose", sales)
    office.move("crm.deal", {"id": won}, "negotiate", sales)
    office.move("crm.deal", {"id": won}, "win", sales)
    numbers["account"] = office.seen("crm.account", sales)[0]
    _staff(company, everything, today)
    _messages(company, manager, root)
    _museum(company, today)


def _staff(company: Company, everything: Actor, today: date) -> None:
    """People with somebody above them, some away, and some who would like to come."""
    office = company.office
    head = office.create("hrm.employee", name="Ann Above 安安", user=everything.id)
    company.numbers["employee"] = head["id"]
    department = office.create("system.department", name="Sales 销售中心", head=everything.id)
    for number, name in enumerate(("孙婷", "Bo Below", "王晓明")):
        made = office.create(
            "hrm.employee", name=name, manager=everything.id, department=department["id"], hired_on=today
        )
        office.create(
            "hrm.leave_request",
            employee=made["id"],
            kind=("annual", "sick", "marriage")[number],
            start=today + timedelta(days=number),
            end=today + timedelta(days=3 * number + 1),
        )
    position = office.create("hrm.position", name="Engineer 工程师", family="engineering")
    for number, name in enumerate(("Elena Garcia", "郑玲", "Paul Keller")):
        applicant = office.create("hrm.applicant", name=name, wanted="Engineer", source="website")
        if number:
            values = {"position": position["id"], "interview_on": today + timedelta(days=number)}
            office.move("hrm.applicant", applicant, "invite", **values)
        if number > 1:
            office.move("hrm.applicant", applicant, "offer")


def _messages(company: Company, manager: Actor, root: Actor) -> None:
    workspace = company.office.workspace
    with workspace.writing() as transaction:
        for number, about in enumerate([None, ("crm.deal", company.deal["id"])]):
            message = Text({"en": f"Message number {number}", "zh": f"第 {number} 条消息"})
            notifications.notify(transaction, [manager.id or 0], message, about, "task", f"busy-{number}")
        outbox.enqueue(transaction, "mail", [("failing", {"notification": 0})])
        failed = job.update().where(job.c.key == "failing")
        transaction.connection.execute(failed.values(state="failed", attempts=6, reason="No such mailbox"))
    for person in (manager, root):
        with workspace.writing(person) as transaction:
            new_token(transaction, person.id or 0, "Nightly export 每晚导出")


def _museum(company: Company, today: date) -> None:
    """Exhibits, all but the last with a picture, which somebody sends as a browser does."""
    office = company.office
    curator = Visitor(company.app.test_client()).sign_in("chief")
    above = None
    for number, (name, kind, worth, colour) in enumerate(EXHIBITS):
        picture = io.BytesIO()
        Image.new("RGB", (640, 400), colour).save(picture, "PNG")
        sent = (io.BytesIO(picture.getvalue()), f"{number}.png")
        curator.get("/museum/exhibit/new")
        answer = curator.post("/files", file=sent, entity="museum.exhibit", field="picture")
        made = office.create(
            "museum.exhibit",
            company.people["chief"],
            name=name,
            maker="Unknown 佚名",
            kind=kind,
            worth=Decimal(worth),
            part_of=above,
            keeper=company.people["chief"].id,
            begins=today + timedelta(days=4 * number),
            ends=today + timedelta(days=4 * number + 6),
            picture=answer.get_json()["value"] if number < 3 else None,
            loans=[{"borrower": "Old Palace 故宫", "since": today, "fee": Decimal(12_000)}],
        )
        above = above or made["id"]
        if number:
            office.move("museum.exhibit", made, "show", company.people["chief"])
    company.numbers["exhibit"] = above or 0
    for name in ("Lantern 灯笼", "A very long name for a very small inkwell of the late Qing dynasty 砚台"):
        chief = company.people["chief"]
        loans = [{"borrower": "Old Palace 故宫", "since": today, "fee": Decimal(1)}]
        gone = office.create(
            "museum.exhibit", chief, name=name, maker="Unknown 佚名", kind="bronze", loans=loans
        )
        delete_record(office.workspace, chief, "museum.exhibit", gone["id"])
