"""Filters that people build by choosing field, condition and value.

They stand in an address (`where=amount~ge~1000`), as words on the page, and as a formula.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from blueprints import visitor
from blueprints.values import label
from engine.access.field_policy import readable
from engine.access.policy import rights_key
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.field_type import Relation, ValueRefused
from engine.fields.operators import OPERATORS, Operator, filter_text
from engine.records.named import Titles
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction

SEPARATOR = "~"
BOXES: Mapping[str, str] = {each: each for each in ("date", "month", "time")}
"""Widget of a field type → the kind of box in which scripts have its values entered; text for the others.

An instant is a text: a day will do for it, for which its box would ask a time.
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """A chosen filter: its address form, its words, its formula."""

    address: str
    words: str
    formula: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A filter as it was typed, when it cannot be used yet."""

    field: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()

    def value(self, place: int) -> str:
        """What stands in one of the boxes for values."""
        return self.values[place] if place < len(self.values) else ""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that the filter builder offers; `choices` are (value, words) when there are only these.

    `box` is the kind of box that its values are entered in, as HTML calls it.
    """

    name: str
    label: str
    operators: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    box: str = "text"


def filter_fields(transaction: Transaction, entity: CompiledEntity) -> list[FilterField]:
    """The fields that the visitor may filter by, the declared ones first."""
    return transaction.catalog.once(
        ("filter fields", entity.key, rights_key(transaction), visitor.locale()),
        lambda: _filter_fields(transaction, entity),
    )


def _filter_fields(transaction: Transaction, entity: CompiledEntity) -> list[FilterField]:
    allowed = readable(transaction, entity)
    found = []
    for each in entity.fields.values():
        operators = tuple(name for name in each.operators if name in OPERATORS)
        if operators and each.name in allowed and not each.definition.hidden:
            box = BOXES.get(each.type.widget, "text")
            words = label(each.definition.label)
            found.append(FilterField(each.name, words, operators, _choices(each), box))
    return found


def offered_operators(fields: Iterable[FilterField]) -> list[Operator]:
    """All conditions that some of these fields know, in the order of the table."""
    used = {name for each in fields for name in each.operators}
    return [operator for name, operator in OPERATORS.items() if name in used]


def read_condition(transaction: Transaction, entity: CompiledEntity, address: str) -> Condition:
    """The condition of `field~operator~value`; raises ValueRefused with the sentence for its place.

    Several values follow one another: `amount~between~10~20`, a `~` within one as `%7E`.
    """
    name, _, rest = address.partition(SEPARATOR)
    operator_name, _, text = rest.partition(SEPARATOR)
    known = OPERATORS.get(operator_name)
    single = known is None or known.values in {0, 1}
    texts = [text] if single else [unquote(each) for each in text.split(SEPARATOR)]
    return chosen(transaction, entity, name, operator_name, texts)


def chosen(
    transaction: Transaction, entity: CompiledEntity, name: str, operator: str, texts: Sequence[str]
) -> Condition:
    """The condition that was chosen, with the texts of its values; ValueRefused when it makes no sense."""
    each = entity.fields.get(name)
    known = OPERATORS.get(operator)
    if (
        each is None
        or name not in readable(transaction, entity)
        or known is None
        or operator not in each.operators
    ):
        raise ValueRefused(say("This filter does not fit {entity}.", entity=entity.definition.label))
    given = _given(each, known, texts)
    values = [_value(transaction, each, text) for text in given]
    if known.values == 2:
        values.sort()
    literals = [each.type.formula_literal(each.definition.options, value) for value in values]
    shown = [_shown(transaction, each, value) for value in values]
    joined = " – ".join(shown) if known.values == 2 else ", ".join(shown)
    words = " ".join(part for part in (label(each.definition.label), label(known.label), joined) if part)
    kept = given if known.values in {0, 1} else [_marked(text) for text in given]
    return Condition(
        address=SEPARATOR.join((name, operator, *(kept or [""]))),
        words=words,
        formula=filter_text(known, name, literals),
    )


SEVERAL = re.compile("[;；\n]")


def _given(each: CompiledField, known: Operator, texts: Sequence[str]) -> list[str]:
    """The texts of as many values as the condition needs."""
    if known.values == 0:
        return []
    if known.values == 2:
        ends = [text.strip() for text in texts[:2] if text.strip()]
        if len(ends) < 2:
            raise ValueRefused(say("Say both values: from which to which."))
        return ends
    if known.values == 1:
        given = [text.strip() for text in texts[:1] if text.strip()]
    else:
        given = [part.strip() for text in texts for part in SEVERAL.split(text) if part.strip()]
    if not given:
        raise ValueRefused(say("Say which value to compare with."))
    return list(dict.fromkeys(given))


def _marked(text: str) -> str:
    return text.replace("%", "%25").replace(SEPARATOR, "%7E")


def _value(transaction: Transaction, each: CompiledField, text: str) -> Any:
    actor = transaction.actor
    options = each.definition.options
    target = each.type.target(options)
    if each.type.relation is Relation.ONE and target and not text.strip().isdigit():
        return Titles(transaction).identity(transaction.catalog.entity(target), text.strip())
    return each.type.parse(options, text, actor.locale, actor.time_zone)


def _shown(transaction: Transaction, each: CompiledField, value: object) -> str:
    target = each.type.target(each.definition.options)
    if target and isinstance(value, int):
        return titles(transaction, target, [value]).get(value, f"#{value}")
    actor = transaction.actor
    return each.type.format(each.definition.options, value, actor.locale, actor.time_zone)


def _choices(each: CompiledField) -> tuple[tuple[str, str], ...]:
    if each.type.group == "yes_no":
        return (("yes", visitor.translated("Yes")), ("no", visitor.translated("No")))
    options = each.definition.options.get("options") or {}
    return tuple((name, label(option.label)) for name, option in options.items())
