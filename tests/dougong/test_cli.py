"""The command line, from an empty folder: check, plan, apply, people, import, export, pull."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dougong.cli import main

APP = """
app: shop
label: {en: Shop, zh: 商店}
roles: {clerk: {label: {en: Clerk, zh: 店员}}}
entities:
  customer:
    label: {en: Customer, zh: 顾客}
    title: name
    fields:
      name: {label: {en: Name, zh: 姓名}, type: text, required: true}
      credit: {label: {en: Credit, zh: 额度}, type: money, min: 0}
    access:
      role:clerk: {read: true, create: true}
"""

Dougong = Callable[..., Result]


@pytest.fixture
def dougong(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dougong:
    """Runs the command line in an empty folder with the file shop_app.yaml, on an empty database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOUGONG_DATABASE", database_url)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "shop_app.yaml").write_text(APP, encoding="utf-8")

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False, **options)

    return run


def said(result: Result, code: int = 0) -> str:
    """What was printed, after a look at the exit code."""
    assert result.exit_code == code, result.output
    return result.stdout


def refused(result: Result) -> str:
    """The sentences on standard error of a command that refused."""
    assert result.exit_code == 1, result.output
    return result.stderr


def test_every_command_has_help(dougong: Dougong) -> None:
    def walk(path: Sequence[str], command: Any) -> None:
        text = said(dougong(*path, "--help"))
        assert command.help, path
        assert text.startswith("Usage:")
        for name, each in getattr(command, "commands", {}).items():
            walk([*path, name], each)

    walk([], main)


def test_check_names_every_problem_with_its_place(dougong: Dougong, tmp_path: Path) -> None:
    assert said(dougong("check", "shop_app.yaml")) == "No problems.\n"
    broken = APP.replace("required: true", "requird: true").replace("min: 0", "min: none")
    (tmp_path / "shop_app.yaml").write_text(broken, encoding="utf-8")
    lines = said(dougong("check", "shop_app.yaml"), 1).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("shop_app.yaml:10:")
    assert "Did you mean 'required'?" in lines[0]
    assert lines[1].startswith("shop_app.yaml:11:")
    problems = json.loads(said(dougong("check", "shop_app.yaml", "--json"), 1))["problems"]
    assert [f"{each['place']}: {each['message']}" for each in problems] == lines
    assert "There is no file 'nothing.yaml'." in said(dougong("check", "nothing.yaml"), 1)
    assert dougong("check").exit_code == 2


def test_check_makes_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop_app.yaml").write_text(APP, encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "shop_app.yaml"], env={"DOUGONG_DATABASE": "", "LC_ALL": "C"})
    assert result.exit_code == 0, result.output
    assert [each.name for each in tmp_path.iterdir()] == ["shop_app.yaml"]


def test_publishing_shows_the_plan_and_a_second_time_has_nothing_to_do(
    dougong: Dougong, tmp_path: Path
) -> None:
    planned = json.loads(said(dougong("plan", "shop_app.yaml", "--json")))
    assert planned["release"] == 0
    agreed = {"kind", "risk", "entity", "field", "sentence", "sql"}
    more = {"records", "blocks_writers", "affected"}
    assert all(set(step) == agreed | more for step in planned["steps"])
    assert any("CREATE TABLE" in statement for step in planned["steps"] for statement in step["sql"])
    assert "CREATE TABLE" in said(dougong("plan", "shop_app.yaml", "--sql"))
    assert "CREATE TABLE" not in said(dougong("plan", "shop_app.yaml"))
    assert "Published release 1." in said(dougong("apply", "shop_app.yaml", "--message", "First"))
    assert said(dougong("apply", "shop_app.yaml", "--yes")).startswith("Nothing to do")
    assert json.loads(said(dougong("plan", "shop_app.yaml", "--json")))["steps"] == []
    (tmp_path / "shop_app.yaml").write_text(APP.replace("min: 0}", "min: 0}\n      city: {type: text}"))
    assert "Published release 2." in said(dougong("apply", "shop_app.yaml", "--yes"))
    listed = json.loads(said(dougong("releases", "--json")))
    assert [(each["release"], each["message"]) for each in listed] == [(2, ""), (1, "First")]
    assert "shop" in said(dougong("releases"))


def test_what_is_published_is_part_of_what_is_checked(dougong: Dougong, tmp_path: Path) -> None:
    other = """
app: office
entities:
  visit:
    title: subject
    fields:
      subject: {type: text}
      customer: {type: link, to: shop.customer}
"""
    (tmp_path / "office_app.yaml").write_text(other, encoding="utf-8")
    assert "shop" in said(dougong("check", "office_app.yaml"), 1)
    assert "No problems." in said(dougong("check", "office_app.yaml", "shop_app.yaml"))
    said(dougong("apply", "shop_app.yaml"))
    assert "No problems." in said(dougong("check", "office_app.yaml"))
    said(dougong("apply", "office_app.yaml"))
    assert json.loads(said(dougong("releases", "--json")))[0]["apps"] == ["office", "shop"]
    without = APP.replace("  customer:", "  client:")
    (tmp_path / "shop_app.yaml").write_text(without, encoding="utf-8")
    assert "office_app.yaml" in said(dougong("check", "shop_app.yaml"), 1)


def test_pull_writes_the_files_byte_for_byte(dougong: Dougong, tmp_path: Path) -> None:
    assert refused(dougong("pull", "out")) == "Nothing was published yet.\n"
    text = "# 注释\n" + APP + "\n\n"
    (tmp_path / "shop_app.yaml").write_text(text, encoding="utf-8")
    said(dougong("apply", "shop_app.yaml"))
    said(dougong("pull", "out"))
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["shop_app.yaml"]
    assert (tmp_path / "out" / "shop_app.yaml").read_bytes() == text.encode()


def test_people_and_tokens(dougong: Dougong) -> None:
    said(dougong("apply", "shop_app.yaml"))
    assert "li can sign in now." in said(dougong("user", "add", "li", "--password", "a good one", "--admin"))
    made = json.loads(
        said(
            dougong(
                "user", "add", "wang", "--manager", "li", "--role", "shop.clerk", "--name", "王芳", "--json"
            )
        )
    )
    assert len(made["password"]) >= 12
    token = said(dougong("token", "create", "--user", "wang"))
    assert len(token.split()) == 1
    assert token.startswith("dg_")
    assert "Did you mean 'shop.clerk'?" in refused(dougong("user", "add", "x", "--role", "shop.clark"))
    assert "There is no user 'nobody'." in refused(dougong("user", "add", "x", "--manager", "nobody"))
    assert "There is no user 'nobody'." in refused(dougong("token", "create", "--user", "nobody"))
    assert "at least 8 characters" in refused(dougong("user", "add", "x", "--password", "short"))
    assert "already" in refused(dougong("user", "add", "li", "--password", "a good one"))
    exported = said(dougong("export", "system.user", "-")).splitlines()
    assert len(exported) == 3, "a refused person is not there"


def test_a_program_has_tokens_and_no_password(dougong: Dougong) -> None:
    said(dougong("apply", "shop_app.yaml"))
    assert "robot is a program" in said(dougong("user", "add", "robot", "--service", "--role", "shop.clerk"))
    assert dougong("user", "add", "other", "--service", "--password", "a good one").exit_code == 2
    said(dougong("token", "create", "--user", "robot", "--name", "nightly", "--scope", "read:shop"))
    (token,) = json.loads(said(dougong("token", "list", "--user", "robot", "--json")))
    assert (token["name"], token["scopes"], token["username"]) == ("nightly", ["read:shop"], "robot")
    assert "read:shop" in said(dougong("token", "list"))
    said(dougong("token", "revoke", str(token["id"])))
    assert said(dougong("token", "list", "--user", "robot")) == ""
    assert "There is no token" in refused(dougong("token", "revoke", str(token["id"])))


def test_there_are_people_before_anything_is_published(dougong: Dougong) -> None:
    said(dougong("user", "add", "li", "--name", "Li Lei", "--password", "a good one", "--admin"))
    assert said(dougong("token", "create", "--user", "li")).startswith("dg_")
    assert "Li Lei" in said(dougong("export", "system.user", "-"))
    said(dougong("apply", "shop_app.yaml"))
    assert "Li Lei" in said(dougong("export", "system.user", "-"))


def test_import_is_all_or_nothing_unless_partial(dougong: Dougong, tmp_path: Path) -> None:
    said(dougong("apply", "shop_app.yaml"))
    (tmp_path / "good.csv").write_text("姓名,Credit\n李雷,1000.50\nWang,\n", encoding="gb18030")
    assert said(dougong("import", "shop.customer", "good.csv")) == "2 created, 0 changed.\n"
    (tmp_path / "bad.csv").write_text("name,credit\nZhao,1\n,a lot\nQian,-1\n", encoding="utf-8")
    result = dougong("import", "shop.customer", "bad.csv")
    assert refused(result).splitlines() == [
        "Row 3: credit: “a lot” is not an amount of money.",
        "Row 4: credit: “-1.00” is less than the minimum of 0.00.",
        "Nothing was written: 2 rows were refused.",
    ]
    answer = json.loads(said(dougong("import", "shop.customer", "bad.csv", "--partial", "--json"), 1))
    assert (answer["created"], answer["updated"], [each["row"] for each in answer["refused"]]) == (
        1,
        0,
        [3, 4],
    )
    assert said(dougong("export", "shop.customer", "all.csv")) == "3 records written to all.csv.\n"
    text = (tmp_path / "all.csv").read_text(encoding="utf-8-sig")
    assert "李雷" in text
    assert "1000.50" in text
    (tmp_path / "all.csv").write_text(text.replace("1000.50", "7"), encoding="utf-8-sig")
    again = dougong("import", "shop.customer", "all.csv")
    assert said(again) == "0 created, 3 changed.\n"
    assert "7.00" in said(dougong("export", "shop.customer", "-", "--filter", "credit == 7"))
    assert "“none.csv” cannot be read" in refused(dougong("import", "shop.customer", "none.csv"))
    assert "'shop.custmer'" in refused(dougong("import", "shop.custmer", "good.csv"))


def test_a_new_app_is_a_definition_that_works(dougong: Dougong, tmp_path: Path) -> None:
    assert "field_service_app.yaml" in said(dougong("new", "app", "field_service"))
    assert said(dougong("check", "field_service_app.yaml")) == "No problems.\n"
    assert "Published release 1." in said(dougong("apply", "field_service_app.yaml"))
    assert "is there already" in refused(dougong("new", "app", "field_service"))
    assert "is no name for an app" in refused(dougong("new", "app", "Field Service"))
    assert (tmp_path / "field_service_app.yaml").read_text(encoding="utf-8").count("field_service") == 1


def test_sentences_are_chinese_in_a_chinese_terminal(
    dougong: Dougong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert said(dougong("check", "shop_app.yaml")) == "没有问题。\n"
    assert refused(dougong("pull", "out")) == "还没有发布过任何内容。\n"


def test_a_database_that_cannot_be_is_refused_in_a_sentence(dougong: Dougong) -> None:
    assert "mysql" in refused(dougong("releases", "--database", "mysql://a/b"))
    assert refused(dougong("releases", "--database", "nonsense"))


def test_a_value_is_explained(dougong: Dougong, tmp_path: Path) -> None:
    text = APP.replace("    access:", "      debt: {type: money, formula: credit / 3}\n    access:")
    (tmp_path / "shop_app.yaml").write_text(text, encoding="utf-8")
    said(dougong("apply", "shop_app.yaml"))
    (tmp_path / "one.csv").write_text("name,credit\nAnn,100\n", encoding="utf-8")
    said(dougong("import", "shop.customer", "one.csv"))
    assert said(dougong("explain", "shop.customer", "1", "debt")).splitlines() == [
        "shop.customer 1  debt = 33.33",
        "Computed by release 1.",
        "",
        "credit / 3 = 33.3333333333",
        "  credit = 100.00",
        "  / 3",
        "33.3333333333 was rounded to 33.33.",
    ]
    assert json.loads(said(dougong("explain", "shop.customer", "1", "debt", "--json")))["value"] == "33.33"
    assert "is not computed" in refused(dougong("explain", "shop.customer", "1", "credit"))
    assert "“x” is no id" in refused(dougong("explain", "shop.customer", "x", "debt"))


LATER = APP.replace("min: 0", "min: 0, max: 900")


def write(folder: Path, text: str, name: str = "shop_app.yaml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_releases_are_compared_and_shown(dougong: Dougong, tmp_path: Path) -> None:
    said(dougong("apply", "shop_app.yaml", "--message", "First"))
    write(tmp_path, LATER)
    said(dougong("apply", "shop_app.yaml"))
    assert said(dougong("diff", "1", "2")) == "- The field Credit of the entity Customer: 'max' is 900 now.\n"
    (found,) = json.loads(said(dougong("diff", "2", "1", "--json")))["differences"]
    assert (found["path"], found["before"], found["after"]) == (
        "entities/customer/fields/credit/max",
        "900",
        None,
    )
    assert said(dougong("diff", "1", "1")) == "They are the same, byte for byte.\n"
    shown = said(dougong("releases", "1"))
    assert "First" in shown
    assert "Creates Customer with 2 fields." in shown
    assert json.loads(said(dougong("releases", "1", "--json")))["files"] == {"shop": ["shop_app.yaml"]}
    assert refused(dougong("diff", "1", "9")) == "There is no release 9.\n"


def test_back_to_an_earlier_release(dougong: Dougong, tmp_path: Path) -> None:
    write(tmp_path, LATER)
    said(dougong("apply", "shop_app.yaml"))
    write(tmp_path, APP)
    said(dougong("apply", "shop_app.yaml"))
    shown = said(dougong("rollback", "1", "--yes"))
    assert "Published release 3." in shown
    assert "Back to release 1" in said(dougong("releases"))
    said(dougong("pull", "out"))
    assert (tmp_path / "out" / "shop_app.yaml").read_text(encoding="utf-8") == LATER
    assert "Nothing to do" in said(dougong("rollback", "1"))
    assert refused(dougong("rollback", "3")) == "Release 3 is the current one.\n"


def test_pulled_files_tell_what_was_published_since(dougong: Dougong, tmp_path: Path) -> None:
    said(dougong("apply", "shop_app.yaml"))
    said(dougong("pull", "mine"))
    write(tmp_path, LATER)
    said(dougong("apply", "shop_app.yaml", "--message", "A limit"))
    write(tmp_path / "mine", APP + "      everyone: {read: true}\n")
    planned = said(dougong("plan", "mine/shop_app.yaml"))
    assert "! These files come from release 1. Since then " in planned
    assert "A limit" in planned
    assert (
        "! Publishing them takes this back: The field Credit of the entity Customer: 'max' is 900" in planned
    )
    assert len(json.loads(said(dougong("plan", "mine/shop_app.yaml", "--json")))["drift"]) == 2
    said(dougong("apply", "mine/shop_app.yaml", "--yes"))
    assert "!" not in said(dougong("plan", "mine/shop_app.yaml"))


def test_line_ends_and_byte_order_marks_come_back(dougong: Dougong, tmp_path: Path) -> None:
    written = ("\ufeff" + APP.replace("\n", "\r\n")).encode()
    (tmp_path / "shop_app.yaml").write_bytes(written)
    said(dougong("apply", "shop_app.yaml"))
    said(dougong("pull", "out"))
    assert (tmp_path / "out" / "shop_app.yaml").read_bytes() == written


def test_an_upgrade_tells_what_changes_for_the_company(dougong: Dougong, tmp_path: Path) -> None:
    overlay = "app: acme\nextends: shop\nentities: {customer: {fields: {credit: {max: 5}}}}\n"
    write(tmp_path, overlay, "acme_app.yaml")
    said(dougong("apply", "shop_app.yaml", "acme_app.yaml", "--yes"))
    write(
        tmp_path,
        LATER.replace("{type: text, required: true}", "{type: text}") + "      everyone: {read: true}\n",
    )
    shown = said(dougong("upgrade", "shop_app.yaml", "--yes"))
    assert "- Adds the rule everyone of the entity Customer." in shown
    assert "'max' was" not in shown.partition("!")[0]
    assert "! acme_app.yaml:3:46: The overlay 'acme' has its own word here" in shown
    assert "Published release 2." in shown
    said(dougong("pull", "out"))
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["acme_app.yaml", "shop_app.yaml"]
    assert (tmp_path / "out" / "acme_app.yaml").read_text(encoding="utf-8") == overlay
