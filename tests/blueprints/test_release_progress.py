"""The pages of releases while a publish runs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from engine import publishing
from engine.access.accounts import ADMINISTRATOR
from engine.releases import progress
from engine.releases.conversion import Conversion
from engine.releases.progress import Running
from engine.releases.running_file import find_running, running_file, writes_to
from engine.releases.step import Risk
from engine.transaction import Actor
from tests.blueprints.conftest import Site, Visitor, give_password
from tests.blueprints.test_release_changes import OTHER_TYPE, words
from tests.fixtures.workspaces import person

ADA = Actor(None, "ada", "Ada", frozenset(), administrator=True)


@pytest.fixture
def admin(site: Site) -> Visitor:
    made = person(site.workspace, "root")
    assert made.id is not None
    give_password(site.workspace, "root", made.id, ADMINISTRATOR)
    return site.as_("root")


@pytest.fixture
def runs(site: Site) -> Iterator[Callable[[], None]]:
    """Ends the publish that runs."""
    assert site.workspace.data
    show = writes_to(running_file(site.workspace.data, site.workspace.database))
    now = datetime.now(UTC)
    sentence = {"en": "Adds <Discount> to Deal.", "zh": "为商机添加折扣。"}
    show(Running("ada", now - timedelta(seconds=20), now - timedelta(seconds=12), sentence, 3, 5))
    yield lambda: show(None)
    show(None)


def test_who_opens_the_releases_sees_it_until_it_ends(admin: Visitor, runs: Callable[[], None]) -> None:
    page = words(admin.get("/admin/releases"))
    assert "ada is publishing since " in page
    assert 'hx-get="/admin/releases/progress?watched=1" hx-trigger="every 1s"' in page
    polled = admin.get("/admin/releases/progress?watched=1")
    assert polled.headers["Cache-Control"] == "no-store"
    part = polled.get_data(as_text=True)
    assert "Adds &lt;Discount&gt; to Deal." in part
    assert 'max="100" value="40"' in part
    assert "step 3 of 5 · running for " in part
    assert "hx-trigger" in part
    alone = words(admin.get("/admin/releases/progress"))
    assert "ada is publishing" in alone
    assert "hx-trigger" not in alone
    runs()
    ended = words(admin.get("/admin/releases/progress?watched=1"))
    assert "The publish that ran has ended." in ended
    assert "hx-trigger" not in ended
    assert admin.get("/admin/releases/progress").status_code == 204
    assert "is publishing" not in words(admin.get("/admin/releases"))


@pytest.mark.usefixtures("runs")
def test_others_are_told_nothing(site: Site) -> None:
    answer = site.as_("chief").get("/admin/releases/progress")
    assert answer.status_code == 403
    assert "Discount" not in answer.get_data(as_text=True)
    assert site.visitor().get("/admin/releases/progress").status_code == 302


def test_a_publish_of_a_page_is_seen_by_others(
    site: Site, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.workspace.writing(ADA) as transaction:
        transaction.connection.exec_driver_sql(
            "INSERT INTO shop__customer (name, city, created_at, updated_at, revision) "
            "VALUES ('A', '1,000', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1)"
        )
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.01)
    assert site.workspace.data
    path = running_file(site.workspace.data, site.workspace.database)
    real, seen = Conversion.converted, []

    def slowly(conversion: Conversion, value: object) -> object:
        # In the middle of the transaction, which no file waits for.
        for _ in range(2_000):
            if find_running(path):
                break
            progress.Event().wait(0.01)
        seen.append(words(admin.get("/admin/releases/progress")))
        return real(conversion, value)

    monkeypatch.setattr(Conversion, "converted", slowly)
    files = {"app_0.yaml": OTHER_TYPE}
    publishing.publish(site.workspace, ADA, files, allow=set(Risk))
    assert "ada is publishing" in seen[-1]
    assert "Compares the definitions with the data" in seen[-1]
    assert not path.exists()
