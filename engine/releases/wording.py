"""How sentences of a plan name entities, fields, numbers of records and values."""

from collections.abc import Iterable
from typing import Any

from engine.definition.model import Entity, Field
from engine.fields.registry import FIELD_TYPES
from engine.text import LOCALES, Message, Text, say


def counted(count: int, entity: Entity) -> Message:
    """“20,000 deals”, or “20,000 records of Deal” where the definition names no plural."""
    if count == 1:
        return say("1 record of {entity}", entity=entity.label)
    if entity.label_plural is None:
        return say("{count} records of {entity}", count=f"{count:,}", entity=entity.label)
    plural = {locale: _inside_a_sentence(words) for locale, words in entity.label_plural.words.items()}
    return say("{count} {records}", count=f"{count:,}", records=Text(plural))


def fields_named(entity: Entity, names: Iterable[str]) -> Text | Message:
    """The labels of fields: “Probability and Weighted”."""
    labels: list[Text | Message] = [
        entity.fields[name].label if name in entity.fields else Text({"en": name}) for name in names
    ]
    listed = labels[0]
    for label in labels[1:-1]:
        listed = say("{first}, {second}", first=listed, second=label)
    return listed if len(labels) == 1 else say("{first} and {second}", first=listed, second=labels[-1])


def value_of(each: Field, value: Any) -> Text:
    """A value of the field as each language writes it."""
    field_type = FIELD_TYPES[each.type]
    return Text({locale: field_type.format(each.options, value, locale) for locale in LOCALES})


def _inside_a_sentence(words: str) -> str:
    """“Deals” → “deals”, but “SKUs” stays."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def values_stay(count: int) -> Message:
    """“20,000 values stay”."""
    return say("1 value stays") if count == 1 else say("{count} values stay", count=f"{count:,}")


def values_kept(count: int) -> Message:
    """“20,000 values are kept in a column that you can look at until you purge it”."""
    if count == 1:
        return say("1 value is kept in a column that you can look at until you purge it")
    return say(
        "{count} values are kept in a column that you can look at until you purge it", count=f"{count:,}"
    )


def values_counted(count: int) -> Message:
    """“20,000 values”."""
    return say("1 value") if count == 1 else say("{count} values", count=f"{count:,}")
