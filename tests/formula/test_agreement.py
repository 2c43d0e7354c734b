"""One formula, one answer: in memory, on SQLite and on PostgreSQL, for records full and blank."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.formula.types import Kind, Type, decimal, money

D = Decimal
MONEY = money()
WHOLE = Type(Kind.INTEGER)

# formula, deal, expected value; with a type the value is fitted to it
CASES: list[tuple[Any, ...]] = [
    # numbers
    ("amount + 1", 1, D("1235.50")), ("amount + 1", 3, D("1.00")), ("amount * discount", 1, D("154.312500")),
    ("amount * discount", 3, D("0.000000")), ("amount * rate", 4, D("9999999999999999980000000000.00000001")),
    ("amount / quantity * 3", 1, D("529.0714285714")), ("amount / 0", 1, None), ("amount / quantity", 3, None),
    ("amount / 0 + 5", 1, D("5.0000000000")), ("amount / 3 * 3 == amount", 1, True), ("amount / (quantity / 0)", 1, None),
    ("1 / (1 / 3)", 1, D("3.0000000000")), ("quantity / 2", 1, D("3.5000000000")), ("7 / 2", 1, D("3.5000000000")),
    ("-amount / 8", 2, D("0.0062500000")), ("round(amount / 8, 4)", 2, D("-0.0063")), ("round(amount * 0.5, 2)", 2, D("-0.03")),
    ("round(amount / 21.75 / 8 * 1.5 * quantity, 2)", 1, D("74.50")),
    ("round(amount / 21.75 / 8 * 1.5 * quantity, 2)", 4, D("86206896551724137758620689655172.41")),
    ("roundup(amount / 7, 1)", 1, D("176.4")), ("rounddown(amount / 7, 1)", 2, D("0.0")), ("floor(amount / 7)", 2, D("-1")),
    ("ceiling(amount, 0.5)", 1, D("1234.5")), ("int(rate)", 2, -3), ("trunc(rate)", 2, -2), ("round(quantity, -1)", 1, 10),
    ("mod(quantity, 4)", 2, 1), ("quantity % 4", 2, 1), ("amount % 7", 1, D("2.50")), ("quantity % 0", 1, None),
    ("quantity ** 2", 2, 9), ("quantity ** -1", 1, D("0.1428571429")), ("rate ** 3", 2, D("-15.625000000000000000")),
    ("abs(amount) + sign(amount)", 2, D("-0.95")), ("quantity * quantity * quantity", 4, (10**18 - 1) ** 3),
    ("max(amount, 100)", 3, D("100.00")), ("min(amount, discount, rate)", 1, D("0.033333")), 
    ("sum(amount, discount, 1)", 1, D("1235.6250")), ("average(amount, quantity)", 3, None), ("average(amount, quantity)", 1, D("620.7500000000")),
    ("amount > 100", 1, True), ("amount > 100", 3, False), ("not amount > 100", 3, True), ("amount <= discount", 2, True),
    ("amount == blank", 3, True), ("amount == discount", 3, True), ("amount != 5", 3, True), ("amount != discount", 3, False),
    ("quantity == 999999999999999999", 4, True), ("quantity * 10 > amount * 2", 4, True), ("quantity * 100 == quantity * 100", 4, True),
    ("quantity * 1000 != quantity", 4, True), ("quantity * amount == quantity * amount", 3, True),
    ("kept + 1", 1, D("6.00")), ("kept + 1", 2, None), ("kept * 2 / 3", 2, None), ("amount in [1, -0.05]", 2, True), ("quantity in [1, blank]", 3, True),
    ("quantity not in [7, 8]", 1, False), ("0 < quantity <= 7", 1, True), ("amount + 10%", 1, D("1234.60")), ("discount > 10% and amount > 5", 1, True),
    ("if(amount > 0, amount / 3, 0) * 3", 1, D("1234.5000000000")), ("(amount / 3 if important else quantity) * 3", 1, D("1234.5000000000")),
    ("coalesce(amount / quantity, 1) * 2", 3, D("2.0000000000")), ("clamp(amount, 0, 100)", 1, D("100.00")), ("between(amount, 0, 2000)", 1, True),
    ("tier(amount, [0, 100], [1%, 2%, 3%])", 1, D("0.03")), ("tier(amount, [0, 100], [1%, 2%, 3%])", 3, D("0.01")),
    ("bracket(amount, [100, 1000], [1%, 2%, 3%])", 1, D("26.0350")), ("bracket(amount, [100, 1000], [1%, 2%, 3%])", 4, D("299999999999988.9997")),
    ("bracket(200000, b.up_to, b.rate for b in hrm.tax_bracket if b.year == 2026)", 1, D("23080.000000")),
    ("bracket(amount * 100, b.up_to, b.rate for b in hrm.tax_bracket if b.year == year(won_on))", 1, D("9825.000000")),
    ("bracket(1000000, b.up_to, b.rate for b in hrm.tax_bracket if b.year == 2026)", 3, D("268080.000000")),
    ("tier(amount * 100, b.up_to, b.rate for b in hrm.tax_bracket if b.year == 2026)", 1, D("0.1000")),
    # texts
    ('name & " " & quantity', 1, "First 7"), ("name & amount", 3, None), ('amount & ""', 1, "1234.5"), ('"" & rate', 2, "-2.5"),
    ('upper(name) & lower("ÀB")', 2, "SECONDàb"), ("len(name)", 3, 0), ("left(name, 2) & right(name, 2)", 1, "Fist"), ("mid(name, quantity, 2)", 2, "Se"),
    ('contains(name, "irs")', 1, True), ('contains(name, "")', 3, True), ("find(\"s\", name)", 1, 4), ('substitute(name, "r", "l")', 1, "Filst"),
    ('name == ""', 3, True), ('name != ""', 1, True), ("isblank(name)", 3, True), ('name < "G"', 1, True), ('name < "G"', 3, False),
    ("text(amount, 1)", 1, "1234.5"), ("text(amount, 0)", 2, "0"), ("text(amount, 3)", 1, "1234.500"), ("text(quantity)", 4, "999999999999999999"),
    ('"a""b" & \'c\'', 1, 'a"bc'), ("text(won_on)", 1, "2026-01-31"), ("text(starts)", 1, "09:30"), ("text(important)", 2, "no"),
    ("text(created_at)", 1, "2026-01-02 02:00"), ("text(created_at)", 3, None), ("text(effort)", 1, "18000"), ("value(text(amount))", 1, D("1234.5000000000")),
    ("stage & name", 1, "wonFirst"), ("textjoin(\"-\", name, stage, quantity)", 3, None), ("textjoin(\"-\", name, stage, quantity)", 1, "First-won-7"),
    # choices
    ('stage == "won"', 1, True), ('stage == "won"', 3, False), ('stage != "won"', 3, True), ("stage.probability", 2, D("0.1")), ("stage.probability", 3, None),
    ("amount * stage.probability", 1, D("1234.500")), ("stage.open", 2, True), ("stage.open", 3, None), ("not stage.open", 3, True),
    ('stage in ["won", "lost"]', 4, True), ('"vip" in tags', 1, True), ('"new" in tags', 1, False), ('"vip" in tags', 3, False), ('not "vip" in tags', 3, True),
    ('switch(stage, "won", 1, "lead", 2, 0)', 2, 2), ('if(stage == "won", name, "none")', 3, "none"),
    # yes or no
    ("important", 3, None), ("important and quantity > 0", 1, True), ("not important", 3, True), ("important == false", 3, False), ("important == false", 2, True),
    ("important or stage.open", 2, True), ("xor(important, true)", 3, True), ("isblank(important)", 3, True),
    # days
    ("won_on + 1", 1, date(2026, 2, 1)), ("won_on + 1", 4, None), ("won_on + quantity", 2, date(2024, 2, 26)), ("won_on - 31", 1, date(2025, 12, 31)), ("won_on + 5", 3, None),
    ("won_on + quantity", 4, None), ("edate(won_on, 1)", 1, date(2026, 2, 28)), ("edate(won_on, 12)", 2, date(2025, 2, 28)), ("edate(won_on, 1)", 4, None),
    ("eomonth(won_on, 0)", 4, date(9999, 12, 31)), ("bomonth(won_on)", 4, date(9999, 12, 1)), ("year(won_on) * 100 + month(won_on)", 2, 202402), ("day(won_on)", 3, None),
    ('won_on - date("2026-01-01")', 1, 30), ('won_on >= "2026-01-31"', 1, True), ('won_on < "2026-01-31"', 3, False), ("weekday(won_on)", 1, 7), ("weekday(won_on, 2)", 1, 6),
    ("quarter(created_at)", 2, 3), ("daysinmonth(won_on)", 2, 29), ('datedif(won_on, today(), "m")', 1, 5), ('datedif(won_on, today(), "y")', 2, 2), ('datedif(won_on, today(), "ym")', 2, 4),
    ('datedif(won_on, today(), "d")', 4, None), ("today()", 3, date(2026, 7, 16)), ("date(created_at)", 1, date(2026, 1, 2)), ("date(created_at) == today()", 2, True),
    ("hour(created_at)", 1, 2), ("minute(starts)", 1, 30), ("second(created_at)", 1, 5), ("year(created_at)", 4, 2025), ("isoweeknum(won_on)", 1, 5),
    ("date(year(won_on), month(won_on) + 1, 0)", 2, date(2024, 2, 29)), ("month + 1", 1, date(2026, 2, 1)), ("month + 1", 4, None), ("month - 12", 2, date(2024, 12, 1)),
    ("month(month)", 2, 12), ("max(won_on, date(2025, 1, 1))", 2, date(2025, 1, 1)), ("min(won_on, blank)", 3, None), ("month <= won_on", 1, True),
    ("now() - created_at", 2, timedelta(minutes=30)), ("created_at + effort", 1, datetime(2026, 1, 1, 23, 0, 5, tzinfo=UTC)), ("created_at - effort < now()", 1, True),
    ("effort * 1.5", 1, timedelta(hours=7, minutes=30)), ("effort / 2", 4, timedelta(seconds=30)), ("effort / effort", 1, D("1.0000000000")), ("effort + effort", 2, timedelta(days=4)),
    ("effort > effort", 3, False), ("starts", 1, time(9, 30)), ('starts < "10:00"', 1, True), ('created_at >= "2026-01-01T00:00:00+08:00"', 1, True), ("effort - effort", 3, None),
    # links
    ("owner.name", 1, "Bo"), ("owner.name", 3, None), ("owner.manager.name", 1, "Ann"), ("owner.manager.manager.department.name", 2, "Sales"), ("account.owner.name", 2, None),
    ("owner == user", 1, True), ("owner == user", 3, False), ("owner.manager == user", 2, True), ("owner.department.head == user", 1, False), ("account.owner == owner", 1, True),
    ("owner == account.owner", 3, True), ("owner != user", 3, True), ("owner", 1, 2), ("user.department.head.name", 3, "Ann"), ("account.credit - amount", 2, D("0.05")),
    ("owner.id == 2", 1, True), ("this.owner.name", 1, "Bo"), ("account.name", 2, "Émile & Co"), ("owner in [user]", 1, True), ('has_role("crm.sales")', 3, True), ('has_role("crm.boss")', 3, False),
    # sets
    ("sum(d.amount for d in deal)", 3, D("10000000000001234.44")), ("count(d for d in crm.deal)", 1, 4), ("sum(d.amount for d in deal if d.owner == owner)", 1, D("10000000000001234.49")),
    ('sum(d.amount for d in deal if d.owner == owner and d.stage == "won")', 1, D("1234.50")), ("count(d for d in deal if d.owner == owner)", 3, 1), ("sum(d.amount for d in deal if false)", 1, D("0.00")),
    ("sum(d.amount * d.discount for d in deal if d.id < 3)", 1, D("154.312500")), ("avg(d.quantity for d in deal if d.id < 4)", 1, D("2.0000000000")), ("avg(d.quantity for d in deal) * 0", 1, D("0E-10")),
    ("max(d.won_on for d in deal if d.won_on < date(2027, 1, 1))", 1, date(2026, 1, 31)), ("min(d.name for d in deal)", 1, "First"), ("max(d.quantity * d.amount for d in deal)", 1, D("9999999999999999980000000000000000.01")),
    ("min(d.rate * d.rate * d.rate for d in deal)", 1, D("-15.625000000000000000")), ("any(d.amount < 0 for d in deal if d.owner == 3)", 1, True), ("all(d.important for d in deal)", 1, False), ("all(d.quantity > 0 for d in deal if d.owner == owner)", 1, True),
    ("count_distinct(d.owner for d in deal)", 1, 2), ("first(d.name for d in deal, by=d.amount)", 1, "Second"), ("last(d.name for d in deal, by=d.won_on)", 1, "Huge"), ("last(d.won_on for d in deal if d.name < \"G\")", 1, date(2026, 1, 31)),
    ('join(d.name for d in deal, " | ", by=d.amount)', 1, "Second | First | Huge"), ("join(d.quantity for d in deal if d.quantity < 100)", 1, "7, -3"), ("join(d.name for d in deal if false)", 1, None),
    ("latest(r.value for r in hrm.rate, on=r.valid_from, at=won_on)", 1, D("0.0600")), ("latest(r.value for r in hrm.rate, on=r.valid_from, at=won_on)", 2, D("0.0100")), ("latest(r.value for r in hrm.rate, on=r.valid_from)", 3, D("0.0600")),
    ("latest(r.value for r in hrm.rate if r.value < 6%, on=r.valid_from, at=today()) * amount", 1, D("61.725000")),
    ("sum(l.quantity * l.price for l in lines)", 1, D("24.05")), ("sum(l.amount for l in lines)", 1, D("24.05")), ("sum(lines.amount)", 1, D("24.05")), ("count(lines)", 2, 1), ("count(lines)", 3, 0),
    ("sum(l.quantity * l.product.price for l in lines)", 1, D("25.05")), ("sum(lines.product.price)", 1, D("12.35")), ("join(l.product.name for l in lines, \"+\")", 1, "Bolt+Nut"), ("first(l.price for l in lines, by=l.position)", 2, D("5.00")),
    ("any(l.price > 10 for l in lines)", 1, True), ("all(l.price > 10 for l in lines)", 3, True), ("count(w for w in watchers)", 1, 2), ("user in watchers", 2, True), ("user in watchers", 1, False), ("user not in watchers", 3, True),
    ("join(w.name for w in watchers)", 1, "Ann"), ("count(watchers.manager)", 1, 1), ("count(d for d in deal if count(l for l in d.lines) > 0)", 3, 2), ("sum(sum(l.price for l in d.lines) for d in deal)", 1, D("16.85")),
    ("count(d for d in deal if user in d.watchers)", 1, 1), ("count(d for d in deal if d.owner.manager == user.manager)", 1, 2), ("sum(d.amount for d in deal if d.won_on >= edate(won_on, -24) and d.id != this.id and d.amount < amount)", 1, D("-0.05")),
    ("count(a for a in account if a.owner == owner) + quantity", 1, 8), ("sum(d.total for d in deal)", 1, D("24.05")), ("total + doubled", 1, D("72.15")), ("sum(d.doubled for d in deal if d.id == 1)", 2, D("0.00")),
    ("avg(l.price for l in lines) * count(lines)", 1, D("11.8500000000")), ("round(amount / count(lines), 2)", 3, None), ("if(any(l.product.price > 1 for l in lines), sum(lines.amount), 0)", 1, D("24.05")),
    # fitted to a type
    ("amount * discount", 1, D("154.31"), MONEY), ("amount / 3", 1, D("411.50"), MONEY), ("rate", 1, 0, WHOLE), ("rate", 2, -3, WHOLE), ("quantity * 1000", 4, None, WHOLE), ("amount * 10", 4, None, MONEY),
    ("amount / 7 / 3 * 21", 1, D("1234.50"), MONEY), ("1 / 3 * 3", 3, D("1.00"), MONEY), ("rate * rate", 2, D("6.2500"), decimal(4)), ("won_on", 1, date(2026, 1, 1), Type(Kind.MONTH)), ("blank", 1, None, MONEY), ("name", 3, None, Type(Kind.TEXT)),
    ('if(amount > 0, "won", "lost")', 1, "won", Type(Kind.CHOICE, options={"won": {}, "lost": {}})), ('"2026-07-01"', 1, date(2026, 7, 1), Type(Kind.DATE)), ("left(\"\", 1)", 1, None, Type(Kind.TEXT)),
]  # fmt: skip


def test_both_answers_are_the_expected_one(company: Any) -> None:
    wrong = []
    for text, number, expected, *type_ in CASES:
        try:
            with company.connection.begin_nested():
                formula = company.check(text, *type_)
                found = [company.in_memory(formula, number), company.in_database(formula, number)]
        except Exception as error:  # noqa: BLE001
            found = [repr(error)[:500]]
        if any((each, type(each), str(each)) != (expected, type(expected), str(expected)) for each in found):
            wrong.append(f"{text} [{number}]: {found} instead of {expected!r}")
    assert not wrong, "\n" + "\n".join(wrong)


CONDITIONS = [
    ("amount > 0", [1, 4]), ("not amount > 0", [2, 3]), ("isblank(owner)", [3]), ('stage != "won"', [2, 3, 4]),
    ("owner == user or owner.manager == user", [1, 2, 4]), ("blank", []), ("true", [1, 2, 3, 4]), ("user in watchers", [2]),
    ("important", [1, 4]), ("amount / 0 > 1", []), ("stage.open", [2]), ("total > 1", [1]), ("not (total > 1 or important)", [2, 3]),
    ('has_role("crm.sales") and quantity < 0', [2]), ("won_on <= today() + 30", [1, 2]), ('"vip" in tags or name = "Huge"', [1, 4]),
    ("discount <> 0", [1, 3, 4]), ("any(l.product.name == \"Bolt\" for l in lines)", [1]),
]  # fmt: skip


def test_conditions_find_records(company: Any) -> None:
    wrong = [(text, company.found(text)) for text, expected in CONDITIONS if company.found(text) != expected]
    assert not wrong
