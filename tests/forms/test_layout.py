"""The form of a record follows the definition, the rights of whoever looks, and the values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.access.rights import rights_on, rights_on_new
from engine.commands import create_record, fire_transition
from engine.forms.layout import form_path, hidden_sections, layout, problems_by_path
from engine.forms.nodes import FieldNode, Form
from engine.problems import Problem
from engine.records.read import get
from engine.text import say
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def clerk(shop: Workspace) -> Actor:
    return person(shop, "clara", "shop.clerk")


def new_order(shop: Workspace, clerk: Actor, **values: Any) -> int:
    customer = create_record(shop, SYSTEM, "shop.customer", {"name": "Acme"})
    lines = [{"text": "Chair", "quantity": 2, "price": "50.00"}]
    sent = {"customer": customer["id"], "lines": lines, **values}
    return int(create_record(shop, clerk, "shop.order", sent)["id"])


def form_of(shop: Workspace, actor: Actor, identity: int, **changed: Any) -> Form:
    with shop.reading(actor) as transaction:
        entity = transaction.catalog.entity("shop.order")
        values = {**get(transaction, "shop.order", identity), **changed}
        return layout(transaction, entity, values, rights_on(transaction, entity, identity).writable)


def nodes(form: Form) -> Mapping[str, FieldNode]:
    return {node.path: node for node in form.fields}


def test_a_field_is_a_control_only_where_it_may_be_changed(shop: Workspace, clerk: Actor) -> None:
    form = nodes(form_of(shop, clerk, new_order(shop, clerk)))
    assert not form["due"].read_only
    assert form["shipped_on"].read_only, "read_only in the definition"
    assert form["total"].read_only, "computed"
    assert form["number"].read_only or form["number"].value, "a number is given by the system"
    assert form["discount"].read_only, "only the chief may update it"
    assert form["special"].read_only is False, "its owner may"


def test_a_field_that_may_not_be_read_is_not_in_the_form(shop: Workspace, clerk: Actor) -> None:
    boss = person(shop, "carl")
    with shop.writing(SYSTEM) as transaction:
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(users.update().where(users.c.id == clerk.id).values(manager=boss.id))
    manager = Actor(boss.id, "carl", "Carl", frozenset({"shop.clerk"}), administrator=False)
    identity = new_order(shop, clerk)
    assert "special" in nodes(form_of(shop, clerk, identity))
    assert "special" not in nodes(form_of(shop, manager, identity))


def test_conditions_hide_and_require_fields(shop: Workspace, clerk: Actor) -> None:
    identity = new_order(shop, clerk)
    assert nodes(form_of(shop, clerk, identity))["reason"].hidden
    form = nodes(form_of(shop, clerk, identity, discount=Decimal("0.2")))
    assert not form["reason"].hidden
    assert form["reason"].required


def test_child_rows_have_paths_by_number_and_a_blank_row(shop: Workspace, clerk: Actor) -> None:
    lines = nodes(form_of(shop, clerk, new_order(shop, clerk)))["lines"]
    assert lines.rows is not None
    assert lines.blank_row is not None
    assert [cell.path for cell in lines.rows[0].fields][:2] == ["lines-0-text", "lines-0-quantity"]
    assert lines.rows[0].id is not None
    assert lines.blank_row.fields[1].text == "1", "the default of quantity"
    assert lines.blank_row.path == "lines-1"


def test_a_stage_that_nobody_edits_leaves_no_controls(shop: Workspace, clerk: Actor) -> None:
    identity = new_order(shop, clerk)
    fire_transition(shop, clerk, "shop.order", identity, "ship")
    assert not form_of(shop, clerk, identity).has_controls


def test_who_may_not_create_fills_nothing(shop: Workspace) -> None:
    guest = person(shop, "gus", "shop.guest")
    with shop.reading(guest) as transaction:
        assert rights_on_new(transaction, transaction.catalog.entity("shop.order")).writable == frozenset()


def test_a_section_is_hidden_while_its_condition_does_not_hold(publish: Publish) -> None:
    workspace = publish(
        """
app: club
entities:
  member:
    title: name
    fields:
      name: {type: text}
      paid: {type: boolean, default: false}
      note: {type: text}
    form:
      all: {fields: [name, paid]}
      later: {fields: [note], show_when: paid}
"""
    )
    with workspace.reading(SYSTEM) as transaction:
        entity = transaction.catalog.entity("club.member")
        assert hidden_sections(transaction, entity, {"paid": False}) == {"later"}
        form = layout(transaction, entity, {"paid": True}, frozenset())
        assert [(section.name, section.hidden) for section in form.sections] == [
            ("all", False),
            ("later", False),
        ]


@pytest.mark.parametrize(
    ("engine", "form"),
    [("amount", "amount"), ("lines[2].quantity", "lines-2-quantity"), ("lines[0]", "lines-0"), ("", "")],
)
def test_paths_of_problems_become_paths_of_the_form(engine: str, form: str) -> None:
    assert form_path(engine) == form


def test_problems_are_collected_by_path() -> None:
    first, second = say("One."), say("Two.")
    found = problems_by_path([Problem("a", first), Problem("rows[1].b", second), Problem("a", second)])
    assert found == {"a": (first, second), "rows-1-b": (second,)}
