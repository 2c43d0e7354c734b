"""The site: its pages as blueprints on a Flask application, and what all of their templates share."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from blueprints import (
    approvals,
    audit,
    beside,
    cells,
    dashboards,
    deleted,
    explain,
    exports,
    files,
    home,
    imports,
    inbox,
    jobs,
    kept_views,
    link_fields,
    list_acts,
    live,
    moves,
    notifications,
    openid,
    palette,
    passwords,
    people,
    personal,
    prints,
    profile,
    public_forms,
    records,
    releases,
    rights,
    rights_matrix,
    second_factor,
    sessions,
    sign_in,
    substitutes,
    tasks,
    tokens,
    values,
    view_as,
    visitor,
    widgets,
)
from blueprints.assets import ADDRESS, STATIC, asset, icon
from blueprints.errors import ErrorAnswer
from blueprints.form_fields import control, form_field, form_row
from blueprints.navigation import Around, around_the_page, shown_areas
from blueprints.renamed import to_new_name
from engine.access.rules import Rules
from engine.access.sessions import find_session, is_worth_noting, note_seen, renew_session
from engine.access.site_key import SiteKey
from engine.files.store import size_words
from engine.problems import Malformed
from engine.text import say
from engine.workspace import Workspace


def register(app: Flask, workspace: Workspace, rules: Rules, key: SiteKey) -> None:
    """Puts all pages on the application; it serves `workspace`. `rules` say how people sign in."""
    app.extensions["dougong"] = workspace
    app.extensions["dougong_rules"] = rules
    app.extensions["dougong_key"] = key
    site = Blueprint(
        "site",
        __name__,
        template_folder="templates",
        static_folder=str(STATIC),
        static_url_path=ADDRESS.rstrip("/"),
    )
    app.register_blueprint(site)
    CSRFProtect(app)
    _prepare_templates(app)
    _prepare_sign_in(app)
    pages = (
        *(sign_in, home, profile, releases, records, moves, live, explain, notifications, jobs, rights),
        personal,
        rights_matrix,
        *(inbox, tasks, approvals, substitutes, dashboards),
        *(sessions, people, passwords, second_factor, tokens),
        *(audit, view_as, openid),
        *(files, beside, deleted, prints),
        *(cells, exports, imports, kept_views, list_acts, public_forms, palette, link_fields),
    )
    for each in pages:
        app.register_blueprint(each.blueprint)
    app.before_request(_keep_session)
    app.before_request(_only_signed_in)
    app.before_request(_enrolled)
    app.before_request(_renamed)
    app.after_request(_cache)
    app.register_error_handler(CSRFError, _page_too_old)


def error_page(answer: ErrorAnswer) -> Response:
    """An error as a page; whoever is not signed in is sent to the sign-in page first."""
    if answer.status == 401:
        return make_response(redirect(url_for("sign_in.enter", next=request.full_path)))
    locale = visitor.locale()
    page = render_template(
        "error.html",
        status=answer.status,
        heading=answer.title.to(locale),
        sentence=answer.detail.to(locale),
        problems=[each.message.to(locale) for each in answer.problems] if len(answer.problems) > 1 else [],
    )
    return make_response(page, answer.status, answer.headers)


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    functions = {
        "control": control,
        "form_field": form_field,
        "form_row": form_row,
        "shown_areas": shown_areas,
        "moment": visitor.moment,
        "due": visitor.due,
        "show": values.show,
        "link_words": values.link_words,
        "show_whole": values.show_whole,
        "hue_of": values.hue_of,
        "initials": values.initials,
        "currency_sign": values.currency_sign,
        "is_number": values.is_number,
        "size_words": size_words,
        **{each.__name__: each for each in widgets.FOR_TEMPLATES},
    }
    app.jinja_env.globals.update(functions, _=visitor.translated, asset=asset, icon=icon)
    # As filters, too: templates are compiled so that they call them straight (blueprints/templating.py).
    app.jinja_env.filters.update(functions)
    app.jinja_env.filters["inside"] = values.inside

    @app.context_processor
    def shared() -> dict[str, Any]:
        found = visitor.actor()
        around = around_the_page() if found else Around()
        return {
            "actor": found,
            "locale": visitor.locale(),
            "theme": visitor.theme(),
            "around": around,
            "unread": around.unread,
            "waiting_for_me": around.waiting,
            "here": _here,
            # Each form of a page asks for it.
            "csrf_token": cache(generate_csrf),
        }


def _here() -> str:
    """The address of this page, to come back to; for the answer to a form, the page of the form."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def _prepare_sign_in(app: Flask) -> None:
    manager = LoginManager(app, add_context_processor=False)
    # The session is in the database; a changed network on the way to work does not end it.
    manager.session_protection = None

    def load(secret: str) -> visitor.Visitor | None:
        found = find_session(visitor.workspace(), secret, datetime.now(UTC), visitor.rules())
        if found is None:
            return None
        from_here = replace(found, actor=replace(found.actor, address=request.remote_addr))
        return visitor.Visitor(from_here, secret)

    manager.user_loader(load)


PUBLIC = frozenset(
    {
        *("site.static", "sign_in.enter", "profile.locale", "profile.theme"),
        *("second_factor.ask", "passwords.forgot", "passwords.choose"),
        *("openid.go", "openid.back"),
        *("public_forms.show", "public_forms.send", "public_forms.thanks", "public_forms.preview"),
    }
)
"""Pages for people who are not signed in."""

WITHOUT_SECOND_FACTOR = PUBLIC | {
    *("second_factor.show", "second_factor.begin", "second_factor.confirm", "sign_in.leave"),
}
"""Pages for people who still have to set one up."""

PAGES = frozenset(
    {
        *("home", "profile", "records", "moves", "live", "explain", "sign_in", "notifications", "jobs"),
        *("releases", "rights", "rights_matrix", "personal"),
        *("inbox", "tasks", "approvals", "substitutes", "dashboards", "sessions"),
        *("people", "passwords", "second_factor", "tokens", "audit", "view_as", "openid"),
        *("files", "beside", "deleted", "prints"),
        *("cells", "exports", "imports", "kept_views", "list_acts", "public_forms", "palette", "link_fields"),
    }
)


def _only_signed_in() -> Response | None:
    if request.blueprint not in PAGES or request.endpoint in PUBLIC or visitor.signed_in():
        return None
    following = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("sign_in.enter", next=following)))


def _keep_session() -> None:
    """Notes now and then that the session is in use, and replaces its secret where rights have changed."""
    if "_user_id" not in session or request.endpoint == "site.static" or not visitor.signed_in():
        return
    opened = visitor.opened()
    if opened.renew:
        with visitor.workspace().writing() as transaction:
            secret = renew_session(transaction, opened.id)
        if secret is not None:
            session["_user_id"] = secret
    if is_worth_noting(opened, datetime.now(UTC)):
        with visitor.workspace().writing() as transaction:
            note_seen(transaction, opened, request.remote_addr)


def _enrolled() -> Response | None:
    """Whoever needs a second factor and has none sets it up before anything else."""
    if request.blueprint not in PAGES or request.endpoint in WITHOUT_SECOND_FACTOR:
        return None
    if not visitor.signed_in() or not visitor.has_to_enrol():
        return None
    return make_response(redirect(url_for("second_factor.show")))


def _renamed() -> Response | None:
    return to_new_name() if request.blueprint in PAGES else None


def _cache(response: Response) -> Response:
    if request.endpoint == "site.static":
        hashed = "/dist/" in request.path
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if hashed else "public, max-age=3600"
        )
    elif request.endpoint is None or request.blueprint in PAGES:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _page_too_old(_error: CSRFError) -> Response:
    raise Malformed(
        say("This page was open for too long, or cookies are switched off. Go back, reload it, try again.")
    )
