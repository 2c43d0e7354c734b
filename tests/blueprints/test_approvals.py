"""The pages of approvals without scripts: inbox, one task, the record's page, substitutes, administration."""

import html
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dougong.app import create_app
from dougong.settings import Settings
from engine import commands
from engine.definition.check import check_texts
from engine.notifications import page_of
from engine.releases.apply import apply_plan
from engine.workflow.inbox import Question, inbox
from tests.blueprints.conftest import Site, Visitor, give_password
from tests.blueprints.test_site import INLINE
from tests.fixtures.workspaces import Publish
from tests.workflow.office import PEOPLE, Office, app, open_office

STEPS = """
first: {label: {en: First look, zh: 初审}, approvers: [owner.manager], due: 2 days}
both:
  label: {en: Both, zh: 并行}
  parallel:
    money:
      label: {en: Money, zh: 财务}
      steps: {desk: {label: {en: Desk, zh: 财务组}, approvers: [role:desk], decide: any}}
    large: {when: amount > 100, steps: {board: {label: {en: Board, zh: 董事会}, approvers: [role:board]}}}
"""
COLLECT = """
opinions:
  collect: opinion@
  approvers: [role:desk]
  done_when: {answers: 1}
  result: {score: avg(a.score for a in answers)}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The site of an office with one paper, and short ways to look at it."""

    office: Office
    site: Site

    def as_(self, name: str) -> Visitor:
        return self.site.as_(name)

    @property
    def record(self) -> str:
        return f"/office/paper/{self.office.paper}"

    def task(self, name: str) -> int:
        """The id of the one task that waits for somebody."""
        with self.office.workspace.reading(self.office.people[name]) as transaction:
            (entry,) = inbox(transaction, Question()).entries
        return entry.id


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def open_place(publish: Publish, url: str, folder: Path, yaml: str) -> Place:
    office = open_office(publish(yaml))
    people = {}
    for name, (_, roles) in PEOPLE.items():
        people[name] = office.people[name].id or 0
        give_password(office.workspace, name, people[name], *roles)
    site = Site(create_app(Settings(url, folder), office.workspace), office.workspace, people)
    return Place(office, site)


@pytest.fixture
def place(publish: Publish, database_url: str, tmp_path: Path) -> Place:
    found = open_place(publish, database_url, tmp_path, app(STEPS))
    found.office.new_paper(amount=50, name="Travel")
    return found


@pytest.fixture
def asked(place: Place) -> Place:
    """The paper is submitted; bo is asked."""
    place.office.act("ann: submit")
    return place


def test_submitting_shows_first_who_will_be_asked(place: Place) -> None:
    ann = place.as_("ann")
    assert f'href="{place.record}/transitions/submit" data-dialog="transition"' in text(ann.get(place.record))
    page = text(ann.get(f"{place.record}/transitions/submit"))
    assert "Who will be asked" in page
    assert page.index("First look") < page.index("Desk") < page.index("Board")
    assert "Board: Its branch does not apply as the record stands." in page
    typed = text(ann.post(f"{place.record}/transitions/submit/ask", name="Travel", amount="500"))
    assert "Gus" in typed
    assert "Gus" not in page
    answer = ann.post(f"{place.record}/transitions/submit", ("transition-comment", "Please"))
    assert answer.status_code == 303
    page = text(ann.get(place.record))
    assert "Waiting for approval" in page
    assert "Please" in page


def test_a_gate_that_is_open_says_so(publish: Publish, database_url: str, tmp_path: Path) -> None:
    yaml = app("first: {approvers: [owner.manager]}", approval="needed_when: amount > 100")
    place = open_place(publish, database_url, tmp_path, yaml)
    place.office.new_paper(amount=50)
    ann = place.as_("ann")
    assert "No approval is needed" in text(ann.get(f"{place.record}/transitions/submit"))
    assert "Bo" in text(ann.post(f"{place.record}/transitions/submit/ask", name="Paper", amount="500"))


def test_the_inbox_tells_what_is_asked_by_whom_about_what(asked: Place) -> None:
    bo = asked.as_("bo")
    page = text(bo.get("/inbox"))
    for words in ("Submit · First look", "Travel", "50.00", "Ann asked", "due in", "1 waiting for you"):
        assert words in page
    assert "Travel" in text(bo.get("/"))
    assert "Nothing waits for you" in text(asked.as_("ann").get("/inbox"))
    waiting = text(asked.as_("ann").get("/inbox?box=waiting"))
    assert "Bo is asked" in waiting
    for box, words in (("done", "not decided anything yet"), ("copied", "Nothing was copied to you")):
        assert words in text(bo.get(f"/inbox?box={box}"))
    assert bo.get("/inbox?box=other").status_code == 400


def test_the_inbox_is_filtered(asked: Place) -> None:
    bo = asked.as_("bo")
    for query, found in (
        ("app=office", True),
        ("app=other", False),
        ("entity=office.paper", True),
        ("entity=office.annex", False),
        ("transition=submit", True),
        ("transition=check", False),
        ("overdue=1", False),
        ("q=trav", True),
        ("q=xyz", False),
    ):
        page = text(bo.get(f"/inbox?{query}"))
        assert ("Submit · First look" in page) is found, query
        assert ("Nothing matches" in page) is not found, query


def test_several_are_decided_at_once_with_a_result_for_each(asked: Place) -> None:
    first = asked.task("bo")
    asked.office.new_paper(amount=70, name="Hotel")
    asked.office.act("ann: submit")
    with asked.office.workspace.reading(asked.office.people["bo"]) as transaction:
        ids = [each.id for each in inbox(transaction, Question()).entries]
    bo = asked.as_("bo")
    bo.get("/inbox")
    commands.decide_task(asked.office.workspace, asked.office.people["bo"], first, "approve")
    sent = [("task", str(each)) for each in ids] + [(f"title-{each}", f"Paper {each}") for each in ids]
    page = text(bo.post("/inbox/decide", *sent, decision="approve", comment="Fine", request="r1"))
    assert "1 of 2 done" in page
    assert re.search(rf"Paper {first}</a>: This was already decided by Bo at", page)
    again = text(bo.post("/inbox/decide", *sent, decision="approve", comment="Fine", request="r1"))
    assert "1 of 2 done" in again, "the same request is answered the same"
    assert "Tick what you decide first" in text(bo.post("/inbox/decide", decision="reject"))
    assert bo.post("/inbox/decide", decision="transfer").status_code == 400
    assert "You: approved" in text(bo.get("/inbox?box=done"))


def test_a_task_is_decided_on_its_page_once(asked: Place) -> None:
    task = asked.task("bo")
    bo, second = asked.as_("bo"), asked.as_("bo")
    page = text(bo.get(f"/inbox/tasks/{task}?next=/inbox"))
    for words in ("You are asked: First look", "Approve", "Reject", "Transfer", "Comes next", "Not needed"):
        assert words in page
    second.get(f"/inbox/tasks/{task}")
    answer = bo.post(f"/inbox/tasks/{task}/approve", comment="Good", next="/inbox", request="a")
    assert (answer.status_code, answer.location) == (303, "/inbox")
    late = second.post(f"/inbox/tasks/{task}/reject", comment="No", next="/inbox", request="b")
    assert late.status_code == 409
    assert re.search("This was already decided by Bo at .*: approved", text(late))
    assert bo.post(f"/inbox/tasks/{task}/approve", next="https://example.org/").location in (None, "/")
    assert asked.as_("ida").get("/inbox/tasks/99999").status_code == 404
    assert bo.get(f"/inbox/tasks/{task}/explode").status_code == 404


def test_others_cannot_decide(asked: Place) -> None:
    task = asked.task("bo")
    ida = asked.as_("ida")
    ida.get("/inbox")
    answer = ida.post(f"/inbox/tasks/{task}/approve")
    assert answer.status_code == 403
    assert "This task is Bo's, not yours." in text(answer)


ACTIONS = (
    ("transfer", {"to": "ida"}, "transferred it to Ida"),
    ("delegate", {"to": "ida"}, "delegated it to Ida"),
    ("add_approver", {"to": "ida", "where": "after"}, "added Ida"),
    ("copy", {"to": "ida"}, "Ida got a copy"),
    ("return", {"comment": "More"}, "It was sent back to Ann"),
    ("reject", {"comment": "No"}, "The approval ended: rejected"),
)


def test_every_action_has_its_form_and_its_event(asked: Place) -> None:
    bo, ann = asked.as_("bo"), asked.as_("ann")
    for action, sent, afterwards in ACTIONS:
        asked.office.new_paper(amount=10)
        asked.office.act("ann: submit")
        with asked.office.workspace.reading(asked.office.people["bo"]) as transaction:
            task = next(
                each.id
                for each in inbox(transaction, Question()).entries
                if each.record.id == asked.office.paper
            )
        assert bo.get(f"/inbox/tasks/{task}/{action}").status_code == 200
        given = {**sent, **({"to": str(asked.site.people[sent["to"]])} if "to" in sent else {})}
        answer = bo.post(f"/inbox/tasks/{task}/{action}", next=asked.record, **given)
        assert answer.status_code == 303, text(answer)
        page = re.sub(r"<[^>]+>", "", text(ann.get(asked.record)))
        assert afterwards in " ".join(page.split()), action


def test_people_are_named_by_typing_too_and_wrong_ones_are_told_at_the_field(asked: Place) -> None:
    task = asked.task("bo")
    bo = asked.as_("bo")
    bo.get(f"/inbox/tasks/{task}/transfer")
    for sent, sentence in (
        ({}, "Name the people"),
        ({"to-title": "Nobody at all"}, "There is no Person “Nobody at all”."),
        ({"to-title": "Ann"}, "The submitter cannot decide their own request."),
    ):
        answer = bo.post(f"/inbox/tasks/{task}/transfer", **sent)
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert 'aria-describedby="to-problem"' in text(answer)
    assert bo.post(f"/inbox/tasks/{task}/transfer", **{"to-title": "Ida"}).status_code == 303
    assert asked.task("ida") != task


def test_an_answer_is_taken_back_and_a_request_withdrawn(asked: Place) -> None:
    task = asked.task("bo")
    bo = asked.as_("bo")
    bo.get(f"/inbox/tasks/{task}")
    bo.post(f"/inbox/tasks/{task}/approve")
    assert f"/inbox/tasks/{task}/take_back" in text(bo.get(asked.record))
    assert bo.post(f"/inbox/tasks/{task}/take_back", next=asked.record).status_code == 303
    assert asked.task("bo") == task
    ann = asked.as_("ann")
    ann.get(f"{asked.record}/approval/withdraw")
    assert ann.post(f"{asked.record}/approval/remind").status_code == 303
    late = ann.post(f"{asked.record}/approval/remind")
    assert (late.status_code, "once an hour is enough" in text(late)) == (409, True)
    assert ann.post(f"{asked.record}/approval/withdraw", comment="Oops").status_code == 303
    assert "Withdrawn" in text(ann.get(asked.record))
    assert ann.get(f"{asked.record}/approval/explode").status_code == 404


def test_a_comment_mentions_people_who_are_told(asked: Place) -> None:
    bo = asked.as_("bo")
    bo.get(asked.record)
    answer = bo.post(f"{asked.record}/approval/comment", comment="<b>Look</b>, @ida", next=asked.record)
    assert answer.status_code == 303
    page = bo.get(asked.record).get_data(as_text=True)
    assert '&lt;b&gt;Look&lt;/b&gt;, <b class="at-name">@ida</b>' in page
    with asked.office.workspace.reading(asked.office.people["ida"]) as transaction:
        assert "Bo mentioned you" in page_of(transaction, 1)[0].message.to("en")
    found = bo.get("/inbox/people?text=id").get_json()["people"]
    assert {"username": "ida", "name": "Ida"} in found


def test_a_step_that_gathers_answers_shows_its_form(
    publish: Publish, database_url: str, tmp_path: Path
) -> None:
    place = open_place(publish, database_url, tmp_path, app(COLLECT))
    place.office.new_paper()
    place.office.act("ann: submit")
    task = place.task("eve")
    eve = place.as_("eve")
    assert f"/inbox/tasks/{task}/answer" in text(eve.get(f"/inbox/tasks/{task}"))
    form = text(eve.get(f"/inbox/tasks/{task}/answer"))
    assert 'name="answer-score"' in form
    assert 'name="answer-paper"' not in form
    for typed, sentence in (("9", "5"), ("", "Score is required."), ("many", "“many”")):
        answer = eve.post(f"/inbox/tasks/{task}/answer", **{"answer-score": typed})
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert 'aria-invalid="true"' in text(answer)
    assert eve.post(f"/inbox/tasks/{task}/answer", **{"answer-score": "4"}).status_code == 303
    assert place.office.record()["stage"] == "done"


def test_substitutes_are_named_and_ended(place: Place) -> None:
    today = date.today()
    ann = place.as_("ann")
    assert "Nobody stands in for you." in text(ann.get("/profile/substitutes"))
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=3)).isoformat()}
    for sent, sentence in (
        ({}, "Choose who is asked instead."),
        ({"substitute-title": "Xyz", **days}, "There is no Person “Xyz”."),
        ({"substitute-title": "Ann", **days}, "Nobody stands in for themselves."),
        ({"substitute-title": "Ida", **days, "first_day": ""}, "Say the day."),
        (
            {"substitute-title": "Ida", **days, "last_day": "2001-01-01"},
            "The last day lies before the first.",
        ),
        ({"substitute-title": "Ida", **days, "person": str(place.site.people["bo"])}, "for yourself only"),
    ):
        answer = ann.post("/profile/substitutes", **sent)
        assert answer.status_code in (403, 422)
        assert sentence in text(answer)
    assert ann.post("/profile/substitutes", **{"substitute-title": "Ida", **days}).status_code == 303
    page = text(ann.get("/profile/substitutes"))
    assert "In force" in page
    assert "You for Ann" in text(place.as_("ida").get("/profile/substitutes"))
    (address,) = re.findall(r"/profile/substitutes/\d+/end", page)
    bo = place.as_("bo")
    bo.get("/profile/substitutes")
    assert bo.post(address).status_code == 404
    assert ann.post(address).status_code == 303
    root = place.as_("root")
    root.get("/profile/substitutes")
    given = {"person-title": "Ann", "substitute-title": "Ida", **days}
    assert root.post("/profile/substitutes", **given).status_code == 303
    assert "Ida for Ann" in text(root.get("/profile/substitutes"))


def test_administrators_see_and_move_what_goes_on(asked: Place) -> None:
    assert asked.as_("ann").get("/admin/approvals").status_code == 403
    root = asked.as_("root")
    page = text(root.get("/admin/approvals"))
    for words in ("Where they stand", "First look", "Travel", "Cancel the approval", "Jump to a step"):
        assert words in page
    assert "Everything can go on" in text(root.get("/admin/approvals?incidents=1"))
    jump = re.findall(r"/admin/approvals/\d+/jump", page)[0]
    assert "Desk" in text(root.get(jump))
    assert "Write the reason" in text(root.post(jump, step="both"))
    assert root.post(jump, step="both", comment="In a hurry").status_code == 303
    assert asked.task("eve")
    apply_plan(
        asked.office.workspace.database,
        check_texts([{"app_0.yaml": app(STEPS.replace("desk:", "counter:"))}]),
        message="renamed",
        by="test",
    )
    page = text(root.get("/admin/approvals"))
    assert "older" in page
    assert "Tick the approvals" in text(root.get("/admin/approvals/migrate"))
    (number,) = set(re.findall(r'name="approval" value="(\d+)"', page))
    form = text(root.get(f"/admin/approvals/migrate?approval={number}"))
    assert 'name="map-0-desk"' in form
    assert "counter" in form
    of_other = "/admin/approvals/migrate?entity=office.paper&transition=submit&release=1"
    of_kind = text(root.get(f"{of_other}&step=desk"))
    assert f'name="approval" value="{number}"' in of_kind
    assert "Choose a step" in of_kind
    assert "Tick the approvals" in text(root.get(of_other))
    sent = (("approval", number), ("map-0-desk", "counter"), ("map-0-both", "both"))
    assert "Write the reason" in text(root.post("/admin/approvals/migrate", *sent))
    wrong = (("approval", number), ("map-0-desk", "first"), ("map-0-both", "both"))
    assert "0 of 1 done" in text(root.post("/admin/approvals/migrate", *wrong, comment="New release"))
    answer = root.post("/admin/approvals/migrate", *sent, comment="New release")
    assert answer.status_code == 303, text(answer)
    cancel = f"/admin/approvals/{number}/cancel"
    assert root.get(cancel).status_code == 200
    assert root.post(cancel, comment="Not needed any more").status_code == 303
    assert "Nothing waits for approval" in text(root.get("/admin/approvals"))


def test_an_incident_is_given_to_somebody(publish: Publish, database_url: str, tmp_path: Path) -> None:
    yaml = app("one: {approvers: [role:empty]}")
    place = open_place(publish, database_url, tmp_path, yaml)
    place.office.new_paper()
    place.office.act("ann: submit")
    root = place.as_("root")
    page = text(root.get("/inbox"))
    assert "Paper" in page
    task = place.task("root")
    page = text(root.get(f"/inbox/tasks/{task}"))
    assert "Approve" in page


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_pages_keep_to_the_policy_and_speak_the_language(asked: Place, locale: str) -> None:
    task = asked.task("bo")
    bo = asked.as_("bo")
    bo.post("/profile/locale", locale=locale)
    for path in (
        "/inbox",
        "/inbox?box=done",
        f"/inbox/tasks/{task}",
        f"/inbox/tasks/{task}/add_approver",
        f"/inbox/tasks/{task}/return",
        f"{asked.record}/approval/comment",
        "/profile/substitutes",
        asked.record,
    ):
        answer = bo.get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200, path
        assert INLINE.findall(page) == [], path
        assert f'<html lang="{locale}"' in page
        assert ("待办" in page) is (locale == "zh")
    shown = text(bo.get(asked.record))
    for english, chinese in (
        ("Transfer", "转交"),
        ("Add approvers", "加签"),
        ("Delegate", "委派"),
        ("Return", "退回"),
    ):
        assert (chinese in shown) is (locale == "zh")
        assert (f">{english}<" in shown) is (locale == "en")
