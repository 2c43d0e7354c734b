"""Files on the pages and over the API: how they come, how they are given out, and to whom."""

import io
from pathlib import Path

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from dougong.app import create_app
from dougong.settings import Settings
from tests.blueprints.conftest import Site, Visitor, give_password
from tests.fixtures.kinds import KINDS
from tests.fixtures.workspaces import Publish, person

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def site(publish: Publish, database_url: str, tmp_path: Path) -> Site:
    workspace = publish(KINDS)
    people = {}
    for username in ("keeper", "reader"):
        made = person(workspace, username, f"kinds.{username}")
        people[username] = made.id or 0
        give_password(workspace, username, made.id or 0, f"kinds.{username}")
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, people)


def picture() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (1000, 600), "#2f55d4").save(output, "PNG")
    return output.getvalue()


def fetch(visitor: Visitor, path: str) -> TestResponse:
    """A file as it comes; the response is read and closed."""
    return visitor.client.get(path, buffered=True)


def upload(visitor: Visitor, name: str, content: bytes, field: str = "papers") -> dict[str, object]:
    answer = visitor.post("/files", file=(io.BytesIO(content), name), entity="kinds.thing", field=field)
    found: dict[str, object] = answer.get_json()
    return found | {"status": answer.status_code}


def test_a_file_is_uploaded_saved_shown_and_downloaded(site: Site) -> None:
    keeper = site.as_("keeper")
    keeper.get("/kinds/thing/new")
    kept = upload(keeper, "Angebot “neu”.pdf", PDF)
    assert kept["status"] == 200
    assert kept["name"] == "Angebot “neu”.pdf"
    assert kept["view"] == f"/files/{kept['id']}/view"
    answer = keeper.post("/kinds/thing", ("papers", ""), ("papers", kept["value"]), name="Lamp")
    assert answer.status_code == 303
    page = keeper.get(answer.location).get_data(as_text=True)
    assert f'<input type="hidden" name="papers" value="{kept["value"]}">' in page
    reader = site.as_("reader")
    down = fetch(reader, f"/files/{kept['id']}")
    assert down.data == PDF
    assert down.headers["Content-Disposition"].startswith("attachment; filename")
    assert down.headers["X-Content-Type-Options"] == "nosniff"
    assert down.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert down.headers["Cache-Control"] == "private, no-cache"
    assert down.content_type == "application/pdf"
    shown = fetch(reader, f"/files/{kept['id']}/view")
    assert shown.headers["Content-Disposition"] == "inline"
    assert fetch(reader, f"/files/{kept['id']}/thumbnail").status_code == 404


def test_what_browsers_would_run_is_only_ever_downloaded(site: Site) -> None:
    keeper = site.as_("keeper")
    keeper.get("/kinds/thing/new")
    kept = upload(
        keeper, "page.xml", b"<html xmlns='http://www.w3.org/1999/xhtml'><script/></html>", "secret"
    )
    assert kept["view"] is None
    down = fetch(keeper, f"/files/{kept['id']}/view")
    assert down.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in down.headers["Content-Security-Policy"]
    refused = upload(
        keeper, "logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "secret"
    )
    assert refused["status"] == 422
    assert "“logo.svg” cannot be kept here" in str(refused["message"])


def test_pictures_have_small_ones(site: Site) -> None:
    keeper = site.as_("keeper")
    keeper.get("/kinds/thing/new")
    kept = upload(keeper, "me.png", picture(), "photo")
    small = fetch(keeper, f"/files/{kept['id']}/thumbnail")
    assert small.content_type == "image/webp"
    assert Image.open(io.BytesIO(small.data)).size == (480, 288)


def test_nobody_else_gets_a_file_by_guessing_its_number(site: Site) -> None:
    keeper, reader = site.as_("keeper"), site.as_("reader")
    keeper.get("/kinds/thing/new")
    kept = upload(keeper, "own.pdf", PDF)
    for path in ("", "/view", "/thumbnail"):
        assert fetch(reader, f"/files/{kept['id']}{path}").status_code == 404
    assert fetch(site.visitor(), f"/files/{kept['id']}").status_code == 302
    refused = reader.post("/files", file=(io.BytesIO(PDF), "a.pdf"), entity="kinds.thing", field="name")
    assert refused.status_code == 404


def test_a_form_without_scripts_brings_its_files_along(site: Site) -> None:
    keeper = site.as_("keeper")
    page = keeper.get("/kinds/thing/new").get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in page
    sent = {"name": "Lamp", "papers": "", "papers-upload": (io.BytesIO(PDF), "offer.pdf")}
    answer = keeper.post("/kinds/thing", **sent)
    assert answer.status_code == 303
    assert "offer.pdf" in keeper.get(answer.location).get_data(as_text=True)
    wrong = {"name": "Lamp", "papers": "", "papers-upload": (io.BytesIO(b"MZ\0"), "run.pdf")}
    answer = keeper.post("/kinds/thing", **wrong)
    assert answer.status_code == 422
    assert "“run.pdf” is not what its name says" in answer.get_data(as_text=True)


def test_attachments_on_the_page_of_a_record(site: Site) -> None:
    keeper = site.as_("keeper")
    keeper.get("/kinds/thing/new")
    address = keeper.post("/kinds/thing", name="Lamp").location
    keeper.get(address)
    answer = keeper.post(f"{address}/files", file=(io.BytesIO(PDF), "contract.pdf"))
    assert answer.status_code == 303
    page = keeper.get(address).get_data(as_text=True)
    assert "contract.pdf" in page
    assert "added a file" in page
    reader = site.as_("reader")
    seen = reader.get(address).get_data(as_text=True)
    assert "contract.pdf" in seen
    assert "data-attach=" not in seen
    assert reader.post(f"{address}/files", file=(io.BytesIO(PDF), "x.pdf")).status_code == 403
    assert reader.post(f"{address}/files/1/remove").status_code == 403
    assert keeper.post(f"{address}/files/1/remove").status_code == 303
    assert "No files." in reader.get(address).get_data(as_text=True)


def test_the_api_uploads_attaches_and_downloads(site: Site) -> None:
    keeper = site.as_("keeper")
    keeper.get("/kinds/thing/new")
    headers = {"X-CSRF-Token": keeper.token}
    client = keeper.client

    def send(path: str, name: str, content: bytes = PDF) -> dict[str, object]:
        data = {"file": (io.BytesIO(content), name)}
        answer = client.post(f"/api/v1{path}", data=data, headers=headers)
        found: dict[str, object] = answer.get_json()
        return found | {"status": answer.status_code}

    kept = send("/files", "offer.pdf")
    assert kept["status"] == 201
    assert (kept["size"], kept["type"]) == (len(PDF), "application/pdf")
    values = {"name": "Lamp", "papers": [{"id": kept["id"]}]}
    made = client.post("/api/v1/kinds/thing", json=values, headers=headers).get_json()
    assert made["papers"] == [{"id": kept["id"], "name": "offer.pdf"}]
    assert fetch(keeper, f"/api/v1/files/{kept['id']}").data == PDF
    base = f"/kinds/thing/{made['id']}/files"
    added = send(base, "notes.txt", b"hello")
    assert added["status"] == 201
    listed = client.get(f"/api/v1{base}").get_json()["files"]
    assert [each["name"] for each in listed] == ["notes.txt"]
    assert client.delete(f"/api/v1{base}/{added['id']}", headers=headers).status_code == 204
    assert client.get(f"/api/v1/files/{added['id']}").status_code == 404
    refused = send("/files", "x.html", b"<html>")
    assert refused["status"] == 422
    assert refused["problems"][0]["path"] == "file"  # type: ignore[index]
    assert client.post("/api/v1/files", data={}, headers=headers).status_code == 400
    forged = client.patch(
        f"/api/v1/kinds/thing/{made['id']}", json={"secret": 999}, headers=headers
    ).get_json()
    assert forged["problems"][0]["message"] == "There is no uploaded file 999 of yours. Upload it again."
