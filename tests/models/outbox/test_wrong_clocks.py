"""A clock that was ahead and is right again: what it wrote as still to come is not waited for."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from models.escalations.commands import EscalationCommands
from models.outbox.queue import Outbox
from models.reminders.engine import record_tick
from models.rules.outbox.delivery import LEASE, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store import reminder_queue
from models.store.database import Store
from models.store.tables import ESCALATION, OUTBOX, PACE
from tests.models.samples import CHANNEL, EMMA, NOW, customer_request, raised

SECOND = timedelta(seconds=1)
JUMPS = [timedelta(seconds=10), timedelta(minutes=10), timedelta(hours=8)]


def raised_at(commands: EscalationCommands, at: datetime) -> int:
    return commands.raise_escalation(customer_request(), CHANNEL, EMMA, at, f"view {at}").number


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_next_card_comes_as_always_after_the_clock_came_right(
    commands: EscalationCommands, outbox: Outbox, jump: timedelta
) -> None:
    raised_at(commands, NOW + jump)
    first = outbox.claim(NOW + jump, "ahead")
    assert first
    outbox.settle(first, SendOutcome(SendResult.SENT, CHANNEL, "1.0001"), NOW + jump)

    number = raised_at(commands, NOW)
    taken = [outbox.claim(NOW + n * 2 * SECOND, "right") for n in range(6)]

    assert MessageKind.CARD in {one.what for one in taken if one and one.number == number}


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_message_enqueued_by_a_clock_that_was_ahead_goes_out_at_once(
    commands: EscalationCommands, outbox: Outbox, jump: timedelta
) -> None:
    raised_at(commands, NOW + jump)

    assert outbox.claim(NOW, "right")


def test_a_lease_that_reaches_too_far_ahead_is_over(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    raised_at(commands, NOW)
    outbox.claim(NOW, "ahead")
    wrong = NOW + timedelta(hours=8)
    store.write(
        lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.state == DeliveryState.SENDING).values(lease_until=wrong))
    )

    taken = [outbox.claim(NOW + n * 2 * SECOND, "right") for n in range(2)]

    assert {DeliveryState.UNKNOWN} <= {one.state for one in taken if one}


def test_a_right_lease_is_kept(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    raised_at(commands, NOW)
    held = outbox.claim(NOW, "first")
    assert held

    others = [outbox.claim(NOW + n * 2 * SECOND, "second") for n in range(1, 5)]

    assert held.position not in {other.position for other in others if other}
    assert held.lease_until == NOW + LEASE


def test_a_pause_that_slack_asked_for_is_kept_and_one_of_a_wrong_clock_is_not(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    number = raised_at(commands, NOW)
    limited = outbox.claim(NOW, "worker")
    assert limited
    outbox.settle(limited, SendOutcome(SendResult.NOT_ACCEPTED, error="ratelimited", retry_after=300), NOW)
    kept = [one for n in range(2, 8) if (one := outbox.claim(NOW + n * SECOND, "worker"))]

    wrong = {"free_at": NOW + timedelta(seconds=310), "set_at": NOW + timedelta(seconds=305)}
    store.write(lambda c: c.execute(update(PACE).values(wrong)))
    store.write(lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.number == number).values(due_at=NOW)))

    assert limited.scope not in {one.scope for one in kept}
    assert outbox.claim(NOW + 10 * SECOND, "worker")


def test_a_look_for_second_copies_that_is_hours_ahead_is_due(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    raised_at(commands, NOW)
    values = {"state": DeliveryState.SENT, "sweep_at": NOW + timedelta(hours=8)}
    store.write(lambda c: c.execute(update(OUTBOX).values(values)))

    assert outbox.claim_sweep(NOW)


def test_a_message_is_looked_for_from_a_time_of_slacks_own(commands: EscalationCommands, outbox: Outbox) -> None:
    raised_at(commands, NOW)

    first = outbox.claim(NOW + timedelta(days=2), "ahead", slack_time="1795000000.000000")
    assert first
    outbox.settle(first, SendOutcome(SendResult.UNKNOWN), NOW + timedelta(days=2))
    again = outbox.claim(NOW + timedelta(days=2, minutes=1), "ahead", slack_time="1795000600.000000")

    assert again
    assert (again.position, again.look_from) == (first.position, "1795000000.000000")


def test_without_an_answer_of_slacks_the_last_known_message_says_from_when(
    commands: EscalationCommands, outbox: Outbox
) -> None:
    raised_at(commands, NOW)
    card = outbox.claim(NOW, "worker", slack_time=None)
    assert card
    outbox.settle(card, SendOutcome(SendResult.SENT, CHANNEL, "1795000000.000100"), NOW)

    following = outbox.claim(NOW + 2 * SECOND, "worker")

    assert following
    assert following.look_from == "1795000000.000100"


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_pulse_from_ahead_sets_right_what_was_put_off(
    commands: EscalationCommands, store: Store, jump: timedelta
) -> None:
    number = raised(commands).number
    later = raised_at(commands, NOW + jump)
    store.write(lambda c: record_tick(c, NOW + jump, None))
    store.write(lambda c: reminder_queue.put(c, {"escalation/1": NOW + jump + timedelta(hours=1)}))

    store.write(lambda c: record_tick(c, NOW + SECOND, SECOND))

    due = store.read(reminder_queue.find_next_due)
    rows = {row.number: row for row in store.read(lambda c: c.execute(select(ESCALATION)).all())}
    assert due
    assert due <= NOW + SECOND
    assert rows[later].waiting_since == NOW + SECOND
    assert rows[number].waiting_since is None
    assert store.write(lambda c: record_tick(c, NOW + 6 * SECOND, 5 * SECOND)) == NOW + SECOND
