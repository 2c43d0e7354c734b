"""Which error becomes which HTTP status: one table, for the API (problem+json) and for the pages."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError

from engine.access.limits import TooMany
from engine.fields.encryption import KeyMissing
from engine.problems import (
    DefinitionRefused,
    InputRefused,
    Malformed,
    NotAllowed,
    NotFound,
    NotPossible,
    Problem,
    Refused,
    ReleaseChanged,
    Stale,
)
from engine.schema.address import DatabaseUnavailable
from engine.text import Message, Text, say

LOG = logging.getLogger(__name__)


class NotSignedIn(Refused):
    """Nobody, or nobody known, is asking: HTTP 401."""


class Busy(Refused):
    """The same request is being worked on at this moment: HTTP 409."""


STATUSES: dict[type[Exception], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    NotPossible: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.CONFLICT,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    InputRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    DefinitionRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    KeyMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    ReleaseChanged: HTTPStatus.SERVICE_UNAVAILABLE,
    Refused: HTTPStatus.BAD_REQUEST,
}
"""Error class → status; for a class that is not here, the nearest one it derives from."""

TITLES: dict[int, Message] = {
    308: say("Called otherwise now"),
    400: say("This request cannot be read"),
    401: say("Please sign in"),
    403: say("Not allowed"),
    404: say("Not found"),
    405: say("Not possible here"),
    409: say("Not possible now"),
    412: say("Changed by somebody else meanwhile"),
    413: say("Too large"),
    415: say("Not JSON"),
    422: say("Some values are not valid"),
    429: say("Too many requests"),
    500: say("Something went wrong on our side"),
    503: say("Out of order for a moment"),
}

KEPT_HEADERS = ("Allow", "Retry-After", "Location")

SENTENCES: dict[int, Message] = {
    400: say("The request is not well formed."),
    401: say("Sign in, or send a token as “Authorization: Bearer …”."),
    403: say("You are not allowed to do this."),
    404: say("There is nothing at this address."),
    405: say("“{method}” is not possible at this address.", method=""),
    413: say("What was sent is larger than this server takes."),
    415: say("The body has to be JSON, with the header “Content-Type: application/json”."),
    429: say("Too many requests; please wait a little."),
    500: say("The error was written to the log of the server; nothing was saved."),
}
"""What is said of errors that come from the web server rather than from the engine."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error as it is shown: status, a short title, one sentence, and what is wrong in detail."""

    status: int
    title: Message
    detail: Message | Text
    problems: tuple[Problem, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


def answer_to(error: Exception) -> ErrorAnswer:
    """The answer to any exception; one that nobody expects is a 500 and is logged by `register`."""
    if isinstance(error, HTTPException):
        return _answer_to_web_error(error)
    status = next((STATUSES[each] for each in type(error).__mro__ if each in STATUSES), None)
    if status is None:
        return ErrorAnswer(500, TITLES[500], SENTENCES[500])
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, TooMany):
        headers = {"Retry-After": str(error.seconds)}
    if isinstance(error, (InputRefused, DefinitionRefused)):
        return ErrorAnswer(status, TITLES[status], _summary(error.problems), error.problems, headers)
    assert isinstance(error, (Refused, ReleaseChanged))
    return ErrorAnswer(status, TITLES[status], error.message, (), headers)


def _answer_to_web_error(error: HTTPException) -> ErrorAnswer:
    status = error.code or 500
    title = TITLES.get(status, say("{phrase}", phrase=error.name))
    own = getattr(error, "sentence", None)
    sentence = SENTENCES.get(status, own or say("{phrase}", phrase=error.description or error.name))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        sentence = say(sentence.template, method=request.method)
    headers = {name: value for name, value in error.get_headers() if name in KEPT_HEADERS}
    return ErrorAnswer(status, title, sentence, (), headers)


def _summary(problems: tuple[Problem, ...]) -> Message | Text:
    if len(problems) == 1:
        return problems[0].message
    return say("{count} values are not valid.", count=len(problems))


def problem_json(answer: ErrorAnswer, locale: str) -> Response:
    """The answer as RFC 9457 problem+json, in `locale`."""
    body = {
        "type": "about:blank",
        "title": answer.title.to(locale),
        "status": answer.status,
        "detail": answer.detail.to(locale),
        "problems": [problem_as_json(each, locale) for each in answer.problems],
    }
    return Response(
        orjson.dumps(body),
        status=answer.status,
        headers=answer.headers,
        content_type="application/problem+json",
    )


def problem_as_json(problem: Problem, locale: str) -> dict[str, str]:
    """`{"path", "message"}`; the path is empty when the problem is not about one value."""
    return {"path": str(problem.where), "message": problem.message.to(locale)}


def register(
    app: Flask,
    api_prefix: str,
    api_locale: Callable[[], str],
    page: Callable[[ErrorAnswer], Response],
) -> None:
    """Answers every error of `app`: below `api_prefix` as problem+json, elsewhere as `page` shows it."""

    def show(error: Exception) -> Response:
        original = error.original_exception if isinstance(error, InternalServerError) else None
        if isinstance(original, Exception):
            # Raised by another error handler; what it says is for the person all the same.
            error = original
        answer = answer_to(error)
        if answer.status >= 500:
            LOG.error("%s %s failed", request.method, request.path, exc_info=error)
        if request.path.startswith(api_prefix):
            return problem_json(answer, api_locale())
        return page(answer)

    app.register_error_handler(Exception, show)
