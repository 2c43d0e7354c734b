"""Changes of definitions over live data: (before, after) → steps; carried out, checked, nothing left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.releases.plan import make_plan
from engine.schema.database import Database
from tests.releases.publishing import checked, crm, fresh_schema, insert, live_schema, publish, rows

NAME = "name: {type: text, required: true}"
STAGES = """
workflow:
  stages:
    lead: {label: {en: Lead, zh: 线索}, chance: 1}
    won: {label: {en: Won, zh: 赢单}, chance: 2, final: true}
  transitions:
    win: {from: lead, to: won}
"""


@dataclass(frozen=True)
class Case:
    """`deals` are rows there before; `then` maps a column to its values afterwards.

    `as_new` is False where old rows keep a column looser than a new table has it.
    """

    before: str
    after: str
    steps: list[tuple[str, str, str]]
    deals: list[Mapping[str, Any]] = field(default_factory=list)
    then: Mapping[str, list[Any]] = field(default_factory=dict)
    as_new: bool = True


FREEZES = (
    "Keeps computed values of Deal as they are when a record enters a freezing stage; records that are there "
    "already stay live."
)
TWO = [{"name": "A"}, {"name": "B"}]

CASES = {
    "a field": Case(
        crm(NAME),
        crm(f"{NAME}\ndiscount: {{type: percent, min: 0, max: 50%}}"),
        [("field_added", "safe", "Adds Discount to Deal.")],
        TWO,
        {"discount": [None, None]},
    ),
    "a field with a default": Case(
        crm(NAME),
        crm(f"{NAME}\nactive: {{type: boolean, default: true}}"),
        [("field_added", "safe", "Adds Active to Deal, with “Yes” in 2 deals.")],
        TWO,
        {"active": [True, True]},
    ),
    "a required field with a default": Case(
        crm(NAME),
        crm(f"{NAME}\nkind: {{type: choice, options: [new, old], required: true, default: new}}"),
        [("field_added", "safe", "Adds Kind to Deal, with “New” in 2 deals.")],
        TWO,
        {"kind": ["new", "new"], "name": ["A", "B"]},
    ),
    "a required field over records": Case(
        crm(NAME),
        crm(f"{NAME}\nsource: {{type: text, required: true}}"),
        [
            (
                "field_added",
                "confirm",
                "Adds Source to Deal. It is required. Left without it until somebody edits them: 2 deals.",
            )
        ],
        TWO,
        {"source": [None, None]},
        as_new=False,
    ),
    "a required field without records": Case(
        crm(NAME),
        crm(f"{NAME}\nsource: {{type: text, required: true}}"),
        [("field_added", "safe", "Adds Source to Deal.")],
    ),
    "a required field becomes conditional": Case(
        crm(f"{NAME}\nreason: {{type: text, required: true}}"),
        crm(f"{NAME}\nreason: {{type: text, required: true, show_when: name == 'A'}}"),
        [
            ("field_optional", "safe", "Lets Reason of Deal be blank."),
            ("rules_changed", "safe", "Changes the rules of Deal."),
        ],
        [{"name": "A", "reason": "because"}],
        {"reason": ["because"]},
    ),
    "a required field becomes optional": Case(
        crm(f"{NAME}\nreason: {{type: text, required: true}}"),
        crm(f"{NAME}\nreason: {{type: text}}"),
        [("field_optional", "safe", "Lets Reason of Deal be blank.")],
        [{"name": "A", "reason": "because"}],
        {"reason": ["because"], "name": ["A"]},
    ),
    "a filled field becomes required": Case(
        crm(f"{NAME}\nreason: {{type: text}}"),
        crm(f"{NAME}\nreason: {{type: text, required: true}}"),
        [("field_required", "safe", "Makes Reason of Deal required.")],
        [{"name": "A", "reason": "because"}],
        {"reason": ["because"]},
    ),
    "a link to a new entity": Case(
        crm(NAME),
        crm(
            f"{NAME}\naccount: {{type: link, to: account}}",
            entities="account:\n  label: {en: Account}\n"
            "  fields:\n    name: {type: text}\n    best: {type: link, to: deal}",
        ),
        [
            ("entity_added", "safe", "Creates Account with 2 fields."),
            ("field_added", "safe", "Adds Account to Deal."),
        ],
        TWO,
    ),
    "links": Case(
        crm(NAME),
        crm(f"{NAME}\nrivals: {{type: links, to: deal}}"),
        [("field_added", "safe", "Adds Rivals to Deal.")],
        TWO,
    ),
    "child rows": Case(
        crm(NAME),
        crm(
            f"{NAME}\nlines: {{type: table, of: line}}",
            entities="line:\n  parent: deal\n  fields:\n    amount: {type: money}",
        ),
        [
            ("entity_added", "safe", "Creates Line with 1 field."),
            ("field_added", "safe", "Adds Lines to Deal."),
        ],
        TWO,
    ),
    "an option": Case(
        crm(f"{NAME}\nreason: {{type: choice, options: [delay]}}"),
        crm(f"{NAME}\nreason: {{type: choice, options: [delay, price]}}"),
        [("option_added", "safe", "Adds the option Price to Reason of Deal.")],
        [{"name": "A", "reason": "delay"}],
        {"reason": ["delay"]},
    ),
    "stages": Case(
        crm(NAME),
        crm(NAME, STAGES),
        [("field_added", "safe", "Adds stages to Deal, with 2 deals in Lead.")],
        TWO,
        {"stage": ["lead", "lead"], "name": ["A", "B"]},
    ),
    "a stage": Case(
        crm(NAME, STAGES),
        crm(NAME, STAGES.replace("  transitions", "    lost: {final: true}\n  transitions")),
        [("stage_added", "safe", "Adds the stage Lost to Deal.")],
        [{"name": "A", "stage": "won"}],
        {"stage": ["won"]},
    ),
    "an index": Case(
        crm(NAME),
        crm("name: {type: text, required: true, index: true}"),
        [("index_added", "safe", "Adds an index on Name to Deal.")],
        TWO,
    ),
    "no index any more": Case(
        crm(f"{NAME}\nday: {{type: date}}", "indexes: [[name, day]]"),
        crm(f"{NAME}\nday: {{type: date}}"),
        [("index_removed", "safe", "Drops the index on Name and Day of Deal.")],
        TWO,
    ),
    "unique": Case(
        crm(f"{NAME}\nday: {{type: date}}"),
        crm(f"{NAME}\nday: {{type: date}}", "unique: [[name, day]]"),
        [("unique_added", "safe", "Makes Name and Day of Deal unique.")],
        [*TWO, {"name": "A"}],
        {"name": ["A", "B", "A"]},
    ),
    "no longer unique": Case(
        crm("name: {type: text, required: true, unique: true}"),
        crm(NAME),
        [("unique_removed", "safe", "Name of Deal may be the same in several records from now on.")],
        TWO,
    ),
    "wider limits": Case(
        crm(f"{NAME}\nrate: {{type: percent, max: 50%}}"),
        crm(f"{NAME}\nrate: {{type: percent, min: 0, max: 60%}}"),
        [("limits_changed", "safe", "Changes the limits of Rate of Deal.")],
        TWO,
        {"name": ["A", "B"]},
    ),
    "no limits any more": Case(
        crm(f"{NAME}\nrate: {{type: percent, max: 50%}}"),
        crm(f"{NAME}\nrate: {{type: percent}}"),
        [("limits_changed", "safe", "Changes the limits of Rate of Deal.")],
        TWO,
    ),
    "limits of a live formula": Case(
        crm(f"{NAME}\nsize: {{type: integer, formula: count(d for d in deal)}}"),
        crm(f"{NAME}\nsize: {{type: integer, formula: count(d for d in deal), max: 5}}"),
        [("limits_changed", "safe", "Changes the limits of Size of Deal.")],
        TWO,
    ),
    "limits that records break": Case(
        crm(f"{NAME}\nsize: {{type: integer}}"),
        crm(f"{NAME}\nsize: {{type: integer, max: 5}}"),
        [
            (
                "limits_changed",
                "confirm",
                "Changes the limits of Size of Deal. Left outside them until somebody edits them: 2 deals.",
            )
        ],
        [{"name": "A", "size": 6}, {"name": "B", "size": 5}, {"name": "C", "size": 9}],
        {"size": [6, 5, 9]},
        as_new=False,
    ),
    "a stored formula": Case(
        crm(f"{NAME}\namount: {{type: integer}}"),
        crm(f"{NAME}\namount: {{type: integer}}\ndouble: {{type: integer, formula: amount * 2}}"),
        [
            ("field_added", "safe", "Adds Double to Deal."),
            ("recomputed", "safe", "Recomputes Double of 2 deals."),
        ],
        [{"name": "A", "amount": 4}, {"name": "B"}],
        {"double": [8, 0]},
    ),
    "a formula that others read": Case(
        crm(
            """
            amount: {type: integer}
            double: {type: integer, formula: amount * 2}
            quadruple: {type: integer, formula: double * 2}
            other: {type: integer, formula: amount + 1}
            """
        ),
        crm(
            """
            amount: {type: integer}
            double: {type: integer, formula: amount * 2 + 1}
            quadruple: {type: integer, formula: double * 2}
            other: {type: integer, formula: amount + 1}
            """
        ),
        [
            ("formula_changed", "safe", "Changes the formula of Double of Deal."),
            ("recomputed", "safe", "Recomputes Double and Quadruple of 2 deals."),
        ],
        [{"amount": 1, "other": 5}, {"amount": 2, "other": 5}],
        {"double": [3, 5], "quadruple": [6, 10], "other": [5, 5]},
    ),
    "an attribute of a stage that a formula reads": Case(
        crm(f"{NAME}\nchance: {{type: integer, formula: stage.chance}}", STAGES),
        crm(
            f"{NAME}\nchance: {{type: integer, formula: stage.chance}}",
            STAGES.replace("chance: 2", "chance: 3"),
        ),
        [
            ("stage_changed", "safe", "Changes the stage Won of Deal."),
            ("recomputed", "safe", "Recomputes Chance of 1 record of Deal."),
        ],
        [{"name": "A", "stage": "won", "chance": 2}],
        {"chance": [3]},
    ),
    "a stored formula becomes live": Case(
        crm(f"{NAME}\nsize: {{type: integer, formula: 1 + 1}}"),
        crm(f"{NAME}\nsize: {{type: integer, formula: count(d for d in deal)}}"),
        [
            ("field_live", "safe", "Size of Deal is computed when it is read from now on."),
            ("formula_changed", "safe", "Changes the formula of Size of Deal."),
        ],
        [{"name": "A", "size": 2}],
        {"name": ["A"]},
    ),
    "a live formula becomes stored": Case(
        crm(f"{NAME}\nsize: {{type: integer, formula: count(d for d in deal)}}"),
        crm(f"{NAME}\nsize: {{type: integer, formula: 1 + 1}}"),
        [
            ("field_added", "safe", "Adds Size to Deal."),
            ("formula_changed", "safe", "Changes the formula of Size of Deal."),
            ("recomputed", "safe", "Recomputes Size of 2 deals."),
        ],
        TWO,
        {"size": [2, 2]},
    ),
    "freezing": Case(
        crm(f"{NAME}\nsize: {{type: integer, formula: count(d for d in deal)}}", STAGES),
        crm(f"{NAME}\nsize: {{type: integer, formula: count(d for d in deal), freeze: won}}", STAGES),
        [
            (
                "freeze_added",
                "safe",
                FREEZES,
            )
        ],
        [{"name": "A", "stage": "won"}],
        {"size": [None], "_frozen_won": [None]},
    ),
    "a computed field becomes plain": Case(
        crm(f"{NAME}\nsize: {{type: integer, formula: 1 + 1}}"),
        crm(f"{NAME}\nsize: {{type: integer}}"),
        [
            ("became_plain", "safe", "Makes Size of Deal a field that people fill in."),
        ],
        [{"name": "A", "size": 2}],
        {"size": [2]},
    ),
    "retired": Case(
        crm(f"{NAME}\ncode: {{type: text, required: true}}"),
        crm(f"{NAME}\ncode: {{type: text, required: true, retire: true}}"),
        [
            ("field_optional", "safe", "Lets Code of Deal be blank."),
            ("field_retired", "safe", "Takes Code of Deal out of use; its values stay."),
            ("indexed", "safe", "Indexes 1 record of Deal anew for the search."),
        ],
        [{"name": "A", "code": "x"}],
        {"code": ["x"]},
    ),
    "labels and views": Case(
        crm(NAME),
        crm(
            "name: {type: text, required: true, label: {en: Title}}",
            "views:\n  all: {type: list, columns: [name]}",
        ),
        [("entity_shown", "safe", "Changes how Deal is shown.")],
        TWO,
    ),
    "rules": Case(
        crm(NAME),
        crm("name: {type: text, required: true, max_length: 80}"),
        [("rules_changed", "safe", "Changes the rules of Deal.")],
        TWO,
    ),
    "rights": Case(
        crm(NAME),
        crm(NAME, "access:\n  everyone: {read: true}"),
        [("access_changed", "safe", "Changes who may do what with Deal.")],
        TWO,
    ),
    "roles": Case(
        crm(NAME),
        crm(NAME, app="roles:\n  sales: {label: {en: Sales}}"),
        [("roles_changed", "safe", "Changes the roles of CRM.")],
    ),
    "only the text": Case(
        crm(NAME),
        "\n" + crm(NAME) + "# a remark\n",
        [("text_changed", "safe", "Takes over the new text of CRM; what it means stays the same.")],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_change(database: Database, tmp_path: Path, case: Case) -> None:
    publish(database, case.before)
    before = checked(case.before)
    with database.writing() as connection:
        for deal in case.deals:
            insert(connection, before, "crm.deal", **deal)

    plan = make_plan(database, checked(case.after))
    assert [(step.kind, step.risk.value, str(step.sentence)) for step in plan.steps] == case.steps

    release = publish(database, case.after)
    assert release.number == 2
    assert make_plan(database, checked(case.after)).nothing_to_do
    assert publish(database, case.after).number == 2
    with database.reading() as connection:
        assert len(rows(connection, "crm__deal", "id")) == len(case.deals)
        for column, values in case.then.items():
            assert [value for (value,) in rows(connection, "crm__deal", column)] == values
    if case.as_new:
        assert live_schema(database) == fresh_schema(database, tmp_path, case.after)


def test_a_plan_names_whom_a_change_concerns(database: Database) -> None:
    before = crm(
        """
        name: {type: text}
        value: {type: money}
        double: {type: money, formula: value * 2}
        """,
        """
        checks: {worth: {check: value > 0, message: Too little}}
        views: {all: {type: list, columns: [name, value]}}
        access: {everyone: {read: value < 100}}
        """,
    )
    publish(database, before)
    after = before.replace("value: {type: money}", "amount: {type: money, was: value}")
    for old, new in (("value *", "amount *"), ("value >", "amount >"), ("[name, value]", "[name, amount]")):
        after = after.replace(old, new)
    after = after.replace("value <", "amount <")
    step = make_plan(database, checked(after)).steps[0]
    assert [str(each) for each in step.affected] == [
        "Formulas that read it: Double of Deal, the check worth of Deal.",
        "Views that show it: All of Deal.",
        "Rights that depend on it: everyone of Deal.",
        "Programs that use the API find crm.deal.value as amount from now on.",
    ]
    gone = crm("name: {type: text}")
    step = next(each for each in make_plan(database, checked(gone)).steps if each.field == "value")
    assert str(step.affected[-1]) == "Programs that use the API no longer find crm.deal.value."
    assert step.records == 0
