"""Why a job was not done is kept in every language, beside the English text."""

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Adds the column of the words."""
    connection.exec_driver_sql("ALTER TABLE dougong_job ADD COLUMN words JSON")
