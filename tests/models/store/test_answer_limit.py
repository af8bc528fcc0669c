"""A server that no longer answers while TCP stays alive: we wait a limited time, and go on when it is back."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, make_url, text

from models.rules.errors import NotSaved
from models.store.answer_limit import GRACE_SECONDS, find_limit
from models.store.database import Store
from models.store.database_errors import DatabaseErrorCause, cause_of
from models.store.postgresql import lift_limits
from tests.models.concurrent_writers import opened
from tests.models.store.test_availability import is_saved, write
from tests.tcp_proxy import TcpProxy, proxied

A_SECOND = {"options": "-c statement_timeout=1s"}
CONNECTING = 5.0
"""Seconds that a new connection is waited for."""


@pytest.fixture
def proxy_and_store(postgresql_url: str) -> Iterator[tuple[TcpProxy, Store]]:
    """A store behind a proxy, whose server lets a statement run for a second."""
    with proxied(postgresql_url) as (proxy, url):
        limited = make_url(url).update_query_dict(A_SECOND).render_as_string(hide_password=False)
        with opened(limited, 1.5) as store:
            write(store)
            yield proxy, store


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        ("15s", 15 + GRACE_SECONDS), ("1500", 1.5 + GRACE_SECONDS), ("2min", 120 + GRACE_SECONDS),
        (" 1 h ", 3600 + GRACE_SECONDS), ("0", None), ("0s", None), ("default", None),
    ],
)  # fmt: skip
def test_an_answer_is_waited_for_a_little_longer_than_the_server_lets_a_statement_run(
    timeout: str, seconds: float | None
) -> None:
    assert find_limit(timeout) == seconds


def test_a_server_that_hangs_is_given_up_after_the_limit_and_used_again_when_it_answers(
    proxy_and_store: tuple[TcpProxy, Store],
) -> None:
    proxy, store = proxy_and_store
    proxy.hang()

    began = time.monotonic()
    with pytest.raises(NotSaved) as given_up:
        write(store)
    first = time.monotonic() - began
    with pytest.raises(NotSaved):
        write(store)  # on a new connection: it is not even accepted by the server

    assert cause_of(given_up.value) is DatabaseErrorCause.AWAY
    assert 1 + GRACE_SECONDS <= first < 1 + GRACE_SECONDS + CONNECTING  # it was not tried again at once
    proxy.go_on()
    assert is_saved(store)
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_long_answer_within_the_limit_is_waited_for(postgresql_url: str) -> None:
    with proxied(postgresql_url) as (_, url), opened(url) as store:
        assert store.read(lambda connection: connection.scalar(text("SELECT 7 FROM pg_sleep(1)"))) == 7


def test_a_migration_may_take_as_long_as_it_needs(postgresql_url: str) -> None:
    def find_limits(connection: Connection) -> tuple[float | None, str | None]:
        raw = connection.connection.driver_connection
        return getattr(raw, "answer_seconds", None), connection.scalar(text("SHOW statement_timeout"))

    def migrate(connection: Connection) -> tuple[float | None, str | None]:
        lift_limits(connection)
        return find_limits(connection)

    limited = make_url(postgresql_url).update_query_dict(A_SECOND).render_as_string(hide_password=False)
    with opened(limited) as store:
        assert store.write(migrate) == (None, "0")
        assert store.write(find_limits) == (1 + GRACE_SECONDS, "1s")
