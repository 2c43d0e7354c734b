"""What people read: labels in several locales, and sentences that are translated when they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LOCALES = ("en", "zh")
TRANSLATIONS = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Text:
    """A label as its author wrote it: locale → words."""

    words: Mapping[str, str]

    def to(self, locale: str) -> str:
        """The words in `locale`, else in English, else in the first locale that was written."""
        found = self.words.get(locale)
        if found is not None:
            return found
        for wanted in (locale.partition("_")[0], "en"):
            if wanted in self.words:
                return self.words[wanted]
        return next(iter(self.words.values()), "")

    def __str__(self) -> str:
        return self.to("en")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence of the product: an English template and what fills it.

    The template is the key of the translation. Parameters that are themselves a Text, a Message or a
    tuple of such are put into the same locale.
    """

    template: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def to(self, locale: str) -> str:
        """The sentence in `locale`; English where no translation is kept."""
        filled = {name: _filled(value, locale) for name, value in self.parameters.items()}
        return translate(self.template, locale).format(**filled)

    def __str__(self) -> str:
        return self.to("en")


def _filled(value: Any, locale: str) -> Any:
    if isinstance(value, (Text, Message)):
        return value.to(locale)
    if isinstance(value, tuple):
        joint = "、" if locale.startswith("zh") else ", "
        return joint.join(str(_filled(each, locale)) for each in value)
    return value


def say(template: str, /, **parameters: Any) -> Message:
    """A Message; `say("“{value}” is not a date.", value=text)`."""
    return Message(template, parameters)


def in_all_locales(message: Message) -> dict[str, str]:
    """Locale → the sentence, for those who read it later."""
    return {locale: message.to(locale) for locale in LOCALES}


def translate(template: str, locale: str) -> str:
    """The translation of an English template, or the template itself."""
    return translations(TRANSLATIONS, locale.partition("_")[0]).get(template, template)


@cache
def translations(folder: Path, language: str) -> Mapping[str, str]:
    """English → `language`: what the files of `folder/language`, one for each part, say together."""
    found: dict[str, str] = {}
    for path in sorted((folder / language).glob("*.po")):
        with path.open(encoding="utf-8") as file:
            found |= {
                str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string
            }
    return found
