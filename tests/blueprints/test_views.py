"""Views of all types: what they show, under whose rights, and what they do with what was typed."""

import html
import re
from pathlib import Path

import pytest

from dougong.app import create_app
from dougong.settings import Settings
from engine.commands import create_record, fire_transition
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, give_password
from tests.fixtures.workspaces import Publish, person

ATELIER = """
app: atelier
roles: {artist: {}, guest: {}}
entities:
  commission:
    label: {en: Commission, zh: 委托}
    title: name
    tree: part_of
    fields:
      name: {type: text, required: true}
      artist: {type: user}
      price: {type: money}
      begins: {type: date}
      due: {type: date}
      part_of: {type: link, to: commission}
      kind: {type: choice, options: {portrait: {color: blue}, mural: {color: orange}}}
    workflow:
      stages: {asked: {}, agreed: {}, delivered: {final: true}}
      transitions:
        agree: {from: asked, to: agreed}
        deliver: {from: agreed, to: delivered, required: [price]}
    views:
      all: {type: list, columns: [name, artist, price, due]}
      progress: {type: board, group_by: stage, card: [artist, price, due], total: sum(price), sort: [name]}
      kinds: {type: board, group_by: kind, card: [price], filter: stage != "delivered"}
      month: {type: calendar, date: due, color: kind}
      span: {type: calendar, date: begins, end: due}
      plan: {type: timeline, start: begins, end: due, group_by: artist, color: kind}
      cards: {type: gallery, card: [kind, artist, price], color: kind}
      parts: {type: tree, card: [artist, price]}
      revenue: {type: pivot, rows: [kind], columns: [quarter(due)], value: sum(price)}
      by_month: {type: chart, chart: bar, group_by: month(due), split_by: kind, value: sum(price)}
    access:
      role:artist: {read: true, create: true, update: true}
      role:guest: {read: kind == "mural"}
      fields:
        price: {read: [role:artist]}
"""


@pytest.fixture
def atelier(publish: Publish, database_url: str, tmp_path: Path) -> Site:
    workspace = publish(ATELIER)
    people = {}
    for username in ("artist", "guest"):
        made = person(workspace, username, f"atelier.{username}")
        people[username] = made.id or 0
        give_password(workspace, username, made.id or 0, f"atelier.{username}")
    first = None
    for number, (kind, price, begins, due) in enumerate(
        [
            ("portrait", "100.10", "2026-03-02", "2026-03-05"),
            ("mural", "2000.00", "2026-03-04", "2026-04-20"),
            ("mural", "50.00", "2026-05-01", "2026-05-01"),
            (None, None, None, None),
        ]
    ):
        values = {"name": f"Work {number + 1}", "kind": kind, "price": price, "begins": begins, "due": due}
        made_record = create_record(
            workspace,
            SYSTEM,
            "atelier.commission",
            {**values, "artist": people["artist"], "part_of": first},
        )
        first = first or made_record["id"]
    return Site(create_app(Settings(database_url, tmp_path), workspace), workspace, people)


def shown(site: Site, who: str, view: str, more: str = "", status: int = 200) -> str:
    answer = site.as_(who).get(f"/atelier/commission?view={view}{more}")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return html.unescape(answer.get_data(as_text=True))


CARD = re.compile(r'class="board-title"[^>]*>([^<]*)<')


def columns(page: str) -> dict[str, list[str]]:
    parts = re.split(r'data-column="([^"]*)"', page)[1:]
    return {parts[at]: CARD.findall(parts[at + 1]) for at in range(0, len(parts), 2)}


def test_a_board_has_a_column_for_each_stage_with_count_and_total(atelier: Site) -> None:
    page = shown(atelier, "artist", "progress")
    assert columns(page) == {"asked": ["Work 1", "Work 2", "Work 3", "Work 4"], "agreed": [], "delivered": []}
    assert "¥2,150.10" in page
    assert '"asked":{"agreed":{"name":"agree","label":"Agree"}}' in page


def test_final_stages_are_folded_and_opened_alone(atelier: Site) -> None:
    record = create_record(atelier.workspace, SYSTEM, "atelier.commission", {"name": "Done", "price": "1"})
    for name in ("agree", "deliver"):
        fire_transition(atelier.workspace, SYSTEM, "atelier.commission", record["id"], name)
    page = shown(atelier, "artist", "progress")
    assert columns(page)["delivered"] == []
    assert "Show 1" in page
    opened = shown(atelier, "artist", "progress", "&column=delivered")
    assert CARD.findall(opened) == ["Done"]
    assert "<html" not in opened


def test_a_board_of_a_choice_has_a_column_for_those_without(atelier: Site) -> None:
    assert columns(shown(atelier, "artist", "kinds")) == {
        "": ["Work 4"],
        "portrait": ["Work 1"],
        "mural": ["Work 3", "Work 2"],
    }


def test_search_and_filters_narrow_a_board(atelier: Site) -> None:
    assert columns(shown(atelier, "artist", "progress", "&q=work+2"))["asked"] == ["Work 2"]
    assert columns(shown(atelier, "artist", "progress", "&where=kind~eq~mural"))["asked"] == [
        "Work 2",
        "Work 3",
    ]
    page = shown(atelier, "artist", "progress", "&filter=prise+>+1", status=422)
    assert "has no field 'prise'" in page


def test_a_board_shows_only_what_may_be_seen(atelier: Site) -> None:
    page = shown(atelier, "guest", "progress")
    assert columns(page)["asked"] == ["Work 2", "Work 3"]
    assert "2,050" not in page
    assert "2,000" not in page
