"""Releases over HTTP, for administrators: history, differences, plan, publish, back, data out of use.

These answer outside of a transaction: publishing takes locks that a transaction of its own caller would hold.
"""

from collections.abc import Collection, Mapping
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members, refuse_impossible_text
from blueprints.visitor import workspace
from engine import publishing
from engine.problems import Malformed
from engine.releases.history import Release, as_json
from engine.releases.step import Risk, Step
from engine.text import say
from engine.transaction import Actor

RISKS = {each.value: each for each in Risk}
AGREEMENT: Mapping[str, type] = {"message": str, "allow": list, "begun": int}
MOVED: Mapping[str, type] = {"moved_stages": dict}
ANSWERS: Mapping[str, type] = {"remove": list, **MOVED}


def get_releases(actor: Actor) -> Answer:
    """Every release, the latest first."""
    return Answer({"releases": [as_json(each) for each in publishing.releases(workspace(), actor)]})


def get_release(actor: Actor, number: int) -> Answer:
    """One release with its plan and its files, verbatim."""
    release, steps = publishing.release_with_plan(workspace(), actor, number)
    shown = [
        {
            **step,
            "sentence": _in(step["sentence"], actor.locale),
            "affected": [_in(each, actor.locale) for each in step.get("affected", ())],
        }
        for step in steps
    ]
    return Answer({**as_json(release), "steps": shown, "files": release.apps})


def get_release_diff(actor: Actor) -> Answer:
    """What release `after` says otherwise than release `before`."""
    found = publishing.differences(workspace(), actor, _number("before"), _number("after"))
    return Answer({"differences": [each.to_json(actor.locale) for each in found]})


def post_release_plan(actor: Actor) -> Answer:
    """What publishing these files would do."""
    publishing.require_administrator(actor)
    body = body_of(request)
    members(body, {"files": dict, **ANSWERS})
    return _pending(publishing.pending(workspace(), actor, _files(body), _answers(body)), actor.locale)


def post_release(actor: Actor) -> Answer:
    """Publishes files; the current release when there is nothing to do."""
    publishing.require_administrator(actor)
    body = body_of(request)
    members(body, {"files": dict, **ANSWERS, **AGREEMENT})
    release = publishing.publish(workspace(), actor, _files(body), **_agreed(body), answers=_answers(body))
    return _made(release)


def post_release_plan_back(actor: Actor, number: int) -> Answer:
    """What publishing an earlier release again would do."""
    publishing.require_administrator(actor)
    body = body_of(request)
    members(body, MOVED)
    found = publishing.pending_rollback(workspace(), actor, number, _answers(body).moved)
    return _pending(found, actor.locale)


def post_release_rollback(actor: Actor, number: int) -> Answer:
    """Publishes an earlier release again."""
    publishing.require_administrator(actor)
    body = body_of(request)
    members(body, {**MOVED, **AGREEMENT})
    moved = _answers(body).moved
    return _made(publishing.roll_back(workspace(), actor, number, **_agreed(body), moved=moved))


def get_release_retired(actor: Actor) -> Answer:
    """Data that no definition names any more."""
    return Answer({"retired": [each.to_json() for each in publishing.out_of_use(workspace(), actor)]})


def post_release_purge(actor: Actor) -> Answer:
    """Drops data that is out of use, for good."""
    publishing.require_administrator(actor)
    body = body_of(request)
    members(body, {"retired": list})
    chosen = body.get("retired")
    if not chosen or not all(isinstance(each, int) and not isinstance(each, bool) for each in chosen):
        raise Malformed(say("“retired” has to be a list of the numbers that are to be dropped."))
    dropped = publishing.purge_out_of_use(workspace(), actor, chosen)
    return Answer({"dropped": [each.to_json() for each in dropped]})


def _files(body: Mapping[str, Any]) -> dict[str, str]:
    files: dict[str, str] = body.get("files") or {}
    if not (files or body.get("remove")) or not all(isinstance(each, str) for each in files.values()):
        raise Malformed(say("“files” has to be an object of names of files with their texts."))
    for each in files.values():
        refuse_impossible_text(each)
    return files


def _answers(body: Mapping[str, Any]) -> publishing.Answers:
    removed, moved = body.get("remove", []), body.get("moved_stages", {})
    if not all(isinstance(each, str) for each in removed):
        raise Malformed(say("“remove” has to be a list of names of apps."))
    if not all(isinstance(each, str) for each in moved.values()):
        example = '{"crm.deal.proposal": "lead"}'
        raise Malformed(
            say("“moved_stages” has to say where records go, such as {example}.", example=example)
        )
    return publishing.Answers(frozenset(removed), moved)


def _agreed(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "message": body.get("message", ""),
        "allow": _risks(body.get("allow", [])),
        "begun": body.get("begun"),
    }


def _risks(names: Collection[Any]) -> set[Risk]:
    for name in names:
        if not isinstance(name, str) or name not in RISKS:
            raise Malformed(
                say(
                    "“allow” is a list of risks: {known}. There is no “{value}”.",
                    known=", ".join(RISKS),
                    value=name,
                )
            )
    return {RISKS[name] for name in names}


def _number(name: str) -> int:
    written = request.args.get(name, "")
    if not written.isdecimal():
        raise Malformed(say("“{name}” has to be the number of a release.", name=name))
    return int(written)


def _pending(found: publishing.Pending, locale: str) -> Answer:
    return Answer(
        {
            "release": found.release,
            "steps": [_step(each, locale) for each in found.plan.steps],
            "differences": [each.to_json(locale) for each in found.differences],
            "touched": [
                {"place": str(each.place), "sentence": each.sentence.to(locale)} for each in found.touched
            ],
            "drift": [each.to(locale) for each in found.drift],
        }
    )


def _step(step: Step, locale: str) -> dict[str, Any]:
    return {
        **step.to_json(),
        "sentence": step.sentence.to(locale),
        "affected": [each.to(locale) for each in step.affected],
    }


def _made(release: Release) -> Answer:
    return Answer(as_json(release), 201, {"Location": f"/api/v1/releases/{release.number}"})


def _in(words: Mapping[str, str], locale: str) -> str:
    return words.get(locale, words["en"])
