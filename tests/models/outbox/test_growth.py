"""What another process adds to the outbox is seen, on both databases, through a pooler, and after an outage."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, text

from models.escalations.commands import EscalationCommands
from models.outbox.growth import OutboxGrowth
from models.outbox.messages import enqueue, message
from models.rules.errors import NotSaved
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.models.concurrent_writers import opened
from tests.models.samples import NOW, raised
from tests.models.store.test_availability import taken_away
from tests.pgbouncer import pooled


@pytest.fixture
def growth(store: Store) -> Iterator[OutboxGrowth]:
    growth = OutboxGrowth(store)
    yield growth
    growth.close()


def test_messages_that_another_connection_adds_are_seen_once(url: str, growth: OutboxGrowth) -> None:
    assert not growth.has_grown()  # there is nothing yet
    with opened(url) as elsewhere:
        commands = EscalationCommands(elsewhere)
        for view in ("view-1", "view-2"):
            raised(commands, view)
            assert growth.has_grown()
            assert not growth.has_grown()


def test_a_message_that_is_committed_after_a_later_one_is_seen(postgresql_url: str) -> None:
    def add(connection: Connection, key: str) -> None:
        enqueue(connection, [message(MessageKind.TROUBLE, key, NOW, note="x", lane="trouble")])

    with opened(postgresql_url) as store, closing(OutboxGrowth(store)) as growth:
        with store.engine.connect() as slow, store.engine.connect() as quick:
            add(slow, "first")
            add(quick, "second")
            quick.commit()
            assert growth.has_grown()

            slow.commit()

        assert growth.has_grown()
        assert not growth.has_grown()


def test_what_is_changed_beside_the_outbox_wakes_nobody(url: str, growth: OutboxGrowth) -> None:
    with opened(url) as elsewhere:
        raised(EscalationCommands(elsewhere))
        assert growth.has_grown()

        elsewhere.write(lambda connection: connection.execute(text("UPDATE outbox SET claims = claims + 1")))

        assert not growth.has_grown()


def test_it_takes_no_connection_of_the_pool_and_leaves_none_behind(store: Store, growth: OutboxGrowth) -> None:
    growth.has_grown()

    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    growth.close()
    growth.close()
    assert not growth.has_grown()


def test_through_a_pooler_it_holds_no_connection_of_the_server(postgresql_url: str) -> None:
    with pooled(postgresql_url, connections=1) as through, opened(through) as store:
        growth = OutboxGrowth(store)
        assert not growth.has_grown()

        for n in range(8):  # the driver would prepare a statement at its sixth use
            raised(EscalationCommands(store), f"view-{n}")
            assert growth.has_grown()

        growth.close()


def test_after_an_outage_it_sees_what_was_added_meanwhile(postgresql_url: str) -> None:
    with opened(postgresql_url, 1.5) as store:
        growth = OutboxGrowth(store)
        assert not growth.has_grown()
        with taken_away(postgresql_url):
            for _ in range(2):
                with pytest.raises(NotSaved):
                    growth.has_grown()
        raised(EscalationCommands(store))

        assert growth.has_grown()
        growth.close()
