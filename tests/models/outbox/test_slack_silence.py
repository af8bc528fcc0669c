"""Whether Slack takes messages, as the messages that were tried tell."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from models.outbox.messages import message
from models.outbox.slack_silence import find_silent_since, find_untaken, is_silent
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.heartbeat_rows import add_downtimes
from models.store.tables import OUTBOX
from tests.models.samples import NOW

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
Tried = tuple[timedelta, timedelta | None]
"""When a message was tried first, and when Slack took it; None while it waits."""


@pytest.mark.parametrize(
    ("tried", "is_so"),
    [
        ([], False),
        ([(-2 * MINUTE, None)], True),
        ([(-30 * SECOND, None)], False),
        ([(-2 * MINUTE, None), (-MINUTE, -MINUTE)], False),
        # Slack took others in the same moment, and nothing that was tried afterwards.
        ([(-13 * MINUTE, None), (-13 * MINUTE, 3 * SECOND - 13 * MINUTE), (-10 * MINUTE, None)], True),
        ([(-13 * MINUTE, None), (-10 * MINUTE, None), (-MINUTE, -SECOND)], False),
    ],
)
def test_slack_is_silent_when_it_took_nothing_since_what_still_waits(
    store: Store, tried: list[Tried], is_so: bool
) -> None:
    enqueue_tried(store, tried)

    assert is_silent(store, NOW) is is_so


def test_silence_counts_from_what_waits_longest_and_not_while_no_bot_ran(store: Store) -> None:
    enqueue_tried(store, [(-20 * MINUTE, -19 * MINUTE), (-15 * MINUTE, None), (-9 * MINUTE, None)])
    before = store.read(lambda connection: find_silent_since(connection, NOW))
    store.write(lambda connection: add_downtimes(connection, [(NOW - 14 * MINUTE, NOW - 3 * MINUTE)]))
    after = store.read(lambda connection: find_silent_since(connection, NOW))

    assert (before, after) == (NOW - 15 * MINUTE, NOW - 3 * MINUTE)


@pytest.mark.parametrize(
    ("tried", "untaken"),
    [
        ([(-600, None)], [(-600, 0)]),
        ([(-600, -597)], []),
        # Slack took another one in the same moment, and then none.
        ([(-600, None), (-601, -599)], [(-599, 0)]),
        # When Slack was back it took the first at once, and the second a quarter of an hour later, behind others.
        ([(-2400, -1200), (-2400, -300), *((at, at) for at in range(-1190, -300, 50))], [(-2400, -1200)] * 2),
    ],
)
def test_slack_took_nothing_until_it_took_any(
    store: Store, tried: list[tuple[int, int | None]], untaken: list[tuple[int, int]]
) -> None:
    enqueue_tried(store, [(at * SECOND, None if taken is None else taken * SECOND) for at, taken in tried])

    times = store.read(lambda connection: find_untaken(connection, 1, NOW))

    assert times == [(NOW + start * SECOND, NOW + end * SECOND) for start, end in untaken]


def enqueue_tried(store: Store, tried: list[Tried]) -> None:
    rows = []
    for number, (first, taken) in enumerate(tried):
        state = DeliveryState.UNKNOWN if taken is None else DeliveryState.SENT
        settled_at = None if taken is None else NOW + taken
        more = {"state": state, "first_tried_at": NOW + first, "settled_at": settled_at, "channel": "C1"}
        rows.append(message(MessageKind.TROUBLE, f"key:{number}", NOW, lane=f"lane:{number}", **more))
    if rows:
        store.write(lambda connection: connection.execute(insert(OUTBOX), rows))
