"""Names stay inside what PostgreSQL keeps, and stay different."""

import pytest

from engine.schema import names

LONG = "a" * 40


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (names.table_name("crm.deal"), "crm__deal"),
        (names.links_table_name("crm.deal", "rivals"), "crm__deal__rivals"),
        (names.frozen_marker("approved"), "_frozen_approved"),
        (names.index_name("crm__deal", ["owner", "stage"]), "ix_crm__deal__owner_stage"),
        (names.unique_name("crm__deal", ["name"]), "uq_crm__deal__name"),
        (names.foreign_key_name("crm__deal", "account"), "fk_crm__deal__account"),
        (names.primary_key_name("crm__deal"), "pk_crm__deal"),
        (names.check_name("crm__deal", "rate", "0..1"), "ck_crm__deal__rate_6527247a"),
    ],
)
def test_a_name(made: str, name: str) -> None:
    assert made == name


def test_long_names_are_cut_and_stay_different() -> None:
    made = {names.index_name(f"{LONG}__{LONG}", [f"{LONG}{end}"]) for end in "bcd"}
    assert len(made) == 3
    assert {len(name) for name in made} == {63}


def test_chinese_letters_count_as_the_bytes_that_they_take() -> None:
    assert len(names.shortened("商" * 30).encode()) <= 63


def test_other_limits_are_another_check() -> None:
    assert names.check_name("t", "c", "0..1") != names.check_name("t", "c", "0..2")
