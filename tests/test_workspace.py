"""A workspace follows what is published: by this process or by another one."""

import pytest

from engine import commands
from engine.definition.check import check_texts
from engine.releases.apply import apply_plan
from engine.transaction import SYSTEM
from engine.workspace import open_workspace
from tests.fixtures.workspaces import Publish

BEFORE = "{app: shop, entities: {thing: {title: name, fields: {name: {type: text}}}}}"
AFTER = (
    "{app: shop, entities: {thing: {title: name, fields: {name: {type: text}, "
    "price: {type: money, default: 3}, twice: {type: money, formula: price * 2}}}}}"
)


def test_people_are_there_before_anything_is_published(database_url: str) -> None:
    workspace = open_workspace(database_url)
    assert workspace.catalog.release == 0
    made = commands.create_record(workspace, SYSTEM, "system.user", {"username": "ann", "name": "Ann"})
    assert (made["name"], made["locale"]) == ("Ann", "en")
    workspace.close()


def test_a_release_of_another_process_is_seen_by_the_next_transaction(
    publish: Publish, database_url: str
) -> None:
    workspace = publish(BEFORE)
    first = commands.create_record(workspace, SYSTEM, "shop.thing", {"name": "A"})
    assert "price" not in first
    other = open_workspace(database_url)
    apply_plan(other.database, check_texts([{"app_0.yaml": AFTER}]), message="", by="")
    other.close()
    second = commands.create_record(workspace, SYSTEM, "shop.thing", {"name": "B"})
    assert str(second["twice"]) == "6.00"
    changed = commands.update_record(workspace, SYSTEM, "shop.thing", first["id"], {"price": "1.50"})
    assert str(changed["twice"]) == "3.00"
    assert workspace.catalog.release == 2


def test_a_failed_transaction_leaves_nothing(publish: Publish) -> None:
    workspace = publish(BEFORE)

    def fail() -> None:
        with workspace.writing(SYSTEM) as transaction:
            transaction.connection.exec_driver_sql(
                "INSERT INTO shop__thing (name, created_at, updated_at, revision)"
                " VALUES ('A', '2026-01-01', '2026-01-01', 1)"
            )
            raise RuntimeError("something went wrong")

    with pytest.raises(RuntimeError, match="went wrong"):
        fail()
    with workspace.reading() as transaction:
        assert transaction.connection.exec_driver_sql("SELECT count(*) FROM shop__thing").scalar() == 0
