"""Every field type over the API and in an import: what is bad is refused by both in the same sentence.

Nothing is written then; each good example comes back as the value it means.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from werkzeug.test import TestResponse

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.accounts import set_password
from engine.access.actors import ADMINISTRATOR
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.records.exchange import import_csv
from engine.records.query import Query
from engine.records.read import page
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.blueprints.api.shop import Caller, add_person, token_of
from tests.fixtures.published import published

TITLED: Mapping[str, Any] = {"title": "name", "fields": {"name": {"type": "text"}}}


@dataclass(frozen=True, slots=True)
class Case:
    """A field of one type with one set of options."""

    field: str
    type: str
    options: Mapping[str, Any]


def cases() -> Iterator[Case]:
    for name, each in FIELD_TYPES.items():
        seen: list[Mapping[str, Any]] = []
        for example in (*each.good, *each.bad):
            options = example.options or {}
            if options not in seen:
                seen.append(options)
                yield Case(f"{name}_{len(seen)}", name, options)


def definition() -> str:
    fields = {each.field: {"type": each.type, **each.options} for each in cases()}
    return json.dumps(
        {
            "app": "crm",
            "entities": {
                "account": TITLED,
                "contact": TITLED,
                "thing": {"title": "text_1", "fields": fields},
                "deal_line": {**TITLED, "parent": "thing"},
            },
        }
    )


@pytest.fixture
def workspace(database_url: str) -> Iterator[Workspace]:
    opened = published(database_url, definition())
    yield opened
    opened.close()


@pytest.fixture
def caller(workspace: Workspace, database_url: str, tmp_path: Path) -> Caller:
    app = create_app(Settings(database_url, tmp_path), workspace)
    return Caller(app.test_client(), token_of(workspace, add_person(workspace, "admin", ADMINISTRATOR)))


def is_json(value: Any) -> bool:
    """Whether a program could send the example; a float arrives as the Decimal that was written."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return not isinstance(value, float) and isinstance(value, (str, int, list, dict, type(None)))


def test_a_bad_value_is_refused_with_the_same_sentence_by_the_api_and_by_an_import(
    workspace: Workspace, caller: Caller
) -> None:
    tried = 0
    for case in cases():
        for bad in FIELD_TYPES[case.type].bad:
            if (bad.options or {}) != case.options:
                continue
            if is_json(bad.sent):
                refused = caller.problems(caller.post("/crm/thing", {case.field: bad.sent}))
                assert list(refused.values()) == [bad.sentence], (case, bad)
                (path,) = refused
                assert path == case.field or path.startswith(f"{case.field}["), (case, bad)
                tried += 1
            if isinstance(bad.sent, str) and bad.typed and imports(case) and "\0" not in bad.sent:
                assert import_refusals(workspace, case.field, bad.sent) == [(case.field, bad.sentence)], (
                    case,
                    bad,
                )
                tried += 1
    assert tried > len(FIELD_TYPES) * 4
    assert caller.get("/crm/thing").get_json()["records"] == []


def test_a_bad_value_is_refused_with_the_same_sentence_on_the_page(
    workspace: Workspace, database_url: str, tmp_path: Path
) -> None:
    administrator = add_person(workspace, "admin", ADMINISTRATOR)
    with workspace.writing(SYSTEM) as transaction:
        set_password(transaction, administrator, "a good password", PasswordHasher.from_parameters(CHEAPEST))
    client = create_app(Settings(database_url, tmp_path), workspace).test_client()
    token = csrf_token(client.get("/sign-in"))
    signing_in = {"csrf_token": token, "username": "admin", "password": "a good password"}
    assert client.post("/sign-in", data=signing_in).status_code == 303
    token = csrf_token(client.get("/crm/thing/new"))
    tried = 0
    for case in cases():
        if not imports(case) or FIELD_TYPES[case.type].numbering(case.options) is not None:
            continue
        for bad in FIELD_TYPES[case.type].bad:
            if (bad.options or {}) != case.options or not isinstance(bad.sent, str) or not bad.typed:
                continue
            # A form has one control for each linked record and each option.
            several = FIELD_TYPES[case.type].widget in {"links", "multiselect"}
            sent = re.split(r"[,;]\s*", bad.sent) if several else bad.sent
            answer = client.post("/crm/thing", data={"csrf_token": token, case.field: sent})
            assert answer.status_code == 422, (case, bad)
            assert bad.sentence in unescape(answer.get_data(as_text=True)), (case, bad)
            tried += 1
    assert tried > len(FIELD_TYPES)
    with workspace.reading() as transaction:
        assert page(transaction, "crm.thing", Query()).records == []


def csrf_token(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def imports(case: Case) -> bool:
    return FIELD_TYPES[case.type].relation is not Relation.ROWS


def import_refusals(workspace: Workspace, field: str, text: str) -> list[tuple[str, str]]:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows([[field], [text]])
    with workspace.writing(SYSTEM) as transaction:
        imported = import_csv(transaction, "crm.thing", sheet.getvalue().encode())
    assert (imported.created, imported.updated) == (0, 0)
    return [(str(each.where), str(each.message)) for row in imported.refused for each in row.problems]


def test_a_good_value_is_written_and_read_as_the_value_it_means(caller: Caller) -> None:
    tried = 0
    for case in cases():
        field_type = FIELD_TYPES[case.type]
        options = field_type.read_options(case.options)
        if field_type.relation is not None or field_type.numbering(options) or field_type.files(options):
            continue
        for good in field_type.good:
            if (good.options or {}) != case.options or good.typed or not is_json(good.sent):
                continue
            answer = caller.post("/crm/thing", {case.field: good.sent})
            assert answer.status_code == 201, (case, good, answer.get_data(as_text=True))
            value = None if good.value is None else field_type.to_json(options, good.value)
            assert answer.get_json()[case.field] == value, (case, good)
            tried += 1
    assert tried > len(FIELD_TYPES) * 2
