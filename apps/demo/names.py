"""Invented names of people and companies, put together from the words of names.yaml."""

from pathlib import Path
from random import Random
from typing import Any

import yaml

_WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "names.yaml").read_text(encoding="utf-8"))
SURNAMES = tuple(pair.split() for line in _WORDS["surnames"] for pair in line)
GIVEN = tuple(pair.split() for line in _WORDS["given_names"] for pair in line)
FIRST_NAMES: tuple[str, ...] = tuple(_WORDS["first_names"].split())
LAST_NAMES: tuple[str, ...] = tuple(_WORDS["last_names"].split())
CITIES: tuple[str, ...] = tuple(_WORDS["cities"].split())
COMPANY_WORDS: tuple[str, ...] = tuple(_WORDS["company_words"].split())
FOREIGN_WORDS: tuple[str, ...] = tuple(_WORDS["foreign_words"].split())
TRADES: dict[str, list[str]] = _WORDS["trades"]
FOREIGN_TRADES: dict[str, list[str]] = _WORDS["foreign_trades"]
FOREIGN_FORMS: dict[str, list[str]] = _WORDS["foreign_forms"]
LEGAL_FORMS: list[str] = _WORDS["legal_forms"]


def chinese_person(random: Random) -> tuple[str, str]:
    """A Chinese name and its spelling in letters: (“王晓明”, “wang.xiaoming”)."""
    surname, spelled = random.choice(SURNAMES)
    given = [random.choice(GIVEN) for _ in range(random.choice((1, 2, 2)))]
    letters = "".join(part for _, part in given)
    return surname + "".join(sign for sign, _ in given), f"{spelled}.{letters}"


def foreign_person(random: Random) -> tuple[str, str]:
    """An English name and its spelling for a sign-in: (“Anna Keller”, “anna.keller”)."""
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    return f"{first} {last}", f"{first}.{last}".lower()


def person(random: Random, foreign: float) -> tuple[str, str]:
    """A name and its spelling; `foreign` is the share of people with an English name."""
    return foreign_person(random) if random.random() < foreign else chinese_person(random)


def chinese_company(random: Random, industry: str) -> tuple[str, str]:
    """The name of a Chinese company and its city."""
    city = random.choice(CITIES)
    name = city + random.choice(COMPANY_WORDS) + random.choice(TRADES[industry]) + random.choice(LEGAL_FORMS)
    return name, city


def foreign_company(random: Random, industry: str) -> tuple[str, str]:
    """The name of a company elsewhere and its city."""
    form = random.choice(tuple(FOREIGN_FORMS))
    word, trade = random.choice(FOREIGN_WORDS), random.choice(FOREIGN_TRADES[industry])
    city = random.choice(FOREIGN_FORMS[form])
    return f"{word} {trade} {form}", city


def unused(name: str, used: set[str]) -> str:
    """`name`, or `name` with the first number that makes it new; the answer is added to `used`."""
    answer, number = name, 2
    while answer in used:
        answer, number = f"{name}{number}", number + 1
    used.add(answer)
    return answer
