"""What does not go together within one entity: keys that contradict or need one another, names that clash."""

from collections.abc import Callable, Iterator, Mapping
from keyword import kwlist

from engine.definition.model import Entity, Field
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.formula.types import Kind
from engine.problems import Problem
from engine.text import Message, say

FORMULA_WORDS = frozenset({word.lower() for word in kwlist} | {"null"})
"""Words that a formula cannot use as a name."""

LONGEST_TABLE_NAME = 60

Rule = Callable[[Field], Message | None]


def check_entity(entity: Entity) -> Iterator[Problem]:
    """Problems that show in the entity alone."""
    if entity.name in FORMULA_WORDS:
        yield Problem(entity.place, _word(entity.name))
    if len(f"{entity.app}__{entity.name}") > LONGEST_TABLE_NAME:
        message = say(
            "The names of the app and the entity together have more than {limit} letters.",
            limit=LONGEST_TABLE_NAME - 2,
        )
        yield Problem(entity.place, message)
    for field in entity.fields.values():
        if not field.system:
            found = (rule(field) for rule in FIELD_RULES)
            yield from (Problem(field.place, message) for message in found if message)
            yield from _options(field)
    yield from _stages(entity)


def _word(name: str) -> Message:
    return say("'{name}' is a word of the formula language; choose another name.", name=name)


def _reserved(field: Field) -> Message | None:
    return _word(field.name) if field.name in FORMULA_WORDS else None


def _computed_and_entered(field: Field) -> Message | None:
    """A computed field has no first value, is never required and is always read-only."""
    if field.formula is None:
        return None
    given = {
        "default": field.default is not None,
        "required": field.required,
        "required_when": field.required_when is not None,
        "read_only_when": field.read_only_when is not None,
        "only": field.only is not None,
    }
    wrong = next((key for key, is_given in given.items() if is_given), None)
    return say("'{name}' is computed; leave '{key}' out.", name=field.name, key=wrong) if wrong else None


def _formula_of_many(field: Field) -> Message | None:
    if field.formula and FIELD_TYPES[field.type].column(field.options) is None:
        return say("A field of type {type} cannot be computed.", type=field.type)
    return None


def _only_for_links(field: Field) -> Message | None:
    relation = FIELD_TYPES[field.type].relation
    if field.only and relation not in (Relation.ONE, Relation.MANY):
        return say("'only' chooses among records; '{name}' is not a link.", name=field.name)
    return None


def _message_needs_check(field: Field) -> Message | None:
    if field.message and field.check is None:
        return say("'message' belongs to 'check', which '{name}' does not have.", name=field.name)
    return None


def _freeze_needs_formula(field: Field) -> Message | None:
    if field.freeze and field.formula is None:
        return say("Only computed fields freeze; '{name}' has no formula.", name=field.name)
    return None


def _unique_needs_column(field: Field) -> Message | None:
    kind = FIELD_TYPES[field.type]
    if (field.unique or field.index) and (
        kind.column(field.options) is None or (field.unique and not kind.sortable)
    ):
        return say("A field of type {type} cannot be unique or indexed.", type=field.type)
    return None


def _encrypted_alone(field: Field) -> Message | None:
    """An encrypted value is a text of its own that nothing but its key understands."""
    if not field.encrypted:
        return None
    kind = FIELD_TYPES[field.type]
    value = kind.formula_type(field.options)
    if (
        kind.column(field.options) is None
        or kind.relation is not None
        or kind.numbering(field.options) is not None
        or kind.files(field.options) is not None
        or (value.element or value).kind is Kind.CHOICE
    ):
        return say("A field of type {type} cannot be encrypted.", type=field.type)
    given = {"formula": field.formula, "unique": field.unique, "index": field.index}
    wrong = next((key for key, is_given in given.items() if is_given), None)
    if wrong:
        return say("'{name}' is encrypted; leave '{key}' out.", name=field.name, key=wrong)
    return None


def _rows_have_no_default(field: Field) -> Message | None:
    if field.default is not None and FIELD_TYPES[field.type].relation is Relation.ROWS:
        return say("Child rows have no default; leave 'default' out of '{name}'.", name=field.name)
    return None


FIELD_RULES: tuple[Rule, ...] = (
    _reserved,
    _computed_and_entered,
    _formula_of_many,
    _only_for_links,
    _message_needs_check,
    _freeze_needs_formula,
    _unique_needs_column,
    _rows_have_no_default,
    _encrypted_alone,
)


def _options(field: Field) -> Iterator[Problem]:
    """The same attribute of all options holds the same kind of value."""
    choices = FIELD_TYPES[field.type].formula_type(field.options)
    options = (choices.element or choices).options
    yield from (Problem(field.place, message) for message in _mixed(options))


def _stages(entity: Entity) -> Iterator[Problem]:
    if entity.workflow is None:
        return
    stages = entity.workflow.stages
    mixed = _mixed({name: stage.attributes for name, stage in stages.items()})
    yield from (Problem(entity.workflow.initial.place, message) for message in mixed)
    for transition in entity.workflow.transitions.values():
        ends = [name for name in transition.sources if name == transition.to]
        if ends:
            message = say(
                "The transition '{name}' begins and ends in '{stage}'.", name=transition.name, stage=ends[0]
            )
            yield Problem(transition.place, message)


def _mixed(options: Mapping[str, Mapping[str, object]]) -> Iterator[Message]:
    kinds: dict[str, tuple[str, Message]] = {}
    for name, attributes in options.items():
        for attribute, value in attributes.items():
            kind = _kind(value)
            first, known = kinds.setdefault(attribute, (name, kind))
            if known != kind:
                yield say(
                    "'{attribute}' is a {kind} in '{name}' and a {known} in '{first}'; make them alike.",
                    attribute=attribute,
                    kind=kind,
                    name=name,
                    known=known,
                    first=first,
                )
                return


def _kind(value: object) -> Message:
    if isinstance(value, bool):
        return say("truth value")
    return say("text") if isinstance(value, str) else say("number")
