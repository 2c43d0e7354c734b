"""A script in every text of both applications: no page that shows it runs it, or makes elements of it."""

import pytest
from playwright.sync_api import Page

from tests.access import matrix_world
from tests.access.matrix_world import PEOPLE, furnish
from tests.apps.office import empty
from tests.blueprints.conftest import give_password
from tests.browser.company import Site

ATTACK = (
    "</textarea></title><script>window.hacked = 1</script>"
    "<img src=x onerror='window.hacked = 1'><svg onload=window.hacked=1>\"'`{{{{7*7}}}}"
)
MARKED = """[...document.querySelectorAll("*")]
    .filter(each => each.getAttributeNames().some(name => /^z[0-9]+$/.test(name))).length"""
"""How many elements the texts have made."""


@pytest.fixture
def attacked(running: Site, monkeypatch: pytest.MonkeyPatch) -> tuple[str, matrix_world.Office]:
    """A company in which every text is an attack; somebody with all roles looks at it."""
    address, office = running.address, running.office
    empty(office.workspace)
    made = {
        **matrix_world.MADE,
        "text": lambda number: f"<i z{number}>",
        "long_text": lambda _number: ATTACK,
    }
    monkeypatch.setattr(matrix_world, "MADE", made)
    world = furnish(office.workspace)
    roles = tuple(sorted({role for _, given in PEOPLE.values() for role in given}))
    everything = office.sign_in("everything", *roles)
    give_password(office.workspace, "everything", everything.id or 0, *roles)
    return address, world


def test_stored_scripts_stay_texts(attacked: tuple[str, matrix_world.Office], page: Page) -> None:
    address, office = attacked
    page.goto(f"{address}/sign-in")
    page.fill("#username", "everything")
    page.fill("#password", "secret-everything")
    page.click("#sign-in button[type=submit]")
    page.wait_for_url(f"{address}/")
    shown = 0
    for key, rows in office.world.rows.items():
        if key.startswith("system.") or office.world.entity(key).get("parent"):
            continue
        path = f"{address}/{key.replace('.', '/')}"
        for url in (path, f"{path}/{min(rows)}"):
            answer = page.goto(url)
            if answer is None or answer.status == 404:
                continue
            shown += 1
            assert page.evaluate("window.hacked") is None, url
            assert page.evaluate(MARKED) == 0, url
            assert "49" not in page.title(), url
    assert shown > 20
