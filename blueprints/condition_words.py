"""Conditions of definitions as people read them: fields and options by their labels, numbers with commas."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from babel.numbers import format_decimal

from blueprints import visitor
from blueprints.values import label
from engine.catalog import Catalog, CompiledEntity
from engine.text import Message, Text, say

TOKEN = re.compile(
    r'(?P<text>"[^"]*")|(?P<number>\d[\d_]*(?:\.\d+)?)|(?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)'
    r"|(?P<sign>==|!=|>=|<=)|(?P<other>.)",
    re.DOTALL,
)
WORDS: Mapping[str, Message] = {"and": say("and"), "or": say("or"), "not": say("not")}
SIGNS: Mapping[str, Message] = {
    "==": say("is"),
    "!=": say("is not"),
    ">=": say("at least"),
    "<=": say("at most"),
}


def in_words(catalog: Catalog, entity: CompiledEntity, sentence: Message | Text | None) -> str:
    """A sentence of the engine whose `condition` is a formula, with the formula in words."""
    if sentence is None:
        return ""
    if isinstance(sentence, Message) and "condition" in sentence.parameters:
        words = condition_words(catalog, entity, str(sentence.parameters["condition"]))
        sentence = replace(sentence, parameters={**sentence.parameters, "condition": words})
    return sentence.to(visitor.locale())


def condition_words(catalog: Catalog, entity: CompiledEntity, formula: str) -> str:
    """`discount > 20% and kind == "sick"` → “Discount > 20% and Kind is Sick leave”."""
    reader = _Reader(catalog, entity)
    parts = [reader.word(match) for match in TOKEN.finditer(formula)]
    return " ".join("".join(parts).split())


@dataclass(slots=True)
class _Reader:
    """Goes through a formula; the field that was read last says what options are called."""

    catalog: Catalog
    entity: CompiledEntity
    options: Mapping[str, str] = field(default_factory=dict)

    def word(self, match: re.Match[str]) -> str:
        kind = match.lastgroup or "other"
        return READERS[kind](self, match[0])

    def path(self, text: str) -> str:
        if text in WORDS:
            return visitor.translated(WORDS[text].template)
        words, at = [], self.entity.key
        for name in text.split("."):
            compiled = self.catalog.entities.get(at)
            each = compiled.fields.get(name) if compiled else None
            if each is None or compiled is None:
                return text
            self.options = _options(compiled, name)
            words.append(label(each.definition.label))
            at = each.type.target(each.definition.options) or ""
        return " · ".join(words)

    def text(self, text: str) -> str:
        bare = text.strip('"')
        return self.options.get(bare, f"“{bare}”")

    def number(self, text: str) -> str:
        return format_decimal(Decimal(text.replace("_", "")), locale=visitor.locale())

    def sign(self, text: str) -> str:
        return visitor.translated(SIGNS[text].template)

    def other(self, text: str) -> str:
        return text


READERS: Mapping[str, Callable[[_Reader, str], str]] = {
    "text": _Reader.text,
    "number": _Reader.number,
    "path": _Reader.path,
    "sign": _Reader.sign,
    "other": _Reader.other,
}


def _options(entity: CompiledEntity, name: str) -> Mapping[str, str]:
    """What the values of a choice, or the stages, are called."""
    workflow = entity.definition.workflow
    if name == "stage" and workflow:
        return {each.name: label(each.label) for each in workflow.stages.values()}
    options = entity.fields[name].definition.options.get("options")
    if not isinstance(options, Mapping):
        return {}
    return {value: label(option.label) for value, option in options.items()}
