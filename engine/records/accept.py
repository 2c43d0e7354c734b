"""From what was sent to values: every field's own type reads it, every problem is collected."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.catalog import CompiledEntity, CompiledField
from engine.fields.field_type import ValueRefused
from engine.problems import Problem, unknown
from engine.records.compute import Values, bare
from engine.text import Message, say

Gate = Callable[[CompiledField], Message | None]
"""Says why a field may not be set, or None."""


def accept_values(
    entity: CompiledEntity, sent: Mapping[str, Any], gate: Gate, path: str = ""
) -> tuple[Values, list[Problem]]:
    """The values as columns and formulas have them (links as ids), and what is wrong with them.

    Child rows stay as they were sent: they are accepted one by one when they are written.
    """
    values: Values = {}
    problems = []
    for name, value in sent.items():
        each = entity.fields.get(name)
        if each is None:
            problems.append(Problem(f"{path}{name}", _unknown_field(entity, name)))
            continue
        refused = gate(each)
        if refused is not None:
            problems.append(Problem(f"{path}{name}", refused))
            continue
        try:
            accepted = each.type.accept(each.definition.options, value)
            values[name] = accepted if name in entity.children else bare(accepted)
        except ValueRefused as error:
            problems.append(Problem(f"{path}{name}", error.message))
    return values, problems


def gate_for(writable: Iterable[str], extra: Iterable[str] = ()) -> Gate:
    """Refuses what nobody may send (stage, system, computed, read-only) and what no rule allows.

    `extra` fields are open whatever the rules say: those that a transition asks for.
    """
    allowed, opened = frozenset(writable), frozenset(extra)

    def gate(each: CompiledField) -> Message | None:
        label = each.definition.label
        if each.name in opened:
            return None
        if each.name == "stage" and each.definition.system:
            return say("The stage is changed by a transition, never written directly.")
        if each.definition.system:
            return say("{field} is kept by the system and cannot be set.", field=label)
        if each.computed:
            return say("{field} is computed and cannot be set.", field=label)
        if each.definition.read_only:
            return say("{field} cannot be changed.", field=label)
        if each.name not in allowed:
            return say("No rule lets you change {field}.", field=label)
        return None

    return gate


def _unknown_field(entity: CompiledEntity, name: str) -> Message:
    sentence = say("{entity} has no field '{name}'.", entity=entity.definition.label, name=name)
    return unknown(sentence, name, (each.name for each in entity.fields.values()))
