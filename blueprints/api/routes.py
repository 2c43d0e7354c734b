"""The addresses of the API: one table, from which the blueprint is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from blueprints.api.accounts import PARAMETERS as ACCOUNT_PARAMETERS
from blueprints.api.accounts import (
    get_roles,
    list_sessions,
    list_tokens,
    post_token,
    put_roles,
    remove_session,
    remove_token,
)
from blueprints.api.answers import Answer
from blueprints.api.audit import PARAMETERS as AUDIT_PARAMETERS
from blueprints.api.audit import list_audit
from blueprints.api.batch import post_batch
from blueprints.api.bodies import write_json
from blueprints.api.caller import reading, writing
from blueprints.api.deleted import list_deleted
from blueprints.api.explain import get_explanation
from blueprints.api.figures import get_dashboard, get_figures, list_dashboards
from blueprints.api.files import get_file, list_files, post_file, post_record_file, remove_record_file
from blueprints.api.formulas import get_functions, get_names, post_formula_check
from blueprints.api.notifications import (
    get_mail_choice,
    list_notifications,
    put_mail_choice,
    read_all_notifications,
    read_notification,
)
from blueprints.api.parameters import refuse_unknown
from blueprints.api.personal import post_show
from blueprints.api.prints import PRINT_PARAMETERS, get_print
from blueprints.api.public_forms import list_forms, post_form
from blueprints.api.records import (
    get_record,
    list_records,
    patch_record,
    post_record,
    preview_record,
    remove_record,
)
from blueprints.api.releases import (
    get_release,
    get_release_diff,
    get_release_retired,
    get_releases,
    post_release,
    post_release_plan,
    post_release_plan_back,
    post_release_purge,
    post_release_rollback,
)
from blueprints.api.renamed import with_new_names
from blueprints.api.repeating import answered_once
from blueprints.api.rights import get_entity_rights, get_record_rights
from blueprints.api.schemas import get_definition_schema, get_openapi, get_schema
from blueprints.api.search import get_search
from blueprints.api.tasks import (
    delete_substitute,
    get_route,
    list_approvals,
    list_standings,
    list_substitutes,
    list_tasks,
    post_decision,
    post_instance,
    post_migrate,
    post_remark,
    post_remind,
    post_substitute,
    post_withdraw,
)
from blueprints.api.workflow import get_history, list_transitions, post_transition

LARGEST_ID = 2**63 - 1
PREFIX = "/api/v1"
RECORDS = "/<app>/<entity>"
RELEASE = "/releases/<int:number>"
FILE = f"<int(max={LARGEST_ID}):file_id>"
RECORD = f"/<app>/<entity>/<int(max={LARGEST_ID}):record_id>"


@dataclass(frozen=True, slots=True)
class Route:
    """A method and an address, the function that answers, and the parameters after the question mark."""

    method: str
    rule: str
    handler: Callable[..., Any]
    parameters: frozenset[str] = frozenset()
    writes: bool = False
    outside: bool = False
    """Whether the function takes the caller instead of a transaction, and answers outside of one."""
    secret: bool = False
    """Whether the answer tells a secret, so that it is not kept for an Idempotency-Key."""


ROUTES = (
    Route("GET", "/openapi.json", get_openapi),
    Route("GET", "/definition.schema.json", get_definition_schema),
    Route("GET", "/formula/functions", get_functions),
    Route("GET", "/formula/names", get_names, frozenset({"entity"})),
    Route("POST", "/formula/check", post_formula_check),
    Route("GET", "/tokens", list_tokens, ACCOUNT_PARAMETERS),
    Route("POST", "/tokens", post_token, writes=True, secret=True),
    Route("DELETE", f"/tokens/<int(max={LARGEST_ID}):token_id>", remove_token, writes=True),
    Route("GET", "/sessions", list_sessions, ACCOUNT_PARAMETERS),
    Route("DELETE", f"/sessions/<int(max={LARGEST_ID}):session_id>", remove_session, writes=True),
    Route("GET", f"/users/<int(max={LARGEST_ID}):user_id>/roles", get_roles),
    Route("PUT", f"/users/<int(max={LARGEST_ID}):user_id>/roles", put_roles, writes=True),
    Route("GET", "/notifications", list_notifications, frozenset({"unread", "limit", "after"})),
    Route("POST", "/notifications/read", read_all_notifications, writes=True),
    Route(
        "POST", f"/notifications/<int(max={LARGEST_ID}):notification_id>/read", read_notification, writes=True
    ),
    Route("GET", "/notifications/mail", get_mail_choice),
    Route("POST", "/notifications/mail", put_mail_choice, writes=True),
    Route("POST", "/files", post_file, outside=True),
    Route("GET", f"/files/{FILE}", get_file, outside=True),
    Route("GET", "/audit", list_audit, AUDIT_PARAMETERS),
    Route("GET", "/search", get_search, frozenset({"q", "entity", "limit"})),
    Route("GET", "/forms", list_forms),
    Route("POST", "/forms/<form>", post_form, writes=True),
    Route("GET", "/releases", get_releases, outside=True),
    Route("POST", "/releases", post_release, outside=True),
    Route("POST", "/releases/plan", post_release_plan, outside=True),
    Route("GET", "/releases/diff", get_release_diff, frozenset({"before", "after"}), outside=True),
    Route("GET", "/releases/retired", get_release_retired, outside=True),
    Route("POST", "/releases/purge", post_release_purge, outside=True),
    Route("GET", RELEASE, get_release, outside=True),
    Route("POST", f"{RELEASE}/plan", post_release_plan_back, outside=True),
    Route("POST", f"{RELEASE}/rollback", post_release_rollback, outside=True),
    Route(
        "GET",
        RECORDS,
        list_records,
        frozenset({"filter", "search", "sort", "fields", "limit", "after", "count", "view"}),
    ),
    Route("POST", RECORDS, post_record, writes=True),
    Route("POST", f"{RECORDS}/batch", post_batch, writes=True),
    Route("POST", f"{RECORDS}/preview", preview_record),
    Route("GET", f"{RECORDS}/figures", get_figures, frozenset({"group_by", "value", "filter", "view"})),
    Route("GET", "/dashboards", list_dashboards),
    Route("GET", "/dashboards/<app>/<name>", get_dashboard, frozenset({"period", "filter"})),
    Route("GET", f"{RECORDS}/schema", get_schema),
    Route("GET", f"{RECORDS}/rights", get_entity_rights),
    Route("GET", f"{RECORDS}/deleted", list_deleted, frozenset({"limit", "after"})),
    Route("GET", RECORD, get_record, frozenset({"fields"})),
    Route("PATCH", RECORD, patch_record, writes=True),
    Route("DELETE", RECORD, remove_record, writes=True),
    Route("GET", f"{RECORD}/rights", get_record_rights),
    Route("GET", f"{RECORD}/transitions", list_transitions),
    Route("POST", f"{RECORD}/transitions/<name>", post_transition, writes=True),
    Route("GET", f"{RECORD}/transitions/<name>/approval", get_route),
    Route("GET", f"{RECORD}/history", get_history),
    Route("GET", f"{RECORD}/files", list_files),
    Route("POST", f"{RECORD}/files", post_record_file, outside=True),
    Route("DELETE", f"{RECORD}/files/{FILE}", remove_record_file, writes=True),
    Route("GET", f"{RECORD}/approvals", list_approvals),
    Route("POST", f"{RECORD}/withdraw", post_withdraw, writes=True),
    Route("POST", f"{RECORD}/remind", post_remind, writes=True),
    Route("POST", f"{RECORD}/comments", post_remark, writes=True),
    Route(
        "GET",
        "/tasks",
        list_tasks,
        frozenset({"state", "app", "entity", "transition", "overdue", "search", "limit", "after"}),
    ),
    Route("POST", f"/tasks/<int(max={LARGEST_ID}):task_id>/<decision>", post_decision, writes=True),
    Route("GET", "/substitutes", list_substitutes),
    Route("POST", "/substitutes", post_substitute, writes=True),
    Route("DELETE", f"/substitutes/<int(max={LARGEST_ID}):substitute_id>", delete_substitute, writes=True),
    Route("GET", "/approvals", list_standings),
    Route("POST", "/approvals/migrate", post_migrate, writes=True),
    Route(
        "POST",
        f"/approvals/<int(max={LARGEST_ID}):instance_id>/<any(cancel, jump, migrate):action>",
        post_instance,
        writes=True,
    ),
    Route("GET", f"{RECORD}/explain/<field>", get_explanation),
    Route("GET", f"{RECORD}/print/<name>", get_print, PRINT_PARAMETERS, outside=True),
    Route("POST", f"{RECORD}/show", post_show, writes=True, secret=True),
)


def _serving(route: Route) -> Callable[..., Response]:
    """The view function of a route: refuses unknown parameters, answers in a transaction of the caller."""

    def serve(**path: Any) -> Response:
        refuse_unknown(request.args, route.parameters)
        answer: Answer | Response
        if route.outside:
            with reading(request) as transaction:
                caller = transaction.actor
            answer = route.handler(caller, **path)
        elif not route.writes:
            with reading(request) as transaction:
                answer = with_new_names(transaction, path, route.handler)
        elif "Idempotency-Key" in request.headers and not route.secret:
            answer = answered_once(
                request, lambda transaction: with_new_names(transaction, path, route.handler)
            )
        else:
            with writing(request) as transaction:
                answer = with_new_names(transaction, path, route.handler)
        return _response(answer)

    return serve


def _response(answer: Answer | Response) -> Response:
    if isinstance(answer, Response):
        return answer
    if answer.body is None:
        return Response(status=answer.status, headers=answer.headers)
    body = answer.body if isinstance(answer.body, bytes) else write_json(answer.body)
    return Response(body, answer.status, answer.headers, content_type="application/json")


def make_blueprint() -> Blueprint:
    """The blueprint of the API."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    for route in ROUTES:
        name = route.handler.__name__
        blueprint.add_url_rule(route.rule, name, _serving(route), methods=[route.method])
    return blueprint
