"""The site and the API as one WSGI application."""

import logging
import os
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from blueprints import site
from blueprints.api.bodies import read_json, write_json
from blueprints.api.caller import locale_of_errors
from blueprints.api.routes import PREFIX, make_blueprint
from blueprints.errors import register as register_errors
from blueprints.templating import PageEnvironment
from dougong.demo_people import read_demo_people
from dougong.health import make_health
from dougong.memory import keep_what_is_there, look_rarely
from dougong.settings import Settings, field_keys, file_store, read_settings, secret_key
from engine.access.calls import Calls
from engine.access.openid import OpenId
from engine.access.site_key import SiteKey
from engine.problems import ReleaseChanged
from engine.records.disclosures import Disclosures
from engine.workspace import Workspace, open_workspace

Answer = TypeVar("Answer")

BEGIN_AGAIN_AT_MOST = 3
"""How many publishes a request may meet."""

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""No script, style or frame from elsewhere or written into a page; images may be data (Tabler's arrows)."""

HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


class ExactJSON(JSONProvider):
    """Flask's JSON: decimals are read exactly and written as text."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        return write_json(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return read_json(s.encode() if isinstance(s, str) else s)


class Application(Flask):
    """A Flask application that begins a request again when something was published while it was answered."""

    jinja_environment = PageEnvironment

    def preprocess_request(self) -> ResponseReturnValue | None:
        """What comes before every page: who is it?"""
        return self._whole(super().preprocess_request)

    def dispatch_request(self) -> ResponseReturnValue:
        """The answer to the request."""
        return self._whole(super().dispatch_request)

    def _whole(self, answer: Callable[[], Answer]) -> Answer:
        """The answer by one release. What has been written already is not written again."""
        workspace: Workspace = self.extensions["dougong"]
        for _ in range(BEGIN_AGAIN_AT_MOST):
            written = workspace.database.commits
            try:
                return answer()
            except ReleaseChanged:
                if workspace.database.commits != written:
                    raise
        return answer()


def create_app(settings: Settings, workspace: Workspace | None = None) -> Flask:
    """The application for `settings`; it opens the workspace that is there unless one is given."""
    app = Application("dougong", static_folder=None, template_folder=None)
    app.json = ExactJSON(app)
    app.config.update(
        SECRET_KEY=secret_key(settings.data),
        MAX_CONTENT_LENGTH=settings.largest_upload,
        MAX_FORM_PARTS=20_000,
        SESSION_COOKIE_NAME="dougong",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        # A page may stay open for a working day; the session itself bounds the token.
        WTF_CSRF_TIME_LIMIT=None,
        DEMO_PEOPLE=read_demo_people(settings.data),
    )
    workspace = workspace or open_workspace(settings.database, field_keys(settings))
    workspace.data = settings.data
    app.extensions["dougong"] = workspace
    app.extensions["dougong_files"] = file_store(settings)
    app.register_blueprint(make_health(workspace))
    site.register(app, workspace, settings.rules, SiteKey(app.config["SECRET_KEY"]))
    app.extensions["dougong_site"] = settings.site.rstrip("/")
    if settings.openid is not None:
        app.extensions["dougong_openid"] = OpenId(settings.openid)
    app.extensions["dougong_disclosures"] = Disclosures(workspace)
    app.extensions["dougong_calls"] = Calls(workspace, settings.rules.calls_a_minute)
    api = make_blueprint()
    app.register_blueprint(api)
    # A program with a token has no CSRF token; for a call with the site's cookie the API asks for one itself.
    app.extensions["csrf"].exempt(api)
    register_errors(app, PREFIX, locale_of_errors, site.error_page)
    _send_security_headers(app, settings)
    if settings.proxies:
        # Each trusted proxy adds one value to these headers; what stands before was sent by the client.
        behind = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)
        app.wsgi_app = behind  # type: ignore[method-assign]
    return app


def _send_security_headers(app: Flask, settings: Settings) -> None:
    always = SECURITY_HEADERS | (HTTPS_HEADERS if settings.https else {})
    of_api = {**always, "Cache-Control": "no-store"}

    @app.after_request
    def send(response: Response) -> Response:
        # What files are given out with is stricter, and stays.
        for name, value in (of_api if request.path.startswith(PREFIX) else always).items():
            response.headers.setdefault(name, value)
        return response


def from_environment() -> Flask:
    """What a worker process of the server runs; `dougong serve` puts the settings into its environment."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    look_rarely()
    app = create_app(read_settings(os.environ))
    keep_what_is_there()
    return app
