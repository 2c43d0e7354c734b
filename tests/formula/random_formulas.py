"""Random formulas that pass the check, and random deals for them: the same for the same number."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from engine.formula.check import Formula
from engine.problems import DefinitionRefused

DEEPEST = 4
LEAVES: Mapping[str, tuple[str, ...]] = {
    "number": (
        "amount", "discount", "quantity", "rate", "kept", "total", "0", "1", "7", "2.5", "10%", "0.005",
        "stage.probability", "account.credit", "blank", "-3", "100000000",
    ),
    "text": ("name", "owner.name", "account.name", '""', '"abc"', '" é "', "stage", '"-12.5"', "blank"),
    "date": ("won_on", "month", "today()", "date(2024, 2, 29)", "date(2026, 12, 31)", "blank"),
    "instant": ("created_at", "now()"),
    "clock": ("starts",),
    "truth": ("important", "true", "false", "isblank(owner)", "stage.open", 'has_role("crm.sales")'),
    "link": ("owner", "account.owner", "owner.manager", "user"),
}  # fmt: skip
"""What is written without parts, by what it is."""
SHAPES: Mapping[str, tuple[str, ...]] = {
    "number": (
        "({number} + {number})", "({number} - {number})", "({number} * {number})", "({number} / {number})",
        "({number} * {number} / {number})", "({number} / {number} * {number})", "-{number}",
        "({number} % {number})", "({number} ** {small})", "abs({number})", "sign({number})",
        "mod({number}, {number})", "quotient({number}, {number})", "sum({number}, {number})",
        "min({number}, {number})", "max({number}, {number}, {number})", "average({number}, {number})",
        "product({number}, {number})", "clamp({number}, {number}, {number})", "round({number}, {places})",
        "roundup({number}, {places})", "rounddown({number}, {places})", "trunc({number}, {places})",
        "int({number})", "ceiling({number}, {step})", "floor({number}, {step})", "mround({number}, {step})",
        "if({truth}, {number}, {number})", "ifs({truth}, {number}, {truth}, {number}, {number})",
        'switch(stage, "won", {number}, "lost", {number}, {number})', "coalesce({number}, {number})",
        "nullif({number}, {number})", "len({text})", "value({text})", "gcd({number}, {number})",
        "year({date})", "month({date})", "day({date})", "days({date}, {date})", "weekday({date})",
        "isoweeknum({date})", "quarter({date})", "daysinmonth({date})", 'datedif({date}, {date}, "m")',
        'datedif({date}, {date}, "y")', 'datedif({date}, {date}, "d")', "({date} - {date})",
        "hour({instant})", "minute({clock})", "second({clock})", "find({text}, {text})",
        "tier({number}, [10, 1000], [1, 2.5, 3])", "bracket({number}, [100, 5000.5], [3%, 10%, 45%])",
        "count(lines)", "sum(l.amount for l in lines)", "sum(l.quantity * {row} for l in lines)",
        "min(l.price for l in lines)", "avg({row} for l in lines if l.quantity > 1)",
        "max(l.price * l.quantity / 7 for l in lines)", "count(l for l in lines if {row} < {number})",
        "count_distinct(l.product for l in lines)", "sum({row} / 3 for l in lines if l.price <= {number})",
        "first(l.price for l in lines, by=l.quantity)", "last(l.quantity for l in lines, by=l.price)",
        "sum(d.amount for d in deal if d.owner == owner)", "count(d for d in deal if d.won_on <= {date})",
        "max(d.amount for d in deal if d.owner == {link} and d.stage == stage)",
        "bracket({number}, b.up_to, b.rate for b in hrm.tax_bracket if b.year == 2026)",
        "bracket({number}, b.up_to, b.rate for b in hrm.tax_bracket if b.year == year(won_on))",
        "latest(r.value for r in hrm.rate, on=r.valid_from, at={date})", "count(watchers)",
    ),
    "text": (
        "({text} & {text})", "({text} & {number})", "left({text}, {small})", "right({text}, {small})",
        "mid({text}, {size}, {small})", "upper({text})", "lower({text})", "trim({text})",
        "if({truth}, {text}, {text})", "coalesce({text}, {text})", "concat({text}, {number}, {text})",
        'textjoin("-", {text}, {text})', "substitute({text}, {text}, {text})", "rept({text}, {small})",
        "replace({text}, {size}, {small}, {text})", 'lpad({text}, {size}, "0")', 'rpad({text}, {size}, "*")',
        "text({number}, {size})", "join(l.product.name for l in lines)", "join(w.name for w in watchers)",
        "nullif({text}, {text})", 'switch({text}, "abc", {text}, {text})',
    ),
    "date": (
        "({date} + {small})", "({date} - {small})", "edate({date}, {number})", "eomonth({date}, {small})",
        "bomonth({date})", "if({truth}, {date}, {date})", "coalesce({date}, {date})", "min({date}, {date})",
        "max({date}, {date})", "date({year}, {number}, {number})",
        "max(d.won_on for d in deal if d.owner == {link})",
    ),
    "instant": ("if({truth}, {instant}, {instant})", "coalesce({instant}, {instant})"),
    "clock": ("if({truth}, {clock}, {clock})", "max({clock}, {clock})"),
    "truth": (
        "{number} < {number}", "{number} >= {number}", "{number} == {number}", "{number} != {number}",
        "{number} <= {number} < {number}", "{text} == {text}", "{text} != {text}", "{text} < {text}",
        "{date} <= {date}", "{date} == {date}", "{date} != {date}", "{instant} < {instant}",
        "{clock} >= {clock}", "({truth} and {truth})", "({truth} or {truth})", "not {truth}",
        "xor({truth}, {truth})", "between({number}, {number}, {number})", "isblank({number})",
        "isblank({text})", "isblank({date})", "contains({text}, {text})", "startswith({text}, {text})",
        "endswith({text}, {text})", "exact({text}, {text})", 'stage == "won"', 'stage in ["won", "lost"]',
        "{number} in [1, 2.5, 0]", '"vip" in tags', '"new" not in tags', "{link} == {link}",
        "{link} != user", "user in watchers", "any(l.price > {number} for l in lines)",
        "all({row} != {number} for l in lines)", "if({truth}, {truth}, {truth})", "isblank({link})",
        "any(d.amount > {number} for d in deal if d.account == account)",
    ),
    "link": ("coalesce({link}, {link})", "if({truth}, {link}, {link})"),
}  # fmt: skip
"""What is written with parts between braces."""
WRITTEN: Mapping[str, tuple[str, ...]] = {
    "small": ("0", "1", "2", "3"),
    "size": ("1", "2", "5"),
    "places": ("-2", "-1", "0", "1", "2", "4"),
    "step": ("1", "0.5", "0.05", "10", "7"),
    "year": ("2024", "2025", "2026", "year(won_on)"),
    "row": ("l.price", "l.quantity", "l.amount", "l.position", "l.product.price", "(l.price * l.quantity)"),
}
RESULTS = ("number", "number", "number", "text", "date", "truth", "instant", "link")


def random_formula(company: Any, number: int) -> Formula:
    """A formula of the deals, drawn again until it passes the check: too deep or too wide ones do not."""
    chance = Random(number)
    while True:
        text = part(chance, chance.choice(RESULTS), chance.randint(1, DEEPEST))
        try:
            formula: Formula = company.check(text)
        except DefinitionRefused:
            continue
        return formula


def part(chance: Random, what: str, depth: int) -> str:
    """A text of the language that is a number, a text, a date and so on."""
    if what in WRITTEN:
        return chance.choice(WRITTEN[what])
    if depth == 0 or chance.random() < 0.1:
        return chance.choice(LEAVES[what])
    pieces = chance.choice(SHAPES[what]).split("{")
    written = pieces[0]
    for piece in pieces[1:]:
        inner, _, rest = piece.partition("}")
        written += part(chance, inner, depth - 1) + rest
    return written


def random_deal(chance: Random, number: int) -> dict[str, Any]:
    """A deal of which any value can be blank or at its limit."""

    def one(*values: Any) -> Any:
        return chance.choice((*values, None))

    cents = (0, 1, -1, 5, -5, 50, chance.randint(-(10**6), 10**6), chance.randint(-(10**17), 10**17))
    day = date(2024, 1, 1) + timedelta(days=chance.randrange(1100))
    return {
        "id": number,
        "name": one("abc", "ABC é", " a  b ", "-12.50", "12", "日本", "a" * 30, "%_", "'", '"'),
        "amount": one(*(Decimal(each).scaleb(-2) for each in cents)),
        "discount": one(*(Decimal(each).scaleb(-4) for each in (0, 1, 1250, -3333, 10**9 - 1))),
        "owner": one(1, 2, 3),
        "account": one(1, 2),
        "won_on": one(day, day.replace(day=1), date(2024, 2, 29), date(2026, 1, 31)),
        "created_at": one(
            datetime(2026, 3, 1, 16, 30, 5, tzinfo=UTC) + timedelta(hours=chance.randrange(9000))
        ),
        "stage": one("lead", "won", "lost"),
        "quantity": one(0, 1, -1, 7, chance.randint(-100, 100), 10**18 - 1),
        "rate": one(*(Decimal(each).scaleb(-6) for each in (0, 500_000, -2_500_000, 10**18 - 1, 33_333))),
        "important": one(True, False),
        "tags": one(",vip,", ",vip,new,", ",big,"),
        "starts": one(time(0, 0), time(9, 30, 15), time(23, 59, 59)),
        "effort": one(timedelta(hours=5), timedelta(days=2)),
        "month": one(day.replace(day=1)),
        "kept": one(Decimal(chance.choice(cents)).scaleb(-2)),
    }


def random_lines(chance: Random, deal: int) -> list[dict[str, Any]]:
    """The child rows of a deal."""
    return [
        {
            "id": deal * 10 + position,
            "deal": deal,
            "position": position,
            "product": chance.choice((1, 2, None)),
            "quantity": chance.choice((0, 1, 3, -2, chance.randint(-1000, 1000), None)),
            "price": chance.choice(
                (Decimal(chance.randint(-(10**6), 10**6)).scaleb(-2), Decimal("0.35"), None)
            ),
        }
        for position in range(1, chance.randint(1, 5))
    ]
