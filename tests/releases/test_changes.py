"""Every kind of change over live data: (before, after) → steps and values, and what the way back restores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from engine.releases.plan import make_plan
from engine.releases.retired import list_retired, purge
from engine.schema.database import Database
from engine.schema.tables import entity_tables
from tests.releases.publishing import checked, crm, fresh_schema, insert, live_schema, publish
from tests.releases.statements import expected_statements, statements

NAME = "name: {type: text, required: true}"
STAGES = """
workflow:
  stages:
    lead: {}
    proposal: {}
    won: {final: true}
  transitions:
    win: {from: [lead, proposal], to: won}
"""
ACCOUNT = "account:\n  label: {en: Account}\n  fields:\n    name: {type: text}"

Rows = list[Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """`deals` are records of crm.deal before, `then` their values afterwards, `back` those after the return.

    `entity` is what crm.deal is called afterwards; `kept` is what `dougong purge` would list; `as_new` is
    False where a column stays looser than a new table has it.
    """

    before: str
    after: str
    steps: list[tuple[str, str, str]]
    deals: Rows = field(default_factory=list)
    accounts: Rows = field(default_factory=list)
    then: Rows = field(default_factory=list)
    back: Rows | None = None
    kept: list[tuple[str, str | None, int]] = field(default_factory=list)
    entity: str = "crm.deal"
    as_new: bool = True
    way_back: str | None = None


CASES = {
    "what was unique is filled with a default": Case(
        crm(f"{NAME}\ncode: {{type: text, unique: true}}"),
        crm(f"{NAME}\ncode: {{type: text, required: true, default: x}}"),
        [
            ("unique_removed", "safe", "Code of Deal may be the same in several records from now on."),
            (
                "field_required",
                "confirm",
                "Makes Code of Deal required: 2 deals have none and get “x”.",
            ),
            ("rules_changed", "safe", "Changes the rules of Deal."),
        ],
        [{"name": "A"}, {"name": "B"}],
        then=[{"name": "A", "code": "x"}, {"name": "B", "code": "x"}],
        way_back=crm(f"{NAME}\ncode: {{type: text}}"),
        back=[{"name": "A", "code": "x"}, {"name": "B", "code": "x"}],
    ),
    "what was limited is filled with a default": Case(
        crm(f"{NAME}\ncode: {{type: integer, min: 0}}"),
        crm(f"{NAME}\ncode: {{type: integer, min: -5, required: true, default: -3}}"),
        [
            ("limits_changed", "safe", "Changes the limits of Code of Deal."),
            (
                "field_required",
                "confirm",
                "Makes Code of Deal required: 1 record of Deal has none and gets “-3”.",
            ),
            ("rules_changed", "safe", "Changes the rules of Deal."),
        ],
        [{"name": "A", "code": 4}, {"name": "B"}],
        then=[{"name": "A", "code": 4}, {"name": "B", "code": -3}],
        way_back=crm(f"{NAME}\ncode: {{type: integer, min: -5}}"),
        back=[{"name": "A", "code": 4}, {"name": "B", "code": -3}],
    ),
    "a limited number becomes a required text": Case(
        crm(f"{NAME}\ncode: {{type: integer, min: 0}}"),
        crm(f"{NAME}\ncode: {{type: text, required: true, default: x}}"),
        [
            ("type_changed", "confirm", "Changes Code of Deal from integer to text; 1 value is converted."),
            (
                "field_required",
                "confirm",
                "Makes Code of Deal required: 1 record of Deal has none and gets “x”.",
            ),
            ("rules_changed", "safe", "Changes the rules of Deal."),
            ("indexed", "safe", "Indexes 2 deals anew for the search."),
        ],
        [{"name": "A", "code": 12}, {"name": "B", "code": None}],
        then=[{"name": "A", "code": "12"}, {"name": "B", "code": "x"}],
        back=[{"name": "A", "code": 12}, {"name": "B", "code": None}],
    ),
    "a field is renamed": Case(
        crm(f"{NAME}\nvalue: {{type: money, min: 0, required: true}}"),
        crm(f"{NAME}\namount: {{type: money, min: 0, required: true, was: value}}"),
        [("field_renamed", "safe", "Renames Value of Deal to Amount; 2 values stay.")],
        [{"name": "A", "value": Decimal("1.50")}, {"name": "B", "value": Decimal("2.00")}],
        then=[{"name": "A", "amount": Decimal("1.50")}, {"name": "B", "amount": Decimal("2.00")}],
        way_back=crm(f"{NAME}\nvalue: {{type: money, min: 0, required: true, was: amount}}"),
    ),
    "a field with indexes is renamed": Case(
        crm(f"{NAME}\ncode: {{type: text, unique: true, index: true}}", "indexes: [[code, name]]"),
        crm(f"{NAME}\nkey: {{type: text, unique: true, index: true, was: code}}", "indexes: [[key, name]]"),
        [("field_renamed", "safe", "Renames Code of Deal to Key; 1 value stays.")],
        [{"name": "A", "code": "x"}],
        then=[{"name": "A", "key": "x"}],
        way_back=crm(
            f"{NAME}\ncode: {{type: text, unique: true, index: true, was: key}}", "indexes: [[code, name]]"
        ),
    ),
    "a link is renamed": Case(
        crm(f"{NAME}\naccount: {{type: link, to: account, required: true}}", entities=ACCOUNT),
        crm(f"{NAME}\ncustomer: {{type: link, to: account, required: true, was: account}}", entities=ACCOUNT),
        [("field_renamed", "safe", "Renames Account of Deal to Customer; 1 value stays.")],
        [{"name": "A", "account": 1}],
        accounts=[{"name": "X"}],
        then=[{"name": "A", "customer": 1}],
        way_back=crm(
            f"{NAME}\naccount: {{type: link, to: account, required: true, was: customer}}", entities=ACCOUNT
        ),
    ),
    "a field is removed": Case(
        crm(f"{NAME}\ncode: {{type: text, required: true, unique: true}}"),
        crm(NAME),
        [
            (
                "field_removed",
                "destructive",
                (
                    "Removes Code of Deal; 2 values are kept in a column that you can look at until "
                    "you purge it."
                ),
            ),
            ("indexed", "safe", "Indexes 2 deals anew for the search."),
        ],
        [{"name": "A", "code": "x"}, {"name": "B", "code": "y"}],
        then=[{"name": "A"}, {"name": "B"}],
        back=[{"name": "A", "code": "x"}, {"name": "B", "code": "y"}],
        kept=[("crm__deal", "_old_2_code", 2)],
    ),
    "a field without values is removed": Case(
        crm(f"{NAME}\ncode: {{type: text, index: true}}"),
        crm(NAME),
        [
            ("field_removed", "confirm", "Removes Code of Deal; no record has a value."),
            ("indexed", "safe", "Indexes 1 record of Deal anew for the search."),
        ],
        [{"name": "A"}],
        then=[{"name": "A"}],
    ),
    "a link is removed": Case(
        crm(f"{NAME}\naccount: {{type: link, to: account, required: true}}", entities=ACCOUNT),
        crm(NAME, entities=ACCOUNT),
        [
            (
                "field_removed",
                "destructive",
                (
                    "Removes Account of Deal; 1 value is kept in a column that you can look at until "
                    "you purge it."
                ),
            )
        ],
        [{"name": "A", "account": 1}],
        accounts=[{"name": "X"}],
        then=[{"name": "A"}],
        back=[{"name": "A", "account": 1}],
        kept=[("crm__deal", "_old_2_account", 1)],
    ),
    "a computed field is removed": Case(
        crm(f"{NAME}\nsize: {{type: integer, formula: 1 + 1}}"),
        crm(NAME),
        [("field_removed", "confirm", "Removes Size of Deal, which was computed.")],
        [{"name": "A", "size": 2}],
        then=[{"name": "A"}],
        back=[{"name": "A", "size": 2}],
    ),
    "text becomes a number": Case(
        crm(f"{NAME}\nphone: {{type: text}}"),
        crm(f"{NAME}\nphone: {{type: integer}}"),
        [
            (
                "type_changed",
                "destructive",
                (
                    "Changes Phone of Deal from text to integer: 1 of 3 values cannot be converted; "
                    "they are kept "
                    "in a column that you can look at until you purge it."
                ),
            ),
            ("indexed", "safe", "Indexes 4 deals anew for the search."),
        ],
        [
            {"name": "A", "phone": "12"},
            {"name": "B", "phone": "n/a"},
            {"name": "C", "phone": "1,300"},
            {"name": "D"},
        ],
        then=[
            {"name": "A", "phone": 12},
            {"name": "B", "phone": None},
            {"name": "C", "phone": 1300},
            {"name": "D", "phone": None},
        ],
        back=[
            {"name": "A", "phone": "12"},
            {"name": "B", "phone": "n/a"},
            {"name": "C", "phone": "1,300"},
            {"name": "D", "phone": None},
        ],
        kept=[("crm__deal", "_old_2_phone", 3)],
    ),
    "required text becomes a number": Case(
        crm(f"{NAME}\ncode: {{type: text, required: true, unique: true}}"),
        crm(f"{NAME}\ncode: {{type: integer, required: true, unique: true, min: 1}}"),
        [
            ("type_changed", "confirm", "Changes Code of Deal from text to integer; 2 values are converted."),
            ("indexed", "safe", "Indexes 2 deals anew for the search."),
        ],
        [{"name": "A", "code": "1"}, {"name": "B", "code": "2"}],
        then=[{"code": 1}, {"code": 2}],
        back=[{"code": "1"}, {"code": "2"}],
    ),
    "a number becomes wider": Case(
        crm("count: {type: integer, required: true}"),
        crm("count: {type: decimal, decimals: 3, required: true, max: 1000}"),
        [
            (
                "type_changed",
                "confirm",
                "Changes Count of Deal from integer to decimal; 2 values are converted.",
            )
        ],
        [{"count": 5}, {"count": -7}],
        then=[{"count": Decimal("5.000")}, {"count": Decimal("-7.000")}],
        back=[{"count": 5}, {"count": -7}],
    ),
    "more decimals": Case(
        crm("rate: {type: decimal, decimals: 2, min: 0}"),
        crm("rate: {type: decimal, decimals: 4, min: 0}"),
        [
            (
                "type_changed",
                "safe",
                "Changes Rate of Deal from 2 to 4 decimals; 2 values are converted.",
            )
        ],
        [{"rate": Decimal("1.25")}, {"rate": None}, {"rate": Decimal("0.00")}],
        then=[{"rate": Decimal("1.2500")}, {"rate": None}, {"rate": Decimal("0.0000")}],
        back=[{"rate": Decimal("1.25")}, {"rate": None}, {"rate": Decimal("0.00")}],
    ),
    "fewer decimals": Case(
        crm("rate: {type: decimal, decimals: 4}"),
        crm("rate: {type: decimal, decimals: 2}"),
        [
            (
                "type_changed",
                "destructive",
                (
                    "Changes Rate of Deal from 4 to 2 decimals: 1 of 2 values are rounded; the exact "
                    "ones are kept "
                    "in a column that you can look at until you purge it."
                ),
            )
        ],
        [{"rate": Decimal("1.2550")}, {"rate": Decimal("3.1000")}],
        then=[{"rate": Decimal("1.26")}, {"rate": Decimal("3.10")}],
        back=[{"rate": Decimal("1.2550")}, {"rate": Decimal("3.1000")}],
        kept=[("crm__deal", "_old_2_rate", 2)],
    ),
    "a choice becomes several": Case(
        crm(f"{NAME}\nsize: {{type: choice, options: [small, large]}}"),
        crm(f"{NAME}\nsize: {{type: multi_choice, options: [small, large]}}"),
        [
            (
                "type_changed",
                "confirm",
                "Changes Size of Deal from choice to multi_choice; 1 value is converted.",
            )
        ],
        [{"name": "A", "size": "small"}],
        then=[{"name": "A", "size": ("small",)}],
        back=[{"name": "A", "size": "small"}],
    ),
    "text becomes long": Case(
        crm("note: {type: text}"),
        crm("note: {type: long_text}"),
        [("type_changed", "confirm", "Changes Note of Deal from text to long_text; 1 value is converted.")],
        [{"note": "x"}],
        then=[{"note": "x"}],
        back=[{"note": "x"}],
    ),
    "a link becomes several": Case(
        crm(f"{NAME}\naccount: {{type: link, to: account}}", entities=ACCOUNT),
        crm(f"{NAME}\naccount: {{type: links, to: account}}", entities=ACCOUNT),
        [
            ("type_changed", "confirm", "Changes Account of Deal from link to links; 1 value is converted."),
            ("entity_shown", "safe", "Changes how Deal is shown."),
        ],
        [{"name": "A", "account": 2}, {"name": "B"}],
        accounts=[{"name": "X"}, {"name": "Y"}],
        then=[{"name": "A", "account": [2]}, {"name": "B", "account": []}],
        back=[{"name": "A", "account": 2}, {"name": "B", "account": None}],
    ),
    "several links become one": Case(
        crm(f"{NAME}\naccount: {{type: links, to: account}}", entities=ACCOUNT),
        crm(f"{NAME}\naccount: {{type: link, to: account}}", entities=ACCOUNT),
        [
            (
                "type_changed",
                "destructive",
                (
                    "Changes Account of Deal from links to link: 1 of 2 values cannot be converted; "
                    "they are kept "
                    "in a table that you can look at until you purge it."
                ),
            ),
            ("entity_shown", "safe", "Changes how Deal is shown."),
        ],
        [{"name": "A", "account": [2]}, {"name": "B", "account": [1, 2]}, {"name": "C"}],
        accounts=[{"name": "X"}, {"name": "Y"}],
        then=[{"name": "A", "account": 2}, {"name": "B", "account": None}, {"name": "C", "account": None}],
        kept=[("_old_2_crm__deal__account", None, 3)],
    ),
    "links are renamed": Case(
        crm(f"{NAME}\nrivals: {{type: links, to: account}}", entities=ACCOUNT),
        crm(f"{NAME}\nothers: {{type: links, to: account, was: rivals}}", entities=ACCOUNT),
        [("field_renamed", "safe", "Renames Rivals of Deal to Others; 1 value stays.")],
        [{"name": "A", "rivals": [1]}],
        accounts=[{"name": "X"}],
        then=[{"name": "A", "others": [1]}],
        way_back=crm(f"{NAME}\nrivals: {{type: links, to: account, was: others}}", entities=ACCOUNT),
    ),
    "links are removed": Case(
        crm(f"{NAME}\nrivals: {{type: links, to: account}}", entities=ACCOUNT),
        crm(NAME, entities=ACCOUNT),
        [
            (
                "field_removed",
                "destructive",
                (
                    "Removes Rivals of Deal; 1 value is kept in a column that you can look at until "
                    "you purge it."
                ),
            )
        ],
        [{"name": "A", "rivals": [1]}],
        accounts=[{"name": "X"}],
        then=[{"name": "A"}],
        back=[{"name": "A", "rivals": [1]}],
        kept=[("_old_2_crm__deal__rivals", None, 1)],
    ),
    "another target": Case(
        crm(f"{NAME}\nother: {{type: link, to: account}}", entities=ACCOUNT),
        crm(f"{NAME}\nother: {{type: link, to: deal}}", entities=ACCOUNT),
        [
            (
                "target_changed",
                "destructive",
                (
                    "Other of Deal links to other records from now on; 1 value is kept in a column "
                    "that you can look at until you purge it."
                ),
            ),
            ("field_added", "safe", "Adds Other to Deal."),
        ],
        [{"name": "A", "other": 1}],
        accounts=[{"name": "X"}],
        then=[{"name": "A", "other": None}],
        back=[{"name": "A", "other": 1}],
        kept=[("crm__deal", "_old_2_other", 1)],
    ),
    "a field becomes computed": Case(
        crm(f"{NAME}\nsize: {{type: integer}}"),
        crm(f"{NAME}\nsize: {{type: integer, formula: 1 + 1}}"),
        [
            (
                "became_computed",
                "destructive",
                (
                    "Size of Deal is computed from now on; 1 value is kept in a column that you can "
                    "look at until "
                    "you purge it."
                ),
            ),
            ("field_added", "safe", "Adds Size to Deal."),
            ("recomputed", "safe", "Recomputes Size of 2 deals."),
        ],
        [{"name": "A", "size": 7}, {"name": "B"}],
        then=[{"name": "A", "size": 2}, {"name": "B", "size": 2}],
        back=[{"name": "A", "size": 7}, {"name": "B", "size": None}],
        kept=[("crm__deal", "_old_2_size", 1)],
    ),
    "an option is renamed": Case(
        crm("size: {type: choice, options: [small, large]}\nmany: {type: multi_choice, options: [a, b, c]}"),
        crm(
            "size: {type: choice, options: {tiny: {was: small}, large: {}}}\n"
            "many: {type: multi_choice, options: {a: {}, d: {was: b}, c: {}}}"
        ),
        [
            (
                "option_renamed",
                "safe",
                "Renames the option small of Size of Deal to tiny, in 1 record of Deal.",
            ),
            ("option_renamed", "safe", "Renames the option b of Many of Deal to d, in 1 record of Deal."),
        ],
        [{"size": "small", "many": ("a", "b")}, {"size": "large"}],
        then=[{"size": "tiny", "many": ("a", "d")}, {"size": "large", "many": None}],
        way_back=crm(
            "size: {type: choice, options: {small: {was: tiny}, large: {}}}\n"
            "many: {type: multi_choice, options: {a: {}, b: {was: d}, c: {}}}"
        ),
    ),
    "an option is removed": Case(
        crm("size: {type: choice, options: [small, middle, large]}"),
        crm("size: {type: choice, options: [large]}"),
        [
            (
                "option_removed",
                "confirm",
                (
                    "Removes the option Small of Size of Deal. Left with it until somebody edits them: "
                    "1 record of "
                    "Deal."
                ),
            ),
            ("option_removed", "safe", "Removes the option Middle of Size of Deal; no record has it."),
        ],
        [{"size": "small"}],
        then=[{"size": "small"}],
        back=[{"size": "small"}],
    ),
    "a stage is renamed": Case(
        crm(NAME, STAGES),
        crm(
            NAME,
            STAGES.replace("proposal: {}", "offer: {was: proposal}")
            .replace("proposal", "offer", 1)
            .replace("was: offer", "was: proposal")
            .replace("[lead, proposal]", "[lead, offer]"),
        ),
        [
            (
                "stage_renamed",
                "safe",
                "Renames the stage Proposal of Deal to Offer, with 1 record of Deal in it.",
            ),
            ("rules_changed", "safe", "Changes the rules of Deal."),
        ],
        [{"name": "A", "stage": "proposal"}, {"name": "B", "stage": "won"}],
        then=[{"name": "A", "stage": "offer"}, {"name": "B", "stage": "won"}],
        way_back=crm(NAME, STAGES.replace("proposal: {}", "proposal: {was: offer}")),
    ),
    "a stage is removed": Case(
        crm(NAME, STAGES),
        crm(
            NAME,
            STAGES.replace("    proposal: {}\n", "").replace("[lead, proposal]", "lead")
            + "  moved_stages: {proposal: lead}\n",
        ),
        [
            ("stage_removed", "confirm", "Removes the stage Proposal of Deal. To Lead go: 1 record of Deal."),
            ("rules_changed", "safe", "Changes the rules of Deal."),
        ],
        [{"name": "A", "stage": "proposal"}],
        then=[{"name": "A", "stage": "lead"}],
        back=[{"name": "A", "stage": "lead"}],
    ),
    "no workflow any more": Case(
        crm(NAME, STAGES),
        crm(NAME),
        [
            (
                "workflow_removed",
                "destructive",
                (
                    "Removes the stages of Deal; 1 value is kept in a column that you can look at "
                    "until you purge it."
                ),
            )
        ],
        [{"name": "A", "stage": "won"}],
        then=[{"name": "A"}],
        back=[{"name": "A", "stage": "won"}],
        kept=[("crm__deal", "_old_2_stage", 1)],
    ),
    "an entity is renamed": Case(
        crm(
            f"{NAME}\namount: {{type: money, min: 0}}\nrivals: {{type: links, to: account}}",
            STAGES,
            entities=ACCOUNT + "\n    best: {type: link, to: deal}",
        ),
        crm(
            f"{NAME}\namount: {{type: money, min: 0}}\nrivals: {{type: links, to: account}}",
            STAGES + "was: deal\n",
            entities=ACCOUNT + "\n    best: {type: link, to: bargain}",
        ).replace("  deal:", "  bargain:", 1),
        [
            ("entity_renamed", "safe", "Renames crm.deal to crm.bargain, with 1 record of Deal."),
            ("field_renamed", "safe", "Rivals of Deal goes with it."),
        ],
        [{"name": "A", "stage": "won", "amount": Decimal("1.00"), "rivals": [1]}],
        accounts=[{"name": "X"}],
        then=[{"name": "A", "stage": "won", "amount": Decimal("1.00"), "rivals": [1]}],
        entity="crm.bargain",
        way_back=crm(
            f"{NAME}\namount: {{type: money, min: 0}}\nrivals: {{type: links, to: account}}",
            STAGES + "was: bargain\n",
            entities=ACCOUNT + "\n    best: {type: link, to: deal}",
        ),
    ),
    "the app is renamed": Case(
        crm(f"{NAME}\naccount: {{type: link, to: account}}", entities=ACCOUNT),
        crm(f"{NAME}\naccount: {{type: link, to: account}}", entities=ACCOUNT).replace(
            "app: crm", "app: sales\nwas: crm"
        ),
        [
            ("app_renamed", "safe", "Renames the application crm to sales."),
            ("entity_renamed", "safe", "Renames crm.deal to sales.deal, with 1 record of Deal."),
            ("entity_renamed", "safe", "Renames crm.account to sales.account, with 1 record of Account."),
        ],
        [{"name": "A", "account": 1}],
        accounts=[{"name": "X"}],
        then=[{"name": "A", "account": 1}],
        entity="sales.deal",
        way_back=crm(f"{NAME}\naccount: {{type: link, to: account}}", entities=ACCOUNT).replace(
            "app: crm", "app: crm\nwas: sales"
        ),
    ),
    "an entity is removed": Case(
        crm(NAME, entities=ACCOUNT),
        crm(NAME),
        [
            (
                "entity_removed",
                "destructive",
                "Removes Account. What it held is kept in a table until you purge it: 1 record of Account.",
            )
        ],
        [{"name": "A"}],
        accounts=[{"name": "X"}],
        then=[{"name": "A"}],
        kept=[("_old_2_crm__account", None, 1)],
    ),
    "a field that is not always filled becomes required": Case(
        crm(f"{NAME}\nsource: {{type: text}}"),
        crm(f"{NAME}\nsource: {{type: text, required: true}}"),
        [
            (
                "field_required",
                "confirm",
                (
                    "Makes Source of Deal required: 2 deals have none, and can be left so until "
                    "somebody edits them."
                ),
            )
        ],
        [{"name": "A"}, {"name": "B"}, {"name": "C", "source": "x"}],
        then=[{"source": None}, {"source": None}, {"source": "x"}],
        as_new=False,
    ),
    "a default fills what becomes required": Case(
        crm(f"{NAME}\nsource: {{type: text}}"),
        crm(f"{NAME}\nsource: {{type: text, required: true, default: web}}"),
        [
            (
                "field_required",
                "confirm",
                "Makes Source of Deal required: 2 deals have none and get “web”.",
            ),
            ("rules_changed", "safe", "Changes the rules of Deal."),
        ],
        [{"name": "A"}, {"name": "B"}, {"name": "C", "source": "x"}],
        then=[{"source": "web"}, {"source": "web"}, {"source": "x"}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_forwards_and_back(database: Database, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    publish(database, case.before)
    before = checked(case.before)
    with database.writing() as connection:
        for account in case.accounts:
            insert(connection, before, "crm.account", **account)
        for deal in case.deals:
            own = {key: value for key, value in deal.items() if not isinstance(value, list)}
            identity = insert(connection, before, "crm.deal", **own)
            for field_name, targets in deal.items():
                if isinstance(targets, list):
                    pairs = _tables(case.before).links_table("crm.deal", field_name)
                    rows = [{"record_id": identity, "target_id": target} for target in targets]
                    connection.execute(pairs.insert(), rows)

    plan = make_plan(database, checked(case.after))
    assert [(step.kind, step.risk.value, str(step.sentence)) for step in plan.steps] == case.steps
    assert all(step.sentence.to("zh") for step in plan.steps)
    sql = statements(plan)
    assert sql == expected_statements(database.dialect, f"{name}, forwards", sql)

    assert publish(database, case.after).number == 2
    assert make_plan(database, checked(case.after)).nothing_to_do
    assert _values(database, case.after, case.entity, case.then) == case.then
    kept = [(each.table, each.column, each.values) for each in list_retired(database)]
    assert kept == case.kept
    forwards = live_schema(database)

    way_back = case.way_back or case.before
    sql = statements(make_plan(database, checked(way_back)))
    assert sql == expected_statements(database.dialect, f"{name}, back", sql)
    publish(database, way_back)
    back = case.deals if case.back is None else case.back
    expected = [
        {each: deal.get(each) for each in sorted({key for other in back for key in other})} for deal in back
    ]
    if case.back is not None or case.way_back is not None:
        assert _values(database, way_back, "crm.deal", expected) == expected
    backwards = live_schema(database)

    purge(database)
    assert list_retired(database) == []
    assert live_schema(database) == backwards
    if case.as_new:
        assert backwards == fresh_schema(database, tmp_path, way_back)
        assert forwards == fresh_schema(database, tmp_path / "again", case.after)


def _tables(text: str) -> Any:
    definitions = checked(text)
    return entity_tables(definitions)


def _values(database: Database, text: str, entity: str, asked: Rows) -> Rows:
    """The values of the records, by the names that are asked for."""
    tables = _tables(text)
    table: Table = tables.table(entity)
    with database.reading() as connection:
        found = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        records: Rows = []
        for row, wanted in zip(found, asked, strict=True):
            values: dict[str, Any] = {}
            for name in wanted:
                if (entity, name) in tables.links:
                    pairs = tables.links_table(entity, name)
                    own = select(pairs.c.target_id).where(pairs.c.record_id == row["id"])
                    values[name] = sorted(connection.execute(own).scalars())
                else:
                    values[name] = row[name]
            records.append(values)
        return records
