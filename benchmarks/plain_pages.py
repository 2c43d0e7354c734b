"""The yardstick of benchmarks/pages.py: the same pages by hand in Flask, SQLAlchemy and Jinja.

They have the content of Dougong's pages: navigation with what is unread and waits, the form of the record
with its rows, history, files and facts, the tools of a list, its kept views. A session in the database says
who asks, a role whether they may see deals, Flask-WTF makes the tokens of forms. They are written for this
one application, in one language: every word, icon, option and address stands in a template, statements are
written once and ask for no more than the page shows.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Response, abort, g, redirect, render_template, request, session
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from sqlalchemy import Engine, text

from benchmarks.plain_charts import CHARTS, KEYS, Chart, Keys

STATUSES = {"lead": "Lead", "proposal": "Proposal", "won": "Won", "lost": "Lost"}
ROLE = "bench.sales"
ROWS = 50

PERSON = text("""
SELECT u.id, u.username, u.name, u.locale, u.time_zone,
       EXISTS (SELECT 1 FROM dougong_grant AS r WHERE r.user_id = u.id AND r.role = :role) AS allowed
FROM dougong_session AS s JOIN system__user AS u ON u.id = s.user_id
WHERE s.secret_hash = :secret AND s.expires_at > :now AND u.active
""")
AROUND = text("""
SELECT (SELECT count(*) FROM dougong_workflow_task WHERE person = :person AND status = 'open') AS waiting,
       (SELECT count(*) FROM dougong_notification WHERE user_id = :person AND read_at IS NULL) AS unread
""")
VIEWS = text("""
SELECT id, name FROM dougong_view WHERE entity = 'bench.deal' AND (owner = :person OR shared) ORDER BY name
""")
LIST = text("""
SELECT id, name, amount, status, close_date FROM bench__deal
WHERE status = :status AND amount <= :most ORDER BY amount DESC, id DESC LIMIT 51
""")
COUNT = text("""
SELECT count(*) FROM
(SELECT id FROM bench__deal WHERE status = :status AND amount <= :most LIMIT 1001) AS counted
""")
RECORD = text("""
SELECT d.*, c.name AS creator, m.name AS changer,
       EXISTS (SELECT 1 FROM dougong_follow AS f
               WHERE f.entity = 'bench.deal' AND f.record_id = d.id AND f.user_id = :person) AS followed
FROM bench__deal AS d LEFT JOIN system__user AS c ON c.id = d.created_by
LEFT JOIN system__user AS m ON m.id = d.updated_by WHERE d.id = :id
""")
LINES = text("SELECT id, text, quantity, price FROM bench__deal_line WHERE deal = :id ORDER BY position, id")
HISTORY = text("""
SELECT h.at, h.kind, h.comment, u.name AS person FROM dougong_history AS h
LEFT JOIN system__user AS u ON u.id = h.by
WHERE h.entity = 'bench.deal' AND h.record_id = :id ORDER BY h.id DESC
""")
FILES = text("""
SELECT id, name, size FROM dougong_file
WHERE entity = 'bench.deal' AND record_id = :id AND field = '' AND removed_at IS NULL ORDER BY id
""")
BOARD = text("""
SELECT id, name, amount, status, close_date, revision FROM bench__deal WHERE id <= 200 ORDER BY id DESC
""")


@dataclass(frozen=True, slots=True)
class Written:
    """How this database hands out values, and how they are written on pages."""

    cents: bool

    def exact(self, value: Any) -> Decimal:
        return Decimal(value).scaleb(-2) if self.cents else Decimal(value)

    def money(self, value: Any) -> str:
        return f"¥{self.exact(value):,.2f}"

    def plain(self, value: Any) -> str:
        return f"{self.exact(value):.2f}"


def day(value: Any) -> str:
    """`Nov 21, 2026`."""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{found:%b} {found.day}, {found.year}"


def moment(value: Any) -> Markup:
    """`3 hours ago`, with the exact time on hover."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    minutes = int((datetime.now(UTC) - at) / timedelta(minutes=1))
    number, unit = (minutes, "minute") if minutes < 60 else (minutes // 60, "hour")
    number, unit = (number // 24, "day") if unit == "hour" and number >= 24 else (number, unit)
    words = "just now" if not number else f"{number} {unit}{'' if number == 1 else 's'} ago"
    exact = f"{day(at)}, {at:%I:%M:%S %p}"
    return Markup('<time datetime="%s" title="%s">%s</time>') % (at.isoformat(), exact, words)


def cursor(amount: Decimal, identity: int) -> str:
    """Where the next page begins."""
    return base64.urlsafe_b64encode(json.dumps([str(amount), identity]).encode()).decode().rstrip("=")


def make_app(database: Engine) -> Flask:
    """The pages, over the tables that Dougong made. Cookies hold the secret of one of its sessions."""
    app = Flask("plain", template_folder=str(Path(__file__).with_name("plain_templates")))
    app.config.update(SECRET_KEY=token_hex(), WTF_CSRF_TIME_LIMIT=None)
    CSRFProtect(app)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    written = Written(cents=database.dialect.name == "sqlite")
    app.jinja_env.globals.update(
        money=written.money, plain=written.plain, day=day, moment=moment, statuses=STATUSES
    )
    app.before_request(lambda: _only_allowed(database))
    app.context_processor(_around)
    _add_records(app, written)
    _add_dashboard(app, written, KEYS[database.dialect.name])
    return app


def _only_allowed(database: Engine) -> Any:
    """Opens the transaction of the request for whoever is signed in and may see deals."""
    secret = session.get("secret")
    if secret is None:
        return redirect("/sign-in")
    g.connection = database.connect()
    now: Any = datetime.now(UTC)
    now = now.replace(tzinfo=None).isoformat(" ") if database.dialect.name == "sqlite" else now
    given = {"secret": sha256(secret.encode()).hexdigest(), "now": now, "role": ROLE}
    g.person = g.connection.execute(PERSON, given).mappings().first()
    if g.person is None:
        return redirect("/sign-in")
    if not g.person["allowed"]:
        abort(403)
    return None


def _around() -> Mapping[str, Any]:
    """What stands around every page."""
    counts = g.connection.execute(AROUND, {"person": g.person["id"]}).mappings().one()
    theme = request.cookies.get("theme", "auto")
    return {"person": g.person, "theme": theme, "here": request.full_path, "current": "page", **counts}


def _add_records(app: Flask, written: Written) -> None:
    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        if (connection := g.pop("connection", None)) is not None:
            connection.close()

    @app.get("/deals")
    def listed() -> str:
        status = request.args["status"]
        given = {"status": status, "most": 25_000_000 if written.cents else 250_000}
        rows = g.connection.execute(LIST, given).all()
        last = rows[ROWS - 1] if len(rows) > ROWS else None
        return render_template(
            "list.html",
            title="Deals",
            view="all",
            filter=f'status == "{status}" and amount <= 250000',
            kept_views=g.connection.execute(VIEWS, {"person": g.person["id"]}).all(),
            rows=rows[:ROWS],
            count=g.connection.execute(COUNT, given).scalar_one(),
            after=cursor(written.exact(last.amount), last.id) if last else None,
        )

    @app.get("/deals/<int:identity>")
    def shown(identity: int) -> str | Response:
        given = {"id": identity, "person": g.person["id"]}
        row = g.connection.execute(RECORD, given).first()
        if row is None:
            abort(404)
        return render_template(
            "record.html",
            title=row.name,
            row=row,
            lines=g.connection.execute(LINES, given).all(),
            history=g.connection.execute(HISTORY, given).all(),
            files=g.connection.execute(FILES, given).all(),
        )

    @app.get("/board")
    def board() -> str:
        columns: dict[str, list[Any]] = {each: [] for each in STATUSES}
        for row in g.connection.execute(BOARD):
            columns[row.status].append(row)
        return render_template(
            "board.html",
            title="Deals",
            view="board",
            filter="",
            kept_views=g.connection.execute(VIEWS, {"person": g.person["id"]}).all(),
            columns=columns,
            counts={status: len(cards) for status, cards in columns.items()},
        )


def _add_dashboard(app: Flask, written: Written, keys: Mapping[str, Keys]) -> None:
    @app.get("/dashboard")
    def dashboard() -> str:
        cards = []
        for chart in CHARTS:
            key = keys[chart.key]
            query = f"SELECT {key.sql}, {chart.value} FROM bench__deal WHERE id <= 20000 GROUP BY 1"
            order = " ORDER BY 1" if chart.key != "status" else ""
            found = g.connection.execute(text(query + order)).all()
            if not chart.counts:
                found = [(value, written.exact(amount)) for value, amount in found]
            cards.append(_card(chart, key, found))
        return render_template("dashboard.html", title="Sales", cards=cards)


def _card(chart: Chart, key: Keys, found: Any) -> Mapping[str, Any]:
    """A chart as the template shows it: its rows, and the data that a script draws."""
    found = sorted(found, key=lambda row: list(STATUSES).index(row[0])) if chart.key == "status" else found
    whole = sum(row[1] for row in found) if chart.kind == "pie" else 0
    rows = [
        {
            "key": key.words(value),
            "text": f"{amount:,}" if chart.counts else f"¥{amount:,.2f}",
            "value": float(amount),
            "hue": hue,
            "share": round(100 * amount / whole) if whole else None,
            "url": "/deals?view=all&filter="
            + quote_plus(f"(id <= 20000) and (({key.condition(value)}))", "(),"),
        }
        for (value, amount), hue in zip(found, chart.hues(len(found)), strict=True)
    ]
    data = {
        "kind": chart.kind,
        "stacked": False,
        "lying": False,
        "labels": [row["key"] for row in rows],
        "hues": [row["hue"] for row in rows] if chart.kind == "pie" else [""] * len(rows),
        "series": [
            {
                "name": chart.label,
                "hue": "hue-blue",
                "values": [row["value"] for row in rows],
                "texts": [row["text"] for row in rows],
                "urls": [row["url"] for row in rows],
            }
        ],
    }
    drawn = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("&", "\\u0026")
    return {"name": chart.name, "label": chart.label, "kind": chart.kind, "head": key.head,
            "look": chart.look, "rows": rows, "data": drawn}  # fmt: skip
