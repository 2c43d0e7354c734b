"""Files that people import: a trial that writes nothing, all or the good rows, undo as one act."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from engine import commands, importing
from engine.problems import InputRefused, Malformed, NotAllowed, NotFound, NotPossible
from engine.records import imports, unpacked
from engine.records.query import Query
from engine.records.read import page
from engine.records.workbook import LARGEST_FILE, read_file, write_workbook
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

PRODUCT = "shop.product"
GOOD = "Name,Price *,客户\nTea,1.50,Ada\nMilk,2,\n".encode()
MIXED = b"name,price,customer\nTea,1.50,Ada\n,2,\nMilk,cheap,Nobody\n"


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    plain, labelled = "customer: {type: link, to: customer}\n    access", "customer: {%s}\n    access"
    label = "type: link, to: customer, label: {en: Customer, zh: 客户}"
    workspace = publish(SHOP.replace(plain, labelled % label))
    commands.create_record(workspace, SYSTEM, "shop.customer", {"name": "Ada"})
    return workspace


@pytest.fixture
def chief(shop: Workspace) -> Actor:
    return person(shop, "chief", "shop.chief")


def keep(workspace: Workspace, actor: Actor, content: bytes) -> int:
    with workspace.writing(actor) as transaction:
        return imports.keep_file(transaction, PRODUCT, "products.csv", content)


def run(workspace: Workspace, actor: Actor, identity: int, write: str) -> imports.Outcome:
    *_, outcome = importing.import_file(workspace, actor, PRODUCT, identity, write)
    return outcome


def names(workspace: Workspace) -> list[str]:
    with workspace.reading(SYSTEM) as transaction:
        found = page(transaction, PRODUCT, Query(sort=(("name", False),)))
        return [record["name"] for record in found.records]


def test_a_trial_writes_nothing_and_then_all_is_written_and_undone(shop: Workspace, chief: Actor) -> None:
    identity = keep(shop, chief, GOOD)
    with shop.reading(chief) as transaction:
        found, _ = imports.opened(transaction, PRODUCT, identity)
    assert found.columns == ("name", "price", "customer")
    assert run(shop, chief, identity, "nothing").refused == []
    assert names(shop) == []
    assert len(run(shop, chief, identity, "all").created) == 2
    assert names(shop) == ["Milk", "Tea"]
    with pytest.raises(NotPossible, match="imported already"):
        run(shop, chief, identity, "all")
    assert importing.undo_import(shop, chief, PRODUCT, identity) == 2
    assert names(shop) == []
    with pytest.raises(NotPossible, match="nothing to undo"):
        importing.undo_import(shop, chief, PRODUCT, identity)


def test_every_problem_stands_at_its_cell_and_good_rows_can_go_alone(shop: Workspace, chief: Actor) -> None:
    identity = keep(shop, chief, MIXED)
    outcome = run(shop, chief, identity, "all")
    told = {row.number: [str(each.where) for each in row.problems] for row in outcome.refused}
    assert told == {3: ["name"], 4: ["price", "customer"]}
    assert names(shop) == []
    assert len(run(shop, chief, identity, "good").created) == 1
    assert names(shop) == ["Tea"]


def test_undo_gives_changed_records_their_values_and_refuses_where_somebody_went_on(
    shop: Workspace, chief: Actor
) -> None:
    made = commands.create_record(shop, SYSTEM, PRODUCT, {"name": "Tea", "price": 1})
    identity = keep(shop, chief, f"id,price\n{made['id']},9\n".encode())
    assert run(shop, chief, identity, "all").updated == [made["id"]]
    changed = commands.update_record(shop, SYSTEM, PRODUCT, made["id"], {"name": "Green tea"})
    with pytest.raises(InputRefused) as refused:
        importing.undo_import(shop, chief, PRODUCT, identity)
    assert str(refused.value.problems[0].where) == f"#{made['id']}"
    assert changed["price"] == 9
    other = commands.create_record(shop, SYSTEM, PRODUCT, {"name": "Milk", "price": 3})
    again = keep(shop, chief, f"id,price,name\n{other['id']},4,Cream\n".encode())
    run(shop, chief, again, "all")
    importing.undo_import(shop, chief, PRODUCT, again)
    with shop.reading(SYSTEM) as transaction:
        record = page(transaction, PRODUCT, Query(filter=f"id == {other['id']}")).records[0]
    assert (record["name"], record["price"]) == ("Milk", Decimal(3))


def test_files_belong_to_who_brought_them(shop: Workspace, chief: Actor) -> None:
    identity = keep(shop, chief, GOOD)
    with shop.reading(person(shop, "other", "shop.chief")) as transaction, pytest.raises(NotFound):
        imports.opened(transaction, PRODUCT, identity)
    with pytest.raises(NotAllowed):
        keep(shop, person(shop, "clerk", "shop.clerk"), GOOD)


def test_columns_are_chosen_by_hand(shop: Workspace, chief: Actor) -> None:
    identity = keep(shop, chief, b"Ware,Cost\nTea,3\n")
    with shop.writing(chief) as transaction:
        for wrong in (["name", "name"], [None, None], ["name", "created_at"]):
            with pytest.raises(InputRefused):
                imports.choose_columns(transaction, PRODUCT, identity, wrong)
        imports.choose_columns(transaction, PRODUCT, identity, ["name", "price"])
    assert len(run(shop, chief, identity, "all").created) == 1


def test_an_excel_file_is_read_as_it_was_written() -> None:
    written = write_workbook(
        "A/B", ["Name", "Price", "Day", "Good"], [["=1+1", Decimal("1.5"), date(2030, 1, 2), True], ["b"]]
    )
    sheet = read_file(written)
    assert sheet.header == ("Name", "Price", "Day", "Good")
    assert [row[:4] for _, row in sheet.rows] == [("=1+1", "1.5", "2030-01-02", "yes"), ("b", "", "", "")]


def workbook_with(changed: Callable[[str, bytes], bytes], *more: tuple[str, bytes]) -> bytes:
    """An Excel file whose parts are not what they were."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_workbook("A", ["name"], [["b"]]))) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, changed(name, source.read(name)))
        for name, content in more:
            target.writestr(name, content)
    return packed.getvalue()


def understated(content: bytes) -> bytes:
    """An archive that declares its largest member to be of one byte."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        size = max(each.file_size for each in packed.infolist())
    return content.replace(size.to_bytes(4, "little"), (1).to_bytes(4, "little"))


def far_away(name: str, content: bytes) -> bytes:
    """One cell more, in the last row and the last column that Excel has."""
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return content.replace(b"</sheetData>", cell) if name.endswith("sheet1.xml") else content


def many_rows(name: str, content: bytes) -> bytes:
    """Rows and cells without a place, which count from one to the next."""
    rows = b"<row/>" * 1_000_000 + b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row></sheetData>"
    return content.replace(b"</sheetData>", rows) if name.endswith("sheet1.xml") else content


def same(_name: str, content: bytes) -> bytes:
    return content


def huge() -> bytes:
    return workbook_with(same, ("xl/media/a.xml", b"0" * 2_000_000))


BOMBS: dict[str, Callable[[], bytes]] = {
    "much in little": huge,
    "much that says it is little": lambda: understated(huge()),
    "one cell far away": lambda: workbook_with(far_away),
    "rows without numbers": lambda: workbook_with(many_rows),
}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * (LARGEST_FILE + 1), "larger than 10 MB"),
        (b"PK\x03\x04 no archive", "cannot be read as an Excel file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "."),
        (b"name\n" + b"x\n" * 10_001, "at most 10,000"),
        (b"", "The file is empty"),
    ],
)
def test_files_that_are_not_read(content: bytes, sentence: str) -> None:
    with pytest.raises(Malformed, match=sentence):
        read_file(content)


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_unpacks_to_far_too_much_is_not_unpacked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "much" in name:
        monkeypatch.setattr(unpacked, "LARGEST_UNPACKED", 1_000_000)
    content = BOMBS[name]()
    with pytest.raises(Malformed, match="unpacks to far more"):
        read_file(content)


def test_no_other_format_is_read_under_the_name_of_excel() -> None:
    assert read_file(workbook_with(same)).header == ("name",)
    for more in (("content.xml", b"<x/>"), ("xl/workbook.bin", b"x")):
        with pytest.raises(Malformed, match="cannot be read as an Excel file"):
            read_file(workbook_with(same, more))
