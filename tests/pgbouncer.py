"""PgBouncer for the tests: the one of the system, in transaction mode, on a port of this machine alone."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.ports import find_free_ports
from tests.programs import find_program

PATIENCE = 60.0  # seconds
NOBODY = 65534
CONFIGURATION = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
query_wait_timeout = 20
{more}
"""


@contextmanager
def pooled(url: str, connections: int = 4, more: str = "", port: int = 0) -> Iterator[str]:
    """The same database behind a PgBouncer that has only so many connections of the server; on any port for 0."""
    program = find_program("pgbouncer")
    direct, port = make_url(url), port or find_free_ports(1)[0]
    with tempfile.TemporaryDirectory(prefix="csp-pgbouncer-") as folder:
        path = Path(folder) / "pgbouncer.ini"
        values = {"server": _server(direct), "port": port, "connections": connections, "more": more}
        path.write_text(CONFIGURATION.format(**values), encoding="utf-8")
        Path(folder).chmod(0o755)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([program, str(path)], stdout=log, stderr=log, user=_user(direct))
        through = direct.set(host="127.0.0.1", port=port).difference_update_query(["host"])
        try:
            _wait(process, through, Path(folder) / "log")
            yield through.render_as_string(hide_password=False)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _server(url: URL) -> str:
    """Where the server is, in PgBouncer's words."""
    host, given = url.query.get("host") or url.host or "127.0.0.1", {"user": url.username, "password": url.password}
    words = {"host": host, "port": url.port, **given}
    return " ".join(f"{name}={value}" for name, value in words.items() if value)


def _user(url: URL) -> int | None:
    """The user PgBouncer runs as. It refuses to be root; the socket of our own server is its owner's."""
    if os.geteuid() != 0:
        return None
    folder = str(url.query.get("host") or "")
    owner = Path(folder).stat().st_uid if folder else NOBODY
    return owner or NOBODY


def _wait(process: "subprocess.Popen[bytes]", url: URL, log: Path) -> None:
    """Wait until it lets somebody through."""
    until = time.monotonic() + PATIENCE
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.02)
        else:
            return
