"""Attacks through the doors of the site and the API that somebody without the right tries."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from engine.problems import InputRefused, Malformed
from engine.records.exchange import import_csv
from engine.records.export import export_csv
from engine.records.query import Query
from engine.schema.prepared import Prepared
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "=cmd|' /C calc'!A0")


@pytest.fixture
def order(site: Site) -> int:
    with site.workspace.writing(SYSTEM) as transaction:
        from_ = import_csv(transaction, "shop.customer", b"name,city\nAcme,Paris\n")
        assert from_.created == 1
        import_csv(transaction, "shop.order", f"customer,owner\nAcme,{site.people['chief']}\n".encode())
    return 1


@pytest.fixture
def clerk(site: Site) -> Any:
    return site.as_("clerk")


def test_guessed_numbers_are_answered_as_if_there_were_nothing(site: Site, clerk: Any, order: int) -> None:
    """A record that may not be seen and one that is not there differ in nothing but their number."""
    for path in ("", "/delete", "/rights", "/explain/total", "/transitions/ship"):
        closed = clerk.get(f"/shop/order/{order}{path}")
        missing = clerk.get(f"/shop/order/987654{path}")
        assert (closed.status_code, missing.status_code) == (404, 404), path
        told = [_without_numbers(each.get_data(as_text=True)) for each in (closed, missing)]
        assert told[0] == told[1], path
    assert clerk.get("/shop/order/99999999999999999999").status_code == 404
    assert clerk.post(f"/shop/order/{order}", note="mine").status_code == 404


def _without_numbers(page: str) -> str:
    """A page without the record's number and the form's token, in which two pages differ anyhow."""
    return re.sub(r"\b(?:987654|1)\b", "#", re.sub(r'(csrf_token" value=")[^"]+', r"\1", page))


def test_a_closed_record_is_as_much_work_as_none(
    site: Site, clerk: Any, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statements are the same ones: no clock tells a record that is hidden from one that is not there."""
    sent: list[str] = []
    rows = Prepared.rows

    def noting(prepared: Prepared, *given: Any) -> Any:
        sent.append(prepared.text)
        return rows(prepared, *given)

    def executed(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        sent.append(text)

    monkeypatch.setattr(Prepared, "rows", noting)
    event.listen(site.workspace.database.engine, "before_cursor_execute", executed)
    for path in ("", "/rights", "/explain/total", "/transitions/ship"):
        work = []
        for identity in (order, 987_654):
            clerk.get(f"/shop/order/{identity}{path}")  # what is prepared once is prepared
            sent.clear()
            assert clerk.get(f"/shop/order/{identity}{path}").status_code == 404
            work.append(list(sent))
        assert len(work[0]) > 1
        assert work[0] == work[1], path


def test_what_nobody_may_send_is_refused_or_ignored(site: Site, clerk: Any, order: int) -> None:
    """Fields of the system, computed ones and those of others, in forms that hold them nevertheless."""
    site.as_("chief").get(f"/shop/order/{order}")
    clerk.get("/shop/order/new")
    answer = clerk.post(
        "/shop/order", customer="1", id="77", revision="9", stage="shipped", created_by="1", total="1",
        shipped_on="2020-01-01", discount="50%", **{"lines-0-id": "1"},
    )  # fmt: skip
    assert answer.status_code in {303, 422}
    with site.workspace.reading() as transaction:
        table = transaction.catalog.entity("shop.order").table
        for row in transaction.connection.execute(table.select()).mappings():
            assert (row["id"] < 77, row["stage"], row["shipped_on"]) == (True, "draft", None)
            assert row["discount"] in (None, 0)


def test_no_cell_of_an_export_runs_as_a_formula(site: Site) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        for number, text in enumerate(FORMULAS):
            table = transaction.catalog.entity("shop.customer").table
            transaction.connection.execute(
                table.insert().values(
                    name=f"{text}{number}", city=text, revision=1,
                    created_at=transaction.now, updated_at=transaction.now,
                )
            )  # fmt: skip
        lines = "".join(export_csv(transaction, "shop.customer", Query()))
    for line in lines.splitlines()[1:]:
        for cell in line.split(","):
            assert cell.strip('"')[:1] not in ("=", "+", "-", "@", "\t"), line


def test_bombs_and_wrong_files_are_refused_with_a_sentence(site: Site) -> None:
    bombs = {
        "a cell of two million letters": b"name,city\n" + b"a" * 2_000_000 + b",x\n",
        "an archive": b"PK\x03\x04" + b"\x00" * 1_000,
        "a quote that never ends": b'name,city\n"' + b"a,b\n" * 50_000,
        "nothing": b"",
        "ten thousand columns": b"name" + b",x" * 10_000 + b"\n",
        "a column that is kept": b"name,created_by\nx,1\n",
    }
    for what, content in bombs.items():
        with site.workspace.writing(SYSTEM) as transaction:
            begun = time.perf_counter()
            try:
                done = import_csv(transaction, "shop.customer", content)
            except (Malformed, InputRefused):
                done = None
            assert done is None or done.refused or done.not_read == ("created_by",), what
            assert time.perf_counter() - begun < 30, what


def test_addresses_lead_nowhere_else(site: Site) -> None:
    visitor = site.visitor()
    for following in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        visitor.get(f"/sign-in?next={following}")
        answer = visitor.post("/sign-in", username="clerk", password="secret-clerk", next=following)
        assert "evil" not in answer.headers.get("Location", ""), following
        assert "javascript" not in answer.headers.get("Location", ""), following


def test_problem_pages_tell_nothing_of_the_inside(site: Site, clerk: Any, tmp_path: Path) -> None:
    paths = ("/shop/nothing", "/shop/order/1/explain/x", "/../../etc/passwd", "/api/v1/shop/x?filter=1/")
    for path in paths:
        text = clerk.get(path).get_data(as_text=True)
        for inside in ("Traceback", "sqlalchemy", "SELECT ", "site-packages", str(tmp_path)):
            assert inside not in text, (path, inside)
