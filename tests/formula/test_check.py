"""What the check says: every problem at once, each at its place, with what would be right."""

from typing import Any

import pytest

from engine.formula.check import Read, Scope, check_formula
from engine.formula.expression import Expression
from engine.formula.functions.sets import SETS
from engine.formula.types import Kind, Type, money
from engine.problems import DefinitionRefused, Place

CASES = [
    ("amuont + 1", ["1: crm.deal has no field 'amuont'. Did you mean 'amount'?"]),
    (
        "amuont + discuont",
        [
            "1: crm.deal has no field 'amuont'. Did you mean 'amount'?",
            "10: crm.deal has no field 'discuont'. Did you mean 'discount'?",
        ],
    ),
    ("owner.manger.name", ["7: system.user has no field 'manger'. Did you mean 'manager'?"]),
    (
        "sum(d.amuont for d in deal if d.ownr == owner)",
        [
            "7: crm.deal has no field 'amuont'. Did you mean 'amount'?",
            "33: crm.deal has no field 'ownr'. Did you mean 'owner'?",
        ],
    ),
    ("rond(amount)", ["1: There is no function 'rond'. Did you mean 'round'?"]),
    ("amount + name", ["1: An amount of money and a text cannot be added; join texts with & or concat(…)."]),
    ("name * 2", ["1: A text * a whole number has no meaning."]),
    ('stage == "wonn"', ["10: There is no option 'wonn' here. Did you mean 'won'?"]),
    ('stage in ["won", "los"]', ["18: There is no option 'los' here. Did you mean 'lost'?"]),
    ('"vipp" in tags', ["1: There is no option 'vipp' here. Did you mean 'vip'?"]),
    ("stage.probabilty", ["7: The options have no attribute 'probabilty'. Did you mean 'probability'?"]),
    ("if(important, 1, name)", ["1: All results must be of one type; here are a whole number and a text."]),
    ("if(amount, 1, 2)", ["4: “condition” must be a yes or no, not an amount of money."]),
    (
        "won_on > created_at",
        ["1: A date cannot be compared with a date with time. Write date(…) to take its day."],
    ),
    ("won_on > 5", ["1: A date cannot be compared with a whole number."]),
    ('won_on > "2026-02-30"', ["10: “2026-02-30” is not a date; write it as 2026-11-21."]),
    ("owner == account", ["1: A link to system.user cannot be compared with a link to crm.account."]),
    ("owner > user", ["1: A link has no order; use == or !=."]),
    ("sum(d.amount for d in deals)", ["23: There is no entity 'deals'. Did you mean 'deal'?"]),
    ("sum(d.name for d in deal)", ["5: This must be a number, not a text."]),
    ("sum(1)", []),
    ("count(amount)", ["1: count(…) needs records: count(record for record in records if condition)."]),
    ("round(amount, quantity)", ["15: Write a whole number from -18 to 18 here."]),
    ("round(amount, 1, 2)", ["1: Write round(number, digits=0)."]),
    ("left()", ["1: Write left(text, count=1)."]),
    (
        "first(d.name for d in deal, bye=d.id)",
        ["29: first(…) has no argument 'bye'; write " + SETS["first"].signature + "."],
    ),
    ("latest(r.value for r in hrm.rate)", ["1: latest(…) needs the day from which each value holds: on=…."]),
    ("amount ** quantity", ["11: The exponent must be a whole number from -8 to 8, written out."]),
    ("won_on + amount", ["10: Only whole days can be added to a date; use round(…) or int(…)."]),
    ("deal", ["1: 'deal' names records; use a set function, such as count(x for x in deal)."]),
    ("crm.deal", ["1: 'crm.deal' names records; use a set function, such as count(x for x in crm.deal)."]),
    ("today", ["1: 'today' is a function; write today(…)."]),
    ("won_on.year", ["8: A date has no part 'year'; write year(…)."]),
    ("lines.amount", ["7: 'amount' has a value for each record; use a set function, such as sum(…)."]),
    ("amount in 5", ["11: After `in` comes a list such as [1, 2], or a field with several values."]),
    ("[1, 2]", ["1: A list can only follow `in`, or be an argument of bracket(…) and tier(…)."]),
    ("amount[0]", ["1: This is not part of the formula language."]),
    ("amount | 1", ["8: “|” is not part of the formula language; write or."]),
    ("amount is 1", ["8: “is 1” is not expected here."]),
    ("name.upper()", ["1: Only functions can be called, such as round(…)."]),
    ("bracket(amount, [2, 1], [1%, 2%])", ["18: Limits must rise from one to the next."]),
    ("owner & name", ["1: A link has no text; name a field of it."]),
    ("(1 + 2", ["1: This “(” is never closed."]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_problems(text: str, expected: list[str], problems: Any) -> None:
    assert problems(text) == expected


EXPECTED = [
    ("name", money(), ["1: The result must be an amount of money, not a text."]),
    ("amount", Type(Kind.TEXT), ["1: The result must be a text, not an amount of money."]),
    (
        'if(important, "a", "c")',
        Type(Kind.CHOICE, options={"a": {}, "b": {}}),
        ["20: There is no option 'c' here."],
    ),
    ("name", Type(Kind.CHOICE, options={"a": {}}), ["1: The result must be one of the options, not a text."]),
    (
        "owner",
        Type(Kind.LINK, entity="crm.account"),
        ["1: The result must be a link to crm.account, not to system.user."],
    ),
    ("won_on", Type(Kind.MONTH), []),
    ("quantity / 3", money(), []),
    ("blank", money(), []),
    ("stage", Type(Kind.TEXT), []),
]


@pytest.mark.parametrize(("text", "type_", "expected"), EXPECTED)
def test_the_result_must_fit_the_field(text: str, type_: Type, expected: list[str], problems: Any) -> None:
    assert problems(text, expected=type_) == expected


def test_places_in_folded_text(world: Any) -> None:
    text = "amount +\nquantity * discuont"
    expression = Expression(text, Place("crm_app.yaml", 7, 20), ((9, Place("crm_app.yaml", 8, 11)),))
    with pytest.raises(DefinitionRefused) as refusal:
        check_formula(expression, world, Scope("crm", "crm.deal"))
    assert (
        str(refusal.value) == "crm_app.yaml:8:22: crm.deal has no field 'discuont'. Did you mean 'discount'?"
    )


def test_user_is_a_field_where_nobody_asks(problems: Any) -> None:
    assert problems("user.name", user=False) == ["1: crm.deal has no field 'user'."]
    assert problems("user.name") == []


def test_a_candidate_is_named_like_its_field(problems: Any) -> None:
    assert problems("account.owner == owner", candidate=("account", "crm.account")) == []
    assert problems("account.ownr == owner", candidate=("account", "crm.account")) == [
        "9: crm.account has no field 'ownr'. Did you mean 'owner'?"
    ]


def checked(world: Any, text: str, **scope: Any) -> Any:
    expression = Expression(text, Place("app.yaml", 1, 1))
    return check_formula(expression, world, Scope("crm", "crm.deal", **scope))


def test_what_is_read(world: Any) -> None:
    formula = checked(world, "sum(d.amount for d in deal if d.owner == owner) + account.credit")
    assert formula.reads == {
        Read("crm.deal", "amount", frozen=True),
        Read("crm.deal", "owner", frozen=True),
        Read("crm.deal", "owner"),
        Read("crm.deal", "account"),
        Read("crm.account", "credit"),
    }
    assert formula.own == {"owner", "account"}
    assert formula.functions == {"sum"}


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("amount * discount", True),
        ("stage.probability", True),
        ("date(created_at)", True),
        ("owner.name", False),
        ("count(lines)", False),
        ("today()", False),
        ("now() == created_at", False),
        ("owner == user", False),
        ('has_role("crm.sales")', False),
        ("total + 1", False),
    ],
)
def test_only_formulas_of_their_own_record_are_stored(world: Any, text: str, own: bool) -> None:
    assert checked(world, text).is_own is own
