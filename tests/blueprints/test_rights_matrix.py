"""The page that tells an administrator who may do what."""

import html
from typing import Any

import pytest
from sqlalchemy import insert

from engine.access.actors import ADMINISTRATOR
from engine.schema.system_tables import grant
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, Visitor


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def admin(site: Site) -> Visitor:
    with site.workspace.writing(SYSTEM) as transaction:
        row = {"user_id": site.people["idle"], "role": ADMINISTRATOR}
        transaction.connection.execute(insert(grant), [row])
    return site.as_("idle")


def test_it_is_for_administrators_only(site: Site) -> None:
    answer = site.as_("chief").get("/admin/rights")
    assert answer.status_code == 403
    assert "The rights of everybody are for administrators only." in text(answer)
    assert site.visitor().get("/admin/rights").status_code == 302


def test_the_rules_of_everybody(admin: Visitor) -> None:
    page = text(admin.get("/admin/rights"))
    assert "owner == user or owner.manager == user" in page
    assert "seen by Chief, Owner" in page
    assert "built-in" not in page
    assert "Order → " not in page
    assert "by Owner, Chief" in page
    assert "edited by nobody" in page


def test_what_concerns_one_person(admin: Visitor, site: Site) -> None:
    page = text(admin.get(f"/admin/rights?person={site.people['guest']}"))
    assert "Guest has these roles:" in page
    assert 'The rule for Guest allows it where city == "Paris".' in page
    assert "No rule lets you see Order." in page
    admin.post("/profile/locale", locale="zh")
    assert "没有规则给予的，任何人都没有。" in text(admin.get("/admin/rights"))
