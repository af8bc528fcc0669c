"""PostgreSQL as operators have it: options of the address, a pooler in between, a server that goes and comes back."""

import logging
import threading
from collections.abc import Callable, Iterator
from functools import partial

import psycopg
import pytest
from sqlalchemy import make_url, text

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Move
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store.database import Store
from models.store.database_errors import DatabaseErrorCause, cause_of
from models.store.postgresql import read_options
from tests.models.concurrent_writers import opened, together
from tests.models.samples import NOW, raised, step
from tests.pgbouncer import pooled
from tests.ports import find_free_ports
from tests.postgres import Databases, end_all

SHOWN = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path")


@pytest.fixture
def through_pooler(postgresql_url: str) -> Iterator[Store]:
    """A store behind PgBouncer."""
    with pooled(postgresql_url, connections=2) as url, opened(url) as store:
        yield store


def with_options(url: str, options: str) -> str:
    return make_url(url).update_query_dict({"options": options}).render_as_string(hide_password=False)


def settings(store: Store) -> dict[str, str]:
    """What holds in a transaction."""
    return store.read(lambda connection: {name: connection.scalar(text(f"SHOW {name}")) or "" for name in SHOWN})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("-csearch_path=elsewhere", {"search_path": "elsewhere"}),
        ("-c search_path=a,b --lock-timeout=3s", {"search_path": "a,b", "lock_timeout": "3s"}),
        (r"-c search_path=a,\ b -c work_mem=8MB", {"search_path": "a, b", "work_mem": "8MB"}),
        ("-c lock_timeout=1s -c lock_timeout=2s", {"lock_timeout": "2s"}),
        ("", {}),
    ],
)
def test_options_are_read_as_the_driver_reads_them(options: str, found: dict[str, str]) -> None:
    assert read_options(options) == found


def test_options_of_the_address_are_added_to_ours_and_win(postgresql_url: str) -> None:
    with opened(with_options(postgresql_url, "-c search_path=elsewhere,public --lock-timeout=3s"), 1.5) as store:
        assert not store.is_pooled
        assert settings(store) == {
            "statement_timeout": "15s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "15s",
            "search_path": "elsewhere,public",
        }  # fmt: skip


def test_options_of_the_environment_are_kept(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c search_path=elsewhere,public")
    with opened(postgresql_url) as store:
        assert settings(store)["search_path"] == "elsewhere,public"


@pytest.mark.parametrize("more", ["", "ignore_startup_parameters = options"], ids=["refuses options", "drops options"])
def test_a_pooler_is_recognized_and_each_transaction_has_the_settings(postgresql_url: str, more: str) -> None:
    with (
        pooled(postgresql_url, more=more) as url,
        opened(with_options(url, "-c search_path=mine,public"), 1.5) as store,
    ):
        assert settings(store) == {
            "statement_timeout": "15s", "lock_timeout": "1500ms", "idle_in_transaction_session_timeout": "15s",
            "search_path": "mine,public",
        }  # fmt: skip
        assert store.is_pooled
        with psycopg.connect(url, autocommit=True) as other:  # on the same connection of the server
            assert other.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_who_knows_better_says_so_in_the_address(postgresql_url: str) -> None:
    address = make_url(postgresql_url).update_query_dict({"pgbouncer": "true"})
    with opened(address.render_as_string(hide_password=False), 1.5) as store:
        assert settings(store)["lock_timeout"] == "1500ms"
        assert store.is_pooled


def test_more_threads_than_the_pooler_has_connections_write_everything_once(through_pooler: Store) -> None:
    commands, outbox = EscalationCommands(through_pooler), Outbox(through_pooler)
    sent = SendOutcome(SendResult.SENT, "C1", "1.1")

    def work(name: str) -> None:
        for n in range(7):  # the driver would prepare a statement at its sixth use
            number = raised(commands, f"{name}-{n}").number
            commands.move(number, step(Move.NOTE), f"note-{name}-{n}")
            if delivery := outbox.claim(NOW, name):
                assert outbox.settle(delivery, sent, NOW)

    together([partial(work, f"thread-{n}") for n in range(4)])

    cases = list(EscalationQueries(through_pooler).all_with_history())
    assert [case.number for case, _ in cases] == list(range(1, 29))
    assert {len(history) for _, history in cases} == {2}


def test_a_database_is_migrated_through_a_pooler(postgresql: Databases) -> None:
    with postgresql.empty() as direct, pooled(direct, connections=2) as url, opened(url) as one, opened(url) as other:
        together([one.upgrade, other.upgrade])

        assert one.revision() == other.revision()
        assert raised(EscalationCommands(one)).number == 1


def administer(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as admin:
        admin.execute(statement.encode())


@pytest.mark.parametrize("by_pooler", [False, True], ids=["direct", "through a pooler"])
def test_connections_that_the_server_ends_lose_nothing_and_are_said_in_the_log(
    postgresql_url: str, by_pooler: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with pooled(postgresql_url) as url, opened(url if by_pooler else postgresql_url) as store:
        commands, stop = EscalationCommands(store), threading.Event()
        kept: list[str] = []

        def work(name: str) -> None:
            for n in range(1000):
                if stop.is_set():
                    return
                try:
                    raised(commands, f"{name}-{n}", title=f"{name}-{n}")
                except NotSaved:
                    continue
                kept.append(f"{name}-{n}")

        def interrupt() -> None:
            for wanted in (6, 12, 18):
                while len(kept) < wanted:
                    stop.wait(0.001)
                assert end_all(postgresql_url)
            stop.set()

        with caplog.at_level(logging.WARNING):
            deeds: list[Callable[[], None]] = [*(partial(work, f"thread-{n}") for n in range(3)), interrupt]
            together(deeds)

        titles = [case.title for case, _ in EscalationQueries(store).all_with_history()]
    assert len(kept) >= 18
    assert set(kept) <= set(titles)  # what was promised is there
    assert len(set(titles)) == len(titles)  # and nothing twice
    assert "the connection to the database was lost" in caplog.text


def test_while_the_server_is_gone_nothing_is_promised_and_afterwards_work_goes_on(postgresql_url: str) -> None:
    (port,) = find_free_ports(1)
    with pooled(postgresql_url, port=port) as url:
        store = Store(url)
        commands = EscalationCommands(store)
        raised(commands, "before")

    with pytest.raises(NotSaved) as refused:
        raised(commands, "meanwhile")
    with pooled(postgresql_url, port=port):
        assert raised(commands, "after").number == 2
        assert raised(commands, "before").number == 1  # what was promised before is known
        store.dispose()
    assert cause_of(refused.value) is DatabaseErrorCause.REFUSED


def test_a_server_that_is_gone_behind_a_pooler_is_told_as_away(postgresql_url: str) -> None:
    direct = make_url(postgresql_url)
    elsewhere = direct.set(database="postgres").render_as_string(hide_password=False)
    with pooled(postgresql_url, more="query_wait_timeout = 2") as url, opened(url) as store:
        raised(EscalationCommands(store), "before")
        administer(elsewhere, f'ALTER DATABASE "{direct.database}" ALLOW_CONNECTIONS false')
        end_all(elsewhere, direct.database)
        with pytest.raises(NotSaved) as refused:
            raised(EscalationCommands(store), "meanwhile")

    administer(elsewhere, f'ALTER DATABASE "{direct.database}" ALLOW_CONNECTIONS true')
    assert cause_of(refused.value) is DatabaseErrorCause.AWAY


def test_a_server_that_can_only_be_read_is_told_and_left_for_the_new_primary(postgresql_url: str) -> None:
    with opened(postgresql_url) as store:
        commands, database = EscalationCommands(store), make_url(postgresql_url).database
        raised(commands, "before")
        administer(postgresql_url, f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
        end_all(postgresql_url)
        with pytest.raises(NotSaved) as refused:
            raised(commands, "meanwhile")
        administer(postgresql_url, f'ALTER DATABASE "{database}" RESET default_transaction_read_only')

        assert cause_of(refused.value) is DatabaseErrorCause.STANDBY
        assert raised(commands, "after").number == 2  # on a new connection


def test_a_server_without_a_free_connection_is_told_as_that(postgresql_url: str) -> None:
    with pooled(postgresql_url, more="max_client_conn = 1") as url, psycopg.connect(url), opened(url) as store:
        with pytest.raises(NotSaved) as refused:
            raised(EscalationCommands(store))

        assert cause_of(refused.value) is DatabaseErrorCause.NO_SLOT


def test_of_several_servers_the_one_that_takes_writes_is_used(postgresql_url: str) -> None:
    address = make_url(postgresql_url)
    folder = address.query.get("host", address.host)
    several = {"host": [f"{folder}:1", f"{folder}:{address.port or 5432}"], "target_session_attrs": "read-write"}
    both = address.set(host=None, port=None).update_query_dict(several)
    with opened(both.render_as_string(hide_password=False)) as store:
        assert raised(EscalationCommands(store)).number == 1
