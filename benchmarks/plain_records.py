"""The yardstick of benchmarks/records.py: the same table and answers, by hand in Flask and SQLAlchemy.

Plain good style as one would write it for one table: `select()` in each view, validation by hand, the
standard json. It knows no tokens, rights or history; those are what Dougong gives on top.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Select,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000")
STAGES = ("lead", "proposal", "won", "lost")
Key = BigInteger().with_variant(Integer, "sqlite")


class Cents(TypeDecorator[Decimal]):
    """Money: NUMERIC where the database has it, whole cents on SQLite."""

    impl = Numeric(18, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(18, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return int(value * 100)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value
        return Decimal(value).scaleb(-2)


metadata = MetaData()

accounts = Table(
    "plain_account",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(200), nullable=False),
)

deals = Table(
    "plain_deal",
    metadata,
    Column("id", Key, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("name", String(200), nullable=False),
    Column("account", ForeignKey(accounts.c.id), nullable=False, index=True),
    Column("amount", Cents, nullable=False),
    Column("status", String(20), nullable=False),
    Column("close_date", Date),
    Index("plain_deal_status_amount", "status", "amount", "id"),
)


class Wrong(Exception):
    """Values that cannot be stored: field → sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(str(problems))


def read_name(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 200:
        raise ValueError("a text of 1 to 200 characters")
    return value


def read_account(value: Any) -> int:
    if not isinstance(value, int):
        raise ValueError("a number")  # noqa: TRY004 - one kind of error for the caller
    return value


def read_amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise ValueError("an amount") from error
    if amount < 0:
        raise ValueError("at least 0")
    return amount


def read_status(value: Any) -> str:
    if value not in STAGES:
        raise ValueError("one of " + ", ".join(STAGES))
    return str(value)


def read_close_date(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


READERS: dict[str, Callable[[Any], Any]] = {
    "name": read_name,
    "account": read_account,
    "amount": read_amount,
    "status": read_status,
    "close_date": read_close_date,
}
REQUIRED = ("name", "account", "amount", "status")


def read_values(body: Mapping[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    """The columns to write, checked; Wrong names everything that does not fit."""
    values: dict[str, Any] = {}
    problems = {name: "unknown" for name in body if name not in READERS}
    problems |= {name: "required" for name in required if name not in body}
    for name, value in body.items():
        if name in READERS:
            try:
                values[name] = READERS[name](value)
            except ValueError as error:
                problems[name] = str(error)
    if problems:
        raise Wrong(problems)
    return values


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "revision": row["revision"],
        "created_at": row["created_at"].isoformat(),
        "updated_at": row["updated_at"].isoformat(),
        "name": row["name"],
        "account": {"id": row["account"], "title": row["account_name"]},
        "amount": str(row["amount"]),
        "status": row["status"],
        "close_date": row["close_date"].isoformat() if row["close_date"] else None,
    }


def with_account() -> Select[Any]:
    return select(deals, accounts.c.name.label("account_name")).join(accounts)


def open_engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")

    return engine


def create_app(url: str) -> Flask:
    engine = open_engine(url)
    app = Flask("plain_records")

    @app.errorhandler(Wrong)
    def refuse(error: Wrong) -> tuple[Response, int]:
        return jsonify(problems=error.problems), 422

    @app.get("/deals/<int:deal_id>")
    def get_deal(deal_id: int) -> Response:
        with engine.connect() as connection:
            row = connection.execute(with_account().where(deals.c.id == deal_id)).mappings().first()
        if row is None:
            abort(404)
        return jsonify(as_json(row))

    @app.get("/deals")
    def list_deals() -> Response:
        condition = (deals.c.status == request.args["status"]) & (
            deals.c.amount <= Decimal(request.args["amount_to"])
        )
        statement = with_account().where(condition)
        statement = statement.order_by(deals.c.amount.desc(), deals.c.id.desc()).limit(50)
        with engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
            body: dict[str, Any] = {"records": [as_json(row) for row in rows]}
            if "count" in request.args:
                body["count"] = connection.scalar(select(func.count()).select_from(deals).where(condition))
        return jsonify(body)

    @app.post("/deals")
    def post_deal() -> tuple[Response, int]:
        values = read_values(request.get_json(), REQUIRED)
        now = datetime.now(UTC)
        with engine.begin() as connection:
            result = connection.execute(
                insert(deals).values(**values, revision=1, created_at=now, updated_at=now)
            )
            deal_id = result.inserted_primary_key[0]  # type: ignore[index]
            row = connection.execute(with_account().where(deals.c.id == deal_id)).mappings().one()
        return jsonify(as_json(row)), 201

    @app.patch("/deals/<int:deal_id>")
    def patch_deal(deal_id: int) -> Response:
        values = read_values(request.get_json(), ())
        with engine.begin() as connection:
            statement = update(deals).where(deals.c.id == deal_id)
            changed = connection.execute(
                statement.values(**values, revision=deals.c.revision + 1, updated_at=datetime.now(UTC))
            )
            if not changed.rowcount:
                abort(404)
            row = connection.execute(with_account().where(deals.c.id == deal_id)).mappings().one()
        return jsonify(as_json(row))

    return app


def from_environment() -> Flask:
    return create_app(os.environ["PLAIN_DATABASE"])
