"""Overlays: what a company adds to an app that somebody else maintains, changes in it, and hides."""

from textwrap import dedent

import pytest

from engine.definition.check import check_texts
from engine.definition.load import load_apps
from engine.definition.model import App
from engine.problems import DefinitionRefused
from engine.text import Text

BASE = """\
app: shop
label: {en: Shop, zh: 商店}
roles:
  sales:
entities:
  order:
    label: {en: Order, zh: 订单}
    fields:
      name: {type: text, required: true, max_length: 20}
      amount: {type: money, max: 1000}
      size: {type: choice, options: [small, large]}
      total: {type: money, formula: amount * 2}
    checks:
      enough: {check: amount > 0, message: Too little.}
    workflow:
      stages:
        new: {label: New, color: blue}
        paid: {final: true}
      transitions:
        pay: {from: new, to: paid}
    form:
      main: {fields: [name, amount, size, total]}
    views:
      all: {type: list, columns: [name, amount], sort: [name]}
      large: {type: list, filter: size == "large"}
    access:
      role:sales: {read: true, create: true}
  note:
    fields: {text: {type: text}}
"""


def overlay(entities: str = "", **head: str) -> str:
    """The text of an overlay of `shop` with these entities."""
    named = {"app": "acme", "extends": "shop", **head}
    lines = [f"{key}: {value}" for key, value in named.items()]
    return "\n".join([*lines, "entities:", *(f"  {line}" for line in dedent(entities).splitlines())]) + "\n"


def laid(*overlays: str, base: str = BASE) -> App:
    texts = [{"shop.yaml": base}, *({f"acme_{number}.yaml": text} for number, text in enumerate(overlays))]
    return check_texts(texts).apps["shop"]


def problems(*overlays: str, base: str = BASE) -> list[str]:
    with pytest.raises(DefinitionRefused) as refused:
        laid(*overlays, base=base)
    return [str(each) for each in refused.value.problems]


def test_an_overlay_adds_parts() -> None:
    app = laid(
        overlay("""\
        order:
          fields:
            region: {type: choice, options: [north, south]}
          workflow:
            stages:
              checked: {label: Checked}
          views:
            regions: {type: list, columns: [region, amount]}
        site:
          fields: {city: {type: text}}
        """)
    )
    order = app.entities["order"]
    assert [each.name for each in order.declared] == ["name", "amount", "size", "total", "region"]
    assert order.workflow
    assert list(order.workflow.stages) == ["new", "paid", "checked"]
    assert order.workflow.initial.name == "new"
    assert list(order.views) == ["all", "large", "regions"]
    assert list(app.entities) == ["order", "note", "site"]
    assert app.entities["site"].key == "shop.site"
    assert order.fields["region"].place.file == "acme_0.yaml"
    assert order.fields["name"].place.file == "shop.yaml"


def test_an_overlay_changes_single_keys_and_leaves_the_others() -> None:
    app = laid(
        overlay(
            """\
            order:
              label: {en: Sale}
              fields:
                amount: {max: 5000, required: true}
                total: {formula: amount * 3}
                size: {options: {large: {color: red}, huge: {label: Huge}}}
              workflow:
                stages:
                  new: {color: green}
              access:
                role:sales: {create: false, update: true}
            """,
            label="Store",
        )
    )
    order = app.entities["order"]
    assert app.name == "shop"
    assert app.label == Text({"en": "Store"})
    assert order.label == Text({"en": "Sale", "zh": "订单"})
    assert (order.fields["amount"].options["max"], order.fields["amount"].required) == (5000, True)
    assert order.fields["total"].formula
    assert order.fields["total"].formula.text == "amount * 3"
    assert list(order.fields["size"].options["options"]) == ["small", "large", "huge"]
    assert order.fields["size"].options["options"]["large"].color == "red"
    assert order.workflow
    assert (order.workflow.stages["new"].color, str(order.workflow.stages["new"].label)) == ("green", "New")
    (rule,) = order.access.rules
    assert (rule.read, rule.create, rule.update) == (True, False, True)


def test_an_overlay_hides_parts() -> None:
    app = laid(
        overlay("""\
        order:
          fields: {size: {hidden: true}}
          checks: {enough: {hidden: true}}
          views: {large: {hidden: true}}
        note: {hidden: true}
        """)
    )
    order = app.entities["order"]
    assert order.fields["size"].hidden
    assert app.entities["note"].hidden
    assert list(order.views) == ["all"]
    assert order.checks == {}


def test_a_key_without_a_value_takes_the_key_of_the_base_out() -> None:
    order = laid(overlay("order: {fields: {amount: {max: null}}, workflow: {stages: {new: }}}")).entities[
        "order"
    ]
    assert order.fields["amount"].options.get("max") is None
    assert order.workflow
    assert order.workflow.stages["new"].color == "blue"


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ("[amount]", ["amount"]),
        ("{add: [region]}", ["name", "amount", "size", "total", "region"]),
        ("{add: region, after: name}", ["name", "region", "amount", "size", "total"]),
        ("{remove: [size, total]}", ["name", "amount"]),
        ("{remove: size, add: [region], after: amount}", ["name", "amount", "region", "total"]),
    ],
)
def test_a_list_is_replaced_or_changed(written: str, fields: list[str]) -> None:
    app = laid(
        overlay(f"order: {{fields: {{region: {{type: text}}}}, form: {{main: {{fields: {written}}}}}}}")
    )
    assert list(app.entities["order"].form[0].fields) == fields


def test_several_overlays_are_laid_in_the_order_of_their_names() -> None:
    first = overlay("order: {fields: {amount: {max: 1}, region: {type: text}}}", app="b_region")
    second = overlay("order: {fields: {amount: {max: 2}}}", app="a_group")
    app = laid(first, second)
    assert app.entities["order"].fields["amount"].options["max"] == 1
    assert list(app.overlays) == ["a_group", "b_region"]
    assert app.overlays["b_region"] == {"acme_0.yaml": first}
    assert app.sources == {
        "shop": {"shop.yaml": BASE},
        "a_group": {"acme_1.yaml": second},
        "b_region": {"acme_0.yaml": first},
    }


def test_an_overlay_without_a_name_is_called_after_its_app() -> None:
    text = "extends: shop\nentities: {order: {fields: {region: {type: text}}}}\n"
    assert list(laid(text).overlays) == ["shop_overlay"]


def test_an_overlay_may_include_further_files() -> None:
    files = {
        "acme.yaml": "app: acme\nextends: shop\ninclude: [more.yaml]\n",
        "more.yaml": "entities:\n  order:\n    fields:\n      amount: {max: 7}\n",
    }
    app = load_apps([{"shop.yaml": BASE}, files])["shop"]
    assert app.entities["order"].fields["amount"].options["max"] == 7
    wrong = {**files, "more.yaml": "lable: x\nentities: {order: {fields: {amount: {max: x}}}}\n"}
    with pytest.raises(DefinitionRefused) as refused:
        load_apps([{"shop.yaml": BASE}, wrong])
    assert [str(each) for each in refused.value.problems] == [
        "more.yaml:1:1: An included file has no key 'lable'.",
        "more.yaml:2:43: “x” is not an amount of money.",
    ]


CONFLICTS = [
    (
        "order: {fields: {amuont: {max: 5}}}",
        "4:20",
        ("field", "amuont", "9:7", "type"),
        "Did you mean 'amount'?",
    ),
    ("order: {workflow: {stages: {sent: {color: red}}}}", "4:31", ("stage", "sent", "17:9", "label"), ""),
    ("sale: {fields: {amount: {max: 5}}}", "4:3", ("entity", "sale", "6:3", "fields"), ""),
    (
        "order: {fields: {size: {options: {medium: {color: red}}}}}",
        "4:37",
        ("option", "medium", "11:37", "label"),
        "",
    ),
]


def test_a_collection_that_the_base_has_no_more_is_told_part_by_part() -> None:
    without = BASE.partition("    access:")[0].replace(
        "    views:\n      all: {type: list, columns: [name, amount], sort: [name]}\n"
        '      large: {type: list, filter: size == "large"}\n',
        "",
    )
    found = problems(overlay("order: {views: {all: {label: X}, own: {type: list}}}"), base=without)
    (sentence,) = found
    assert sentence.startswith("acme_0.yaml:4:19: 'shop' has no view 'all' (its own stand at shop.yaml:7:5)")


@pytest.mark.parametrize(("entities", "place", "missing", "nearest"), CONFLICTS)
def test_what_the_base_does_not_have_is_told_with_both_places(
    entities: str, place: str, missing: tuple[str, str, str, str], nearest: str
) -> None:
    thing, name, stands, key = missing
    sentence = (
        f"acme_0.yaml:{place}: 'shop' has no {thing} '{name}' (its own stand at shop.yaml:{stands}), so that "
        f"this overlay cannot change it. Take it out here, or write '{key}' to add one. {nearest}"
    )
    assert problems(overlay(entities)) == [sentence.strip()]


MISTAKES = [
    (
        "order: {form: {main: {fields: {remove: [price]}}}}",
        "4:43: The list at shop.yaml:22:22 has no 'price'.",
    ),
    (
        "order: {views: {all: {columns: {plus: [size]}}}}",
        (
            "4:35: A list of the base is replaced by a list, or changed with 'add', 'after' and 'remove'; "
            "there is no 'plus'."
        ),
    ),
    (
        "order: {workflow: {stages: {new: {hidden: true}}}}",
        "4:31: The stage 'new' may be in use, so an overlay cannot hide it; change its label instead.",
    ),
    ("order: {fields: {amount: {max: none}}}", "4:34: “none” is not an amount of money."),
    (
        "order: {fields: {amount: {minimum: 1}}}",
        "4:29: A money field has no option 'minimum'. Did you mean 'min'?",
    ),
    ("order: {fields: {total: {formula: amount * price}}}", "4:46: shop.order has no field 'price'."),
]


@pytest.mark.parametrize(("entities", "sentence"), MISTAKES)
def test_a_mistake_of_the_overlay_is_told_at_its_place(entities: str, sentence: str) -> None:
    assert problems(overlay(entities)) == [f"acme_0.yaml:{sentence}"]


def test_a_renamed_part_is_told_with_its_new_name() -> None:
    renamed = BASE.replace("      amount: {type: money,", "      value: {was: amount, type: money,").replace(
        "amount", "value"
    )
    renamed = renamed.replace("was: value", "was: amount")
    assert problems(overlay("order: {fields: {amount: {max: 5}}}"), base=renamed) == [
        "acme_0.yaml:4:20: 'shop' calls the field 'amount' now 'value' (at shop.yaml:10:7); change that one."
    ]


def test_the_base_goes_on_and_the_overlay_still_applies() -> None:
    company = overlay("order: {fields: {amount: {max: 5}, region: {type: text}}}")
    later = BASE.replace("      size:", "      paid_by: {type: date}\n      size:").replace(
        "max: 1000", "max: 9"
    )
    order = laid(company, base=later).entities["order"]
    assert [each.name for each in order.declared] == ["name", "amount", "paid_by", "size", "total", "region"]
    assert order.fields["amount"].options["max"] == 5


def test_files_of_one_name_are_told_apart() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        check_texts([{"app.yaml": BASE}, {"app.yaml": overlay("order: {fields: {amount: {max: none}}}")}])
    assert [str(each) for each in refused.value.problems] == [
        "acme/app.yaml:4:34: “none” is not an amount of money."
    ]


def test_names_are_taken_once() -> None:
    assert problems(overlay("order: {hidden: true}"), overlay("note: {hidden: true}")) == [
        "acme_1.yaml:2:10: Another file already defines the app 'acme'."
    ]
    other = "app: acme\nentities: {a: {fields: {b: {type: text}}}}\n"
    assert problems(overlay("order: {hidden: true}"), other) == [
        "acme_0.yaml:1:1: Another file already defines the app 'acme'."
    ]


def test_an_overlay_cannot_rename_its_app() -> None:
    assert problems(overlay("order: {hidden: true}", was="old_acme")) == [
        "acme_0.yaml:3:1: An overlay cannot rename the app that it extends; leave 'was' out."
    ]
