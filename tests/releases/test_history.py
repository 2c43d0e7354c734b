"""The way back to an earlier release, what a new version touches of overlays, and files that went apart."""

from collections.abc import Mapping

import pytest
from sqlalchemy import text

from engine.definition.check import Checked
from engine.definition.model import App
from engine.problems import NotFound, NotPossible
from engine.releases.apply import apply_plan
from engine.releases.drift import drift
from engine.releases.history import current_release, find_release, load_release, plan_of
from engine.releases.plan import make_plan
from engine.releases.proposal import proposed
from engine.releases.rollback import earlier_release
from engine.releases.step import Risk
from engine.releases.upgrade import touched
from engine.schema.database import Database
from engine.schema.system_tables import release as release_table

ONE = """\
app: crm
entities:
  deal:
    fields:
      name: {type: text}
      amount: {type: money, max: 9}
"""
TWO = ONE.replace("max: 9", "max: 99") + "      region: {type: text}\n"
OVERLAY = """\
app: acme
extends: crm
entities:
  deal:
    fields:
      amount: {max: 5}
      city: {type: text}
"""


def publish(database: Database, message: str = "", by: str = "ada", **texts: str) -> None:
    with database.reading() as connection:
        published = current_release(connection)
    checked = proposed(published, [{f"{name}_app.yaml": each} for name, each in texts.items()])
    apply_plan(database, checked, message, by, frozenset(Risk))


def wrote(database: Database, number: int, **texts: str) -> None:
    """A release as it stands in the history, without carrying anything out."""
    with database.writing() as connection:
        connection.execute(
            release_table.insert().values(
                number=number,
                published_at=text("CURRENT_TIMESTAMP"),
                published_by="ada",
                message="",
                sha="",
                apps={name: {f"{name}_app.yaml": each} for name, each in texts.items()},
                plan=[],
            )
        )


def earlier(database: Database, number: int) -> Mapping[str, App]:
    with database.reading() as connection:
        return earlier_release(connection, number).checked.apps


def test_a_release_is_kept_with_its_texts_and_its_plan(database: Database) -> None:
    publish(database, "First", crm=ONE)
    publish(database, "Regions", by="bob", crm=TWO)
    with database.reading() as connection:
        first, second = find_release(connection, 1), find_release(connection, 2)
        steps = plan_of(connection, 2)
        with pytest.raises(NotFound, match="There is no release 7"):
            find_release(connection, 7)
    assert (first.apps, first.message, first.published_by) == ({"crm": {"crm_app.yaml": ONE}}, "First", "ada")
    assert (second.apps["crm"]["crm_app.yaml"], second.published_by) == (TWO, "bob")
    assert "Adds Region to Deal." in [each["sentence"]["en"] for each in steps]


def test_back_to_a_release_and_forward_again(database: Database) -> None:
    publish(database, crm=ONE)
    publish(database, crm=ONE.replace("max: 9", "max: 99"))
    apply_plan(database, _checked(database, 1), "Back", "ada", frozenset(Risk))
    with database.reading() as connection:
        now = current_release(connection)
    assert now
    assert (now.number, now.apps) == (3, {"crm": {"crm_app.yaml": ONE}})
    assert make_plan(database, _checked(database, 1)).nothing_to_do
    apply_plan(database, _checked(database, 2), "Forward", "ada", frozenset(Risk))
    with database.reading() as connection:
        assert (
            load_release(current_release(connection))["crm"].entities["deal"].fields["amount"].options["max"]
            == 99
        )


def _checked(database: Database, number: int) -> Checked:
    with database.reading() as connection:
        return earlier_release(connection, number).checked


def test_an_overlay_that_came_later_goes(database: Database) -> None:
    publish(database, crm=ONE)
    publish(database, acme=OVERLAY.replace("      city: {type: text}\n", ""))
    apply_plan(database, _checked(database, 1), "Back", "ada", frozenset(Risk))
    with database.reading() as connection:
        now = current_release(connection)
    assert now
    assert now.apps == {"crm": {"crm_app.yaml": ONE}}


def test_the_current_release_and_one_that_never_was(database: Database) -> None:
    publish(database, crm=ONE)
    with database.reading() as connection:
        with pytest.raises(NotPossible, match="Release 1 is the current one"):
            earlier_release(connection, 1)
        with pytest.raises(NotFound, match="There is no release 2"):
            earlier_release(connection, 2)


def test_names_are_followed_back(database: Database) -> None:
    field = "app: {app}\n{app_was}entities:\n  {entity}:\n    {was}\n    fields:\n      {field}\n"

    def written(app: str, entity: str, each: str, was: str = "label: X", app_was: str = "") -> str:
        return field.format(app=app, entity=entity, field=each, was=was, app_was=app_was)

    wrote(database, 1, crm=written("crm", "deal", "value: {type: choice, options: [low, high]}"))
    wrote(
        database,
        2,
        crm=written("crm", "sale", "amount: {type: choice, was: value, options: [low, high]}", "was: deal"),
    )
    third = written(
        "shop",
        "sale",
        "total: {type: choice, was: amount, options: {small: {was: low}, high: }}",
        app_was="was: crm\n",
    )
    wrote(database, 3, shop=third)
    app = earlier(database, 1)["crm"]
    deal = app.entities["deal"]
    assert (app.was, deal.was, deal.fields["value"].was) == ("shop", "sale", "total")
    options = deal.fields["value"].options["options"]
    assert (options["low"].was, options["high"].was) == ("small", None)
    assert app.texts["crm_app.yaml"].startswith("app: crm")
    again = earlier(database, 2)["crm"].entities["sale"]
    assert (again.was, again.fields["amount"].was) == (None, "total")


def test_apps_that_came_later_are_named(database: Database) -> None:
    wrote(database, 1, crm=ONE)
    wrote(database, 2, crm=ONE, hrm="app: hrm\nentities: {a: {fields: {b: {type: text}}}}\n")
    with database.reading() as connection:
        assert earlier_release(connection, 1).removed == {"hrm"}


def test_what_a_new_version_touches_of_an_overlay() -> None:
    before = {"crm": {"crm_app.yaml": ONE}, "acme": {"acme_app.yaml": OVERLAY}}
    later = TWO + "      city: {type: text, label: Town}\n"
    found = touched(before, {**before, "crm": {"crm_app.yaml": later}})
    assert [(str(each.place), each.overlay, str(each.difference.sentence)) for each in found] == [
        ("acme_app.yaml:6:21", "acme", "The field Amount of the entity Deal: 'max' was 9 and is 99."),
        ("acme_app.yaml:7:13", "acme", "Adds the field Town of the entity Deal."),
    ]
    assert str(found[0].sentence).startswith(
        "The overlay 'acme' has its own word here, which stays in force."
    )
    assert touched(before, {**before, "crm": {"crm_app.yaml": ONE + "      note: {type: text}\n"}}) == []


def told(database: Database, pulled: int | None = None, **texts: str) -> list[str]:
    with database.reading() as connection:
        given = {name: {f"{name}_app.yaml": each} for name, each in texts.items()}
        return [str(each) for each in drift(connection, given, pulled)]


def test_files_that_went_apart_from_what_is_published(database: Database) -> None:
    assert told(database, crm=ONE) == []
    publish(database, "First", crm=ONE)
    assert told(database, crm=ONE) == []
    assert told(database, crm=TWO) == []
    publish(database, "Regions", by="bob", crm=TWO)
    mine = ONE.replace("name: {type: text}", "name: {type: text, required: true}")
    since, *lost = told(database, pulled=1, crm=mine)
    assert since.startswith("These files come from release 1. Since then bob published release 2 (")
    assert since.endswith("): Regions")
    assert lost == [
        "Publishing them takes this back: The field Amount of the entity Deal: 'max' was 9 and is 99.",
        "Publishing them takes this back: Adds the field Region of the entity Deal.",
    ]
    assert told(database, crm=ONE)[1:] == lost
    assert told(database, pulled=2, crm=mine) == []
    merged = TWO.replace("name: {type: text}", "name: {type: text, required: true}")
    assert len(told(database, pulled=1, crm=merged)) == 1


def test_files_that_are_missing_are_named(database: Database) -> None:
    publish(database, crm=ONE)
    publish(database, acme=OVERLAY)
    with database.reading() as connection:
        found = [str(each) for each in drift(connection, {"crm": {"other.yaml": ONE}})]
    assert found == [
        "The published file crm_app.yaml of 'crm' is not among these.",
        "Published, not among these files, and left as it is: acme.",
    ]


def values(database: Database, table: str, *columns: str) -> list[tuple[object, ...]]:
    chosen = ", ".join(columns)
    with database.reading() as connection:
        found = connection.execute(text(f"SELECT {chosen} FROM {table} ORDER BY id"))
        return [tuple(row) for row in found]


def test_what_was_renamed_goes_back_with_its_data_and_forward_again(database: Database) -> None:
    before = ONE.replace("amount: {type: money, max: 9}", "size: {type: choice, options: [low, high]}")
    publish(database, crm=before)
    with database.writing() as connection:
        insert = "INSERT INTO crm__deal (created_at, updated_at, revision, name, size) VALUES "
        when = "'2026-11-21 09:30:00'"
        connection.execute(
            text(f"{insert} ({when}, {when}, 1, 'A', 'low'), ({when}, {when}, 1, 'B', 'high')")
        )
    renamed = (
        before.replace("  deal:\n", "  sale:\n    was: deal\n")
        .replace("name:", "title: {type: text, was: name}\n      ignored:")
        .replace("      ignored: {type: text}\n", "")
        .replace("options: [low, high]", "options: {small: {was: low}, high: }")
    )
    publish(database, crm=renamed)
    assert values(database, "crm__sale", "title", "size") == [("A", "small"), ("B", "high")]
    with database.reading() as connection:
        back = earlier_release(connection, 1)
    plan = make_plan(database, back.checked, back.removed)
    assert Risk.DESTRUCTIVE not in plan.risks
    apply_plan(database, back.checked, "Back", "ada", frozenset(Risk), removed=back.removed)
    assert values(database, "crm__deal", "name", "size") == [("A", "low"), ("B", "high")]
    apply_plan(database, _checked(database, 2), "Forward", "ada", frozenset(Risk))
    assert values(database, "crm__sale", "title", "size") == [("A", "small"), ("B", "high")]
    with database.reading() as connection:
        now = current_release(connection)
    assert now
    assert now.apps == {"crm": {"crm_app.yaml": renamed}}


def test_an_app_that_came_later_is_taken_out_of_use(database: Database) -> None:
    publish(database, crm=ONE)
    publish(database, hrm="app: hrm\nentities: {a: {fields: {b: {type: text}}}}\n")
    with database.reading() as connection:
        back = earlier_release(connection, 1)
    apply_plan(database, back.checked, "Back", "ada", frozenset(Risk), removed=back.removed)
    with database.reading() as connection:
        now = current_release(connection)
    assert now
    assert list(now.apps) == ["crm"]
