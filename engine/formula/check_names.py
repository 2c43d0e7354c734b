"""What names and dotted paths mean."""

import ast
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.formula.checking import Checking, is_record
from engine.formula.construct import number
from engine.formula.exact import whole_places
from engine.formula.functions.table import PUBLISHED
from engine.formula.kinds import Mismatch, capital, constant_type
from engine.formula.nodes import OWN, Attribute, Broken, Column, Hop, Node, Parameter, Rows
from engine.formula.parse import plain_name
from engine.formula.types import BLANK, BOOLEAN, TEXT, Kind, Type, link
from engine.problems import unknown
from engine.text import Message, say

USER = "system.user"
RECORD = "this"
"""Names the record itself, for fields whose names mean something else: `this.user`."""


def name(checking: Checking, syntax: ast.AST) -> Node:
    """A bare name: a record of a set, a field of the record, or who asks."""
    assert isinstance(syntax, ast.Name)
    word, at = plain_name(syntax.id), checking.parsed.offset_of(syntax)
    found = resolve(checking, word, at)
    if found is None:
        raise Mismatch(unknown_name(checking, word), at)
    return checking.named(at, found)


def resolve(checking: Checking, word: str, at: int) -> Node | None:
    """What a bare name means, or None."""
    scope = checking.scope
    if word in checking.aliases:
        source, entity = checking.aliases[word]
        return checking.record(source, entity, at)
    if scope.user and word == "user":
        return Parameter(link(USER), at, "user")
    fields = own_fields(checking)
    if scope.candidate and scope.candidate[0] == word and scope.entity:
        return Column(link(scope.candidate[1]), at, OWN, scope.entity, word)
    if word in fields and scope.entity:
        return Column(fields[word], at, OWN, scope.entity, word)
    if word == RECORD and scope.entity:
        return checking.record(OWN, scope.entity, at)
    return None


def own_fields(checking: Checking) -> Mapping[str, Type]:
    """The fields of the formula's own entity."""
    return checking.world.entities.get(checking.scope.entity or "", {})


def unknown_name(checking: Checking, word: str) -> Message:
    """Says that a bare name means nothing, and which one was probably meant."""
    known = [*own_fields(checking), *checking.aliases, *(["user"] if checking.scope.user else [])]
    if word.lower() in PUBLISHED:
        return say("'{name}' is a function; write {name}(…).", name=word.lower())
    if f"{checking.scope.app}.{word}" in checking.world.entities or word == checking.scope.app:
        return say("'{name}' names records; use a set function, such as count(x for x in {name}).", name=word)
    if checking.scope.entity is None:
        return unknown(say("There is no '{name}' here.", name=word), word, known)
    sentence = say("{entity} has no field '{name}'.", entity=checking.scope.entity, name=word)
    return unknown(sentence, word, known)


def attribute(checking: Checking, syntax: ast.AST) -> Node:
    """A dotted path: a field of the linked record, or an attribute of the chosen option."""
    assert isinstance(syntax, ast.Attribute)
    entity = entity_name(checking, syntax)
    if entity is not None:
        raise Mismatch(
            say("'{name}' names records; use a set function, such as count(x for x in {name}).", name=entity)
        )
    base = checking.visit(syntax.value)
    if isinstance(base, Broken):
        return base
    at = checking.parsed.offset_of_attribute(syntax)
    try:
        found = member(checking, base, plain_name(syntax.attr), checking.parsed.offset_of(syntax))
    except Mismatch as mismatch:
        raise Mismatch(mismatch.message, at) from mismatch
    return checking.named(at, found)


def member(checking: Checking, base: Node, word: str, at: int) -> Node:
    """`base.word`."""
    if base.type.kind is Kind.LINK and base.type.entity is not None:
        fields = checking.world.entities.get(base.type.entity, {})
        if word not in fields:
            sentence = say("{entity} has no field '{name}'.", entity=base.type.entity, name=word)
            raise Mismatch(unknown(sentence, word, fields))
        if is_record(base) and isinstance(base, Column):
            return Column(fields[word], at, base.source, base.entity, word)
        return Hop(fields[word], at, base, base.type.entity, word)
    if base.type.kind is Kind.CHOICE:
        return _option_attribute(base, word, at)
    if word.lower() in PUBLISHED and base.type.kind is not Kind.SET:
        raise Mismatch(
            say("{kind} has no part '{name}'; write {name}(…).", kind=capital(base.type), name=word)
        )
    if base.type.kind is Kind.SET:
        raise Mismatch(
            say("'{name}' has a value for each record; use a set function, such as sum(…).", name=word)
        )
    raise Mismatch(say("{kind} has no part '{name}'.", kind=capital(base.type), name=word))


def _option_attribute(base: Node, word: str, at: int) -> Node:
    known = {name for attributes in base.type.options.values() for name in attributes}
    if word not in known:
        raise Mismatch(unknown(say("The options have no attribute '{name}'.", name=word), word, known))
    raw = {option: attributes.get(word) for option, attributes in base.type.options.items()}
    type_, values = attribute_values(raw)
    return Attribute(type_, at, base, word, values)


def attribute_values(raw: Mapping[str, Any]) -> tuple[Type, Mapping[str, Any]]:
    """The type of an options' attribute, and its values: `10%` and 0.1 are numbers."""
    given = {option: value for option, value in raw.items() if value is not None}
    if all(isinstance(value, bool) for value in given.values()):
        return BOOLEAN, given
    numbers = {option: _number(value) for option, value in given.items()}
    if all(value is not None for value in numbers.values()):
        places = [whole_places(value) for value in numbers.values() if value is not None]
        whole, decimals = (max(each) for each in zip(*places, strict=True))
        kind = Kind.DECIMAL if decimals else Kind.INTEGER
        return number(kind, whole + decimals, decimals), numbers
    if all(isinstance(value, date) for value in given.values()):
        return constant_type(next(iter(given.values()))), given
    return (TEXT, {option: str(value) for option, value in given.items()}) if given else (BLANK, {})


def _number(value: Any) -> Decimal | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return value
    text = str(value).strip()
    try:
        # A float can only come from a YAML file; its shortest text is what was written there.
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(repr(value))
    except InvalidOperation:
        return None


def entity_name(checking: Checking, syntax: ast.AST) -> str | None:
    """The entity that `app.entity` names, unless `app` is a name of the formula's own."""
    if not (isinstance(syntax, ast.Attribute) and isinstance(syntax.value, ast.Name)):
        return None
    app = plain_name(syntax.value.id)
    full = f"{app}.{plain_name(syntax.attr)}"
    return full if full in checking.world.entities and resolve(checking, app, 0) is None else None


def rows_of(checking: Checking, syntax: ast.expr) -> Rows | None:
    """The records after `in`: a set field, an entity of the same app, or an entity in full."""
    at = checking.parsed.offset_of(syntax)
    full = entity_name(checking, syntax)
    if full is not None:
        assert isinstance(syntax, ast.Attribute)
        checking.named_entity(checking.parsed.offset_of_attribute(syntax), full)
        return Rows(full)
    if isinstance(syntax, ast.Name):
        word = plain_name(syntax.id)
        known = resolve(checking, word, at)
        full = f"{checking.scope.app}.{word}"
        if (known is None or known.type.kind is not Kind.SET) and full in checking.world.entities:
            checking.named_entity(at, full)
            return Rows(full)
        if known is None:
            raise Mismatch(_unknown_entity(checking, word), at)
    elif isinstance(syntax, ast.Attribute) and isinstance(syntax.value, ast.Name):
        word = plain_name(syntax.value.id)
        if resolve(checking, word, at) is None:
            raise Mismatch(_unknown_entity(checking, f"{word}.{plain_name(syntax.attr)}"), at)
    node = checking.visit(syntax)
    return None if isinstance(node, Broken) else member_rows(node)


def member_rows(node: Node) -> Rows:
    """The records of a set field."""
    element = node.type.element
    if node.type.kind is not Kind.SET or element is None or element.entity is None:
        raise Mismatch(
            say("There are no records in this; after `in` comes an entity, child rows or many links."),
            node.at,
        )
    if isinstance(node, Column):
        return Rows(
            element.entity,
            Column(link(node.entity), node.at, node.source, node.entity, "id"),
            node.entity,
            node.name,
        )
    assert isinstance(node, Hop)
    return Rows(element.entity, node.base, node.entity, node.name)


def _unknown_entity(checking: Checking, word: str) -> Message:
    own = f"{checking.scope.app}."
    known = [
        *checking.world.entities,
        *(key.removeprefix(own) for key in checking.world.entities if key.startswith(own)),
    ]
    return unknown(say("There is no entity '{name}'.", name=word), word, known)
