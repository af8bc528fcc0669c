"""Has Alembic bring a schema up to date, on the connection the store hands over and inside its transaction.

The store loads it when there is something to do. It decides nothing: lock, order and refusal are the store's.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def apply(connection: Connection) -> None:
    """Run every migration the database has not seen yet."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
