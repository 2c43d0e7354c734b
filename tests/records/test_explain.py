"""How values come about: blanks, divisions by zero, rounding, set functions, and what a reader may see."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine import commands
from engine.problems import NotFound
from engine.records import breakdown
from engine.records.bulk import insert_many
from engine.records.explain import explain, reason_sentence
from engine.records.facts import MARK
from engine.schema.system_tables import explanation
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish, person

WORKS = """
app: works
label: {en: Works, zh: 工厂}
roles: {clerk: {}, chief: {}}
entities:
  line:
    label: {en: Line, zh: 产线}
    title: name
    fields:
      name: {type: text, required: true}
      output: {type: integer}
      hours: {type: integer}
      secret: {type: integer}
      keeper: {type: user}
      pace: {type: decimal, decimals: 2, formula: output / hours}
      index: {type: decimal, decimals: 3, formula: pace * 2 + secret}
      fast: {type: text, formula: 'if(pace > 10, "fast", "slow")'}
      made: {type: integer, formula: sum(b.size for b in batch if b.line == id and b.size > 0)}
      largest: {type: integer, formula: max(b.size for b in batch if b.line == id)}
      batches: {type: integer, formula: count(b for b in batch if b.line == id)}
      share: {type: decimal, decimals: 1, formula: made / output * 100}
    access:
      role:clerk: {read: true}
      role:chief: {read: true}
      fields:
        secret: {read: [role:chief]}
        share: {read: [role:chief]}
  batch:
    label: {en: Batch, zh: 批次}
    title: name
    fields:
      name: {type: text, required: true}
      line: {type: link, to: line}
      size: {type: integer}
      open: {type: boolean, default: true}
      double: {type: integer, formula: line.secret * 2}
    access:
      role:clerk: {read: open}
      role:chief: {read: true}
"""


@pytest.fixture
def works(publish: Publish) -> Workspace:
    return publish(WORKS)


@pytest.fixture
def line(works: Workspace) -> int:
    values = {"name": "A", "output": 100, "hours": 3, "secret": 7}
    identity: int = commands.create_record(works, SYSTEM, "works.line", values)["id"]
    for name, size, opened in (
        ("one", 20, True),
        ("two", 50, False),
        ("three", 30, True),
        ("none", None, True),
    ):
        batch = {"name": name, "line": identity, "size": size, "open": opened}
        commands.create_record(works, SYSTEM, "works.batch", batch)
    return identity


def why(
    works: Workspace, line: int, field: str, actor: Actor = SYSTEM, key: str = "works.line"
) -> dict[str, Any]:
    with works.reading(actor) as transaction:
        return explain(transaction, key, line, field)


def every(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield part
    for each in part.get("parts", ()):
        yield from every(each)


def test_a_quotient_is_rounded_into_its_field(works: Workspace, line: int) -> None:
    found = why(works, line, "pace")
    assert found["value"] == "33.33"
    assert found["part"]["value"] == "33.3333333333"
    assert found["rounding"] == [{"text": None, "before": "33.3333333333", "after": "33.33"}]
    assert [(each.get("operator"), each["value"]) for each in found["part"]["parts"]] == [
        (None, 100),
        ("/", 3),
    ]


@pytest.mark.parametrize(
    ("hours", "code", "sentence"),
    [
        (0, "division_by_zero", "“hours” is 0, and nothing can be divided by 0."),
        (None, "division_by_blank", "“hours” is blank, and nothing can be divided by it."),
    ],
)
def test_a_blank_has_its_reason(
    works: Workspace, line: int, hours: int | None, code: str, sentence: str
) -> None:
    commands.update_record(works, SYSTEM, "works.line", line, {"hours": hours})
    found = why(works, line, "pace")
    assert (found["value"], found["reason"]) == (None, {"code": code, "part": "hours"})
    assert str(reason_sentence(found["reason"])) == sentence
    assert found["rounding"] == []


def test_no_records_that_count_are_a_reason(works: Workspace) -> None:
    empty = commands.create_record(works, SYSTEM, "works.line", {"name": "B"})["id"]
    assert why(works, empty, "largest")["reason"]["code"] == "no_records"
    assert why(works, empty, "made")["value"] == 0


def test_records_come_with_the_largest_first(works: Workspace, line: int) -> None:
    records = why(works, line, "made")["part"]["records"]
    assert [(each["title"], each["value"]) for each in records["listed"]] == [
        ("two", 50),
        ("three", 30),
        ("one", 20),
    ]
    counted = why(works, line, "batches")["part"]["records"]
    assert counted["count"] == 4
    assert [each["title"] for each in counted["listed"]] == ["one", "two", "three", "none"]
    assert "value" not in counted["listed"][0]


def test_what_may_not_be_seen_is_a_count_and_a_total(works: Workspace, line: int) -> None:
    clerk = person(works, "ann", "works.clerk")
    found = why(works, line, "made", clerk)
    assert found["value"] == 100
    assert [each["title"] for each in found["part"]["records"]["listed"]] == ["three", "one"]
    assert found["part"]["records"]["hidden"] == {"count": 1, "total": "50"}
    largest = why(works, line, "largest", clerk)["part"]["records"]
    assert largest["hidden"] == {"count": 1}


def test_more_records_than_are_listed_are_counted(works: Workspace, line: int) -> None:
    with works.writing(SYSTEM) as transaction:
        more = [{"name": f"small {n}", "line": line, "size": 1} for n in range(breakdown.LISTED_AT_MOST)]
        insert_many(transaction, "works.batch", more)
    records = why(works, line, "made")["part"]["records"]
    assert len(records["listed"]) == breakdown.LISTED_AT_MOST
    assert [each["title"] for each in records["listed"][:3]] == ["two", "three", "one"]
    assert records["further"] == {"count": 3, "total": "3"}


def test_parts_follow_the_rights_of_the_reader(works: Workspace, line: int) -> None:
    clerk = person(works, "ann", "works.clerk")
    found = why(works, line, "index", clerk)
    shown = {each["text"]: each.get("value", "hidden") for each in every(found["part"])}
    assert Decimal(found["value"]) == Decimal("73.66")
    assert shown["secret"] == "hidden"
    assert Decimal(shown["pace * 2"]) == Decimal("66.66")
    with pytest.raises(NotFound, match="no field 'share'"):
        why(works, line, "share", clerk)
    with works.reading() as transaction:
        batch = transaction.connection.execute(
            transaction.catalog.entity("works.batch").table.select().limit(1)
        ).first()
    assert batch is not None
    double = why(works, batch.id, "double", clerk, "works.batch")
    assert double["value"] == 14
    assert [each.get("hidden") for each in double["part"]["parts"]] == [True, None]
    seen = why(works, batch.id, "double", person(works, "cho", "works.chief"), "works.batch")
    assert seen["part"]["parts"][0]["value"] == 7


def test_a_part_that_is_computed_can_be_opened(works: Workspace, line: int) -> None:
    found = why(works, line, "fast")
    (condition,) = found["part"]["parts"]
    assert (condition["text"], condition["value"]) == ("pace > 10", True)
    assert condition["parts"][0]["opens"] == {"entity": "works.line", "field": "pace", "id": None}
    assert why(works, line, condition["parts"][0]["opens"]["field"])["value"] == "33.33"


PAY = """
app: pay
entities:
  person:
    title: name
    fields:
      name: {type: text}
      rate: {type: percent}
      since: {type: date}
  sale:
    title: name
    fields:
      name: {type: text}
      seller: {type: link, to: person}
      amount: {type: money}
      took: {type: duration}
  bracket:
    title: '"to " & up_to'
    fields:
      up_to: {type: money}
      rate: {type: percent}
  slip:
    fields:
      number: {type: text}
      person: {type: link, to: person}
      base: {type: money}
      day: {type: month}
      kind: {type: choice, options: {full: {share: 100%}, half: {share: 50%}}}
      hourly: {type: money, formula: base / 21.75 / 8}
      sold: {type: money, formula: sum(s.amount for s in sale if s.seller == person)}
      sales: {type: integer, formula: count(s for s in sale if s.seller == person)}
      bonus: {type: money, formula: "if(sales > 1, round(sold / sales * person.rate, 2), 0)"}
      share: {type: money, formula: (base + bonus) * kind.share}
      tax: {type: money, formula: "round(bracket(share, b.up_to, b.rate for b in bracket), 2)"}
      longest: {type: duration, formula: max(s.took for s in sale if s.seller == person)}
      names: {type: text, formula: 'join(s.name for s in sale if s.seller == person, ", ")'}
      seniority: {type: integer, formula: 'datedif(person.since, eomonth(day), "m")'}
      made: {type: date, formula: date(created_at)}
      each: {type: decimal, formula: base / count(s for s in sale if s.amount > 1000000)}
      early: {type: boolean, formula: "person.since < date(2021, 1, 1)"}
      until: {type: integer, formula: "days(date(2099, 1, 1), today())"}
    workflow:
      stages: {draft: {}, paid: {freeze: true}}
      transitions:
        pay: {from: draft, to: paid, by: [everyone]}
"""
COMPUTED = (
    "hourly", "sold", "sales", "bonus", "share", "tax", "longest", "names", "seniority", "made", "each",
    "early", "until",
)  # fmt: skip


def test_a_frozen_explanation_is_the_one_of_its_day_whatever_comes_after(publish: Publish) -> None:
    pay = publish(PAY)

    def make(key: str, **values: Any) -> int:
        return int(commands.create_record(pay, SYSTEM, f"pay.{key}", values)["id"])

    person_ = make("person", name="Li", rate="3.5%", since="2019-05-20")
    for number, (amount, took) in enumerate(((100, "2 hours"), (None, None), ("250.05", "1 day"))):
        make("sale", name=f"S{number}", seller=person_, amount=amount, took=took)
    for limit, rate in ((1000, "3%"), (5000, "10%"), (None, "20%")):
        make("bracket", up_to=limit, rate=rate)
    slip = make("slip", number="1", person=person_, base="7000", day="2026-02", kind="half")
    before = {name: why(pay, slip, name, key="pay.slip") for name in COMPUTED}
    assert before["tax"]["part"]["value"] == before["tax"]["value"] == "280.20"
    commands.fire_transition(pay, SYSTEM, "pay.slip", slip, "pay")
    with pay.writing() as transaction:
        for key in ("sale", "bracket", "person"):
            table = transaction.catalog.entity(f"pay.{key}").table
            changed = {"amount": Decimal(1)} if key == "sale" else {"rate": Decimal("0.9")}
            transaction.connection.execute(table.update().values(changed))

    def unchanged(name: str) -> bool:
        after, then = why(pay, slip, name, key="pay.slip"), before[name]
        return after == {**then, "stage": "paid"}

    assert [name for name in COMPUTED if not unchanged(name)] == []
    publish(
        PAY.replace("base / 21.75 / 8", "base / 20").replace("round(sold / sales", "round(sold * 2 / sales")
    )
    assert why(pay, slip, "hourly", key="pay.slip")["formula"] == "base / 21.75 / 8"
    assert [name for name in COMPUTED if not unchanged(name)] == []


def test_what_is_kept_of_a_frozen_record_is_small(publish: Publish) -> None:
    pay = publish(PAY)
    slip = commands.create_record(pay, SYSTEM, "pay.slip", {"number": "1", "base": "7000"})["id"]
    commands.fire_transition(pay, SYSTEM, "pay.slip", slip, "pay")
    with pay.reading() as transaction:
        kept = transaction.connection.execute(select(explanation.c.fields)).scalar_one()
    assert set(kept) == {MARK}
    assert len(orjson.dumps(kept)) < 600
