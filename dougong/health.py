"""Whether the process lives, and whether it can work: for whoever watches over it."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from blueprints.api.bodies import write_json
from engine.schema.address import DatabaseUnavailable
from engine.transaction import SYSTEM
from engine.workspace import Workspace


def make_health(workspace: Workspace) -> Blueprint:
    """The addresses /healthz and /readyz."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def alive() -> Response:
        return _json({"status": "ok"}, 200)

    @health.get("/readyz")
    def ready() -> Response:
        try:
            with workspace.reading(SYSTEM) as tx:
                return _json({"status": "ok", "release": tx.catalog.release}, 200)
        except (SQLAlchemyError, DatabaseUnavailable):
            return _json({"status": "the database cannot be reached"}, 503)

    return health


def _json(body: object, status: int) -> Response:
    response = Response(write_json(body), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
