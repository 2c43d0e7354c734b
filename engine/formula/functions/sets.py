"""Functions over records, and functions of tables of limits.

What they do is written in `check_sets.py` (their types) and `sql_sets.py`; here is what the documentation and
the tests know of them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.formula.exact import Number
from engine.formula.exact import add as exact_sum
from engine.formula.exact import multiply as exact_product
from engine.formula.exact import subtract as exact_difference
from engine.formula.functions.function import ANY, NUMBER, Function, Parameter, table, words

SAMPLE = (
    {
        "city": "Beijing",
        "amount": Decimal("100.50"),
        "rate": Decimal("0.03"),
        "sold_on": "2026-01-05",
        "won": True,
    },
    {
        "city": "Shanghai",
        "amount": Decimal("20.25"),
        "rate": Decimal("0.10"),
        "sold_on": "2026-02-28",
        "won": False,
    },
    {"city": "Beijing", "amount": None, "rate": Decimal("0.20"), "sold_on": "2026-03-01", "won": True},
    {"city": None, "amount": Decimal("-5.00"), "rate": Decimal("0.25"), "sold_on": None, "won": None},
)
"""The records of the entity `sale` that the examples of set functions are computed with."""


def bracket_total(value: Number | None, limits: Sequence[Number], rates: Sequence[Number]) -> Number | None:
    """The sum of each slice of `value` times its rate; the last rate has no upper limit when it has none."""
    if value is None:
        return None
    total: Number | None = 0
    lower: Number = 0
    for index, rate in enumerate(rates):
        upper = min(value, limits[index]) if index < len(limits) else value
        if upper > lower:
            total = exact_sum(total, exact_product(exact_difference(upper, lower), rate))
            lower = upper
    return total


def tier_value(value: Any, limits: Sequence[Any], results: Sequence[Any]) -> Any:
    """The result of the first limit that `value` does not exceed; the last result where there is no limit."""
    if value is None:
        return None
    for limit, result in zip(limits, results, strict=False):
        if value <= limit:
            return result
    return results[len(limits)] if len(results) > len(limits) else None


def _over(
    name: str,
    written: str,
    en: str,
    zh: str,
    *examples: tuple[str, Any],
    parameters: tuple[Parameter, ...] = (),
) -> Function:
    return Function(name, "records", parameters, words(en, zh), examples, over_records=written)


D = Decimal
SETS: Mapping[str, Function] = table(
    _over(
        "count",
        "count(record for record in records if condition)",
        "How many records there are, or how many values that are not blank.",
        "记录数，或非空值的个数。",
        ("count(s for s in sale)", 4),
        ("count(s.amount for s in sale)", 3),
        ("count(s for s in sale if s.won)", 2),
    ),
    _over(
        "avg",
        "avg(value for record in records if condition)",
        "The mean; blanks do not count.",
        "平均值，空值不计。",
        ("round(avg(s.amount for s in sale), 2)", D("38.58")),
        ('avg(s.amount for s in sale if s.city == "X")', None),
        ('avg(s.amount for s in sale if s.city == "Nowhere")', None),
    ),
    _over(
        "any",
        "any(condition for record in records if condition)",
        "Whether the condition holds for at least one record.",
        "是否至少有一条记录满足条件。",
        ("any(s.amount > 100 for s in sale)", True),
        ("any(s.amount > 1000 for s in sale)", False),
        ('any(s.won for s in sale if s.city == "Nowhere")', False),
    ),
    _over(
        "all",
        "all(condition for record in records if condition)",
        "Whether the condition holds for every record.",
        "是否每条记录都满足条件。",
        ("all(s.rate < 1 for s in sale)", True),
        ("all(s.amount > 0 for s in sale)", False),
        ('all(s.won for s in sale if s.city == "Nowhere")', True),
    ),
    _over(
        "count_distinct",
        "count_distinct(value for record in records if condition)",
        "How many different values there are; blanks do not count.",
        "不同值的个数，空值不计。",
        ("count_distinct(s.city for s in sale)", 2),
        ("count_distinct(s.city for s in sale if s.amount > 1000)", 0),
    ),
    _over(
        "first",
        "first(value for record in records if condition, by=value)",
        "The value of the first record in the order of `by`, without it of the one created first.",
        "按 by 排序的第一条记录的值；没有 by 时取最早创建的记录。",
        ("first(s.amount for s in sale)", D("100.50")),
        ("first(s.rate for s in sale, by=s.amount)", D("0.25")),
        ("first(s.city for s in sale if s.amount > 1000, by=s.amount)", None),
    ),
    _over(
        "last",
        "last(value for record in records if condition, by=value)",
        "The value of the last record in the order of `by`, without it of the one created last.",
        "按 by 排序的最后一条记录的值；没有 by 时取最后创建的记录。",
        ("last(s.rate for s in sale, by=s.sold_on)", D("0.20")),
        ("last(s.rate for s in sale, by=s.amount)", D("0.03")),
        ("last(s.city for s in sale if s.amount > 1000, by=s.amount)", None),
    ),
    _over(
        "join",
        "join(text for record in records if condition, separator, by=value)",
        "The texts of the records, joined; blanks are left out.",
        "连接各记录的文本，空值略去。",
        ('join(s.city for s in sale, ", ")', "Beijing, Shanghai, Beijing"),
        ('join(s.city for s in sale if s.won, "/", by=s.sold_on)', "Beijing/Beijing"),
        ('join(s.city for s in sale if s.amount > 1000, ", ")', None),
    ),
    _over(
        "latest",
        "latest(value for record in records if condition, on=day, at=day)",
        "The value that is in force on a day: of the record whose `on` is the last one up to `at` (today).",
        "某日有效的值：on 不晚于 at（默认今天）的最后一条记录的值。",
        ("latest(s.rate for s in sale, on=s.sold_on, at=date(2026, 2, 28))", D("0.10")),
        ("latest(s.rate for s in sale, on=s.sold_on, at=date(2025, 1, 1))", D("0.25")),
        ("latest(s.rate for s in sale, on=s.sold_on, at=date(2020, 1, 1))", D("0.2500")),
    ),
    _over(
        "previous",
        "previous(value for record in records if condition, on=day, at=day)",
        "The value of the last record before a day: of the greatest `on` that is less than at (today).",
        "某日之前最近一条记录的值：on 早于 at（默认今天）的最后一条。",
        ("previous(s.rate for s in sale, on=s.sold_on, at=date(2026, 2, 28))", D("0.03")),
        ("previous(s.rate for s in sale, on=s.sold_on, at=date(2026, 1, 5))", None),
        ("previous(s.rate for s in sale, on=s.sold_on, at=blank)", None),
    ),
    _over(
        "xlookup",
        "xlookup(wanted, key, value for record in records if condition)",
        "The value of the first record whose key is the wanted one; blank when there is none.",
        "键与所找的值相等的第一条记录的值，没有则为空。",
        ('xlookup("Shanghai", s.city, s.amount for s in sale)', D("20.25")),
        ('xlookup("Beijing", s.city, s.rate for s in sale if s.amount > 200)', None),
        ('xlookup("Paris", s.city, s.rate for s in sale)', None),
    ),
    _over(
        "bracket",
        "bracket(number, limit, rate for record in records if condition)",
        "Progressive slices: each part of a number up to a limit at its rate; a blank limit is none.",
        "分段累进：数额中每一段按该段的比率计算；上限为空表示无上限。",
        ("bracket(200000, [36000, 144000, 300000], [3%, 10%, 20%])", D("23080.00")),
        ("bracket(50, [36000, 144000], [3%, 10%, 20%])", D("1.50")),
        ("bracket(-5, [10], [3%, 10%])", D("0.00")),
        ("bracket(150, s.amount, s.rate for s in sale if s.amount > 0)", D("4.4325")),
        parameters=(Parameter("number", NUMBER, "zero"), Parameter("limits", ANY), Parameter("rates", ANY)),
    ),
    _over(
        "tier",
        "tier(number, limit, result for record in records if condition)",
        "One result for all of a number: that of the lowest limit not exceeded; a blank limit is none.",
        "全额分档：取数额未超过的最低上限所对应的结果；上限为空表示无上限。",
        ('tier(80, [59, 74, 89], ["D", "C", "B", "A"])', "B"),
        ("tier(100, [59], [1, 2])", 2),
        ("tier(60, [59], [1])", None),
        ("tier(50, s.amount, s.rate for s in sale if s.amount > 0)", D("0.03")),
        parameters=(Parameter("number", NUMBER, "zero"), Parameter("limits", ANY), Parameter("results", ANY)),
    ),
)
