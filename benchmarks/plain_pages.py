"""The yardstick of benchmarks/pages.py: the same pages by hand in Flask, SQLAlchemy and Jinja."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, render_template, request
from sqlalchemy import Engine, text

STATUSES = ("lead", "proposal", "won", "lost")
KEYS = {
    "sqlite": {
        "month": "substr(close_date, 1, 7)",
        "quarter": "substr(close_date, 1, 4) || (cast(substr(close_date, 6, 2) AS integer) + 2) / 3",
        "year": "substr(close_date, 1, 4)",
    },
    "postgresql": {
        each: f"date_trunc('{each}', close_date)::date::text" for each in ("month", "quarter", "year")
    },
}
CHARTS = (("status", "sum(amount)"), ("month", "sum(amount)"), ("month", "count(*)"))
CHARTS += (("quarter", "avg(amount)"), ("status", "count(*)"), ("year", "max(amount)"))


def make_app(database: Engine) -> Flask:
    """The pages, over the tables that Dougong made."""
    app = Flask("plain", template_folder=str(Path(__file__).with_name("plain_templates")))
    cents = database.dialect.name == "sqlite"

    def money(value: Any) -> str:
        return f"¥{Decimal(value).scaleb(-2) if cents else value:,.2f}"

    app.jinja_env.globals["money"] = money

    @app.get("/deals")
    def listed() -> str:
        condition = "status = :status AND amount <= :most"
        given = {"status": request.args["status"], "most": 25_000_000 if cents else 250_000}
        with database.connect() as connection:
            query = f"SELECT * FROM bench__deal WHERE {condition} ORDER BY amount DESC, id DESC LIMIT 51"
            rows = connection.execute(text(query), given).all()
            within = f"SELECT id FROM bench__deal WHERE {condition} LIMIT 1001"
            count = connection.execute(text(f"SELECT count(*) FROM ({within}) AS some"), given).scalar_one()
        return render_template("list.html", title="Deals", rows=rows[:50], count=count)

    @app.get("/deals/<int:identity>")
    def shown(identity: int) -> str:
        given = {"id": identity}
        with database.connect() as connection:
            row = connection.execute(text("SELECT * FROM bench__deal WHERE id = :id"), given).one()
            query = "SELECT * FROM bench__deal_line WHERE deal = :id ORDER BY position"
            lines = connection.execute(text(query), given).all()
        return render_template(
            "record.html", title=row.name, row=row, lines=lines, statuses=STATUSES, history=()
        )

    @app.get("/board")
    def board() -> str:
        with database.connect() as connection:
            query = "SELECT * FROM bench__deal WHERE id <= 200 ORDER BY id DESC"
            rows = connection.execute(text(query)).all()
        columns = {each: [row for row in rows if row.status == each] for each in STATUSES}
        counts = {each: len(cards) for each, cards in columns.items()}
        return render_template("board.html", title="Board", columns=columns, counts=counts)

    @app.get("/dashboard")
    def dashboard() -> str:
        keys = {"status": "status", **KEYS[database.dialect.name]}
        with database.connect() as connection:
            charts = []
            for name, value in CHARTS:
                query = (
                    f"SELECT {keys[name]}, {value} FROM bench__deal WHERE id <= 20000 GROUP BY 1 ORDER BY 1"
                )
                rows = connection.execute(text(query)).all()
                charts.append((name, [(key, str(found)) for key, found in rows]))
        return render_template("dashboard.html", title="Sales", charts=charts)

    return app
