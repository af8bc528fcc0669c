"""A limit on how long a PostgreSQL server may take to answer, kept on our side of a connection.

The time-outs of the server and of TCP are of no use behind a proxy that keeps the connection and no longer forwards.
A connection that got no answer is closed.
"""

import re
from collections.abc import Generator
from time import monotonic
from typing import Any

GRACE_SECONDS = 5.0
"""So much longer than the server lets a statement run, its answer is waited for."""
_DURATION = re.compile(r"\s*(\d+)\s*(us|ms|s|min|h|d|)\s*")
_UNITS = {"us": 1e-6, "": 1e-3, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class _TooLate(Exception):
    """The server did not answer within the limit."""


def limit_answers(connection_class: Any, error_class: Any, seconds: float | None) -> Any:
    """Return a class of psycopg's connections that waits so long for an answer. Then it closes and raises the error."""

    class LimitedConnection(connection_class):  # type: ignore[misc]  # the driver is imported only where it is used
        answer_seconds = seconds

        def wait(self, generator: Any, *arguments: Any, **more: Any) -> Any:
            if self.answer_seconds is None:
                return super().wait(generator, *arguments, **more)
            limited = _limit(generator, monotonic() + self.answer_seconds)
            try:
                return super().wait(limited, *arguments, **more)
            except _TooLate:
                self.pgconn.finish()
                error = error_class(f"no answer from the database server within {self.answer_seconds:g} seconds")
                error.is_silence = True
                raise error from None

    return LimitedConnection


def find_limit(statement_timeout: str) -> float | None:
    """Return how long to wait, in seconds, where the server has this limit for a statement; None where it has none."""
    read = _DURATION.fullmatch(statement_timeout)
    seconds = int(read[1]) * _UNITS[read[2]] if read else 0.0
    return seconds + GRACE_SECONDS if seconds else None


def is_silence(error: BaseException | None) -> bool:
    """Return whether an error says that the server did not answer: asking again would last as long."""
    return getattr(error, "is_silence", False)


def _limit(generator: Generator[Any, Any, Any], until: float) -> Generator[Any, Any, Any]:
    """Pass on what psycopg's generators exchange with its waiting, which also answers now and then with nothing."""
    try:
        wanted = next(generator)
        while True:
            ready = yield wanted
            if not ready and monotonic() >= until:
                raise _TooLate
            wanted = generator.send(ready)
    except StopIteration as end:
        return end.value
