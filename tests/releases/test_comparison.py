"""Differences of definitions in sentences: one case for each kind of thing that can differ."""

from textwrap import dedent

import pytest

from engine.releases.comparison import compare

BASE = """\
app: crm
label: {en: CRM, zh: 客户管理}
roles:
  sales: {label: {en: Sales, zh: 销售}}
entities:
  deal:
    label: {en: Deal, zh: 商机}
    fields:
      name: {type: text, required: true, label: {en: Name, zh: 名称}}
      amount: {type: money, max: 5, label: {en: Amount, zh: 金额}}
      weighted: {type: money, formula: amount * 2, label: {en: Weighted, zh: 加权}}
      reason: {type: choice, label: {en: Reason, zh: 原因}, options: [price, other]}
    checks:
      positive: {check: amount > 0, message: {en: Too little.}}
    workflow:
      stages:
        open: {label: {en: Open, zh: 进行中}}
        won: {label: {en: Won, zh: 赢单}, final: true}
      transitions:
        win: {from: open, to: won, label: {en: Win, zh: 赢单}, set: {reason: price}}
    form:
      main: {fields: [name, amount], label: {en: Main, zh: 基本}}
    views:
      all: {type: list, columns: [name, amount], label: {en: All, zh: 全部}}
    access:
      role:sales: {read: true}
      fields:
        amount: {update: [role:sales]}
"""

CASES = [
    ("max: 5", "max: 10", "The field Amount@: 'max' was 5 and is 10."),
    (", required: true", "", "The field Name@: 'required' was true and is no longer given."),
    ("max: 5", "max: 5, min: 0", "The field Amount@: 'min' is 0 now."),
    (
        "formula: amount * 2",
        "formula: amount * 3",
        "The field Weighted@: 'formula' was “amount * 2” and is “amount * 3”.",
    ),
    (
        "      amount: {type: money, max: 5",
        "      tax: {type: money}\n      amount: {type: money, max: 5",
        "Adds the field Tax@.",
    ),
    (
        "      weighted: {type: money, formula: amount * 2, label: {en: Weighted, zh: 加权}}\n",
        "",
        "Removes the field Weighted@.",
    ),
    ("type: money, max: 5", "type: decimal, max: 5", "'type' was “money” and is “decimal”."),
    ("[price, other]", "[price, other, rival]", "Adds the option Rival of the field Reason@."),
    ("[price, other]", "[other, price]", "Puts 'options' of the field Reason@ in another order."),
    (
        "[price, other]",
        "{cost: {was: price}, other: }",
        "Renames 'price' to 'cost': the option Cost of the field Reason@.",
    ),
    ("        won:", "        lost: {final: true}\n        won:", "Adds the stage Lost@."),
    (", final: true", "", "The stage Won@: 'final' was true and is no longer given."),
    (
        "set: {reason: price}",
        "set: {reason: other}",
        "The transition Win@: 'set.reason' was “price” and is “other”.",
    ),
    (
        "{from: open, to: won,",
        "{from: open, to: won, approval: {steps: {boss: {approvers: [role:sales]}}},",
        "Adds the step Boss of the transition Win@.",
    ),
    ("amount > 0", "amount > 1", "The check Positive@: 'check' was “amount > 0” and is “amount > 1”."),
    ("fields: [name, amount]", "fields: [name]", "The section Main@: 'fields' loses amount."),
    (
        "columns: [name, amount]",
        "columns: [weighted, name]",
        "The view All@: 'columns' gains weighted and loses amount.",
    ),
    (
        "columns: [name, amount]",
        "columns: [amount, name]",
        "The view All@: 'columns' is in another order: amount, name.",
    ),
    ("read: true", "read: amount > 1", "The rule role:sales@: 'read' was true and is “amount > 1”."),
    ("      role:sales: {read: true}\n", "      everyone: {}\n", "Removes the rule role:sales@."),
    (
        "update: [role:sales]",
        "update: []",
        "The rule for the field amount@: 'update' loses role:sales.",
    ),
    ("en: Sales,", "en: Seller,", "The role Seller: 'label.en' was “Sales” and is “Seller”."),
    ("app: crm\n", "app: crm\nicon: star\n", "The app CRM: 'icon' is “star” now."),
    ("  deal:\n", "  site: {fields: {a: {type: text}}}\n  deal:\n", "Adds the entity Site."),
    (
        "{en: CRM, zh: 客户管理}",
        "Customers",
        "The app Customers: 'label' was {en: CRM, zh: 客户管理} and is “Customers”.",
    ),
]
"""A part of BASE, what stands there instead, and the sentence; @ is “of the entity Deal”."""


@pytest.mark.parametrize(("old", "new", "sentence"), CASES)
def test_a_difference_is_told(old: str, new: str, sentence: str) -> None:
    assert old in BASE
    found = compare({"crm": {"a.yaml": BASE}}, {"crm": {"a.yaml": BASE.replace(old, new, 1)}})
    told = {str(each.sentence) for each in found}
    assert any(sentence.replace("@", " of the entity Deal") in each for each in told)
    assert all(each.sentence.to("zh") != str(each.sentence) for each in found)


def test_the_same_and_the_other_way_round() -> None:
    assert compare({"crm": {"a.yaml": BASE}}, {"crm": {"b.yaml": "# moved\n" + BASE}}) == []
    later = BASE.replace("max: 5", "max: 6")
    (there,) = compare({"crm": {"a.yaml": BASE}}, {"crm": {"a.yaml": later}})
    (back,) = compare({"crm": {"a.yaml": later}}, {"crm": {"a.yaml": BASE}})
    assert (there.before, there.after) == (back.after, back.before) == ("5", "6")
    assert there.to_json("en") == {
        "kind": "changed",
        "app": "crm",
        "path": "entities/deal/fields/amount/max",
        "sentence": "The field Amount of the entity Deal: 'max' was 5 and is 6.",
        "before": "5",
        "after": "6",
    }


def test_apps_come_go_and_are_renamed() -> None:
    other = "app: hrm\nlabel: HRM\nentities: {a: {fields: {b: {type: text}}}}\n"
    base, both = {"crm": {"a.yaml": BASE}}, {"crm": {"a.yaml": BASE}, "hrm": {"h.yaml": other}}
    assert [str(each.sentence) for each in compare(base, both)] == ["Adds the app HRM."]
    assert [str(each.sentence) for each in compare(both, base)] == ["Removes the app HRM."]
    renamed = {"crm": {"a.yaml": BASE}, "people": {"h.yaml": other.replace("hrm", "people\nwas: hrm")}}
    assert [str(each.sentence) for each in compare(both, renamed)] == [
        "Renames 'hrm' to 'people': the app HRM."
    ]


def test_an_overlay_is_part_of_what_is_compared() -> None:
    overlay = dedent("""\
        app: acme
        extends: crm
        entities: {deal: {fields: {amount: {max: 7}, region: {type: text}}}}
        """)
    with_overlay = {"crm": {"a.yaml": BASE}, "acme": {"o.yaml": overlay}}
    assert [str(each.sentence) for each in compare({"crm": {"a.yaml": BASE}}, with_overlay)] == [
        "The field Amount of the entity Deal: 'max' was 5 and is 7.",
        "Adds the field Region of the entity Deal.",
    ]
