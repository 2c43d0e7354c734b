"""Documents that are printed: their templates are part of the release, and show what the reader may read."""

from pathlib import Path

import pytest

from dougong.app import create_app
from dougong.settings import Settings
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
