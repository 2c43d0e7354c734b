"""The rules of a move, without a database: from which stage, what must be filled, what must be said."""

from collections.abc import Mapping
from typing import Any

from engine.definition.model import Entity, Transition, Workflow
from engine.problems import NotFound, Problem, unknown
from engine.text import Message, Text, say


def find_transition(entity: Entity, name: str) -> Transition:
    """The transition; NotFound names those that are near."""
    known = entity.workflow.transitions if entity.workflow else {}
    if name not in known:
        sentence = say("{entity} has no transition '{name}'.", entity=entity.label, name=name)
        raise NotFound(unknown(sentence, name, known))
    return known[name]


def leaving(workflow: Workflow, stage: str) -> list[Transition]:
    """The transitions that lead out of a stage, in the order of the definition."""
    return [each for each in workflow.transitions.values() if stage in each.sources]


def wrong_stage(entity: Entity, transition: Transition, stage: str) -> Message | None:
    """Why the transition does not start from this stage; None when it does."""
    workflow = entity.workflow
    if workflow is None or stage in transition.sources:
        return None
    return say(
        "'{transition}' is not possible from the stage {stage}; it starts from {sources}.",
        transition=transition.label,
        stage=workflow.stages[stage].label,
        sources=tuple(workflow.stages[name].label for name in transition.sources),
    )


def missing(entity: Entity, transition: Transition, values: Mapping[str, Any]) -> list[Problem]:
    """The fields that must be filled for this move and are not."""
    return [
        Problem(
            name,
            say(
                "{field} is required to {transition}.",
                field=entity.fields[name].label,
                transition=transition.label,
            ),
        )
        for name in transition.required
        if values.get(name) in (None, "", ())
    ]


def unmet(transition: Transition) -> Message | Text:
    """The sentence for a move whose `when` does not hold: the definition's own, else its condition."""
    condition = transition.when.text if transition.when else ""
    return transition.message or say(
        "'{transition}' is possible only when {condition}.",
        transition=transition.label,
        condition=condition,
    )


def not_yours(transition: Transition, principals: tuple[Any, ...]) -> Message:
    """The sentence for someone who is none of the transition's principals, which are named as people do."""
    if not transition.by:
        return say("'{transition}' happens by itself; nobody fires it.", transition=transition.label)
    return say(
        "'{transition}' is for {principals} only.",
        transition=transition.label,
        principals=principals,
    )


def waits_for_approval(transition: Transition) -> Message:
    """The sentence for a move that somebody asked for already."""
    return say("'{transition}' is waiting for approval already.", transition=transition.label)
