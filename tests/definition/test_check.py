import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definition.check import Checked, check_apps, check_texts
from engine.definition.files import read_files
from engine.definition.load import load_app
from engine.problems import DefinitionRefused, Place, Problem

ROOT = Path(__file__).parents[2]

LIBRARY = """\
app: library
entities:
  book:
    fields:
      title: {type: text, required: true}
      isbn: {type: text, unique: true}
      price: {type: money, min: 0}
    access:
      everyone: {read: true, create: true}
"""


def problems_of(*texts: str) -> list[str]:
    """What is wrong with these apps, as people read it."""
    with pytest.raises(DefinitionRefused) as refused:
        check_texts([{f"{number}.yaml": text} for number, text in enumerate(texts)])
    return [str(each) for each in refused.value.problems]


@pytest.fixture(scope="module")
def shipped() -> Checked:
    return check_texts(read_files([ROOT / "hrm_app.yaml", ROOT / "crm_app.yaml"]).values())


def test_an_app_of_ten_lines_is_complete() -> None:
    checked = check_texts([{"library.yaml": LIBRARY}])
    assert list(checked.apps) == ["system", "library"]
    book = checked.apps["library"].entities["book"]
    assert book.title in checked.formulas
    assert list(book.views) == ["all"]


def test_the_shipped_apps_have_no_problem(shipped: Checked) -> None:
    assert list(shipped.apps) == ["system", "hrm", "crm"]


def test_every_formula_of_the_shipped_apps_is_checked(shipped: Checked) -> None:
    payslip = shipped.apps["hrm"].entities["payslip"]
    computed = [each.formula for each in payslip.fields.values() if each.formula]
    assert len(computed) > 8
    assert all(each in shipped.formulas for each in computed)
    assert payslip.workflow is not None
    assert payslip.workflow.transitions["approve"].when in shipped.formulas


def test_fields_that_look_beyond_their_record_are_live(shipped: Checked) -> None:
    live = shipped.world.live
    assert ("hrm.payslip", "sales_won") in live
    assert ("hrm.payslip", "commission") in live
    assert ("hrm.payslip", "net") in live
    assert ("hrm.payslip", "overtime_pay") not in live
    assert ("crm.deal", "weighted") not in live


def test_the_world_knows_people_children_and_stages(shipped: Checked) -> None:
    world = shipped.world
    assert "system.user" in world.entities
    assert world.parents["crm.deal_line"] == "deal"
    assert world.entities["crm.deal"]["stage"].options["won"]["open"] is False


def test_problems_of_every_kind_are_told_together() -> None:
    text = LIBRARY.replace("required: true", "requird: true") + (
        "    form: {main: {fields: [title, isbm]}}\n    views: {all: {type: list, filter: prise > 3}}\n"
    )
    assert problems_of(text) == [
        "0.yaml:5:27: A text field has no option 'requird'. Did you mean 'required'?",
        "0.yaml:10:35: library.book has no field 'isbm'. Did you mean 'isbn'?",
        "0.yaml:11:39: library.book has no field 'prise'. Did you mean 'price'?",
    ]


def test_nothing_is_said_twice_about_what_was_lost() -> None:
    text = LIBRARY.replace("type: money", "type: monney") + (
        "    title: price\n    views: {all: {type: list, columns: [price], filter: price > 3}}\n"
    )
    assert problems_of(text) == ["0.yaml:7:21: There is no field type 'monney'. Did you mean 'money'?"]


def test_nothing_is_said_about_an_entity_whose_fields_were_not_read() -> None:
    text = LIBRARY.replace("    fields:", "    feilds:") + (
        "    views: {all: {type: list, columns: [title]}}\n"
        "  loan:\n    fields: {book: {type: link, to: book}, note: {type: text}}\n"
    )
    assert problems_of(text) == ["0.yaml:4:5: An entity has no key 'feilds'. Did you mean 'fields'?"]


def test_several_apps_are_told_about_together() -> None:
    shop = LIBRARY.replace("app: library", "app: shop").replace("type: money", "type: mony")
    other = LIBRARY.replace("price:", "prize:") + "    unique: [[price]]\n"
    assert problems_of(other, shop) == [
        "0.yaml:10:15: library.book has no field 'price'. Did you mean 'prize'?",
        "1.yaml:7:21: There is no field type 'mony'. Did you mean 'money'?",
    ]


def test_two_files_do_not_define_the_same_app() -> None:
    assert problems_of(LIBRARY, LIBRARY) == ["1.yaml:1:6: Another file already defines the app 'library'."]


def test_apps_read_each_other() -> None:
    shop = """\
app: shop
entities:
  sale:
    fields:
      book: {type: link, to: library.book}
      price: {type: money, formula: book.price}
      sold: {type: integer, formula: count(b for b in library.book)}
"""
    checked = check_texts([{"shop.yaml": shop}, {"library.yaml": LIBRARY}])
    assert ("shop.sale", "price") in checked.world.live
    assert problems_of(shop)[0] == "0.yaml:5:30: There is no entity 'library.book'."


def test_loaded_apps_are_checked_as_they_are() -> None:
    app = load_app({"library.yaml": LIBRARY})
    assert check_apps({"library": app}).apps["library"] is app
    wrong = load_app({"library.yaml": LIBRARY + "    tree: title\n"})
    with pytest.raises(DefinitionRefused, match="A hierarchy needs a link to library"):
        check_apps({"library": wrong})


def test_a_frozen_value_of_the_own_entity_may_be_read() -> None:
    text = """\
app: pay
entities:
  slip:
    fields:
      month: {type: date}
      base: {type: money}
      tax: {type: money, formula: base * 0.1 + sum(s.tax for s in slip if s.month < month)}
    workflow:
      stages: {draft: , approved: {freeze: true}}
"""
    checked = check_texts([{"pay.yaml": text}])
    assert ("pay.slip", "tax") in checked.world.live
    assert "never freezes" in problems_of(text.replace(": {freeze: true}", ": {final: true}"))[0]


def test_a_formula_that_is_used_twice_belongs_to_each_place() -> None:
    text = """\
app: twice
entities:
  first:
    fields: &fields
      amount: {type: money}
      half: {type: money, formula: amount / 2}
  second:
    fields: *fields
"""
    checked = check_texts([{"twice.yaml": text}])
    first, second = checked.apps["twice"].entities.values()
    found = [checked.formulas[each.fields["half"].formula].scope.entity for each in (first, second)]  # type: ignore[index]
    assert found == ["twice.first", "twice.second"]


def test_twenty_formulas_in_a_chain_are_not_too_many() -> None:
    chain = "".join(f"      f{n}: {{type: money, formula: f{n - 1} + 1}}\n" for n in range(1, 20))
    first = "      x: {type: money}\n      f0: {type: money, formula: x}\n"
    assert check_texts([{"a.yaml": f"app: a\nentities:\n  b:\n    fields:\n{first}{chain}"}])


ODD = [
    None,
    5,
    "",
    "x",
    "=x",
    "a.b",
    "role:x",
    "deal",
    True,
    [],
    {},
    ["x"],
    {"x": 1},
    "sum(x for x in deal)",
    "[",
    10**30,
]
DEAL: dict[str, Any] = yaml.safe_load((ROOT / "crm_app.yaml").read_text(encoding="utf-8"))
DEAL["entities"] = {
    name: DEAL["entities"][name] for name in ("account", "contact", "deal", "deal_line", "product")
}


def positions(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of everything in a definition."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from positions(each, (*path, key))


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(positions(DEAL))), st.sampled_from(ODD))
def test_whatever_stands_in_a_definition_is_accepted_or_refused_in_sentences(
    path: tuple[str | int, ...], odd: Any
) -> None:
    changed: Any = deepcopy(DEAL)
    owner = changed
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = odd
    found: tuple[Problem, ...] = ()
    try:
        check_texts([{"crm.yaml": json.dumps(changed, ensure_ascii=False)}])
    except DefinitionRefused as refused:
        found = refused.problems
    assert all(isinstance(each.where, Place) and each.message.to("zh") for each in found)
