"""What programs send and get: JSON whose decimals are exact."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

import orjson
from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from engine.problems import Malformed, unknown
from engine.text import say


def read_json(raw: bytes) -> Any:
    """The value of a JSON text, numbers with a point as Decimal; Malformed when it is not JSON."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        sentence = "The body is not UTF-8: byte {position} cannot be read."
        raise Malformed(say(sentence, position=error.start + 1)) from error
    except json.JSONDecodeError as error:
        sentence = "The body is not JSON: line {line}, column {column} cannot be read."
        raise Malformed(say(sentence, line=error.lineno, column=error.colno)) from error
    except RecursionError as error:
        raise Malformed(say("The body is nested too deeply.")) from error
    except ValueError as error:  # a whole number with thousands of digits
        raise Malformed(say("The body holds a number that is too long.")) from error
    if "\\u" in text:
        _refuse_impossible_names(value)
    return value


def _no_number(word: str) -> NoReturn:
    raise Malformed(say("The body is not JSON: “{word}” is not a number.", word=word))


def _refuse_impossible_names(value: Any) -> None:
    """Names are quoted in sentences before any field type has looked at them."""
    if isinstance(value, dict):
        for name, each in value.items():
            refuse_impossible_text(name)
            _refuse_impossible_names(each)
    elif isinstance(value, list):
        for each in value:
            _refuse_impossible_names(each)


def refuse_impossible_text(text: str) -> None:
    """Escapes can write characters that no text can hold: half a surrogate pair, and NUL."""
    bad = next((each for each in text if each == "\0" or "\ud800" <= each <= "\udfff"), None)
    if bad is not None:
        sentence = "The body holds a character that no text can hold: {character}."
        raise Malformed(say(sentence, character=f"\\u{ord(bad):04x}"))


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in the body of a request."""
    raw = request.get_data(cache=True)
    if raw and not request.is_json:
        raise UnsupportedMediaType
    value = read_json(raw) if raw.strip() else {}
    if not isinstance(value, dict):
        raise Malformed(say("The body has to be a JSON object, such as {example}.", example='{"name": "…"}'))
    return value


def members(body: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]], where: str = "") -> None:
    """Refuses members of a request object that are not known, or not of the right kind."""
    for name, value in body.items():
        path = f"{where}.{name}" if where else name
        if name not in known:
            sentence = say("There is no member “{path}” here.", path=path)
            raise Malformed(unknown(sentence, name, known))
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is int):
            kind = JSON_KINDS[known[name]]
            raise Malformed(say("“{path}” has to be {kind}.", path=path, kind=kind))
        if isinstance(value, str):
            refuse_impossible_text(value)


JSON_KINDS = {
    dict: say("an object"),
    list: say("a list"),
    str: say("a text"),
    int: say("a whole number"),
    bool: say("true or false"),
    (int, type(None)): say("a whole number or null"),
}
"""What to call the kinds of JSON values that `members` asks for."""


def write_json(value: Any) -> bytes:
    """The value as JSON; a Decimal as text, so that no reader makes a float of it."""
    return orjson.dumps(value, default=_exact)


def _exact(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no JSON form")
