"""The store under bad conditions: held by another bot, locked, full, copied while it is written to."""

import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import StatementError

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Move
from models.rules.people import Person
from models.store.database import Store, normal_url
from models.store.database_file import DamagedDatabase
from models.store.file_lock import AlreadyRunning
from models.store.sqlite import wal_is_safe
from models.store.tables import ESCALATION, HISTORY, INBOX, OUTBOX
from tests.models.concurrent_writers import another, go, opened, together
from tests.models.samples import NOW, WANG, raised, step

PATIENCE = 0.6
CLAIMER = """
import sys
from models.store.database import Store
claim = Store(sys.argv[1]).claim_file()
print("ready", flush=True)
sys.stdin.readline()
"""
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("ready", flush=True)
sys.stdin.readline()
"""
WRITER = """
import sys
from models.escalations.commands import EscalationCommands
from models.store.database import Store
from tests.models.samples import raised
commands = EscalationCommands(Store(sys.argv[1], timeout=30))
raised(commands, "first")
print("ready", flush=True)
sys.stdin.readline()
for n in range(30):
    raised(commands, str(n))
"""


def file_of(store: Store) -> Path:
    """The SQLite file of a store."""
    return Path(str(store.url.database))


def rows(store: Store) -> list[int]:
    """How many rows there are of everything a move writes."""
    counts = [f"SELECT count(*) FROM {table}" for table in (ESCALATION, HISTORY, INBOX, OUTBOX, "escalation_words")]  # noqa: S608
    return store.read(lambda connection: [connection.scalar(text(count)) or 0 for count in counts])


@pytest.fixture
def impatient(sqlite_url: str) -> Iterator[Store]:
    """A store on an SQLite file that gives up quickly."""
    with opened(sqlite_url, PATIENCE) as store:
        yield store


def test_a_second_bot_on_the_same_file_is_refused_until_the_first_is_gone(impatient: Store, sqlite_url: str) -> None:
    with another(CLAIMER, sqlite_url) as first:
        with pytest.raises(AlreadyRunning):
            impatient.claim_file()
        assert raised(EscalationCommands(impatient)).number == 1  # other commands work beside the bot
        first.kill()
        first.wait(120)

        claim = impatient.claim_file()
        assert claim
        with pytest.raises(AlreadyRunning):
            impatient.claim_file()
        claim.release()


def test_any_number_of_bots_may_run_on_postgresql(postgresql_url: str) -> None:
    with opened(postgresql_url) as store:
        assert store.claim_file() is None


def test_writers_give_up_on_a_locked_file_after_their_patience_and_not_after_their_sum(impatient: Store) -> None:
    commands = EscalationCommands(impatient)

    def attempt(key: str) -> float:
        began = monotonic()
        with pytest.raises(NotSaved):
            raised(commands, key)
        return monotonic() - began

    with another(LOCKER, str(file_of(impatient))):
        rounds = [together([partial(attempt, f"view-{n}") for n in range(6)]) for _ in range(3)]
        with pytest.raises(NotSaved):
            EscalationQueries(impatient).count_all()

    longest = [max(waits) for waits in rounds]
    assert min(longest) < 4 * PATIENCE  # six after one another take six times that in each round, not in a slow one
    assert min(longest) > PATIENCE * 0.9
    assert rows(impatient) == [0, 0, 0, 0, 0]
    assert raised(commands).number == 1


def test_a_full_disk_leaves_nothing_half_done_and_is_survived(impatient: Store) -> None:
    commands = EscalationCommands(impatient)
    raised(commands, "before")
    before = rows(impatient)
    for connection in several(impatient):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        connection.close()

    with suppress(NotSaved):
        for n in range(40):
            raised(commands, f"full-{n}", details="云" * 3000)
            before = rows(impatient)
    with pytest.raises(NotSaved):
        raised(commands, "still full", details="云" * 3000)
    assert rows(impatient) == before
    assert EscalationQueries(impatient).escalation(1)

    for connection in several(impatient):
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        connection.close()
    assert raised(commands, "after").number == before[0] + 1


def several(store: Store) -> list[Connection]:
    """Open connections, more than a single thread will use at once."""
    return [store.engine.connect() for _ in range(3)]


def test_writes_to_a_read_only_place_are_not_saved(impatient: Store) -> None:
    raised(EscalationCommands(impatient))
    for connection in several(impatient):
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.close()

    with pytest.raises(NotSaved):
        raised(EscalationCommands(impatient), "view-2")
    assert EscalationQueries(impatient).count_all() == 1


def test_a_database_that_is_away_is_told_as_not_saved(tmp_path: Path) -> None:
    with opened(f"postgresql://nobody@localhost/none?host={tmp_path}") as store:
        with pytest.raises(NotSaved):
            raised(EscalationCommands(store))
        with pytest.raises(NotSaved):
            EscalationQueries(store).count_all()


def test_our_own_faults_are_not_taken_for_a_store_that_is_away(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.write(lambda _connection: 1 // 0)
    assert raised(EscalationCommands(store)).number == 1


def test_a_copy_of_a_live_database_is_whole_and_sound(sqlite_url: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    target = tmp_path / "copy.db"
    with opened(sqlite_url) as store, another(WRITER, sqlite_url) as writer:
        go(writer)
        store.backup(target, lambda left, pages: seen.append((left, pages)))
        writer.wait(120)

        assert seen[-1][0] == 0
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        with pytest.raises(FileExistsError):
            store.backup(target)
    with opened(f"sqlite:///{target}") as copy:
        assert not copy.upgrade()
        copied = list(EscalationQueries(copy).all_with_history())
        assert copied
        assert all(len(history) == escalation.version for escalation, history in copied)
        assert raised(EscalationCommands(copy), "goes on").number == len(copied) + 1


def test_a_damaged_database_leaves_no_copy(impatient: Store, tmp_path: Path) -> None:
    for n in range(20):
        raised(EscalationCommands(impatient), f"view-{n}", details="云" * 2000)
    impatient.dispose()
    content = bytearray(file_of(impatient).read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    file_of(impatient).write_bytes(content)

    with pytest.raises(DamagedDatabase):
        impatient.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_postgresql_database_is_not_copied_into_a_file(postgresql_url: str, tmp_path: Path) -> None:
    with opened(postgresql_url) as store, pytest.raises(ValueError, match="postgresql"):
        store.backup(tmp_path / "copy.db")


def test_a_new_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with opened(f"sqlite:///{path}") as store:
        store.upgrade()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_the_write_ahead_log_is_used_only_where_it_cannot_corrupt(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_every_connection_has_the_settings_the_record_relies_on(impatient: Store) -> None:
    wanted = {
        "journal_mode": "wal" if wal_is_safe() else "persist", "synchronous": 2, "foreign_keys": 1,
        "recursive_triggers": 1, "trusted_schema": 0,
    }  # fmt: skip
    with closing(impatient.engine.connect()) as connection:
        for pragma, value in wanted.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


@pytest.mark.parametrize(
    "given", ["postgres://u:p@host/db?sslmode=require", "postgresql://u:p@host/db?sslmode=require"]
)
def test_any_spelling_of_a_postgresql_url_gets_our_driver(given: str) -> None:
    assert normal_url(given) == "postgresql+psycopg://u:p@host/db?sslmode=require"


def test_instants_come_back_in_utc_and_naive_ones_are_refused(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    in_shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    number = raised(commands, at=in_shanghai).number

    kept = queries.escalation(number)
    assert kept
    assert kept.raised_at == NOW
    assert kept.raised_at.utcoffset() == timedelta()
    with pytest.raises((StatementError, ValueError)):
        commands.move(number, step(Move.NOTE, at=datetime(2026, 11, 22, 9)), "naive")  # noqa: DTZ001
    assert len(queries.history(number)) == 1


def test_what_slack_says_of_a_person_is_kept_until_it_says_otherwise(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    assert queries.person(WANG.id) is None

    commands.remember((Person(id=WANG.id, team_id=WANG.team_id, name="王伟"), NOW))
    moved = Person(id=WANG.id, team_id=WANG.team_id, name="Wang Wei", locale="en-GB", is_guest=True)
    commands.remember((moved, NOW + timedelta(minutes=10)))

    assert queries.person(WANG.id) == (moved, NOW + timedelta(minutes=10))
