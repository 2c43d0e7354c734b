"""A workflow as text that people read: stages, transitions, and the steps of approvals."""

from collections.abc import Iterator

from engine.definition.approval import (
    Approver,
    Ask,
    Choose,
    Collect,
    Copy,
    Decide,
    Overdue,
    Parallel,
    Step,
    Subflow,
)
from engine.definition.model import Entity, Transition
from engine.text import Message, say


def flow_lines(entity: Entity, locale: str) -> Iterator[str]:
    """The lines for one entity; none without a workflow."""
    if entity.workflow is None:
        return
    stages = entity.workflow.stages
    yield say("{entity} ({key})", entity=entity.label, key=entity.key).to(locale)
    yield "  " + " · ".join(stage.label.to(locale) for stage in stages.values())
    for transition in entity.workflow.transitions.values():
        yield ""
        yield from _transition(entity, transition, locale)


def _transition(entity: Entity, transition: Transition, locale: str) -> Iterator[str]:
    assert entity.workflow is not None
    stages = entity.workflow.stages
    sources = ", ".join(stages[name].label.to(locale) for name in transition.sources)
    target = stages[transition.to].label.to(locale)
    yield f"{transition.label.to(locale)} ({transition.name}): {sources} → {target}"
    about: list[Message] = []
    if transition.by and transition.by != ("everyone",):
        about.append(say("by {people}", people=", ".join(_plain(each) for each in transition.by)))
    if transition.after:
        about.append(say("by itself after {length}", length=_length(transition.after)))
    if transition.when:
        about.append(say("when {condition}", condition=transition.when.text))
    if transition.required:
        about.append(say("needs {fields}", fields=", ".join(transition.required)))
    yield from ("  " + each.to(locale) for each in about)
    approval = transition.approval
    if approval is None:
        return
    condition = approval.needed_when
    head = say("approval when {condition}:", condition=condition.text) if condition else say("approval:")
    yield "  " + head.to(locale)
    yield from _steps(approval.steps, locale, 4)


def _steps(steps: tuple[Step, ...], locale: str, depth: int) -> Iterator[str]:
    for number, step in enumerate(steps, start=1):
        indent = " " * depth
        condition = f"  [{step.when.text}]" if step.when else ""
        yield f"{indent}{number}. {step.label.to(locale)}: {_what(step).to(locale)}{condition}"
        if isinstance(step, (Choose, Parallel)):
            for branch in step.branches:
                if branch.when:
                    head = say("when {condition}", condition=branch.when.text)
                else:
                    head = say("otherwise") if isinstance(step, Choose) else say("always")
                yield f"{indent}   ├ {head.to(locale)}" + (
                    "" if branch.steps else f": {say('no further step').to(locale)}"
                )
                yield from _steps(branch.steps, locale, depth + 6)


def _what(step: Step) -> Message:
    match step:
        case Ask():
            due = say(", within {length}", length=_length(step.due)) if step.due else ""
            late = _late(step.overdue)
            return say(
                "{people} ({way}){due}{late}",
                people=_people(step.approvers),
                way=_way(step.decide),
                due=due,
                late=late,
            )
        case Collect():
            return say("{people} answer {form}", people=_people(step.approvers), form=step.form)
        case Choose():
            return say("the first that applies")
        case Parallel():
            return say("at the same time")
        case Copy():
            return say("a copy to {people}", people=_people(step.to))
        case Subflow():
            return say("the approval of {link}: {transition}", link=step.link, transition=step.transition)


def _way(decide: Decide) -> Message:
    ways = {
        "any": say("any of them"),
        "all": say("all of them"),
        "in_order": say("one after the other"),
    }
    return ways.get(decide.kind) or say("a vote, {share} needed", share=str(decide.share))


def _late(overdue: Overdue | None) -> Message | str:
    if overdue is None or not overdue.escalate:
        return ""
    return say(", then {people}", people=_people(overdue.escalate))


def _people(approvers: tuple[Approver, ...]) -> str:
    return ", ".join(_plain(each.text) for each in approvers)


def _plain(principal: str) -> str:
    return principal.removeprefix("role:")


def _length(wait: object) -> str:
    days, length, working = (getattr(wait, name) for name in ("days", "length", "working"))
    amount = f"{days} d" if days else str(length)
    return f"{amount} (working)" if working else amount
