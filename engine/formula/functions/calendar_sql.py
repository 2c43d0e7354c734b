"""Days and months in PostgreSQL's SQL, with the same bounds as in memory: the years 1 to 9999."""

from collections.abc import Callable

from sqlalchemy import BigInteger, Date, Integer, case, cast, func, literal_column

from engine.formula.functions.calendar import DAYS_ON_EARTH, MONTHS_ON_EARTH
from engine.formula.functions.function import (
    Expression,
    whole,
)
from engine.formula.sql_value import bind


def extract(field: str) -> Callable[[Expression], Expression]:
    """A part of a date, such as its `year`, as a database integer."""
    from_ = {"year": "YEAR"}.get(field, field)
    return lambda day: func.date_part(literal_column(f"'{from_}'"), day).cast(Integer)


def earthly(day: Expression) -> Expression:
    """The date, or blank outside the years 1 to 9999."""
    first: Expression = literal_column("DATE '0001-01-01'")
    last: Expression = literal_column("DATE '9999-12-31'")
    return bind([day], lambda each: case((each.between(first, last), each)), Date())


def add_days_sql(day: Expression, count: Expression) -> Expression:
    """`add_days` on PostgreSQL."""

    def body(start: Expression, number: Expression) -> Expression:
        # PostgreSQL knows no days before the year -4713: it suffices to come out before the year 1.
        first: Expression = literal_column("DATE '0001-01-01'")
        least = first - start - literal_column("1")
        days = func.greatest(whole(number, -DAYS_ON_EARTH, DAYS_ON_EARTH), least)
        inside = func.abs(number) <= literal_column(str(DAYS_ON_EARTH))
        return case((inside, earthly(cast(start + days, Date))))

    return bind([cast(day, Date), count], body, Date())


def add_months_sql(day: Expression, count: Expression) -> Expression:
    """`add_months` on PostgreSQL."""

    def body(start: Expression, number: Expression) -> Expression:
        back = (extract("year")(start) + literal_column("1")) * literal_column("12")
        months = func.greatest(whole(number, -MONTHS_ON_EARTH, MONTHS_ON_EARTH), -back)
        inside = func.abs(number) <= literal_column(str(MONTHS_ON_EARTH))
        return case((inside, earthly(cast(start + _months(months), Date))))

    return bind([cast(day, Date), count], body, Date())


def _months(count: Expression) -> Expression:
    return func.make_interval(literal_column("0"), count)


def begin_of_month_sql(day: Expression, count: Expression) -> Expression:
    """`begin_of_month` on PostgreSQL."""
    return cast(func.date_trunc(literal_column("'month'"), add_months_sql(day, count)), Date)


def end_of_month_sql(day: Expression, count: Expression) -> Expression:
    """`end_of_month` on PostgreSQL."""
    first = func.date_trunc(literal_column("'month'"), add_months_sql(day, count))
    return cast(first + literal_column("INTERVAL '1 month - 1 day'"), Date)


def calendar_sql(year: Expression, month: Expression, day: Expression) -> Expression:
    """`calendar` on PostgreSQL."""
    inside = year.between(literal_column("1"), literal_column("9999"))
    first = func.make_date(whole(year, 1, 9999), literal_column("1"), literal_column("1"))
    return case((inside, add_days_sql(add_months_sql(first, month - 1), day - 1)))


def months_between_sql(later: Expression, earlier: Expression) -> Expression:
    """`months_between` on PostgreSQL."""
    year, month = extract("year"), extract("month")
    return (year(later) - year(earlier)) * literal_column("12") + month(later) - month(earlier)


def complete_months_sql(start: Expression, end: Expression) -> Expression:
    """`complete_months` on PostgreSQL."""
    day = extract("day")
    incomplete = case((day(end) < day(start), literal_column("1")), else_=literal_column("0"))
    return case((end >= start, months_between_sql(end, start) - incomplete))


def days_in_month_sql(day: Expression) -> Expression:
    """The number of days of a month on PostgreSQL."""
    return extract("day")(end_of_month_sql(day, literal_column("0")))


def substring(start: int, length: int) -> Callable[[Expression], Expression]:
    """A part of a date on SQLite, where dates are texts."""
    places: tuple[Expression, Expression] = literal_column(str(start)), literal_column(str(length))
    return lambda day: cast(func.substr(day, *places), BigInteger)


def seconds(length: Expression) -> Expression:
    """Seconds as an interval."""
    zero: Expression = literal_column("0")
    return func.make_interval(zero, zero, zero, zero, zero, zero, length)
