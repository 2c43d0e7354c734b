"""A publish that changes what is searched indexes the saved records anew, and says how many."""

from engine.definition.check import check_texts
from engine.records.best_hits import search_everywhere
from engine.records.bulk import insert_many
from engine.releases.apply import apply_plan
from engine.releases.plan import make_plan
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish

BEFORE = """
app: box
roles: {keeper: {}}
entities:
  thing:
    label: Thing
    title: name
    fields:
      name: {type: text}
      note: {type: text}
      size: {type: choice, options: [small, large]}
"""


def found(workspace: Workspace, text: str) -> list[str]:
    with workspace.reading(SYSTEM) as transaction:
        return [each.title for each in search_everywhere(transaction, text)]


def steps(workspace: Workspace, text: str) -> list[tuple[str, int | None]]:
    plan = make_plan(workspace.database, check_texts([{"app_0.yaml": text}]))
    return [(str(step.sentence), step.records) for step in plan.steps if step.kind == "indexed"]


def test_what_is_searched_follows_the_definition(publish: Publish) -> None:
    workspace = publish(BEFORE)
    with workspace.writing(SYSTEM) as transaction:
        rows = [{"name": f"Thing {n}", "note": "blue", "size": "small"} for n in range(3)]
        insert_many(transaction, "box.thing", rows)
    assert len(found(workspace, "blue")) == 3
    said = [("Indexes 3 records of Thing anew for the search.", 3)]
    # A new name alone changes no words; a new field has none yet.
    renamed = BEFORE.replace(
        "note: {type: text}", "remark: {type: text, was: note}\n      more: {type: text}"
    )
    assert steps(workspace, renamed) == []
    publish(renamed)
    assert len(found(workspace, "blue")) == 3
    # What only some may read is no longer found by others.
    hidden = renamed + "    access: {fields: {remark: {read: [role:keeper]}}}\n"
    assert steps(workspace, hidden) == said
    publish(hidden)
    assert len(found(workspace, "blue")) == 3
    # A choice that becomes a text has words from now on.
    text = hidden.replace("{type: choice, options: [small, large]}", "{type: text}")
    assert steps(workspace, text) == said
    checked = check_texts([{"app_0.yaml": text}])
    plan = make_plan(workspace.database, checked)
    apply_plan(workspace.database, checked, "test", "test", allow=plan.risks)
    assert len(found(workspace, "small")) == 3
    assert make_plan(workspace.database, checked).nothing_to_do


def test_records_from_before_the_search_are_indexed_by_the_next_publish(publish: Publish) -> None:
    workspace = publish(BEFORE)
    with workspace.writing(SYSTEM) as transaction:
        insert_many(transaction, "box.thing", [{"name": "Old one"}])
        transaction.connection.exec_driver_sql("DELETE FROM dougong_searched")
        transaction.connection.exec_driver_sql("DELETE FROM dougong_search")
    assert steps(workspace, BEFORE) == [("Indexes 1 record of Thing anew for the search.", 1)]
    publish(BEFORE)
    assert found(workspace, "old") == ["Old one"]
    assert steps(workspace, BEFORE) == []
