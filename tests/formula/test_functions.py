"""Every function keeps what its examples say: in memory and in both databases, as a value and in WHERE."""

from typing import Any

from sqlalchemy import select

from engine.formula.check_changes import CHANGES
from engine.formula.compile_sql import condition, moment_parameters
from engine.formula.functions.table import FUNCTIONS, PUBLISHED
from engine.formula.sql_calls import HANDLERS


def test_examples(company: Any) -> None:
    wrong = []
    for function in PUBLISHED.values():
        for formula, value in function.examples:
            found: list[Any] = []
            try:
                with company.connection.begin_nested():
                    checked = company.check(formula, entity="demo.sale", changes=True)
                    found += [company.in_memory(checked, 1), company.in_database(checked, 1)]
            except Exception as error:  # noqa: BLE001
                found.append(repr(error))
            if any(each != value or type(each) is not type(value) for each in found):
                wrong.append((formula, value, found))
    assert not wrong, "\n".join(map(str, wrong))


def test_no_function_lacks_a_form_for_row_rights_and_filters() -> None:
    """Were there one, the check of a definition would have to refuse it there; see the test below too."""
    lacking = [
        name
        for name, function in FUNCTIONS.items()
        if function.plain is not None and function.postgresql is None and name not in HANDLERS
    ]
    assert lacking == []
    silent = [name for name, function in PUBLISHED.items() if not function.examples]
    assert silent == []


def test_every_function_stands_in_a_condition_of_the_database(company: Any) -> None:
    """Each example compared with itself, as a row right or a filter would: all records are found."""
    wrong = []
    for function in PUBLISHED.values():
        if function.name in CHANGES:
            continue
        for formula, _ in function.examples:
            found: Any
            try:
                with company.connection.begin_nested():
                    found = _found(company, f"({formula}) == ({formula})")
            except Exception as error:  # noqa: BLE001
                found = repr(error)
            if found != [1, 2, 3, 4]:
                wrong.append((formula, found))
    assert not wrong, "\n".join(map(str, wrong))


def _found(company: Any, text: str) -> list[int]:
    checked = company.check(text, entity="demo.sale")
    source = company.source("demo.sale")
    holds = condition(checked, company, source, company.dialect)
    statement = select(source.c.id).where(holds).order_by(source.c.id)
    return list(company.connection.execute(statement, moment_parameters(company.moment)).scalars())
