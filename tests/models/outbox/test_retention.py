"""What is old goes in small steps; what proves something, or may still be needed, stays."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.clock import Clock
from bot.workers.retention import Retention
from models.escalations import escalation_rows
from models.escalations.commands import EscalationCommands
from models.outbox import retention
from models.outbox.messages import message
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store import reminder_queue
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.models.samples import NOW, raised, step

OLD, YOUNG = NOW - timedelta(days=91), NOW - timedelta(days=89)
BEFORE = NOW - timedelta(days=90)


class Later(Clock):
    """A clock that is moved by hand."""

    passed = timedelta()

    def now(self) -> datetime:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()


def put(store: Store, what: MessageKind, at: datetime = OLD, **columns: Any) -> int:
    """Add one message that was sent; its position."""
    position = (store.read(lambda c: c.scalar(select(OUTBOX.c.position).order_by(OUTBOX.c.position.desc()))) or 0) + 1
    sent = {"state": DeliveryState.SENT, "settled_at": at, "lane": "x", **columns}
    store.write(lambda c: c.execute(insert(OUTBOX), [message(what, f"{what}:{position}", at, **sent)]))
    return position


def left(store: Store) -> Sequence[int]:
    return store.read(lambda c: c.scalars(select(OUTBOX.c.position).order_by(OUTBOX.c.position)).all())


def prune(store: Store) -> int:
    counted = sum(store.read(lambda c: retention.count_old(c, BEFORE)).values())
    deleted = store.write(lambda c: retention.prune(c, BEFORE, 0)).deleted
    assert deleted == counted
    return deleted


def test_old_messages_go_and_younger_ones_stay(store: Store) -> None:
    put(store, MessageKind.LINE, number=7)
    put(store, MessageKind.SHIFT, subject='shift:["x"]', user="U0WANG")
    put(store, MessageKind.REFRESH, number=7, state=DeliveryState.SUPERSEDED)
    young = put(store, MessageKind.LINE, YOUNG, number=7)

    counted = store.read(lambda c: retention.count_old(c, BEFORE))

    assert counted == {MessageKind.LINE: 1, MessageKind.SHIFT: 1, MessageKind.REFRESH: 1}
    assert prune(store) == 3
    assert left(store) == [young]


@pytest.mark.parametrize("kind", retention.KEPT)
def test_what_proves_who_was_told_or_is_replaced_later_stays(store: Store, kind: MessageKind) -> None:
    put(store, kind, number=7)

    assert prune(store) == 0


@pytest.mark.parametrize(
    "columns",
    [
        {"state": DeliveryState.DEAD},
        {"state": DeliveryState.PENDING},
        {"state": DeliveryState.UNKNOWN},
        {"sweep_at": NOW},
    ],
)
def test_what_somebody_or_a_worker_must_still_handle_stays(store: Store, columns: dict[str, Any]) -> None:
    put(store, MessageKind.LINE, number=7, **columns)

    assert prune(store) == 0


def test_a_discarded_message_goes_and_the_history_keeps_its_entry(store: Store) -> None:
    put(store, MessageKind.WEEK, state=DeliveryState.DEAD, discarded_at=OLD, discarded_by="wei")

    assert prune(store) == 1


def test_messages_of_a_case_stay_until_it_has_ended(store: Store, commands: EscalationCommands) -> None:
    number = raised(commands).number
    old = {"state": DeliveryState.SENT, "settled_at": OLD}
    store.write(lambda c: c.execute(update(OUTBOX).values(old)))
    while_open = prune(store)
    store.write(lambda c: reminder_queue.drop(c, [f"escalation:{number}"]))  # as the tick does when it has ended

    assert while_open == 0
    assert prune(store) >= 1


def test_of_what_comes_each_day_the_newest_stays(store: Store) -> None:
    store.write(lambda c: reminder_queue.put(c, {"digest": NOW}))
    put(store, MessageKind.DIGEST, subject="digest")
    newest = put(store, MessageKind.DIGEST, subject="digest")

    assert prune(store) == 1
    assert left(store) == [newest]


def test_a_pass_takes_small_steps_once_a_day_and_forgets_old_keys(
    store: Store, commands: EscalationCommands, caplog: pytest.LogCaptureFixture
) -> None:
    commands.move(raised(commands).number, step(Move.NOTE, at=NOW), "click-1")
    put(store, MessageKind.TOPIC)
    clock, said = Later(), []
    keeper = Retention(store, clock, 90)
    with caplog.at_level("INFO"):
        keeper.tick()
        put(store, MessageKind.TOPIC)
        keeper.tick()  # the pass of today is over
        said = [record.getMessage() for record in caplog.records]
        clock.passed = timedelta(days=100)
        keeper.tick()

    assert said == [
        "deleted 1 messages, 0 keys of deliveries, 0 tries and 0 links of messages outside Slack older than 90 days"
    ]
    assert store.read(lambda c: escalation_rows.count_deliveries_before(c, NOW + timedelta(days=1))) == 0


def test_zero_days_keep_everything(store: Store) -> None:
    kept = put(store, MessageKind.TOPIC)
    clock = Later()
    clock.passed = timedelta(days=1000)

    Retention(store, clock, 0).tick()

    assert left(store) == [kept]
