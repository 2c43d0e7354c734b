from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.definition.load import load_app, load_system_app, read_app
from engine.definition.model import App, Entity
from engine.formula.expression import Expression
from engine.problems import DefinitionRefused, Place
from engine.text import Text

SHOP = """\
app: shop
label: {en: Shop, zh: 商店}
roles:
  sales:
  boss: {label: Boss, includes: [sales, hrm.head]}
entities:
  order:
    title: name & "!"
    fields:
      name: {type: text, required: true, max_length: 20}
      close_date: {type: date, default: "=today() + 30"}
      opened_on: {type: date, default: 2026-11-21}
      discount: {type: percent, default: 10%, max: 50%}
      buyer: {type: user}
      lines: {type: table, of: line}
      total: {type: money, formula: =sum(l.amount for l in lines), freeze: paid}
      secret: {type: text, hidden: true}
      old: {type: text, retire: true}
      size: {type: choice, options: {s: {weight: 10%}, l: {label: {en: Large, zh: 大}, color: red}}}
    workflow:
      stages:
        new: {probability: 10%, rank: 1}
        paid: {final: true, edit: [], color: green, probability: 100%}
      transitions:
        pay:
          from: new
          to: paid
          by: [buyer, role:sales, role:hrm.head]
          set: {opened_on: =today(), name: Paid, discount: 5%, close_date: null}
    access:
      role:sales: {read: true, update: buyer == user}
      buyer.manager: {read: true}
      fields:
        discount: {update: [role:boss, buyer]}
  line:
    parent: order
    label: Line
    fields:
      product: {type: text}
      amount: {type: money}
"""


@pytest.fixture(scope="module")
def shop() -> App:
    return load_app({"shop.yaml": SHOP})


@pytest.fixture(scope="module")
def order(shop: App) -> Entity:
    return shop.entities["order"]


def test_the_app(shop: App) -> None:
    assert (shop.name, shop.label, shop.texts) == (
        "shop",
        Text({"en": "Shop", "zh": "商店"}),
        {"shop.yaml": SHOP},
    )
    assert shop.roles["sales"].label == Text({"en": "Sales"})
    assert shop.roles["boss"].includes == ("shop.sales", "hrm.head")


def test_every_record_has_the_system_fields_after_its_own(order: Entity) -> None:
    names = list(order.fields)
    assert names[:2] == ["name", "close_date"]
    system = [each.name for each in order.fields.values() if each.system]
    assert system == ["id", "created_at", "created_by", "updated_at", "updated_by", "revision", "stage"]
    assert names[-len(system) :] == system
    assert order.fields["created_by"].label.to("zh") == "创建人"
    assert all(order.fields[name].read_only for name in system)


def test_child_rows_belong_to_their_parent(shop: App) -> None:
    line = shop.entities["line"]
    assert line.parent == "shop.order"
    assert line.fields["order"].options["to"] == "shop.order"
    assert line.fields["order"].required
    assert line.fields["order"].label == Text({"en": "Order"})
    assert line.fields["position"].type == "integer"


def test_labels_are_words_when_none_is_written(order: Entity) -> None:
    assert order.fields["close_date"].label == Text({"en": "Close date"})


@pytest.mark.parametrize(
    ("name", "default"),
    [("opened_on", date(2026, 11, 21)), ("discount", Decimal("0.1")), ("name", None)],
)
def test_plain_defaults_are_values_of_the_field(order: Entity, name: str, default: Any) -> None:
    assert order.fields[name].default == default


def test_a_default_that_begins_with_an_equals_sign_is_a_formula(order: Entity) -> None:
    default = order.fields["close_date"].default
    assert default == Expression("today() + 30", Place("shop.yaml", 11, 43), default.lines)
    assert order.fields["total"].formula is not None
    assert order.fields["total"].formula.text == "sum(l.amount for l in lines)"


def test_entities_are_named_in_full(order: Entity) -> None:
    assert order.fields["lines"].options["of"] == "shop.line"


def test_options_carry_attributes(order: Entity) -> None:
    options = order.fields["size"].options["options"]
    assert options["s"].attributes == {"weight": Decimal("0.1")}
    assert (options["l"].label.to("zh"), options["l"].color) == ("大", "red")


def test_the_stages_are_the_options_of_the_field_stage(order: Entity) -> None:
    assert order.workflow is not None
    assert order.workflow.initial.name == "new"
    assert order.workflow.stages["new"].attributes == {
        "probability": Decimal("0.1"),
        "rank": 1,
        "open": True,
    }
    assert order.workflow.stages["paid"].edit == ()
    assert order.workflow.stages["new"].edit is None
    options = order.fields["stage"].options["options"]
    assert options["paid"].attributes == {"probability": Decimal("1.0"), "open": False}
    assert options["paid"].color == "green"


def test_a_transition(order: Entity) -> None:
    assert order.workflow is not None
    pay = order.workflow.transitions["pay"]
    assert pay.sources == ("new",)
    assert pay.by == ("buyer", "role:shop.sales", "role:hrm.head")
    assert pay.set["opened_on"].text == "today()"
    assert (pay.set["name"], pay.set["discount"], pay.set["close_date"]) == ("Paid", Decimal("0.05"), None)


def test_access(order: Entity) -> None:
    sales, manager = order.access.rules
    assert (sales.principal, sales.read, sales.create) == ("role:shop.sales", True, False)
    assert isinstance(sales.update, Expression)
    assert manager.principal == "buyer.manager"
    assert order.access.fields["discount"].update == ("role:shop.boss", "buyer")
    assert order.access.fields["discount"].read is None


def test_without_form_and_views_there_is_one_of_each(order: Entity) -> None:
    (section,) = order.form
    assert section.fields == (
        "name", "close_date", "opened_on", "discount", "buyer", "lines", "total", "size",
    )  # fmt: skip
    assert list(order.views) == ["all"]
    columns = ("name", "close_date", "opened_on", "discount", "buyer", "total", "stage")
    assert order.views["all"].columns == columns
    assert order.views["all"].label.to("zh") == "全部"


def test_the_title_is_what_is_written_or_the_first_text(shop: App) -> None:
    assert shop.entities["order"].title.text == 'name & "!"'
    assert shop.entities["line"].title.text == "product"


def test_the_system_app_has_people_and_departments() -> None:
    system = load_system_app()
    assert list(system.entities) == ["user", "department"]
    user = system.entities["user"]
    names = ["username", "name", "email", "manager", "department", "active", "locale", "time_zone"]
    assert [each.name for each in user.declared] == names
    assert user.fields["username"].unique
    assert user.fields["active"].default is True
    assert system.entities["department"].tree == "parent"


def test_all_problems_of_a_file_are_told_in_their_order() -> None:
    text = SHOP.replace("required: true", "requird: true").replace("max: 50%", "max: much")
    text = text.replace("color: green", "color: gren")
    with pytest.raises(DefinitionRefused) as refused:
        load_app({"shop.yaml": text})
    assert [str(each) for each in refused.value.problems] == [
        "shop.yaml:10:26: A text field has no option 'requird'. Did you mean 'required'?",
        "shop.yaml:13:52: “much” is not a percentage. Write it as 10% or 0.1.",
        "shop.yaml:23:46: 'color' cannot be “gren”. Did you mean 'green'?",
    ]


def test_what_is_right_is_loaded_beside_what_is_wrong() -> None:
    loaded = read_app({"shop.yaml": SHOP.replace("type: user", "type: usr")})
    assert loaded.app is not None
    assert "buyer" not in loaded.app.entities["order"].fields
    assert "buyer" in loaded.lost
    assert "name" in loaded.app.entities["order"].fields


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_problems_are_told_in_both_languages(locale: str) -> None:
    problem = read_app({"a.yaml": "app: a\nentitys: {}\n"}).problems[0]
    told = {
        "en": "An app has no key 'entitys'. Did you mean 'entities'?",
        "zh": "应用没有键“entitys”。是否想写“entities”？",
    }
    assert problem.message.to(locale) == told[locale]
