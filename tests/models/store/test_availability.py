"""A database that goes away and comes back: it is said once each, and its failures count no longer than it is away."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg.errors import LockNotAvailable, OperationalError
from sqlalchemy import make_url, text

from models.rules.errors import DatabaseAway, NotSaved
from models.store.availability import RECOVERY, TROUBLE, DatabaseAvailability
from models.store.database import Store
from tests.models.concurrent_writers import opened
from tests.models.store.test_postgresql import administer
from tests.pgbouncer import PATIENCE, pooled
from tests.postgres import end_all

MINUTE = 60.0
GONE, LOCKED = OperationalError("connection refused by nobody"), LockNotAvailable("canceling statement")


@pytest.fixture
def seen(caplog: pytest.LogCaptureFixture) -> Iterator[DatabaseAvailability]:
    """What the running bot knows of its database."""
    availability = DatabaseAvailability()
    availability.is_logged = True
    with caplog.at_level(logging.WARNING):
        yield availability


def fail(availability: DatabaseAvailability, cause: Exception, *, writes: bool = True) -> NotSaved:
    """What is raised for such a failure."""
    error = NotSaved()
    error.__cause__ = cause
    return availability.note_failure(error, writes=writes)


def test_a_server_that_is_away_is_said_once_and_its_failures_end_with_the_next_write(
    seen: DatabaseAvailability, caplog: pytest.LogCaptureFixture
) -> None:
    raised = [fail(seen, GONE), fail(seen, GONE, writes=False), fail(seen, LOCKED), fail(seen, GONE)]

    assert {type(error) for error in raised} == {DatabaseAway}
    assert seen.count_failed_writes(MINUTE) == 3
    seen.note_write()
    seen.note_write()
    assert seen.count_failed_writes(MINUTE) == 0
    away, back = caplog.messages
    assert away.startswith(f"{TROUBLE} (away)")
    assert back.startswith(f"{RECOVERY} after 0 seconds")


def test_a_lock_now_and_then_is_counted_for_a_minute_and_is_no_outage(
    seen: DatabaseAvailability, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        fail(seen, LOCKED)
        fail(seen, LOCKED)
        seen.note_write()

    assert seen.count_failed_writes(MINUTE) == 6
    assert caplog.messages == []


def test_locks_in_a_row_are_an_outage_which_ends_with_the_next_write(
    seen: DatabaseAvailability, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = [type(fail(seen, LOCKED)) for _ in range(4)]
    seen.note_write()

    assert kinds == [NotSaved, NotSaved, DatabaseAway, DatabaseAway]
    assert seen.count_failed_writes(MINUTE) == 0
    assert len(caplog.messages) == 2


def test_a_full_disk_that_takes_a_small_write_in_between_is_still_full(seen: DatabaseAvailability) -> None:
    full = OSError(28, "No space left on device")
    for _ in range(3):
        fail(seen, full)
        seen.note_write()

    assert seen.count_failed_writes(MINUTE) == 3


def test_a_command_says_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    availability = DatabaseAvailability()

    assert type(fail(availability, GONE)) is NotSaved
    availability.note_write()
    assert caplog.messages == []


@contextmanager
def taken_away(url: str) -> Iterator[None]:
    """The database of this address, closed to everybody while the block runs."""
    direct = make_url(url)
    elsewhere = direct.set(database="postgres").render_as_string(hide_password=False)
    administer(elsewhere, f'ALTER DATABASE "{direct.database}" ALLOW_CONNECTIONS false')
    end_all(elsewhere, direct.database)
    try:
        yield
    finally:
        administer(elsewhere, f'ALTER DATABASE "{direct.database}" ALLOW_CONNECTIONS true')


def write(store: Store) -> None:
    store.write(lambda connection: connection.execute(text("SELECT 1")))


def test_behind_a_pooler_all_is_well_with_the_first_write_after_an_outage(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    more = "query_wait_timeout = 2\nserver_login_retry = 1"
    with pooled(postgresql_url, more=more) as url, opened(url) as store:
        store.availability.is_logged = True
        write(store)
        with caplog.at_level(logging.WARNING):
            with taken_away(postgresql_url):
                for _ in range(3):
                    with pytest.raises(DatabaseAway):
                        write(store)
                assert store.availability.count_failed_writes(MINUTE) == 3
            deadline = time.monotonic() + PATIENCE
            while not is_saved(store):  # the pooler waits before it asks the server again
                assert time.monotonic() < deadline

    assert store.availability.count_failed_writes(MINUTE) == 0
    told = [message for message in caplog.messages if "the work was done again" not in message]
    assert [message.partition(" now")[0].partition(" again")[0] for message in told] == [
        TROUBLE.removesuffix(" now"), RECOVERY.removesuffix(" again"),
    ]  # fmt: skip


def is_saved(store: Store) -> bool:
    try:
        write(store)
    except NotSaved:
        return False
    return True
