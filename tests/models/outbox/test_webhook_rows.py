"""Moves in the outbox for the webhook: enqueued with the move, in order within a case, at least once."""

from datetime import datetime, timedelta

import pytest

from models.escalations.commands import EscalationCommands
from models.outbox import mending, webhook_rows
from models.outbox.queue import Outbox
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import LEASE, Delivery, MessageStatus, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.webhook import ALOUD_AFTER, WebhookReply, find_outcome
from models.store.database import Store
from tests.models.samples import NOW, raised, step

SECOND = timedelta(seconds=1)


@pytest.fixture
def outbox(store: Store) -> Outbox:
    """The outbox of a database that has a webhook."""
    store.write(lambda connection: webhook_rows.set_up(connection, True, NOW))
    return Outbox(store)


def take(outbox: Outbox, at: datetime) -> Delivery | None:
    return outbox.claim(at, "worker", part=QueuePart.MOVES)


def answer(outbox: Outbox, delivery: Delivery, reply: WebhookReply, at: datetime) -> None:
    outbox.settle(delivery, find_outcome(delivery, reply, at), at)


def two_moves_and_another_case(store: Store) -> None:
    commands = EscalationCommands(store)
    raised(commands)
    commands.move(1, step(Move.NOTE), "note")
    raised(commands, "second")


def test_without_a_webhook_no_move_is_enqueued_for_it(store: Store) -> None:
    raised(EscalationCommands(store))

    assert take(Outbox(store), NOW) is None


def test_the_moves_of_a_case_go_one_after_the_other(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)
    taken, at = [], NOW
    while delivery := take(outbox, at):
        taken.append((delivery.number, delivery.seq))
        answer(outbox, delivery, WebhookReply(204), at)
        at += SECOND

    assert taken == [(1, 1), (1, 2), (2, 1)]


def test_a_refused_move_holds_back_its_own_case_only(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)
    refused = take(outbox, NOW)
    assert refused
    answer(outbox, refused, WebhookReply(422), NOW)

    other = take(outbox, NOW + SECOND / 2)
    assert other
    answer(outbox, other, WebhookReply(200), NOW + SECOND / 2)
    again = take(outbox, NOW + 2 * SECOND)

    assert (other.number, other.seq) == (2, 1)
    assert again
    assert (again.number, again.seq, again.id) == (1, 1, refused.id)


def test_while_the_receiver_is_away_no_move_is_tried(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)
    first = take(outbox, NOW)
    assert first
    answer(outbox, first, WebhookReply(503, retry_after=30), NOW)

    assert take(outbox, NOW + 29 * SECOND) is None
    assert take(outbox, NOW + 31 * SECOND)


def test_a_worker_that_was_killed_leaves_a_move_that_is_sent_again_under_the_same_id(
    store: Store, outbox: Outbox
) -> None:
    raised(EscalationCommands(store))
    killed = take(outbox, NOW)

    assert take(outbox, NOW + SECOND) is None
    again = take(outbox, NOW + LEASE + SECOND)
    assert killed
    assert again
    assert again.id == killed.id


def test_what_is_not_taken_for_long_is_said_aloud_once_and_never_dropped(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)
    at = NOW
    while at < NOW + ALOUD_AFTER * 3:
        while delivery := take(outbox, at):
            answer(outbox, delivery, WebhookReply(422), at)
        at += timedelta(seconds=30)

    waiting, count = store.read(lambda c: mending.find_messages(c, [MessageStatus.WAITING], 50))
    told = [stored for stored in waiting if stored.what is MessageKind.TROUBLE]
    moves = [stored for stored in waiting if stored.what is MessageKind.WEBHOOK]
    assert count == len(waiting)
    assert (len(told), len(moves)) == (1, 3)
    assert {stored.last_error for stored in moves} == {"http_422", ""}


def test_an_operator_lets_the_later_moves_of_a_case_go_on(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)
    refused = take(outbox, NOW)
    assert refused
    answer(outbox, refused, WebhookReply(422), NOW)

    EscalationCommands(store).discard_message(refused.position, "ops", "The desk knows of it", NOW)

    following = take(outbox, NOW + SECOND)
    assert following
    assert (following.number, following.seq) == (1, 2)


def test_a_retry_does_not_wait_for_the_end_of_the_pause(store: Store, outbox: Outbox) -> None:
    raised(EscalationCommands(store))
    first = take(outbox, NOW)
    assert first
    answer(outbox, first, WebhookReply(503, retry_after=300), NOW)

    store.write(lambda connection: mending.retry(connection, first.position, "ops", NOW + SECOND))

    again = take(outbox, NOW + SECOND)
    assert again
    assert again.id == first.id


def test_what_waits_is_not_needed_when_there_is_no_webhook_any_more(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)

    store.write(lambda connection: webhook_rows.set_up(connection, False, NOW))
    EscalationCommands(store).move(1, step(Move.NOTE), "later")

    assert take(outbox, NOW + SECOND) is None
    assert store.read(webhook_rows.read_backlog).waiting == 0


def test_a_receiver_that_is_away_delays_nothing_in_slack(store: Store, outbox: Outbox) -> None:
    raised(EscalationCommands(store))
    delivery = take(outbox, NOW)
    assert delivery
    answer(outbox, delivery, WebhookReply(503, retry_after=300), NOW)

    while card := outbox.claim(NOW, "slack"):
        outbox.settle(card, SendOutcome(SendResult.SENT, "C0", "1.2"), NOW)
        if card.what is MessageKind.CARD:
            break

    assert card
    assert outbox.oldest_message() != NOW or outbox.counts()["pending"] > 0


def test_the_backlog_says_how_many_wait_since_when_and_why(store: Store, outbox: Outbox) -> None:
    two_moves_and_another_case(store)
    delivery = take(outbox, NOW)
    assert delivery
    answer(outbox, delivery, WebhookReply(trouble="connection_refused"), NOW)

    backlog = store.read(webhook_rows.read_backlog)

    assert (backlog.waiting, backlog.oldest, backlog.error) == (3, NOW, "connection_refused")
