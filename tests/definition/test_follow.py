"""A thing that gets another name: what uses it follows, everything else stays as it was written."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies

from engine.definition.check import check_texts
from engine.definition.edit import Texts, edit, revision_of
from engine.definition.edits import EditRefused, Rename
from engine.definition.files import read_files
from engine.definition.spans import outline, read_spans
from engine.definition.things import path_of
from engine.problems import DefinitionRefused, Place

ROOT = Path(__file__).parents[2]

SHOP = """\
app: shop
roles:
  clerk: {label: Clerk}
  boss: {includes: [clerk]}   # above the clerk
entities:
  customer:
    fields:
      name: {type: text}
      amount: {type: money, formula: "sum(o.amount for o in order if o.customer == id)"}   # not its amount
      kind: {type: choice, options: {big: , small: }, default: big}
  line:
    parent: order
    fields:
      amount: {type: money}
      share: {type: decimal, formula: amount / order.amount}
  order:
    title: concat(name, ' amount ', amount)   # the amount
    fields:
      name: {type: text}
      amount: {type: money}
      customer: {type: link, to: customer}
      owner: {type: user}
      lines: {type: table, of: line}
      rest: {type: money, formula: 'amount - sum(lines.amount)'}
      word: {type: text, default: "=if(customer.kind == \\"big\\", 'big', \\"amount\\")"}
      size:
        type: choice
        options: {big: , small: }
        default: '=if(customer.kind == ''big'', ''big'', "small")'
    checks:
      paid:
        check: >-
          stage != "paid" or
          (amount > 0 and size in ["big", 'small'])
        message: Name the amount.
    form:
      main: {fields: [name, "amount", customer]}
    views:
      all: {type: list, columns: [name, amount], totals: {amount: sum}, sort: [-amount, name]}
      board: {type: board, group_by: stage, card: [name, amount], filter: size == "big"}
    indexes: [[amount, owner]]
    workflow:
      stages: {new: , paid: {final: true, edit: [role:boss]}}
      transitions:
        pay:
          from: new
          to: paid
          by: [role:clerk, owner.manager]
          required: [amount]
          set: {size: big, word: big}
          do:
            - update: {record: customer, values: {kind: big, name: =name}}
            - notify:
                to: [owner, '=o.owner for o in order if o.amount > amount']
                message: "{{ amount }} amount"
    access:
      role:clerk: {read: amount < 100 and has_role("shop.clerk"), create: true}
      role:boss: {read: true}
      fields:
        amount: {update: [role:boss]}
"""
CASES = [
    ("entities/order/fields/amount", "total", 17),
    ("entities/customer/fields/kind", "sort_of", 3),
    ("entities/order/fields/size/options/big", "huge", 4),
    ("entities/customer/fields/kind/options/big", "huge", 4),
    ("entities/order/workflow/stages/paid", "done", 2),
    ("entities/order", "sale", 4),
    ("entities/customer", "client", 1),
    ("entities/order/fields/customer", "client", 5),
    ("entities/line", "row", 1),
    ("roles/clerk", "seller", 4),
    ("entities/order/fields/owner", "agent", 4),
    ("entities/order/views/all", "every", 0),
    ("entities/order/workflow/transitions/pay", "cash", 0),
]


def renamed(texts: Texts, path: str, name: str, *beside: Texts) -> Texts:
    return edit(texts, revision_of(texts), [Rename(path_of(path), name)], beside).texts


def without_was(text: str) -> str:
    """The text without what stating a former name, and taking it back, can leave behind a bare key."""
    return text.replace(" {}", "")


@pytest.mark.parametrize(("path", "name", "uses"), CASES)
def test_uses_follow_and_nothing_else_changes(path: str, name: str, uses: int) -> None:
    texts = {"shop.yaml": SHOP}
    after = renamed(texts, path, name)
    assert after["shop.yaml"].count(name) - SHOP.count(name) == uses + 1
    assert check_texts([after])
    *above, old = path.split("/")
    back = renamed(after, "/".join([*above, name]), old)
    assert without_was(back["shop.yaml"]) == SHOP


def line_with(text: str, words: str) -> str:
    (found,) = (each.strip() for each in text.splitlines() if words in each)
    return found


def test_each_name_is_rewritten_only_where_it_stands_for_the_renamed_thing() -> None:
    after = renamed({"shop.yaml": SHOP}, "entities/order/fields/amount", "total")["shop.yaml"]
    assert line_with(after, "title:") == "title: concat(name, ' amount ', total)   # the amount"
    assert line_with(after, "rest:") == "rest: {type: money, formula: 'total - sum(lines.amount)'}"
    assert line_with(after, "share:") == "share: {type: decimal, formula: amount / order.total}"
    assert line_with(after, "to: [owner") == "to: [owner, '=o.owner for o in order if o.total > total']"
    assert line_with(after, "{{") == 'message: "{{ total }} amount"'
    assert 'main: {fields: [name, "total", customer]}' in after
    assert "totals: {total: sum}, sort: [-total, name]" in after


def test_options_are_rewritten_where_they_are_compared_with_their_own_choice() -> None:
    after = renamed({"shop.yaml": SHOP}, "entities/customer/fields/kind/options/big", "huge")["shop.yaml"]
    assert line_with(after, "word: {") == (
        """word: {type: text, default: "=if(customer.kind == \\"huge\\", 'big', \\"amount\\")"}"""
    )
    assert line_with(after, "default: '") == """default: '=if(customer.kind == ''huge'', ''big'', "small")'"""
    assert line_with(after, "set: {") == "set: {size: big, word: big}"
    assert (
        line_with(after, "update: {record")
        == "- update: {record: customer, values: {kind: huge, name: =name}}"
    )


TILL = {
    "till.yaml": "app: till\nentities:\n  day:\n    fields:\n"
    "      sold: {type: money, formula: sum(o.amount for o in shop.order)}\n"
    "      amount: {type: money}\n"
}


def test_uses_in_another_app_are_told_with_their_places() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        renamed({"shop.yaml": SHOP}, "entities/order/fields/amount", "total", TILL)
    assert [str(each) for each in refused.value.problems] == [
        "till.yaml:5:42: 'amount' is used here too. Write 'total' here in the same change."
    ]
    with pytest.raises(DefinitionRefused, match=r"till.yaml:5:63: 'order' is used here too"):
        renamed({"shop.yaml": SHOP}, "entities/order", "sale", TILL)
    renamed(TILL, "entities/day/fields/amount", "total", {"shop.yaml": SHOP})


@pytest.mark.parametrize(
    ("path", "name"), [("entities/order/fields/customer", "o"), ("entities/order/fields/owner", "user")]
)
def test_a_name_that_would_stand_for_something_else_is_refused(path: str, name: str) -> None:
    captured = SHOP.replace("amount - sum(lines.amount)", "count(o for o in order if o.id == customer.id)")
    captured = captured.replace("role:boss: {read: true}", "role:boss: {read: owner.id > 0}")
    with pytest.raises(EditRefused, match="would stand for something else; choose another name"):
        renamed({"shop.yaml": captured}, path, name)


def test_a_name_with_two_meanings_has_to_be_changed_by_hand() -> None:
    board = """\
dashboards:
  all:
    filters: [kind]
    cards:
      a: {chart: number, from: one, value: count()}
      b: {chart: number, from: two, value: count()}
"""
    entity = "fields: {name: {type: text}, kind: {type: choice, options: [x, y]}}"
    text = f"app: a\nentities:\n  one: {{{entity}}}\n  two: {{{entity}}}\n{board}"
    with pytest.raises(DefinitionRefused, match=r"a.yaml:7:15: 'kind' is used here too"):
        renamed({"a.yaml": text}, "entities/one/fields/kind", "sort")
    alone = text.replace("      b: {chart: number, from: two, value: count()}\n", "")
    assert "filters: [sort]" in renamed({"a.yaml": alone}, "entities/one/fields/kind", "sort")["a.yaml"]


APPS = read_files([ROOT / "crm_app.yaml", ROOT / "hrm_app.yaml"])


@cache
def paths_of(own: str) -> list[str]:
    """Everything in an app that has a name of its own which others can use."""
    (app,) = (each for each in check_texts(APPS.values()).apps.values() if each.texts == APPS[own])
    found = [f"roles/{name}" for name in app.roles]
    for entity in app.entities.values():
        at = f"entities/{entity.name}"
        found += [at, *(f"{at}/fields/{each.name}" for each in entity.declared)]
        found += [f"{at}/views/{name}" for name in entity.views]
        stages = entity.workflow.stages if entity.workflow else ()
        found += [f"{at}/workflow/stages/{name}" for name in stages]
        for field in entity.declared:
            options = field.options.get("options", {}) if field.type == "choice" else {}
            found += [f"{at}/fields/{field.name}/options/{name}" for name in options]
    written = [outline(read_spans(text)) for file, text in APPS[own].items() if file.endswith(".yaml")]
    return [path for path in found if any(is_written(tree, path_of(path)) for tree in written)]


def is_written(tree: object, path: tuple[str, ...]) -> bool:
    """Whether there is a key at the path: not where options are a bare list."""
    if not path:
        return True
    return isinstance(tree, dict) and path[0] in tree and is_written(tree[path[0]], path[1:])


@pytest.mark.parametrize("own", list(APPS), ids=lambda own: Path(own).name)
@given(data=strategies.data())
@settings(max_examples=3, deadline=None)
def test_renames_of_the_shipped_applications_keep_them_sound_and_can_be_taken_back(
    own: str, data: strategies.DataObject
) -> None:
    texts, (other,) = APPS[own], [texts for name, texts in APPS.items() if name != own]
    path = data.draw(strategies.sampled_from(paths_of(own)))
    *above, old = path.split("/")
    try:
        after = renamed(texts, path, "another_name", other)
    except DefinitionRefused as refused:
        files = {each.where.file for each in refused.problems if isinstance(each.where, Place)}
        assert files <= set(other)
        return
    back = renamed(after, "/".join([*above, "another_name"]), old, other)
    assert {file: without_was(text) for file, text in back.items()} == {
        file: without_was(text) for file, text in texts.items()
    }
