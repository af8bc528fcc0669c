"""A fresh database of each kind for a measurement. PostgreSQL waits for the disk here, as it does in earnest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from models.store.database import Store
from tests.postgres import Databases, server

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def postgresql() -> Iterator[Databases]:
    """A server that keeps what it says it has kept; the tests' own settings do not."""
    with server() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in DURABLE:
                connection.execute(f"ALTER SYSTEM SET {setting} = on".encode())
            connection.execute("SELECT pg_reload_conf()")
        databases = Databases(url, migrate)
        yield databases
        databases.close()


def vacuum(url: str) -> None:
    """Tidy up on PostgreSQL as its own daemon does soon after many changes; nothing on SQLite."""
    if url.startswith("sqlite"):
        return
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def sqlite(folder: Path, name: str) -> str:
    """The URL of a fresh SQLite file that is up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / name}.db"
    migrate(url)
    return url


def migrate(url: str) -> None:
    """Bring a database up to date."""
    store = Store(url)
    store.upgrade()
    store.dispose()
