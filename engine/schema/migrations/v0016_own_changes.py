"""What a person changed last is found without going through the whole history."""

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Adds the index of the history by person."""
    connection.exec_driver_sql('CREATE INDEX ix_dougong_history__by_id ON dougong_history ("by", id)')
