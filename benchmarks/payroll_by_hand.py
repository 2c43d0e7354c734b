"""The payroll of benchmarks/payroll.py as a person writes it in SQL, for each database."""

SQLITE_HALF_UP = "(({0}) + CASE WHEN ({0}) < 0 THEN -{1} / 2 ELSE {1} / 2 END) / {1}"


def sqlite_rounded(numerator: str, divisor: int) -> str:
    """A whole number divided and rounded half up."""
    return SQLITE_HALF_UP.format(numerator, divisor)


SALES = {
    "postgresql": """SELECT d.owner, p.id AS period, sum(d.amount) AS won, count(*) AS deals
      FROM pay__deal d JOIN pay__period p ON d.won_on BETWEEN p.start AND p."end"
      WHERE d.status = 'won' AND p.id = {period} GROUP BY d.owner, p.id""",
    "sqlite": """SELECT d.owner, p.id AS period, sum(d.amount) AS won, count(*) AS deals
      FROM pay__deal d JOIN pay__period p ON d.won_on BETWEEN p.start AND p."end"
      WHERE d.status = 'won' AND p.id = {period} GROUP BY d.owner, p.id""",
}
EARNED = {
    "postgresql": """SELECT s.id, s.employee, s.base, s.overtime_pay, s.social_insurance,
      s.special_deductions,
      coalesce(w.won, 0) AS won, coalesce(w.deals, 0) AS deals,
      round(coalesce(w.won, 0) * e.commission_rate, 2) AS commission,
      CASE WHEN w.deals > 3 THEN round(w.won / w.deals / 100, 2) ELSE 0 END AS bonus
      FROM pay__payslip s JOIN pay__employee e ON e.id = s.employee
      LEFT JOIN sales w ON w.owner = e.person WHERE s.period = {period}""",
    "sqlite": f"""SELECT s.id, s.employee, s.base, s.overtime_pay, s.social_insurance, s.special_deductions,
      coalesce(w.won, 0) AS won, coalesce(w.deals, 0) AS deals,
      {sqlite_rounded("coalesce(w.won, 0) * e.commission_rate", 10_000)} AS commission,
      CASE WHEN w.deals > 3 THEN (2 * w.won + 100 * w.deals) / (200 * w.deals) ELSE 0 END AS bonus
      FROM pay__payslip s JOIN pay__employee e ON e.id = s.employee
      LEFT JOIN sales w ON w.owner = e.person WHERE s.period = {{period}}""",
}
BASIC = {"postgresql": "5000", "sqlite": "500000"}
SLICE = {
    "postgresql": """SELECT coalesce(sum(greatest(least(t.to_date, coalesce(b.up_to, t.to_date)) - b.lower, 0)
      * b.rate), 0) FROM slices b""",
    "sqlite": """SELECT coalesce(sum(max(min(t.to_date, coalesce(b.up_to, t.to_date)) - b.lower, 0)
      * b.rate), 0) FROM slices b""",
}
ROUND_TAX = {"postgresql": "round({0}, 2)", "sqlite": "(({0}) + 5000) / 10000"}
LARGER = {"postgresql": "greatest", "sqlite": "max"}


def payslips(dialect: str, period: int) -> str:
    """All computed numbers of the payslips of a period, as a WITH clause that ends in `result`."""
    slice_ = SLICE[dialect]
    return f"""WITH sales AS MATERIALIZED ({SALES[dialect].format(period=period)}),
    slices AS MATERIALIZED (SELECT up_to, rate,
      coalesce(lag(up_to) OVER (ORDER BY up_to NULLS LAST), 0) AS lower
      FROM pay__bracket WHERE year = 2026),
    before AS MATERIALIZED (SELECT p.employee, sum(p.taxable) AS taxable, sum(p.tax) AS tax
      FROM pay__payslip p JOIN pay__period q ON q.id = p.period
      WHERE q.start < (SELECT start FROM pay__period WHERE id = {period}) GROUP BY p.employee),
    earned AS MATERIALIZED ({EARNED[dialect].format(period=period)}),
    taxed AS MATERIALIZED (SELECT e.*, e.base + e.overtime_pay + e.commission + e.bonus AS gross,
      e.base + e.overtime_pay + e.commission + e.bonus - {BASIC[dialect]} - e.social_insurance
      - e.special_deductions AS taxable, coalesce(b.taxable, 0) AS taxable_before,
      coalesce(b.tax, 0) AS withheld FROM earned e LEFT JOIN before b ON b.employee = e.employee),
    t AS MATERIALIZED (SELECT taxed.*, taxable + taxable_before AS to_date FROM taxed),
    owed AS MATERIALIZED (SELECT t.*, {ROUND_TAX[dialect].format(f"({slice_})")} AS tax_to_date FROM t),
    result AS MATERIALIZED (SELECT owed.*, {LARGER[dialect]}(0, tax_to_date - withheld) AS tax,
      gross - social_insurance - {LARGER[dialect]}(0, tax_to_date - withheld) AS net FROM owed)
    """


def totals(dialect: str, period: int) -> str:
    """The sums of all computed numbers of a period."""
    return f"""{payslips(dialect, period)}
    SELECT sum(won), sum(deals), sum(commission), sum(bonus), sum(gross), sum(taxable), sum(to_date),
    sum(tax_to_date), sum(withheld), sum(tax), sum(net) FROM result"""


def freeze(dialect: str, period: int) -> str:
    """Stores all computed numbers of a period."""
    return f"""{payslips(dialect, period)}
    UPDATE plain_payslip SET sales_won = r.won, deals_won = r.deals, commission = r.commission,
    bonus = r.bonus, gross = r.gross, taxable = r.taxable, taxable_to_date = r.to_date,
    tax_to_date = r.tax_to_date, tax_withheld = r.withheld, tax = r.tax, net = r.net, _frozen_approved = 1
    FROM result r WHERE r.id = plain_payslip.id"""
