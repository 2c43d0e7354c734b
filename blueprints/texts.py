"""The words of the pages: English in the templates, Chinese in translations/zh, one file for each part."""

from pathlib import Path
from typing import Any

from engine.text import LOCALES, translate, translations

TRANSLATIONS = Path(__file__).parent / "translations"


def words(template: str, locale: str, **parameters: Any) -> str:
    """A page text in `locale`, its `{parameters}` filled in; sentences of the engine are found too."""
    kept = translations(TRANSLATIONS, locale) if locale in LOCALES else {}
    found = kept.get(template) or translate(template, locale)
    return found.format(**parameters) if parameters else found
