"""Overlays in releases: kept apart from their app, laid over each of its versions."""

from pathlib import Path

import pytest
from sqlalchemy import text

from engine.definition.check import Checked, check_texts
from engine.definition.files import read_files
from engine.problems import DefinitionRefused
from engine.releases.apply import apply_plan
from engine.releases.history import current_release, load_release
from engine.releases.plan import make_plan
from engine.schema.database import Database
from engine.workspace import read_catalog

ROOT = Path(__file__).parents[2]
BASE = """\
app: crm
entities:
  deal:
    fields:
      name: {type: text}
      amount: {type: money, max: 1000}
"""
OVERLAY = """\
app: acme  # ours
extends: crm
entities:
  deal:
    fields:
      amount: {max: 5}
      region: {type: text, label: Region}
"""
LATER = BASE + "      phone: {type: text, label: Phone}\n"


def checked(database: Database, **texts: str) -> Checked:
    """These texts with what is published and not among them."""
    with database.reading() as connection:
        published = current_release(connection)
    kept = published.apps if published else {}
    given = {name: {f"{name}_app.yaml": written} for name, written in texts.items()}
    return check_texts({**kept, **given}.values())


def publish(database: Database, **texts: str) -> None:
    apply_plan(database, checked(database, **texts), "", "ada")


def test_a_release_keeps_both_texts_and_the_base_goes_on_alone(database: Database) -> None:
    publish(database, crm=BASE)
    plan = make_plan(database, checked(database, acme=OVERLAY))
    assert "Adds Region to Deal." in [str(step.sentence) for step in plan.steps]
    publish(database, acme=OVERLAY)
    with database.writing() as connection:
        connection.execute(text("SELECT region FROM crm__deal"))
    publish(database, crm=LATER)
    with database.reading() as connection:
        release = current_release(connection)
        catalog = read_catalog(connection, database.dialect)
    assert release
    assert release.number == 3
    assert release.apps == {"crm": {"crm_app.yaml": LATER}, "acme": {"acme_app.yaml": OVERLAY}}
    deal = load_release(release)["crm"].entities["deal"]
    assert [each.name for each in deal.declared] == ["name", "amount", "phone", "region"]
    assert catalog.entity("crm.deal").definition.fields["amount"].options["max"] == 5
    assert make_plan(database, checked(database)).nothing_to_do


def test_a_new_text_of_an_overlay_is_taken_over(database: Database) -> None:
    publish(database, crm=BASE, acme=OVERLAY)
    remark = OVERLAY + "# a remark\n"
    plan = make_plan(database, checked(database, acme=remark))
    assert [step.kind for step in plan.steps] == ["text_changed"]
    publish(database, acme=remark)
    with database.reading() as connection:
        release = current_release(connection)
    assert release
    assert release.apps["acme"] == {"acme_app.yaml": remark}
    assert release.apps["crm"] == {"crm_app.yaml": BASE}


def test_a_base_that_removed_what_the_overlay_changes_is_not_published(database: Database) -> None:
    publish(database, crm=BASE, acme=OVERLAY)
    with pytest.raises(DefinitionRefused) as refused:
        checked(database, crm=BASE.replace("      amount: {type: money, max: 1000}\n", ""))
    (problem,) = refused.value.problems
    assert str(problem).startswith(
        "acme_app.yaml:6:7: 'crm' has no field 'amount' (its own stand at crm_app.yaml:5:7)"
    )


def test_the_shipped_crm_with_the_overlay_of_the_manual() -> None:
    page = (ROOT / "docs" / "overlays.md").read_text(encoding="utf-8")
    written = page.partition("```yaml\n")[2].partition("```")[0]
    (base,) = read_files([ROOT / "crm_app.yaml"]).values()
    crm = check_texts([base, {"acme_app.yaml": written}]).apps["crm"]
    deal = crm.entities["deal"]
    assert deal.fields["amount"].options["max"] == 5_000_000
    assert "region" in deal.views["all"].columns
    assert "unowned" not in crm.entities["account"].views
    names = list(next(section for section in deal.form if section.name == "basics").fields)
    assert names[names.index("account") + 1] == "region"
