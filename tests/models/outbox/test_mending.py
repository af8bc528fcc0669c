"""An operator sees what did not reach Slack, sends it again without a second copy, or discards it for good."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox import mending
from models.outbox.mending import NOT_DONE, StoredMessage
from models.outbox.messages import enqueue, message
from models.outbox.queue import Outbox
from models.outbox.queue_statements import COUNTS
from models.rules.errors import Refused
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import LEASE, Delivery, DeliveryState, MessageStatus
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import PROGRAM
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.models.samples import NOW, raised

LATER = NOW + timedelta(hours=1)


def stored(store: Store, position: int) -> StoredMessage:
    found = store.read(lambda c: mending.find_message(c, position))
    assert found
    return found


def settled(outbox: Outbox, what: MessageKind, answer: SendOutcome, times: int = 1) -> Delivery:
    """Claim until a message of that kind comes, let Slack take the others, and give it this answer so many times."""
    now, left = NOW, times
    while delivery := outbox.claim(now, "worker"):
        is_it = delivery.what is what
        given = answer if is_it else SendOutcome(SendResult.SENT, channel="D1", ts=f"{delivery.position}.0001")
        assert outbox.settle(delivery, given, now)
        left -= is_it
        if left == 0:
            return delivery
        now += timedelta(minutes=1)
    raise AssertionError(what)


def refused(outbox: Outbox) -> Delivery:
    """Let Slack refuse the receipt as it is, and as plain text."""
    return settled(outbox, MessageKind.RECEIPT, SendOutcome(SendResult.CONTENT_BROKEN, error="invalid_blocks"), 2)


def retry(store: Store, position: int, now: datetime = LATER) -> StoredMessage:
    return store.write(lambda c: mending.retry(c, position, "wei", now))


def test_what_slack_refused_is_listed_first_counted_and_sent_again_on_request(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    raised(commands)
    receipt = refused(outbox)
    listed, count = store.read(lambda c: mending.find_messages(c, (MessageStatus.SET_ASIDE,), 10))

    again = retry(store, receipt.position)
    claimed = settled(outbox, MessageKind.RECEIPT, SendOutcome(SendResult.SENT, channel="D1", ts="9.1"))

    assert ([one.position for one in listed], count) == ([receipt.position], 1)
    assert (listed[0].last_error, listed[0].may_be_visible) == ("invalid_blocks", False)
    assert (again.status, store.read(mending.count_set_aside)) == (MessageStatus.WAITING, 0)
    assert (claimed.state, claimed.must_look, claimed.plain) == (DeliveryState.PENDING, False, False)


def test_a_refused_redrawing_is_told_with_the_person_whose_message_it_redraws(outbox: Outbox, store: Store) -> None:
    call = message(MessageKind.CALL, "call", NOW, number=1, user="U0WANG", lane="CSP-1")
    redrawing = message(MessageKind.CALL_REFRESH, "again", NOW, number=1, lane="CSP-1/call", redraws=call["id"])
    store.write(lambda connection: enqueue(connection, [call]))
    settled(outbox, MessageKind.CALL, SendOutcome(SendResult.SENT, channel="D1", ts="9.1"))
    store.write(lambda connection: enqueue(connection, [redrawing]))

    settled(outbox, MessageKind.CALL_REFRESH, SendOutcome(SendResult.CONTENT_BROKEN, error="invalid_blocks"), 2)

    notes = store.read(lambda c: c.scalars(select(OUTBOX.c.note).where(OUTBOX.c.what == MessageKind.TROUBLE)).all())
    assert notes == ["U0WANG invalid_blocks"]


def test_a_message_whose_worker_was_lost_is_looked_for_before_it_is_sent_again(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    raised(commands)
    lost = outbox.claim(NOW, "worker")
    assert lost
    now = NOW + LEASE + timedelta(seconds=1)

    again = retry(store, lost.position, now)
    claimed = outbox.claim(now + timedelta(seconds=1), "another")

    assert (again.status, again.may_be_visible) == (MessageStatus.UNKNOWN, True)
    assert claimed
    assert (claimed.position, claimed.must_look) == (lost.position, True)


def test_a_lost_worker_that_did_send_it_is_believed_after_a_retry(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    raised(commands)
    lost = outbox.claim(NOW, "worker")
    assert lost
    retry(store, lost.position, NOW + LEASE + timedelta(seconds=1))

    kept = outbox.settle(lost, SendOutcome(SendResult.SENT, channel="C1", ts="7.1"), NOW + 2 * LEASE)

    assert kept
    assert stored(store, lost.position).status is MessageStatus.SENT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (SendOutcome(SendResult.SENT, channel="C1", ts="1.1"), "message_was_sent"),
        (SendOutcome(SendResult.SUPERSEDED), "message_says_nothing"),
    ],
)
def test_what_is_done_is_neither_sent_again_nor_discarded(
    commands: EscalationCommands, outbox: Outbox, store: Store, answer: SendOutcome, reason: str
) -> None:
    raised(commands)
    card = settled(outbox, MessageKind.CARD, answer)

    with pytest.raises(Refused, match=reason):
        retry(store, card.position)
    with pytest.raises(Refused, match=reason):
        commands.discard_message(card.position, "wei", "no use", LATER)


def test_what_is_being_sent_is_left_alone(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    raised(commands)
    held = outbox.claim(NOW, "worker")
    assert held

    with pytest.raises(Refused, match="message_is_being_sent"):
        retry(store, held.position, NOW)
    with pytest.raises(Refused, match="no_such_message"):
        retry(store, 999)


def test_a_discarded_message_of_a_case_is_in_its_history_and_is_no_activity(
    commands: EscalationCommands, queries: EscalationQueries, outbox: Outbox, store: Store
) -> None:
    number = raised(commands).number
    receipt = refused(outbox)

    commands.discard_message(receipt.position, "wei", "Emma was told by phone", LATER)
    entry = queries.history(number)[-1]
    case = queries.escalation(number)

    assert (entry.move, entry.by, entry.text) == (Move.DISCARD, PROGRAM, "Emma was told by phone")
    assert entry.changes == {
        "discarded": [None, "receipt"],
        "message": [None, receipt.position],
        "operator": [None, "wei"],
    }
    assert case
    assert (case.active_at, case.version) == (None, 2)
    kept = stored(store, receipt.position)
    assert (kept.status, kept.discarded_by, kept.discarded_why) == (MessageStatus.DISCARDED, "wei", None)
    assert store.read(mending.count_set_aside) == 0
    assert "dead" not in outbox.counts()


def test_a_discarded_message_about_no_case_keeps_its_reason_and_is_told_in_the_channel(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    row = message(MessageKind.WEEK, "week:1", NOW, subject="week:x", lane="dm:U0WANG", user="U0WANG")
    store.write(lambda c: c.execute(insert(OUTBOX), [row]))
    waiting, _ = store.read(lambda c: mending.find_messages(c, NOT_DONE, 10))

    commands.discard_message(waiting[0].position, "wei", "left the team", LATER)

    assert stored(store, waiting[0].position).discarded_why == "left the team"
    notes = store.read(lambda c: c.scalars(select(OUTBOX.c.note).where(OUTBOX.c.what == MessageKind.TROUBLE)).all())
    assert notes == [f"discarded week {waiting[0].position} wei"]
    with pytest.raises(Refused, match="message_was_discarded"):
        commands.discard_message(waiting[0].position, "wei", "left the team", LATER)
    assert outbox.claim(LATER + timedelta(minutes=1), "worker") is not None  # the notice


def test_a_discarded_message_can_be_sent_after_all(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    raised(commands)
    receipt = refused(outbox)
    commands.discard_message(receipt.position, "wei", "told by phone", LATER)

    again = retry(store, receipt.position)

    assert (again.status, again.discarded_at) == (MessageStatus.WAITING, None)


def test_the_channel_that_was_told_of_a_discarded_message_is_told_when_it_is_sent_after_all(
    commands: EscalationCommands, store: Store
) -> None:
    row = message(MessageKind.WEEK, "week:1", NOW, subject="week:x", lane="dm:U0WANG", user="U0WANG")
    store.write(lambda c: c.execute(insert(OUTBOX), [row]))
    (waiting,), _ = store.read(lambda c: mending.find_messages(c, NOT_DONE, 10))
    commands.discard_message(waiting.position, "wei", "left the team", LATER)

    commands.retry_message(waiting.position, "ann", LATER)
    commands.retry_message(waiting.position, "ann", LATER)

    notes = store.read(lambda c: c.scalars(select(OUTBOX.c.note).where(OUTBOX.c.what == MessageKind.TROUBLE)).all())
    assert notes == [f"discarded week {waiting.position} wei", f"retried week {waiting.position} ann"]


def test_a_reason_is_needed(commands: EscalationCommands, outbox: Outbox) -> None:
    raised(commands)
    receipt = refused(outbox)

    with pytest.raises(Refused, match="missing"):
        commands.discard_message(receipt.position, "wei", " \u200b", LATER)


def test_counting_reads_only_what_is_not_settled(store: Store) -> None:
    literal = COUNTS.compile(compile_kwargs={"literal_binds": True})

    steps = store.read(lambda c: c.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' * store.is_sqlite}{literal}").all())

    # PostgreSQL reads an empty table as a whole.
    assert "outbox_unsettled" in str(steps) or not store.is_sqlite
