"""Every function keeps what its examples say: in memory, on SQLite and on PostgreSQL."""

from typing import Any

from engine.formula.functions.table import PUBLISHED


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
