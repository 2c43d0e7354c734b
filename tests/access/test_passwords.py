"""Which passwords are refused, and why."""

import pytest

from engine.access.passwords import COMMON, normal, weaknesses


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "A password has at least 8 characters."),
        ("x" * 257, "A password has at most 256 characters."),
        ("password1", "one of those that are guessed first"),
        ("PassWord1", "one of those that are guessed first"),
        ("abababababab", "one of those that are guessed first"),
        ("ann.miller", "not the name of its person"),
        ("Ann.Miller2024!", "not the name of its person"),
        ("12Dougong34", "nor that of the product"),
    ],
)
def test_what_is_refused(password: str, sentence: str) -> None:
    found = [str(each.message) for each in weaknesses(password, ("ann.miller", "Ann Miller"), 8)]
    assert any(sentence in each for each in found), found


@pytest.mark.parametrize("password", ["correct horse battery", "我家门前有小河后面有山坡", "secret-clerk"])
def test_length_alone_makes_a_good_one(password: str) -> None:
    assert weaknesses(password, ("ann", ""), 8) == []


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert len(weaknesses("john", ("john",), 8)) == 2


def test_letters_are_the_same_however_they_are_composed() -> None:
    assert normal("Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}") == normal("Zoe\N{COMBINING DIAERESIS}")


def test_the_list_is_there() -> None:
    assert len(COMMON) >= 30_000
