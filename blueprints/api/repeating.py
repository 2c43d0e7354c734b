"""Idempotency-Key: a request that is sent again gets the answer of the first time, and does nothing twice."""

from collections.abc import Callable
from hashlib import sha256

from flask import Request

from blueprints.api.answers import Answer
from blueprints.api.caller import reading, writing
from engine.problems import InputRefused, Malformed, Problem
from engine.repeats import DoneMeanwhile, Kept, keep_answer, kept_answer
from engine.text import say
from engine.transaction import Transaction

LONGEST_KEY = 255


def answered_once(request: Request, handler: Callable[[Transaction], Answer]) -> Answer:
    """The answer of `handler`, or the one that was given to the same key before.

    Only what was done is kept: after a refusal the same key may be tried again.
    """
    key = request.headers["Idempotency-Key"].strip()
    if not 1 <= len(key) <= LONGEST_KEY:
        sentence = "An Idempotency-Key has 1 to {most} characters, such as a random UUID."
        raise Malformed(say(sentence, most=LONGEST_KEY))
    fingerprint = _fingerprint(request)
    try:
        with writing(request) as transaction:
            kept = kept_answer(transaction, key)
            if kept is not None:
                return _again(kept, key, fingerprint)
            answer = handler(transaction)
            content = {"body": answer.body, "headers": dict(answer.headers)}
            keep_answer(transaction, key, Kept(fingerprint, answer.status, content))
            return answer
    except DoneMeanwhile:
        with reading(request) as transaction:
            kept = kept_answer(transaction, key)
        assert kept is not None
        return _again(kept, key, fingerprint)


def _again(kept: Kept, key: str, fingerprint: str) -> Answer:
    if kept.fingerprint != fingerprint:
        sentence = "The Idempotency-Key “{key}” was used for another request; a new request needs a new key."
        raise InputRefused([Problem("Idempotency-Key", say(sentence, key=key))])
    headers = {**kept.answer["headers"], "Idempotency-Replayed": "true"}
    return Answer(kept.answer["body"], kept.status, headers)


def _fingerprint(request: Request) -> str:
    """What makes two requests the same: where they go, what they carry, and on which revision."""
    parts = (request.method, request.path, request.headers.get("If-Match", ""))
    return sha256("\n".join(parts).encode() + b"\n" + request.get_data(cache=True)).hexdigest()
