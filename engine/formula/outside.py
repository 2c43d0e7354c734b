"""Fetches what formulas need from outside a record that is at hand in memory, in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from engine.formula.check import Formula
from engine.formula.compile_sql import Compiler, Tables, moment_parameters
from engine.formula.construct import settle
from engine.formula.evaluate import Moment
from engine.formula.nodes import outside_key, outside_parts


def outside_select(formulas: Sequence[Formula], tables: Tables, dialect: str) -> Select[Any] | None:
    """A statement with one row, whose columns are the keys of `outside` in `evaluate`.

    None when all formulas need nothing but their record.
    Its bind parameters are own_<field> for the fields in `Formula.own`, prior_<field> for those in
    `Formula.prior_types`, and those of `moment_parameters`;
    `outside_parameters` gives them all.
    """
    columns = {}
    for formula in formulas:
        compiler = Compiler.without_row(formula, tables, dialect)
        for part in outside_parts(formula.tree):
            key = outside_key(part)
            if key not in columns:
                columns[key] = compiler.result(part, settle(part).type).label(key)
    return select(*columns.values()) if columns else None


def outside_parameters(
    formulas: Sequence[Formula],
    own: Mapping[str, Any],
    moment: Moment,
    prior: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of all bind parameters of `outside_select`; a field missing in `own` is blank.

    `prior` are the fields as they were saved, as in `evaluate`.
    """
    values = moment_parameters(moment)
    saved = own if prior is None else prior
    for formula in formulas:
        values.update({f"own_{name}": own.get(name) for name in formula.own})
        values.update({f"prior_{name}": saved.get(name) for name in formula.prior_types})
    return values
