"""The addresses of formulas in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

TEXTS: Description = {"type": "array", "items": {"type": "string"}}
FUNCTIONS: Description = {
    "type": "object",
    "required": ["functions"],
    "properties": {
        "functions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "group", "signatures", "sentence", "examples"],
                "properties": {
                    "name": {"type": "string"},
                    "group": {"type": "string"},
                    "signatures": TEXTS,
                    "sentence": {"type": "object", "additionalProperties": {"type": "string"}},
                    "examples": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["formula", "value"],
                            "properties": {"formula": {"type": "string"}, "value": {}},
                        },
                    },
                },
            },
        }
    },
}
NAMED: Description = {
    "type": "object",
    "required": ["name", "label"],
    "properties": {
        "name": {"type": "string"},
        "label": {"type": "string"},
        "type": {"type": "string"},
        "entity": {"type": ["string", "null"], "description": "Of links and sets: what they lead to."},
        "options": {**TEXTS, "description": "Of choices."},
        "attributes": {**TEXTS, "description": "Of choices: what follows a dot."},
    },
}
NAMES: Description = {
    "type": "object",
    "required": ["fields", "entities"],
    "properties": {
        "fields": {"type": "array", "items": NAMED},
        "entities": {"type": "array", "items": NAMED},
    },
}
GIVEN: Description = {
    "type": "object",
    "required": ["entity", "text"],
    "additionalProperties": False,
    "properties": {
        "entity": {"type": "string", "description": "The entity whose fields the formula names: crm.deal"},
        "text": {"type": "string", "maxLength": 4000},
        "record": {"type": ["integer", "null"], "description": "The record to compute the value for."},
        "expected": {
            "enum": ["boolean", "text", "integer", "date", "datetime"],
            "description": "The type that the formula has to give.",
        },
        "changes": {
            "type": "boolean",
            "description": "For a place where a record is written: isnew(), ischanged(…), priorvalue(…).",
        },
    },
}
CHECKED: Description = {
    "type": "object",
    "required": ["type", "gives", "reads", "problems"],
    "properties": {
        "type": {
            "type": ["string", "null"],
            "description": "The kind of value; null when there are problems.",
        },
        "gives": {"type": ["string", "null"], "description": "The kind of value in words: a date."},
        "reads": {**TEXTS, "description": "The fields that it reads: crm.deal.amount"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["position", "message"],
                "properties": {
                    "position": {"type": "integer", "description": "The character of the text, from 1."},
                    "message": {"type": "string"},
                },
            },
        },
        "value": {"description": "The value for the record; exact numbers as text."},
    },
}


def formula_paths(problems: Description, locale: str) -> Description:
    """What the functions are, and what a formula means."""

    def operation(name: str, summary: str, schema: Description, **more: Any) -> Description:
        answer = {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}
        return {
            "operationId": name,
            "summary": say(summary).to(locale),
            "tags": ["formula"],
            "responses": answer | problems,
            **more,
        }

    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": GIVEN}}}}
    return {
        "/formula/functions": {
            "get": operation("formula_functions", "The functions of the formula language", FUNCTIONS)
        },
        "/formula/names": {
            "get": operation(
                "formula_names",
                "What a formula about an entity can name",
                NAMES,
                parameters=[
                    {"name": "entity", "in": "query", "required": True, "schema": {"type": "string"}}
                ],
            )
        },
        "/formula/check": {
            "post": operation(
                "formula_check", "What a formula means, or what is wrong with it", CHECKED, **body
            )
        },
    }
