"""INSERT with ON CONFLICT, which each database writes in its own class."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Dialect → the insert(table) that has on_conflict_do_nothing and on_conflict_do_update."""
