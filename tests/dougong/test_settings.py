"""Settings: arguments win over the environment; the secret key is made once, for this account alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from dougong.settings import MEGABYTE, SECRET_KEY_FILE, Settings, read_settings, secret_key
from engine.access.rules import Rules
from engine.problems import Refused


@pytest.mark.parametrize(
    ("environment", "database", "expected"),
    [
        ({}, None, Settings("sqlite:///data/dougong.db", Path("data"))),
        ({"DOUGONG_DATA": "kept"}, None, Settings("sqlite:///kept/dougong.db", Path("kept"))),
        (
            {"DOUGONG_DATABASE": "postgresql://a/b"},
            None,
            Settings("postgresql://a/b", Path("data")),
        ),
        (
            {"DOUGONG_DATABASE": "postgresql://a/b", "DOUGONG_HTTPS": "1"},
            "sqlite:///x.db",
            Settings("sqlite:///x.db", Path("data"), https=True),
        ),
        (
            {"DOUGONG_HTTPS": "no", "DOUGONG_DATABASE": ""},
            None,
            Settings("sqlite:///data/dougong.db", Path("data")),
        ),
    ],
)
def test_settings_come_from_the_argument_then_the_environment_then_a_default(
    environment: dict[str, str], database: str | None, expected: Settings
) -> None:
    assert read_settings(environment, database) == expected


def test_another_process_reads_the_same_settings() -> None:
    rules = Rules(timedelta(hours=1), timedelta(hours=3), 12, "administrators", 60)
    settings = Settings(
        "sqlite:///x.db", Path("kept"), https=True, proxies=2, largest_upload=5 * MEGABYTE, rules=rules
    )
    assert read_settings(settings.environment()) == settings


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "DOUGONG_TRUSTED_PROXIES",
            "all",
            "is “all”; it has to be a whole number from 0",
        ),
        (
            "DOUGONG_PASSWORD_LENGTH",
            "4",
            "is “4”; it has to be a whole number from 8",
        ),
        ("DOUGONG_LARGEST_UPLOAD", "-1", "DOUGONG_LARGEST_UPLOAD is “-1”"),
        ("DOUGONG_SECOND_FACTOR", "some", "it can be empty, administrators or everybody"),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, value: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_settings({name: value})


def test_the_secret_key_is_made_once_and_is_readable_by_this_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = secret_key(folder)
    assert len(first) >= 48
    assert secret_key(folder) == first
    assert stat.S_IMODE((folder / SECRET_KEY_FILE).stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir()] == [SECRET_KEY_FILE]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: secret_key(tmp_path), range(32)))
    assert len(keys) == 1


def test_an_empty_key_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / SECRET_KEY_FILE).touch()
    with pytest.raises(Refused, match=r"holds no usable secret key. Remove the file"):
        secret_key(tmp_path)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match=r"The secret key cannot be written to .*DOUGONG_DATA"):
        secret_key(tmp_path / "file")


def test_the_provider_of_sign_ins_comes_from_the_environment() -> None:
    given = {
        "DOUGONG_OIDC_ISSUER": "https://id.example",
        "DOUGONG_OIDC_CLIENT_ID": "dougong",
        "DOUGONG_OIDC_CLIENT_SECRET": "s",
        "DOUGONG_OIDC_CREATE": "yes",
        "DOUGONG_OIDC_ROLES_CLAIM": "groups",
        "DOUGONG_OIDC_ROLES": "cn=Sales,=crm.sales, HR = hrm.hr",
    }
    settings = read_settings({**given, "DOUGONG_OIDC_ROLES": "Sales=crm.sales, HR = hrm.hr"})
    assert settings.openid is not None
    assert settings.openid.roles == {"Sales": "crm.sales", "HR": "hrm.hr"}
    assert read_settings(settings.environment()) == settings
    for changed, sentence in (
        ({"DOUGONG_OIDC_ISSUER": "http://id.example"}, "has to begin with https"),
        ({"DOUGONG_OIDC_CLIENT_SECRET": ""}, "DOUGONG_OIDC_CLIENT_SECRET is needed as well"),
        ({"DOUGONG_OIDC_ROLES": "Sales"}, "write group=app.role"),
    ):
        with pytest.raises(Refused, match=sentence):
            read_settings({**given, "DOUGONG_OIDC_ROLES": "", **changed})
