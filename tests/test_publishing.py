"""Publishing by people who are signed in: administrators alone, and never another plan than was agreed to."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine import publishing
from engine.problems import DefinitionRefused, NotAllowed, Stale
from engine.records.bulk import insert_many
from engine.releases.apply import NotAgreed
from engine.releases.history import current_release
from engine.releases.step import Risk
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace, open_workspace

ONE = "app: crm\nentities:\n  deal:\n    fields:\n      name: {type: text}\n"
TWO = ONE + "      region: {type: text, label: Region}\n"
LESS = "app: crm\nentities:\n  deal:\n    fields:\n      region: {type: text, label: Region}\n"
ADMIN = Actor(1, "ann", "Ann", frozenset(), administrator=True)
CLERK = replace(ADMIN, username="bob", administrator=False)


Ask = Callable[[Workspace, Actor], object]


@pytest.fixture
def workspace(database_url: str) -> Iterator[Workspace]:
    opened = open_workspace(database_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "ask",
    [
        publishing.releases,
        lambda workspace, actor: publishing.release_with_plan(workspace, actor, 1),
        lambda workspace, actor: publishing.differences(workspace, actor, 1, 1),
        lambda workspace, actor: publishing.pending(workspace, actor, {"crm.yaml": TWO}),
        lambda workspace, actor: publishing.pending_rollback(workspace, actor, 1),
        lambda workspace, actor: publishing.publish(workspace, actor, {"crm.yaml": TWO}),
        lambda workspace, actor: publishing.roll_back(workspace, actor, 1),
        publishing.out_of_use,
        lambda workspace, actor: publishing.purge_out_of_use(workspace, actor, {1}),
    ],
)
def test_nobody_else_gets_anything(workspace: Workspace, ask: Ask) -> None:
    publishing.publish(workspace, ADMIN, {"crm.yaml": ONE})
    with pytest.raises(NotAllowed, match="Only administrators"):
        ask(workspace, CLERK)
    with workspace.database.reading() as connection:
        found = current_release(connection)
    assert found
    assert found.number == 1


def test_plan_publish_and_back(workspace: Workspace) -> None:
    first = publishing.publish(workspace, ADMIN, {"crm.yaml": ONE}, "First")
    assert (first.number, first.published_by, first.message) == (1, "ann", "First")
    seen = publishing.pending(workspace, ADMIN, {"crm.yaml": TWO})
    assert seen.release == 1
    assert [str(each.sentence) for each in seen.differences] == ["Adds the field Region of the entity Deal."]
    assert "Adds Region to Deal." in [str(each.sentence) for each in seen.plan.steps]
    assert publishing.publish(workspace, ADMIN, {"crm.yaml": TWO}, begun=1).number == 2
    with workspace.writing(SYSTEM) as transaction:
        insert_many(transaction, "crm.deal", [{"name": "A", "region": "North"}])
    back = publishing.pending_rollback(workspace, ADMIN, 1)
    assert back.plan.risks - {Risk.SAFE}
    with pytest.raises(NotAgreed):
        publishing.roll_back(workspace, ADMIN, 1)
    third = publishing.roll_back(workspace, ADMIN, 1, allow=set(Risk))
    assert (third.apps, third.message) == ({"crm": {"crm.yaml": ONE}}, "Back to release 1")
    kept = publishing.out_of_use(workspace, ADMIN)
    assert [each.field for each in kept] == ["region"]
    assert [each.id for each in publishing.purge_out_of_use(workspace, ADMIN, {kept[0].id})] == [kept[0].id]
    assert publishing.out_of_use(workspace, ADMIN) == []


def test_what_was_published_meanwhile_is_not_overrun(workspace: Workspace) -> None:
    publishing.publish(workspace, ADMIN, {"crm.yaml": ONE})
    seen = publishing.pending(workspace, ADMIN, {"crm.yaml": TWO})
    publishing.publish(
        workspace, replace(ADMIN, username="eve"), {"crm.yaml": ONE + "      x: {type: text}\n"}
    )
    with pytest.raises(Stale, match="eve published release 2 meanwhile"):
        publishing.publish(workspace, ADMIN, {"crm.yaml": TWO}, allow=set(Risk), begun=seen.release)


def test_files_are_put_together_to_apps(workspace: Workspace) -> None:
    files = {
        "lines.yaml": "entities:\n  line: {fields: {a: {type: text}}}\n",
        "crm.yaml": ONE.replace("entities:", "include: [parts/lines.yaml]\nentities:"),
        "acme.yaml": "app: acme\nextends: crm\nentities: {deal: {fields: {name: {required: true}}}}\n",
    }
    release = publishing.publish(workspace, ADMIN, files)
    assert {name: list(texts) for name, texts in release.apps.items()} == {
        "crm": ["crm.yaml", "parts/lines.yaml"],
        "acme": ["acme.yaml"],
    }
    # A file that is published and named is not asked for again.
    changed = files["crm.yaml"] + "      more: {type: text}\n"
    again = publishing.publish(workspace, ADMIN, {"crm.yaml": changed})
    assert again.apps["crm"]["parts/lines.yaml"] == files["lines.yaml"]
    with pytest.raises(DefinitionRefused, match="belongs to no app"):
        publishing.pending(workspace, ADMIN, {"crm.yaml": ONE, "stray.yaml": "roles: {a: }\n"})


def test_a_pasted_text_keeps_the_name_of_its_file(workspace: Workspace) -> None:
    publishing.publish(workspace, ADMIN, {"crm_app.yaml": ONE})
    release = publishing.publish(workspace, ADMIN, {publishing.PASTED: TWO})
    assert release.apps == {"crm": {"crm_app.yaml": TWO}}
    fresh = publishing.publish(workspace, ADMIN, {publishing.PASTED: ONE.replace("app: crm", "app: hrm")})
    assert list(fresh.apps["hrm"]) == ["hrm_app.yaml"]


def test_the_product_itself_is_an_administrator(workspace: Workspace) -> None:
    assert publishing.releases(workspace, SYSTEM) == []
