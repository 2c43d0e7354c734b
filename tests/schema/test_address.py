"""Addresses of databases: what is accepted, and what is said about the rest."""

from pathlib import Path

import pytest

from engine.schema.address import DatabaseUnavailable, make_folder, read_address


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("sqlite:///data/dougong.db", "sqlite:///data/dougong.db"),
        ("sqlite:////var/dougong.db", "sqlite:////var/dougong.db"),
        ("postgresql://ada:x@db/work", "postgresql+psycopg://ada:x@db/work"),
        ("postgres://db/work", "postgresql+psycopg://db/work"),
        ("postgresql+psycopg://db/work", "postgresql+psycopg://db/work"),
    ],
)
def test_an_address(address: str, url: str) -> None:
    assert read_address(address).render_as_string(hide_password=False) == url


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (
            "dougong.db",
            (
                "“dougong.db” is not the address of a database. Write sqlite:///data/dougong.db for a file, "
                "or postgresql://user:password@host/name for a PostgreSQL server."
            ),
        ),
        (
            "mysql://db/work",
            (
                "Dougong does not work with “mysql” databases: the address begins with sqlite:/// or with "
                "postgresql://."
            ),
        ),
        (
            "sqlite://",
            (
                "“sqlite://” names no file: write sqlite:///data/dougong.db, or sqlite:////var/… with four "
                "slashes for a path that begins at the root."
            ),
        ),
    ],
)
def test_what_is_no_address(address: str, sentence: str) -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        read_address(address)
    assert str(refused.value) == sentence


def test_the_folder_of_a_file_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert make_folder(read_address(f"sqlite:///{folder / 'dougong.db'}")) == folder
    assert folder.is_dir()
    assert make_folder(read_address("postgresql://db/work")) is None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        DatabaseUnavailable, match=r"The folder .*/file/data for the database cannot be made: "
    ):
        make_folder(read_address(f"sqlite:///{tmp_path / 'file' / 'data' / 'dougong.db'}"))
