"""Deletions are found without going through the whole history."""

from sqlalchemy import Connection

INDEXES = {"ix_dougong_history__deleted": "entity", "ix_dougong_history__deleted_by": 'entity, "by"'}


def upgrade(connection: Connection) -> None:
    """Adds the indexes of deletions: everybody's, and one's own."""
    for name, columns in INDEXES.items():
        connection.exec_driver_sql(
            f"CREATE INDEX {name} ON dougong_history ({columns}, at, id) WHERE kind = 'deleted'"
        )
