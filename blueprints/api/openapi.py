"""OpenAPI 3.1 of what a caller may do, made from the published definitions."""

from collections.abc import Iterable

from blueprints.api.openapi_accounts import account_paths
from blueprints.api.openapi_approvals import approval_paths
from blueprints.api.openapi_audit import audit_paths
from blueprints.api.openapi_figures import dashboard_paths
from blueprints.api.openapi_files import file_paths
from blueprints.api.openapi_forms import form_paths
from blueprints.api.openapi_formulas import formula_paths
from blueprints.api.openapi_notifications import notification_paths
from blueprints.api.openapi_parts import (
    IDEMPOTENCY_KEY,
    PROBLEM_RESPONSES,
    Description,
    problem_answers,
    reference,
)
from blueprints.api.openapi_records import record_paths, record_schema, values_schema
from blueprints.api.openapi_releases import release_paths
from blueprints.api.openapi_search import search_paths
from blueprints.api.openapi_ways import Possibilities

PROBLEM_SCHEMA: Description = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def describe(
    possibilities: Iterable[Possibilities],
    release: int,
    url: str,
    locale: str,
    *,
    administrator: bool = False,
) -> Description:
    """The OpenAPI document for what may be done; `url` is where the site is reached."""
    problems = problem_answers()
    paths = (
        formula_paths(problems, locale)
        | approval_paths(problems, IDEMPOTENCY_KEY, locale)
        | notification_paths(problems, locale)
        | dashboard_paths(problems, locale)
        | file_paths(problems, locale)
        | search_paths(problems, locale)
        | form_paths(problems, locale)
        | account_paths(problems, locale, administrator=administrator)
    )
    if administrator:
        paths |= release_paths(problems, locale) | audit_paths(problems, locale)
    schemas: Description = {"problem": PROBLEM_SCHEMA}
    for each in possibilities:
        schemas[each.entity.key] = record_schema(each)
        schemas[f"{each.entity.key}.values"] = values_schema(each)
        paths |= record_paths(each, locale)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dougong", "version": str(release)},
        "servers": [{"url": url.rstrip("/") + "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "responses": {
                name: {
                    "description": name,
                    "content": {"application/problem+json": {"schema": reference("problem")}},
                }
                for name in PROBLEM_RESPONSES.values()
            },
        },
    }
