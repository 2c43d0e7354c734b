"""Tabs of a form: which sections stand in which, and which one is open."""

from dataclasses import replace

from engine.forms.layout import layout
from engine.forms.nodes import Form, Typed
from engine.text import Text
from engine.transaction import SYSTEM
from tests.fixtures.workspaces import Publish

APP = """
app: hr
entities:
  person:
    fields:
      {name: {type: text}, mail: {type: text}, pay: {type: money}, bank: {type: text}, car: {type: text}}
    form:
      who: {fields: [name]}
      reach: {tab: {en: Person, zh: 个人}, fields: [mail]}
      pay: {tab: Pay, fields: [pay]}
      bank: {fields: [bank]}
      car: {tab: Car, fields: [car], show_when: pay > 100}
"""


def form(publish: Publish, typed: Typed | None = None) -> Form:
    with publish(APP).reading(SYSTEM) as transaction:
        entity = transaction.catalog.entity("hr.person")
        return layout(transaction, entity, {}, frozenset(entity.fields), typed)


def test_a_tab_lasts_until_the_next_one_begins(publish: Publish) -> None:
    found = form(publish)
    assert [each.name for each in found.above] == ["who"]
    sections = {tab.label.to("en"): [each.name for each in tab.sections] for tab in found.tabs}
    assert sections == {"Person": ["reach"], "Pay": ["pay", "bank"], "Car": ["car"]}
    assert [tab.open for tab in found.tabs] == [True, False, False]


def test_the_first_tab_with_a_mistake_is_open(publish: Publish) -> None:
    found = form(publish, Typed(problems={"bank": (Text({"en": "There is no such bank."}),)}))
    assert [tab.open for tab in found.tabs] == [False, True, False]


def test_a_tab_without_anything_to_show_is_not_the_open_one(publish: Publish) -> None:
    found = form(publish)
    hidden = replace(
        found, sections=tuple(replace(each, hidden=each.name == "reach") for each in found.sections)
    )
    assert [tab.open for tab in hidden.tabs] == [False, True, False]
