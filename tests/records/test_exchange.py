"""Import and export of CSV on both databases: titles, ids, refusals by row, and the way back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.access.actors import find_actor
from engine.problems import InputRefused, Malformed, NotAllowed, Problem
from engine.records.exchange import Imported, ImportRefused, import_csv
from engine.records.export import export_csv
from engine.records.query import Query
from engine.records.read import page
from engine.records.sheet import read_sheet
from engine.transaction import SYSTEM, Actor
from tests.blueprints.api.shop import Shop, open_shop

ALL = Query(sort=(("id", False),), limit=1000)


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(database_url, tmp_path / "data") as opened:
        yield opened


def imported(shop: Shop, key: str, text: str, actor: Actor = SYSTEM) -> Imported:
    with shop.workspace.writing(actor) as transaction:
        return import_csv(transaction, key, text.encode())


def exported(shop: Shop, key: str, actor: Actor = SYSTEM) -> str:
    with shop.workspace.reading(actor) as transaction:
        return "".join(export_csv(transaction, key, ALL))


def records(shop: Shop, key: str) -> list[dict[str, Any]]:
    with shop.workspace.reading(SYSTEM) as transaction:
        return page(transaction, key, ALL).records


def sentences(problems: tuple[Problem, ...]) -> dict[str, str]:
    return {str(each.where): str(each.message) for each in problems}


def test_rows_become_records_and_links_are_found_by_title_or_id(shop: Shop) -> None:
    imported(shop, "shop.customer", "name\nWang\nLi\n")
    wang, li = (each["id"] for each in records(shop, "shop.customer"))
    text = f"单号,Customer,seller,Amount\nS-1,Wang,clerk,10\nS-2,{li},Boss,\nS-3,#{wang},,1\n"
    assert imported(shop, "shop.sale", text) == Imported(3, 0, (), ())
    found = records(shop, "shop.sale")
    assert [each["customer"].title for each in found] == ["Wang", "Li", "Wang"]
    assert [each["seller"] and each["seller"].title for each in found] == ["Clerk", "Boss", None]
    assert [each["discount"] for each in found] == [0, 0, 0], "a blank cell leaves the default"


def test_every_refused_row_is_named_with_everything_wrong_in_it(shop: Shop) -> None:
    imported(shop, "shop.customer", "name\nWang\nWang\nLi\n")
    text = (
        "number,customer,amount,discount\nS-1,Li,1,5%\nS-2,Zhao,-1,a\n,Wang,,\nS-1,Li,,\nS-3,Li,1,5%,extra\n"
    )
    result = imported(shop, "shop.sale", text)
    assert (result.created, result.updated) == (1, 0)
    assert {row.number: sentences(row.problems) for row in result.refused} == {
        3: {
            "customer": "There is no Customer “Zhao”.",
            "amount": "“-1.00” is less than the minimum of 0.00.",
            "discount": "“a” is not a percentage. Write it as 10% or 0.1.",
        },
        4: {"customer": "2 records of Customer are called “Wang”; write the id of the one that is meant."},
        5: {"number": "Another Sale has this Number already."},
        6: {"": "The row has 5 cells, the first row 4."},
    }
    assert [each["number"] for each in records(shop, "shop.sale")] == ["S-1"]


def test_all_or_nothing_is_the_callers_word(shop: Shop) -> None:
    with shop.workspace.writing(SYSTEM) as transaction:
        import_csv(transaction, "shop.customer", b"name,city\nWang,Beijing\n").refuse_partial()

    def broken() -> None:
        with shop.workspace.writing(SYSTEM) as transaction:
            import_csv(transaction, "shop.customer", b"name,city\nLi,\n,Beijing\n").refuse_partial()

    with pytest.raises(ImportRefused) as refused:
        broken()
    assert [row.number for row in refused.value.imported.refused] == [3]
    assert [each["name"] for each in records(shop, "shop.customer")] == ["Wang"]


def test_a_row_with_an_id_changes_that_record(shop: Shop) -> None:
    imported(shop, "shop.customer", "name,city\nWang,Beijing\nLi,Beijing\n")
    wang, li = (each["id"] for each in records(shop, "shop.customer"))
    text = f"id,name,city\n{wang},Wang Fang,\n,Zhao,Xi'an\n{li + 99},Qian,\n"
    result = imported(shop, "shop.customer", text)
    assert (result.created, result.updated) == (1, 1)
    assert sentences(result.refused[0].problems) == {"": f"There is no Customer {li + 99}."}
    found = {each["name"]: each["city"] for each in records(shop, "shop.customer")}
    assert found == {"Wang Fang": None, "Li": "Beijing", "Zhao": "Xi'an"}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("name,citty", "Customer has no field 'citty'. Did you mean 'city'?"),
        ("name,City,城市", "The column “城市” is there twice."),
        ("name,,city", "A column has no name: the first row names the fields."),
    ],
)
def test_a_column_that_is_no_field_refuses_the_file(shop: Shop, header: str, sentence: str) -> None:
    with pytest.raises(InputRefused) as refused:
        imported(shop, "shop.customer", f"{header}\nWang,a,b\n")
    assert [str(each.message) for each in refused.value.problems] == [sentence]
    with pytest.raises(Malformed):
        imported(shop, "shop.customer", "")


def test_an_import_moves_no_record_to_another_stage(shop: Shop) -> None:
    imported(shop, "shop.customer", "name\nWang\n")
    text = "number,customer,stage\nS-1,Wang,closed\nS-2,Wang,open\nS-3,Wang,\n"
    result = imported(shop, "shop.sale", text)
    assert (result.created, result.not_read) == (2, ())
    assert sentences(result.refused[0].problems) == {
        "stage": "An import does not move records: the stage is Open, not Closed. Use a transition."
    }


def test_what_is_exported_can_be_imported_again(shop: Shop) -> None:
    names = ["=cmd|' /C calc'!A0", "'quoted", "3", "Li; Wang", "王芳", "Twin", "Twin", "+1", "a,b"]
    with shop.workspace.writing(SYSTEM) as transaction:
        lines = "".join(f'"{name}"\n' for name in names)
        assert import_csv(transaction, "shop.customer", f"name\n{lines}".encode()).created == len(names)
    customers = records(shop, "shop.customer")
    assert [each["name"] for each in customers] == names
    rows = "".join(f"S-{each['id']},{each['id']},-0.50%,{each['id']}.05\n" for each in customers)
    assert imported(shop, "shop.sale", f"number,customer,discount,amount\n{rows}").refused == ()
    for key in ("shop.customer", "shop.sale"):
        before, text = records(shop, key), exported(shop, key)
        header = read_sheet(text.encode()).header
        result = imported(shop, key, text)
        assert (result.created, result.updated, result.refused) == (0, len(names), ())
        assert set(result.not_read) == set(header) & {
            "created_at", "created_by", "updated_at", "updated_by", "revision", "payable", "bought",
        }  # fmt: skip
        assert records(shop, key) == before, "nothing changed"
    guarded = [line for line in exported(shop, "shop.customer").splitlines() if "cmd" in line]
    assert "'=cmd" in guarded[0]
    cells = {cell for _, row in read_sheet(exported(shop, "shop.sale").encode()).rows for cell in row}
    assert {"王芳", "'quoted"} <= cells, "a title that names one record stands for it"
    assert "Twin" not in cells, "one that two records have is written as an id"


def test_who_may_not_export_is_told_so_and_a_row_right_narrows(shop: Shop) -> None:
    imported(shop, "shop.customer", "name,credit\nWang,5\n")
    actors = {name: find(shop, name) for name in ("boss", "clerk", "stranger")}
    assert "credit" in exported(shop, "shop.customer", actors["boss"])
    assert "credit" not in exported(shop, "shop.customer", actors["clerk"])
    with pytest.raises(NotAllowed, match="No rule lets you export Customer"):
        exported(shop, "shop.customer", actors["stranger"])
    with pytest.raises(NotAllowed, match="No rule lets you export Sale"):
        exported(shop, "shop.sale", actors["clerk"])


def find(shop: Shop, name: str) -> Actor:
    with shop.workspace.reading(SYSTEM) as transaction:
        actor = find_actor(transaction.catalog, transaction.connection, shop.people[name])
    assert actor
    return actor


def test_a_large_file_is_read_and_written_in_pages(shop: Shop) -> None:
    lines = "".join(f"Customer {number}\n" for number in range(1_101))
    assert imported(shop, "shop.customer", f"name\n{lines}").created == 1_101
    assert exported(shop, "shop.customer").count("\r\n") == 1_102
