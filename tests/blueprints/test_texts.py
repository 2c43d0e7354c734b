"""Every text of the pages exists in Chinese, and no translation is left over."""

import re
from pathlib import Path

import pytest

import blueprints
from blueprints.dashboards import PERIOD_LABELS
from blueprints.list_rows import TOTAL_LABELS
from blueprints.record_page import FACTS
from blueprints.releases import KINDS, RISKS
from blueprints.texts import TRANSLATIONS, words
from blueprints.timeline import LOOKS
from engine.text import translate, translations

FOLDER = Path(blueprints.__file__).parent
CALL = re.compile(r"""(?:\b_|translated|words)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
SAID = re.compile(r"""\bsay\(\s*"((?:[^"\\]|\\.)*)\"""")
GREETINGS = ("Good morning, {name}", "Good afternoon, {name}", "Good evening, {name}")
PLACEHOLDER = re.compile(r"{(\w+)}")


def sources() -> list[str]:
    files = [*FOLDER.glob("templates/**/*.html"), *FOLDER.glob("*.py"), *FOLDER.glob("views/**/*.py")]
    return [file.read_text(encoding="utf-8") for file in files]


def used() -> set[str]:
    found = {first or second for text in sources() for first, second in CALL.findall(text)}
    return found | {
        *TOTAL_LABELS.values(),
        *PERIOD_LABELS.values(),
        *FACTS.values(),
        *(look[2] for look in LOOKS.values()),
        *GREETINGS,
        *RISKS.values(),
        *KINDS.values(),
    }


def kept() -> dict[str, str]:
    return dict(translations(TRANSLATIONS, "zh"))


def test_every_text_of_a_page_is_translated() -> None:
    assert sorted(used() - set(kept())) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(set(kept()) - used()) == []


@pytest.mark.parametrize("english", sorted(kept()))
def test_a_translation_fills_the_same_places(english: str) -> None:
    assert set(PLACEHOLDER.findall(kept()[english])) == set(PLACEHOLDER.findall(english))


def test_every_sentence_that_pages_raise_is_translated() -> None:
    said = {template for text in sources() for template in SAID.findall(text)}
    missing = {template for template in said if translate(template, "zh") == template and " " in template}
    assert sorted(missing) == []


def test_words_fill_their_parameters_in_both_languages() -> None:
    assert words("New {entity}", "en", entity="deal") == "New deal"
    assert words("New {entity}", "zh", entity="商机") == "新建商机"
