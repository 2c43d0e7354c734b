"""isnew(), ischanged(…) and priorvalue(…): a record that is written is compared with how it was saved."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from engine import commands
from engine.forms.layout import layout
from engine.problems import InputRefused, NotPossible
from engine.records.preview import preview
from engine.records.read import get
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish

RAISES = """
app: pay
entities:
  grade:
    title: name
    fields:
      name: {type: text}
      highest: {type: money}
  salary:
    title: name
    fields:
      name: {type: text}
      amount: {type: money}
      grade: {type: link, to: grade}
      kinds: {type: multi_choice, options: [base, extra]}
      reason: {type: text, required_when: ischanged(amount), show_when: not isnew()}
      origin: {type: text, default: '=if(isnew(), "made", "found")'}
      doubled: {type: money, formula: amount * 2}
      before: {type: money}
      rows: {type: table, of: step}
    checks:
      never_less:
        check: isnew() or amount >= priorvalue(amount)
        message: A salary is never lowered.
      kinds_stay:
        check: not ischanged(kinds)
        message: The kinds stay.
      doubled_moves_little:
        check: not ischanged(doubled) or doubled - priorvalue(doubled) < 10000
        message: That is too much at once.
      grade_rises:
        check: not ischanged(grade) or grade.highest >= coalesce(priorvalue(grade).highest, 0)
        message: The grade only rises.
      not_more_than_others:
        check: not ischanged(amount) or count(s for s in salary if s.amount == priorvalue(amount)) < 3
        message: Three others have this.
    form:
      all: {label: All, fields: [name, amount, grade, reason, rows]}
      moved: {label: Moved, fields: [before], show_when: ischanged(amount)}
    workflow:
      stages: {draft: {}, agreed: {}}
      transitions:
        agree:
          from: draft
          to: agreed
          by: [everyone]
          when: not ischanged(name)
          required: [name, amount]
          set: {before: =priorvalue(amount)}
  step:
    parent: salary
    title: text
    fields:
      text: {type: text}
      price: {type: money}
      why: {type: text, required_when: ischanged(price)}
"""


@pytest.fixture
def pay(publish: Publish) -> Workspace:
    return publish(RAISES)


def made(pay: Workspace, **values: Any) -> int:
    return int(commands.create_record(pay, SYSTEM, "pay.salary", {"amount": "100", **values})["id"])


def changed(pay: Workspace, identity: int, **values: Any) -> dict[str, Any]:
    return dict(commands.update_record(pay, SYSTEM, "pay.salary", identity, values))


def refused(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InputRefused) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def test_nothing_of_a_new_record_is_changed(pay: Workspace) -> None:
    identity = made(pay, kinds=["base"])
    with pay.reading() as transaction:
        record = get(transaction, "pay.salary", identity)
    assert record["origin"] == "made"
    assert record["reason"] is None


def test_a_changed_field_asks_for_its_reason(pay: Workspace) -> None:
    identity = made(pay)
    assert refused(lambda: changed(pay, identity, amount="120")) == ["reason: Reason is required."]
    assert changed(pay, identity, name="A")["name"] == "A"
    assert changed(pay, identity, amount="100.00")["revision"] == 2
    assert changed(pay, identity, amount="120", reason="Praise")["amount"] == Decimal(120)


def test_checks_compare_with_what_was_saved(pay: Workspace) -> None:
    identity = made(pay, reason="-", kinds=["base"])
    assert refused(lambda: changed(pay, identity, amount="99")) == ["amount: A salary is never lowered."]
    assert refused(lambda: changed(pay, identity, kinds=["base", "extra"])) == ["kinds: The kinds stay."]
    assert refused(lambda: changed(pay, identity, amount="6000")) == ["doubled: That is too much at once."]
    changed(pay, identity, amount="5000")
    changed(pay, identity, amount="6000")


def test_saved_values_reach_other_records(pay: Workspace) -> None:
    low, high = (
        commands.create_record(pay, SYSTEM, "pay.grade", {"name": name, "highest": highest})["id"]
        for name, highest in (("low", 10), ("high", 20))
    )
    identity = made(pay, reason="-", grade=low)
    changed(pay, identity, grade=high)
    assert refused(lambda: changed(pay, identity, grade=low)) == ["grade: The grade only rises."]
    for _ in range(2):
        made(pay)
    assert refused(lambda: changed(pay, identity, amount="101")) == ["amount: Three others have this."]


def test_a_transition_compares_what_is_sent_with_it(pay: Workspace) -> None:
    identity = made(pay, name="A", reason="-")
    with pytest.raises(NotPossible):
        commands.fire_transition(pay, SYSTEM, "pay.salary", identity, "agree", {"name": "B"})
    commands.fire_transition(pay, SYSTEM, "pay.salary", identity, "agree", {"amount": "150"})
    with pay.reading() as transaction:
        record = get(transaction, "pay.salary", identity)
    assert (record["before"], record["amount"]) == (Decimal(100), Decimal(150))


def test_child_rows_are_compared_with_their_own_saved_values(pay: Workspace) -> None:
    identity = made(pay, rows=[{"text": "a", "price": "5"}])
    with pay.reading() as transaction:
        (row,) = get(transaction, "pay.salary", identity)["rows"]
    rows = [{"id": row["id"], "price": "6"}, {"text": "b", "price": "7"}]
    assert refused(lambda: changed(pay, identity, rows=rows)) == ["rows[0].why: Why is required."]
    changed(pay, identity, rows=[{**rows[0], "why": "-"}, rows[1]])


def test_a_preview_and_a_form_follow_what_is_being_changed(pay: Workspace) -> None:
    identity = made(pay, rows=[{"text": "a", "price": "5"}])
    with pay.reading() as transaction:
        new = preview(transaction, "pay.salary", {"amount": "120"})
        same = preview(transaction, "pay.salary", {"amount": "100"}, identity)
        other = preview(transaction, "pay.salary", {"amount": "120"}, identity)
        assert ("reason" in new.required, "reason" in new.hidden) == (False, True)
        assert ("reason" in same.required, "reason" in same.hidden) == (False, False)
        assert "reason" in other.required
        assert [str(each) for each in other.problems] == ["reason: Reason is required."]

        entity = transaction.catalog.entity("pay.salary")
        saved = get(transaction, "pay.salary", identity)
        rows = [{**saved["rows"][0], "price": Decimal(6)}]
        values = {**saved, "amount": Decimal(120), "rows": rows}
        form = layout(transaction, entity, values, frozenset(entity.fields), saved=saved)
        fields = {field.path: field for field in form.fields}
        assert fields["reason"].required
        assert [node.required for row in fields["rows"].rows or () for node in row.fields][-1]
        assert not form.sections[1].hidden
        untouched = layout(transaction, entity, saved, frozenset(entity.fields))
        assert untouched.sections[1].hidden
        assert not {field.path: field for field in untouched.fields}["reason"].required
