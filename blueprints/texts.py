"""The words of the pages: English in the templates, Chinese in translations/zh.po."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from engine.text import LOCALES, translate

TRANSLATIONS = Path(__file__).parent / "translations"


def words(template: str, locale: str, **parameters: Any) -> str:
    """A page text in `locale`, its `{parameters}` filled in; sentences of the engine are found too."""
    found = _translations(locale).get(template) or translate(template, locale)
    return found.format(**parameters) if parameters else found


@cache
def _translations(locale: str) -> Mapping[str, str]:
    path = TRANSLATIONS / f"{locale}.po"
    if locale not in LOCALES or not path.exists():
        return {}
    with path.open(encoding="utf-8") as file:
        catalogue = read_po(file)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
