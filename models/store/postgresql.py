"""Connections to PostgreSQL, directly or through a pooler such as PgBouncer in transaction mode.

Such a pooler may give each transaction another connection of the server. So nothing is kept on a connection: no
start-up parameter, no prepared statement, and every setting holds for one transaction (docs/operations.md).
"""

import re
from typing import Any

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import ConnectionPoolEntry

from models.store.answer_limit import find_limit, limit_answers

CONNECTIONS = 16
"""The size of the connection pool of a process."""
ASSUMES_POOLER = "pgbouncer"
"""The parameter of the address that says ``true`` where a pooler can't be recognized; other programs call it so too."""
_KEEPS_NOTHING = "keeps nothing"
"""The name under which a connection remembers that its settings hold for one transaction."""
_STATEMENT_SECONDS = 15
_CONNECT_SECONDS = 5
# A server that vanishes without a word, as in a fail-over, is noticed after this many seconds, not after two hours.
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
_REFUSED = "unsupported startup parameter"
"""What PgBouncer answers to the options of a connection."""
# Options as libpq takes them: "-c name=value", "-cname=value" or "--name=value", with "\" before a space of the value.
_OPTION = re.compile(r"(?:^|\s)(?:-c\s*|--)([A-Za-z_][\w.-]*)=((?:\\.|[^\s\\])*)")


class PostgresqlConnections:
    """Opens the connections of one address, and keeps the settings that each transaction is to have."""

    def __init__(self, url: URL, timeout: float) -> None:
        """Read the address. ``timeout``: how long a statement waits for a lock, in seconds."""
        self._assumes_pooler = url.query.get(ASSUMES_POOLER) == "true"
        self.is_pooled = self._assumes_pooler
        """Whether the newest connection goes through a pooler."""
        url = url.difference_update_query([ASSUMES_POOLER])
        self.engine = create_engine(
            url, creator=self._connect, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=timeout,
            hide_parameters=True,
        )  # fmt: skip
        self._driver: Any = self.engine.dialect.loaded_dbapi
        _, given = self.engine.dialect.create_connect_args(url)
        self._arguments: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, **_ALIVE, **given}
        own = self._arguments.pop("options", None) or self._find_default_options()
        waits = {
            "statement_timeout": f"{_STATEMENT_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{_STATEMENT_SECONDS}s",
            "lock_timeout": f"{int(timeout * 1000)}ms",
        }
        own = own if isinstance(own, str) else " ".join(own)
        # Ours first, so that options of the address win.
        self._options = " ".join([*(f"-c {name}={value}" for name, value in waits.items()), own]).strip()
        settings = waits | read_options(own)
        self._statement = "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(settings))
        self._values = tuple(part for pair in settings.items() for part in pair)
        self._answer_seconds = find_limit(settings["statement_timeout"])
        self._open = limit_answers(self._driver.Connection, self._driver.OperationalError, self._answer_seconds).connect

    def begin(self, connection: Connection) -> None:
        """Set for this transaction what its connection does not keep."""
        raw: Any = connection.connection.driver_connection
        raw.answer_seconds = self._answer_seconds
        if connection.info.get(_KEEPS_NOTHING):
            connection.exec_driver_sql(self._statement, self._values)

    def _connect(self, entry: ConnectionPoolEntry) -> Any:
        """Open a connection. A pooler may be put in between, or taken away, at any time."""
        raw = None
        if not self.is_pooled:
            try:
                raw = self._open(options=self._options, **self._arguments)
            except self._driver.OperationalError as error:
                if _REFUSED not in str(error):
                    raise
        has_options = raw is not None
        if raw is None:
            raw = self._open(**self._arguments)
        self.is_pooled = self._assumes_pooler or _leads_to_pooler(raw)
        entry.info[_KEEPS_NOTHING] = self.is_pooled or not has_options
        if self.is_pooled:
            raw.prepare_threshold = None
        return raw

    def _find_default_options(self) -> str:
        """Return the options that the environment (PGOPTIONS) gives to every program."""
        defaults = self._driver.pq.Conninfo.get_defaults()
        return next(((option.val or b"").decode() for option in defaults if option.keyword == b"options"), "")


def lift_limits(connection: Connection) -> None:
    """Let statements of this transaction take as long as they need, on the server and here."""
    raw: Any = connection.connection.driver_connection
    raw.answer_seconds = None
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def read_options(options: str) -> dict[str, str]:
    """Return the settings in the options of an address; the last one of a name counts."""
    return {name.replace("-", "_"): re.sub(r"\\(.)", r"\1", value) for name, value in _OPTION.findall(options)}


def _leads_to_pooler(raw: Any) -> bool:
    """Return whether a process of the server other than the one that was announced answers.

    A pooler announces a number of its own.
    """
    raw.autocommit = True  # one round trip, instead of a transaction of three
    (process,) = raw.execute("SELECT pg_backend_pid()").fetchone()
    raw.autocommit = False
    return bool(process != raw.info.backend_pid)
