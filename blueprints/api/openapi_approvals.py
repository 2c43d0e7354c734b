"""The addresses of approvals in the OpenAPI document."""

from typing import Any

from engine.text import say
from engine.workflow.answering import ACTIONS

Description = dict[str, Any]

TEXT: Description = {"type": "string"}
WHEN: Description = {"type": ["string", "null"], "format": "date-time"}
PERSON: Description = {
    "type": ["object", "null"],
    "required": ["id", "title"],
    "properties": {"id": {"type": "integer"}, "title": TEXT},
}
TASK: Description = {
    "type": "object",
    "required": ["id", "kind", "status", "step", "transition", "record", "due", "decisions", "approval"],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"enum": ["decide", "tie", "choose", "answer", "revise", "copy", "incident"]},
        "status": TEXT,
        "step": TEXT,
        "transition": TEXT,
        "record": {
            "type": "object",
            "required": ["entity", "id", "title"],
            "properties": {"entity": TEXT, "id": {"type": "integer"}, "title": TEXT},
        },
        "person": PERSON,
        "instead_of": PERSON,
        "submitter": PERSON,
        "due": WHEN,
        "overdue": {"type": "boolean"},
        "decisions": {"type": "array", "items": TEXT},
        "approval": {"type": "integer"},
    },
}
TASKS: Description = {
    "type": "object",
    "required": ["tasks", "next"],
    "properties": {"tasks": {"type": "array", "items": TASK}, "next": {"type": ["string", "null"]}},
}
GIVEN: Description = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "comment": TEXT,
        "to": {"type": "array", "items": {"type": "integer"}, "description": "People, by their ids."},
        "where": {"enum": ["before", "after"], "description": "Where people are added."},
        "step": {
            "type": "string",
            "description": "The step to which it goes back; without it the submitter.",
        },
        "again": {"type": "boolean", "description": "Whether it begins again after a return."},
        "values": {"type": "object", "description": "The form with which a collection is answered."},
        "request": {"type": "string", "description": "The same request again gets the same answer."},
        "reason": TEXT,
    },
}
DECIDED: Description = {
    "type": "object",
    "required": ["task", "decision"],
    "properties": {
        "task": {"type": "integer"},
        "decision": TEXT,
        "status": TEXT,
        "instance": {"type": "integer"},
        "instance_status": TEXT,
        "stage": TEXT,
    },
}
SUBSTITUTE: Description = {
    "type": "object",
    "required": ["substitute", "first_day", "last_day"],
    "additionalProperties": False,
    "properties": {
        "substitute": {"type": "integer"},
        "first_day": {"type": "string", "format": "date"},
        "last_day": {"type": "string", "format": "date"},
        "person": {"type": ["integer", "null"]},
    },
}
REASON: Description = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {
        "reason": TEXT,
        "step": {"type": "string", "description": "Where a jump leads."},
        "mapping": {"type": "object", "additionalProperties": TEXT, "description": "Step → its new name."},
    },
}
STANDINGS: Description = {
    "type": "object",
    "required": ["standings"],
    "properties": {
        "standings": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["entity", "transition", "release", "current", "step", "count"],
                "properties": {
                    "entity": TEXT,
                    "transition": TEXT,
                    "label": TEXT,
                    "release": {"type": "integer"},
                    "current": {"type": "boolean"},
                    "step": {"type": ["string", "null"], "description": "null: sent back to the submitter."},
                    "step_label": {"type": ["string", "null"]},
                    "count": {"type": "integer"},
                },
            },
        }
    },
}
MIGRATION: Description = {
    "type": "object",
    "required": ["approvals", "reason"],
    "additionalProperties": False,
    "properties": {
        "approvals": {"type": "array", "items": {"type": "integer"}, "maxItems": 1_000},
        "mapping": {"type": "object", "additionalProperties": TEXT, "description": "Step → its new name."},
        "reason": TEXT,
    },
}
MIGRATED: Description = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "moved", "reason"],
                "properties": {
                    "id": {"type": "integer"},
                    "moved": {"type": "boolean"},
                    "reason": {"type": ["string", "null"]},
                },
            },
        }
    },
}
INBOX_PARAMETERS: tuple[tuple[str, Description, str], ...] = (
    ("state", {"enum": ["open", "waiting", "done", "copied"]}, "open: waiting for me."),
    ("entity", TEXT, "Only records of this entity."),
    ("app", {"type": "string"}, "Only about this app."),
    ("transition", {"type": "string"}, "Only about this transition."),
    ("overdue", {"enum": ["true", "false"]}, "Only what is overdue."),
    ("search", TEXT, "Only records with this in their title."),
    ("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "Tasks on a page."),
    ("after", TEXT, "`next` of the page before."),
)


def approval_paths(problems: Description, idempotency_key: Description, locale: str) -> Description:
    """The inbox, decisions, substitutes and the administration of approvals."""

    def operation(
        name: str, summary: str, status: str, answer: Description | None, **more: Any
    ) -> Description:
        content = {} if answer is None else {"content": {"application/json": {"schema": answer}}}
        return {
            "operationId": name,
            "summary": say(summary).to(locale),
            "tags": ["tasks"],
            "responses": {status: {"description": "OK", **content}, **problems},
            **more,
        }

    def body(schema: Description) -> Description:
        return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}

    def path(name: str, schema: Description) -> Description:
        return {"name": name, "in": "path", "required": True, "schema": schema}

    identity: Description = {"type": "integer"}
    decisions: Description = {"enum": [*ACTIONS, "reassign"]}
    query = [
        {"name": name, "in": "query", "schema": schema, "description": sentence}
        for name, schema, sentence in INBOX_PARAMETERS
    ]
    listed: Description = {"type": "object", "properties": {"substitutes": {"type": "array"}}}
    made: Description = {"type": "object", "properties": {"id": identity}}
    return {
        "/tasks": {"get": operation("tasks", "My tasks", "200", TASKS, parameters=query)},
        "/tasks/{task}/{decision}": {
            "parameters": [path("task", identity), path("decision", decisions)],
            "post": operation(
                "decide", "Decide a task", "200", DECIDED, parameters=[idempotency_key], **body(GIVEN)
            ),
        },
        "/substitutes": {
            "get": operation("substitutes", "Who stands in for me", "200", listed),
            "post": operation("name_substitute", "Name a substitute", "201", made, **body(SUBSTITUTE)),
        },
        "/substitutes/{substitute}": {
            "parameters": [path("substitute", identity)],
            "delete": operation("remove_substitute", "End a substitution", "204", None),
        },
        "/approvals": {"get": operation("standings", "Where approvals stand", "200", STANDINGS)},
        "/approvals/migrate": {
            "post": operation(
                "migrate_approvals",
                "Move approvals to the current release",
                "200",
                MIGRATED,
                **body(MIGRATION),
            )
        },
        "/approvals/{approval}/{action}": {
            "parameters": [
                path("approval", identity),
                path("action", {"enum": ["cancel", "jump", "migrate"]}),
            ],
            "post": operation("administer_approval", "Administer an approval", "204", None, **body(REASON)),
        },
    }
