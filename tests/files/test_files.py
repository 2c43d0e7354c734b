"""Files of records: what is kept, who may put it where and see it, what is swept away; on both databases."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.commands import create_record, delete_record, update_record
from engine.fields.field_type import FileRule
from engine.files.kept import FileRow, kind_problem, rows, sweep, take
from engine.files.store import Store
from engine.problems import InputRefused, NotAllowed, NotFound
from engine.records.files import attach, attachments, detach, rule_of, seen_file, upload
from engine.records.read import get
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.kinds import KINDS
from tests.fixtures.workspaces import Publish, person

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\nendobj\ntrailer\n%%EOF\n"

POSSIBLE = "png, jpg, jpeg, gif, webp, bmp, tif, tiff, heic, heif, pdf, docx"


@dataclass(frozen=True, slots=True)
class Place:
    """A published app, its folder of files, and people."""

    workspace: Workspace
    store: Store
    keeper: Actor
    other: Actor
    reader: Actor

    def upload(self, actor: Actor, name: str, content: bytes, field: str | None = None) -> FileRow:
        """Uploads as somebody, for a field of a thing."""
        rule: FileRule | None = None
        if field:
            with self.workspace.reading(actor) as transaction:
                rule = rule_of(transaction.catalog.entity("kinds.thing"), field)
        taken, shown = take(self.store, io.BytesIO(content), name, rule)
        with self.workspace.writing(actor) as transaction:
            row = upload(transaction, self.store, taken, shown)
        taken.drop()
        return row

    def thing(self, actor: Actor | None = None, **values: Any) -> dict[str, Any]:
        return create_record(self.workspace, actor or self.keeper, "kinds.thing", {"name": "Lamp", **values})

    def sees(self, actor: Actor, number: int) -> bool:
        try:
            with self.workspace.reading(actor) as transaction:
                seen_file(transaction, number)
        except NotFound:
            return False
        return True


@pytest.fixture
def place(publish: Publish, tmp_path: Path) -> Place:
    workspace = publish(KINDS)
    return Place(
        workspace,
        Store(tmp_path / "files", 200_000),
        person(workspace, "keeper", "kinds.keeper"),
        person(workspace, "other", "kinds.keeper"),
        person(workspace, "reader", "kinds.reader"),
    )


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, "#2f55d4").save(output, kind)
    return output.getvalue()


def sentence(action: Callable[[], Any]) -> str:
    with pytest.raises(InputRefused) as refused:
        action()
    return str(refused.value.problems[0].message)


def test_a_field_takes_uploaded_files_and_gives_them_to_those_who_may_read_it(place: Place) -> None:
    row = place.upload(place.keeper, "Offer.pdf", PDF, "papers")
    assert place.store.place(row.sha256).read_bytes() == PDF
    assert place.sees(place.keeper, row.id)
    assert not place.sees(place.reader, row.id)
    made = place.thing(papers=[{"id": row.id}])
    assert made["papers"] == f"{row.id}/Offer.pdf"
    assert place.sees(place.reader, row.id)
    secret = place.upload(place.keeper, "secret.pdf", PDF)
    update_record(place.workspace, place.keeper, "kinds.thing", made["id"], {"secret": secret.id})
    assert place.sees(place.keeper, secret.id)
    assert not place.sees(place.reader, secret.id)
    hidden = place.upload(place.keeper, "hidden.pdf", PDF)
    place.thing(name="hidden", papers=hidden.id)
    assert not place.sees(place.reader, hidden.id)
    assert place.sees(place.other, hidden.id)


def test_nobody_takes_a_file_that_is_not_theirs(place: Place) -> None:
    row = place.upload(place.other, "other.pdf", PDF)
    said = f"There is no uploaded file {row.id} of yours. Upload it again."
    assert sentence(lambda: place.thing(papers=row.id)) == said
    taken = place.thing(place.other, secret=row.id)
    assert sentence(lambda: place.thing(papers=row.id)) == said
    assert sentence(lambda: place.thing(place.other, papers=row.id)) == said
    mine = place.thing()
    change = {"papers": f"{row.id}/mine.pdf"}
    refused = sentence(
        lambda: update_record(place.workspace, place.keeper, "kinds.thing", mine["id"], change)
    )
    assert refused == said
    with place.workspace.reading(SYSTEM) as transaction:
        assert get(transaction, "kinds.thing", taken["id"])["secret"] == f"{row.id}/other.pdf"


@pytest.mark.parametrize(
    ("name", "content", "field", "said"),
    [
        (
            "run.exe",
            b"MZ\x90\x00",
            None,
            f"“run.exe” cannot be kept here; possible are {POSSIBLE}, ….",
        ),
        (
            "page.html",
            b"<script>alert(1)</script>",
            None,
            f"“page.html” cannot be kept here; possible are {POSSIBLE}, ….",
        ),
        (
            "photo.png",
            b"<svg onload='alert(1)'>",
            "photo",
            "“photo.png” is not what its name says: its content is of another kind.",
        ),
        (
            "s.pdf",
            picture(),
            "papers",
            "“s.pdf” is not what its name says: its content is of another kind.",
        ),
        (
            "list.csv",
            b"a,b\0c",
            None,
            "“list.csv” is not what its name says: its content is of another kind.",
        ),
        (
            "o.docx",
            PDF,
            "papers",
            "“o.docx” is not what its name says: its content is of another kind.",
        ),
        (
            "big.pdf",
            PDF + b"0" * 100_000,
            "papers",
            "“big.pdf” cannot be kept: The file is larger than 100 KB.",
        ),
        ("big.txt", b"0" * 200_001, None, "“big.txt” cannot be kept: The file is larger than 200 KB."),
        ("empty.txt", b"", None, "“empty.txt” is empty."),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_content(
    place: Place, name: str, content: bytes, field: str | None, said: str
) -> None:
    assert sentence(lambda: place.upload(place.keeper, name, content, field)) == said
    assert not list((place.store.folder / "incoming").iterdir())


def test_a_field_refuses_what_it_does_not_take_whatever_it_was_uploaded_for(place: Place) -> None:
    row = place.upload(place.keeper, "notes.txt", b"hello")
    assert "“notes.txt” cannot be kept here; possible are png" in sentence(lambda: place.thing(photo=row.id))
    large = place.upload(place.keeper, "large.pdf", PDF + b"0" * 150_000)
    assert sentence(lambda: place.thing(papers=large.id)) == "“large.pdf” is larger than 100 KB."
    many = [place.upload(place.keeper, f"{n}.pdf", PDF).id for n in range(4)]
    assert sentence(lambda: place.thing(papers=many)) == "4 files are too many; at most 3 are possible."


def test_pictures_are_written_anew_upright_and_without_what_hides_in_them(place: Place) -> None:
    source = Image.new("RGB", (60, 40), "#2f55d4")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    output = io.BytesIO()
    source.save(output, "JPEG", exif=exif)
    row = place.upload(place.keeper, "me.jpg", output.getvalue() + b"<?php evil ?>", "photo")
    kept = place.store.place(row.sha256).read_bytes()
    assert b"secret place" not in kept
    assert b"php" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 60)
    moving = place.upload(place.keeper, "moving.gif", picture("GIF"), "photo")
    assert moving.name == "moving.png"
    assert moving.media_type == "image/png"


def test_a_picture_that_would_unpack_to_too_much_is_refused(place: Place) -> None:
    output = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(output, "PNG")
    assert len(output.getvalue()) < 100_000
    said = "The picture has too many pixels; at most 50 million are possible."
    assert sentence(lambda: place.upload(place.keeper, "bomb.png", output.getvalue(), "photo")) == said
    assert not list((place.store.folder / "incoming").iterdir())


def test_attachments_follow_the_rights_of_the_record(place: Place) -> None:
    made = place.thing()
    key = "kinds.thing"

    def add(actor: Actor) -> FileRow:
        taken, name = take(place.store, io.BytesIO(PDF), "contract.pdf")
        with place.workspace.writing(actor) as transaction:
            return attach(transaction, place.store, key, made["id"], taken, name)

    row = add(place.keeper)
    with pytest.raises(NotAllowed, match="No rule lets you change the files of this Thing"):
        add(place.reader)
    with place.workspace.reading(place.reader) as transaction:
        found = attachments(transaction, key, made["id"])
    assert [each.name for each in found.files] == ["contract.pdf"]
    assert not found.changeable
    assert place.sees(place.reader, row.id)
    update_record(place.workspace, place.keeper, key, made["id"], {"name": "hidden"})
    assert not place.sees(place.reader, row.id)
    with pytest.raises(NotFound), place.workspace.reading(place.reader) as transaction:
        attachments(transaction, key, made["id"])
    with place.workspace.writing(place.other) as transaction:
        detach(transaction, key, made["id"], row.id)
    assert not place.sees(place.keeper, row.id)


def test_a_file_that_was_removed_comes_back_with_its_value(place: Place) -> None:
    row = place.upload(place.keeper, "offer.pdf", PDF)
    made = place.thing(papers=row.id)
    update_record(place.workspace, place.keeper, "kinds.thing", made["id"], {"papers": None})
    assert not place.sees(place.keeper, row.id)
    back = update_record(place.workspace, place.other, "kinds.thing", made["id"], {"papers": made["papers"]})
    assert back["papers"] == made["papers"]
    assert place.sees(place.reader, row.id)


def test_child_rows_hold_files_too(place: Place) -> None:
    row = place.upload(place.keeper, "drawing.pdf", PDF)
    made = place.thing(parts=[{"name": "Shade", "drawing": row.id}])
    assert made["parts"][0]["drawing"] == f"{row.id}/drawing.pdf"
    assert place.sees(place.keeper, row.id)


def test_what_nobody_wants_is_swept_away(place: Place) -> None:
    kept = place.upload(place.keeper, "kept.pdf", PDF)
    made = place.thing(papers=kept.id)
    again = place.upload(place.other, "same content.pdf", PDF)
    lost = place.upload(place.keeper, "lost.txt", b"never taken")
    removed = place.upload(place.keeper, "removed.txt", b"was there")
    gone = place.thing(secret=removed.id)
    delete_record(place.workspace, place.keeper, "kinds.thing", gone["id"])

    def swept(days: int) -> int:
        with place.workspace.writing(SYSTEM) as transaction:
            object.__setattr__(transaction, "now", transaction.now + timedelta(days=days))
            return sweep(transaction, place.store)

    assert swept(0) == 0
    assert swept(2) == 1
    assert not place.store.place(lost.sha256).exists()
    assert place.store.place(removed.sha256).exists()
    with place.workspace.reading(SYSTEM) as transaction:
        assert set(rows(transaction, [kept.id, again.id, lost.id, removed.id])) == {kept.id, removed.id}
    assert place.store.place(kept.sha256).exists()
    assert swept(31) == 1
    assert not place.store.place(removed.sha256).exists()
    assert place.sees(place.keeper, kept.id)
    assert made["papers"] == f"{kept.id}/kept.pdf"


def test_the_kind_is_told_by_extension_and_content() -> None:
    assert kind_problem("a.csv", "姓名,年龄\n".encode("gb18030"), None) is None
    assert kind_problem("a.xlsx", b"PK\x03\x04rest", None) is None
    assert kind_problem("a.JPG", b"\xff\xd8\xff\xe0", None) is None
    assert kind_problem("noextension", b"text", None) is not None
