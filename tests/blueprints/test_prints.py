"""Documents that are printed: their templates are part of the release, and show what the reader may read."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from blueprints.pdf import Picture, as_pdf
from dougong.app import create_app
from dougong.settings import Settings
from engine.access.tokens import new_token
from engine.commands import create_record
from engine.definition.check import check_texts
from engine.definition.files import grouped, read_files
from engine.problems import DefinitionRefused
from engine.releases.apply import apply_plan
from engine.releases.history import current_release
from engine.transaction import SYSTEM
from engine.workspace import open_workspace
from tests.blueprints.conftest import Site, give_password
from tests.fixtures.workspaces import person

APP = """
app: shop
roles: {seller: {}}
entities:
  offer:
    title: name
    fields:
      name: {type: text, required: true}
      margin: {type: percent}
      total: {type: money, formula: sum(l.price for l in lines)}
      lines: {type: table, of: offer_line}
    print:
      offer: templates/offer.html
      letter: {template: templates/letter.html, label: {en: Letter, zh: 信函}}
    access:
      role:seller: {read: true}
      fields:
        margin: {read: []}
  offer_line:
    parent: offer
    title: text
    fields:
      text: {type: text, required: true}
      price: {type: money}
"""
OFFER = """<h1>{{ labels.name }}: {{ name }}</h1>
{% for line in lines %}<p>{{ line.text }} {{ line.price }}</p>
{% endfor %}
<b>{{ total }}</b>{% if margin is defined %}<i>{{ margin }}</i>{% endif %}
"""
TEXTS = {"shop_app.yaml": APP, "templates/offer.html": OFFER, "templates/letter.html": "{{ nobody }}"}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    workspace = open_workspace(database_url)
    apply_plan(workspace.database, check_texts([TEXTS]), message="test", by="test")
    made = person(workspace, "seller", "shop.seller")
    give_password(workspace, "seller", made.id or 0, "shop.seller")
    rows = [{"text": "<Chair>", "price": "10"}]
    values = {"name": "Offer 1", "margin": "20%", "lines": rows}
    create_record(workspace, SYSTEM, "shop.offer", values)
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, {"seller": made.id or 0})


def test_a_document_shows_what_the_reader_may_read(site: Site) -> None:
    seller = site.as_("seller")
    record = seller.get("/shop/offer/1").get_data(as_text=True)
    assert 'href="/shop/offer/1/print/offer"' in record
    page = seller.get("/shop/offer/1/print/offer").get_data(as_text=True)
    assert "<h1>Name: Offer 1</h1>" in page
    assert "&lt;Chair&gt;" in page
    assert "¥10.00" in page
    assert "20%" not in page
    assert seller.get("/shop/offer/1/print/nothing").status_code == 404
    refused = seller.get("/shop/offer/1/print/letter")
    assert refused.status_code == 400
    assert "templates/letter.html, line 1" in refused.get_data(as_text=True)
    site.workspace.close()


def test_templates_are_part_of_the_release(site: Site) -> None:
    with site.workspace.database.reading() as connection:
        release = current_release(connection)
    assert release is not None
    assert release.apps["shop"]["templates/offer.html"] == OFFER
    site.workspace.close()


def test_a_template_lies_beside_the_definition(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (texts,) = read_files([tmp_path / "shop_app.yaml"]).values()
    assert texts == TEXTS
    assert grouped(TEXTS) == [TEXTS]
    with pytest.raises(DefinitionRefused, match=r"There is no file 'templates/offer\.html'"):
        check_texts([{"shop_app.yaml": APP}])
    outside = {"shop_app.yaml": APP.replace("templates/offer.html", "../secret.html")}
    with pytest.raises(DefinitionRefused, match="is not beside this file"):
        check_texts([TEXTS | outside])


def test_a_document_is_had_as_pdf(site: Site) -> None:
    seller = site.as_("seller")
    assert 'href="/shop/offer/1/print/offer/pdf"' in seller.get("/shop/offer/1/print/offer").get_data(
        as_text=True
    )
    answer = seller.client.get("/shop/offer/1/print/offer/pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert 'filename="Offer Offer 1.pdf"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert seller.get("/shop/offer/1/print/nothing/pdf").status_code == 404
    assert seller.get("/shop/offer/2/print/offer/pdf").status_code == 404
    site.workspace.close()


def test_a_site_without_the_package_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blueprints.prints.makes_pdf", lambda: False)
    seller = site.as_("seller")
    assert "/pdf" not in seller.get("/shop/offer/1/print/offer").get_data(as_text=True)
    answer = seller.get("/shop/offer/1/print/offer/pdf")
    assert answer.status_code == 404
    assert "plutoprint" in answer.get_data(as_text=True)
    site.workspace.close()


def test_documents_are_read_over_the_api_as_the_caller_reads(site: Site) -> None:
    with site.workspace.writing(SYSTEM) as transaction:
        offer = transaction.catalog.entity("shop.offer").table
        transaction.connection.execute(offer.update().values(name="报价一"))
        secret = new_token(transaction, site.people["seller"], "test")
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "zh"}
    anybody = site.app.test_client()
    described = anybody.get("/api/v1/openapi.json", headers=headers).get_json()["paths"]
    named = described["/shop/offer/{id}/print/{name}"]["parameters"][1]
    assert named["schema"]["enum"] == ["offer", "letter"]
    page = anybody.get("/api/v1/shop/offer/1/print/letter", headers=headers)
    assert page.status_code == 400
    page = anybody.get("/api/v1/shop/offer/1/print/offer", headers=headers)
    assert "报价一" in page.get_data(as_text=True)
    assert "20%" not in page.get_data(as_text=True)
    written = anybody.get("/api/v1/shop/offer/1/print/offer?as=pdf", headers=headers)
    assert written.data.startswith(b"%PDF-")
    assert anybody.get("/api/v1/shop/offer/1/print/offer?as=doc", headers=headers).status_code == 400
    assert anybody.get("/api/v1/shop/offer/1/print/offer").status_code == 401
    site.workspace.close()


def test_only_pictures_of_the_site_come_into_a_pdf() -> None:
    """Addresses of networks and disks are asked of nobody; a picture makes the document larger."""
    asked: list[str] = []
    content = BytesIO()
    Image.effect_noise((60, 60), 90).save(content, "PNG")

    def pictures(path: str) -> Picture | None:
        asked.append(path)
        return Picture(content.getvalue(), "image/png") if path == "/files/7/thumbnail" else None

    empty = len(as_pdf("<p>x</p>", pictures))
    sources = ("http://127.0.0.1:9/a.png", "file:///etc/hostname", "/files/8/thumbnail", "//localhost/b.png")
    page = "".join(f'<img src="{each}">' for each in sources)
    without = len(as_pdf(f'<p>x</p>{page}<link rel="stylesheet" href="http://127.0.0.1:9/a.css">', pictures))
    assert asked == ["/files/8/thumbnail"]
    assert without < empty + 500
    assert len(as_pdf('<p>x</p><img src="/files/7/thumbnail">', pictures)) > empty + 2_000
