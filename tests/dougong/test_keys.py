"""`dougong key`: the first key comes with the first encrypted field, a new one takes its place."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dougong.cli import main

APP = """
app: shop
entities:
  customer:
    fields:
      name: {type: text, required: true}
      account: {type: text, encrypted: true}
"""


@pytest.fixture
def folder(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOUGONG_DATABASE", database_url)
    monkeypatch.setenv("DOUGONG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "shop_app.yaml").write_text(APP, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("name,account\nAda,6222\nBob,\n", encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_keys_are_made_counted_and_rotated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("plan", "shop_app.yaml").exit_code == 0
    assert not (folder / "data" / "fields.key").exists()
    published = run("apply", "shop_app.yaml", "--yes")
    assert published.exit_code == 0
    assert "The first key of encrypted fields was made" in published.stderr
    assert str(folder / "data" / "fields.key") in published.stderr
    assert (folder / "data" / "fields.key").stat().st_mode & 0o777 == 0o600
    again = folder / "again.yaml"
    again.write_text(APP.replace("required: true", "required: true, max_length: 50"), encoding="utf-8")
    assert "first key" not in run("apply", "again.yaml", "--yes").stderr
    assert run("import", "shop.customer", "customers.csv").exit_code == 0
    (first,) = json.loads(run("key", "list", "--json").stdout)
    assert (first["values"], first["there"]) == (1, True)
    rotated = run("key", "rotate")
    assert "1 values are encrypted with the key" in rotated.stdout
    assert [each["values"] for each in json.loads(run("key", "list", "--json").stdout)] == [0, 1]
    keys = (folder / "data" / "fields.key").read_text().split()

    (folder / "data" / "fields.key").rename(folder / "saved")
    missing = run("export", "shop.customer", "out.csv")
    assert missing.exit_code == 1
    assert "Put that key back" in missing.stderr
    assert "!" in run("key", "list").stdout
    monkeypatch.setenv("DOUGONG_FIELD_KEYS", " ".join(keys))
    assert run("export", "shop.customer", "out.csv").exit_code == 0
    assert "6222" in (folder / "out.csv").read_text()
    assert json.loads(run("key", "rotate", "--json").stdout)["values"] == 0
    monkeypatch.setenv("DOUGONG_FIELD_KEYS", "short")
    assert "holds something that is no key" in run("key", "list").stderr
