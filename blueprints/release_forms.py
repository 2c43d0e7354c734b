"""What a person sends on the pages of releases: files, agreement, what else has to be said."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping

import orjson
from flask import request

from engine import publishing
from engine.problems import Malformed, Refused
from engine.publishing import Answers
from engine.releases.step import Risk
from engine.text import say


def sent_files(text: str) -> dict[str, str]:
    """The files that were chosen, the text that was pasted, or those that a page before this one carried.

    Refused without any, unless applications are to be taken out of use.
    """
    if "files" in request.form:
        return carried()
    files: dict[str, str] = {}
    for each in request.files.getlist("files"):
        if each.filename:
            try:
                files[each.filename] = each.read().decode("utf-8")
            except UnicodeDecodeError as error:
                raise Refused(say("The file '{name}' is not UTF-8 text.", name=each.filename)) from error
    if text.strip():
        # A browser sends the lines of a text field with both characters of a line end.
        files[publishing.PASTED] = text.replace("\r\n", "\n")
    if not files and not request.form.getlist("removed"):
        raise Refused(say("Choose the files of a definition, or paste its text."))
    return files


def carry(files: Mapping[str, str]) -> str:
    """Files as a hidden value of a page."""
    return b64encode(orjson.dumps(dict(files))).decode()


def carried() -> dict[str, str]:
    """The files of the plan that the person looked at, byte for byte."""
    try:
        found = orjson.loads(b64decode(request.form.get("files", ""), validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise Malformed(say("The files did not arrive as they were sent; make the plan again.")) from error
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise Malformed(say("The files did not arrive as they were sent; make the plan again."))
    return {str(name): text for name, text in found.items()}


def answers() -> Answers:
    """Apps that are to go, and where the records of stages go: `removed` and `moved` of the form."""
    return Answers(frozenset(request.values.getlist("removed")), moved())


def moved() -> dict[str, str]:
    """Values such as `crm.deal.proposal=lead`; one without a stage says nothing yet."""
    pairs = (each.partition("=") for each in request.values.getlist("moved"))
    return {key: stage for key, _, stage in pairs if stage}


def message() -> str:
    """What the person says the release is about."""
    return request.form.get("message", "").strip()


def begun() -> int | None:
    """The release at which the plan began."""
    written = request.form.get("begun", "")
    return int(written) if written.isdigit() else None


def agreed() -> set[Risk]:
    """The risks that the person agreed to."""
    return {risk for risk in Risk if risk.value in request.form.getlist("agreed")}
