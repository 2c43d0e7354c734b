"""On the command line it is said where the records of a removed stage go, also on the way back."""

import json
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import text

from dougong.cli import main
from engine.schema.database import Database
from tests.releases.publishing import checked, crm, insert, publish, rows

TWO = crm(
    "name: {type: text}", "workflow: {stages: {lead: {}, won: {}}, transitions: {win: {from: lead, to: won}}}"
)
THREE = TWO.replace("lead: {}, won", "lead: {}, offer: {}, won").replace("from: lead", "from: [lead, offer]")


def run(database: Database, *words: str) -> tuple[int, str]:
    address = database.url.render_as_string(hide_password=False)
    found = CliRunner().invoke(main, [*words, "--database", address])
    return found.exit_code, found.output


def stages(database: Database) -> list[str]:
    with database.reading() as connection:
        return [stage for (stage,) in rows(connection, "crm__deal", "stage")]


def test_where_records_go_is_said(database: Database, tmp_path: Path) -> None:
    publish(database, TWO)
    publish(database, THREE)
    with database.writing() as connection:
        insert(connection, checked(THREE), "crm.deal", name="A", stage="offer")
    code, told = run(database, "rollback", "1", "--yes")
    assert code == 1
    assert "Say where they go: moved_stages: {offer: lead}" in told
    assert "Or say it here, such as: --move-stage crm.deal.offer=lead" in told
    assert run(database, "rollback", "1", "--yes", "--move-stage", "crm.deal.offer")[0] == 2
    code, told = run(database, "rollback", "1", "--yes", "--move-stage", "crm.deal.offer=nowhere")
    assert (code, stages(database)) == (1, ["offer"])
    code, told = run(database, "rollback", "1", "--yes", "--move-stage", "crm.deal.offer=won")
    assert code == 0, told
    assert "Removes the stage Offer of Deal. To Won go: 1 record of Deal." in told
    assert stages(database) == ["won"]

    with database.writing() as connection:
        connection.execute(text("UPDATE crm__deal SET stage = 'lead'"))
    file = tmp_path / "crm_app.yaml"
    file.write_text(
        TWO.replace("lead: {}", "begun: {}").replace("from: lead", "from: begun"), encoding="utf-8"
    )
    move = ("--move-stage", "crm.deal.lead=begun")
    code, told = run(database, "plan", str(file), *move, "--json")
    assert [each["records"] for each in json.loads(told)["steps"] if each["kind"] == "stage_removed"] == [1]
    code, told = run(database, "upgrade", str(file), "--yes", *move, "--json")
    assert code == 0, told
    answer = json.loads(told)
    assert answer["release"] == 4
    assert answer["touched"] == []
    assert "Adds the stage Begun of the entity Deal." in [each["sentence"] for each in answer["differences"]]
    assert stages(database) == ["begun"]
