"""Messages that must appear once: in order, at their pace, by one worker at a time, and none given up silently."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select, text, update

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries, MessageRef
from models.outbox.messages import NEW
from models.outbox.queue import Outbox
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import LEASE, MAX_CLAIMS, Delivery, DeliveryState, QueuePart
from models.rules.outbox.message_kinds import KINDS, MessageKind
from models.rules.outbox.pace import BURST, UPDATE
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.outbox.settlement import TARGET_WAIT, WORKSPACE_WAIT
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.models.concurrent_writers import opened, together
from tests.models.samples import EMMA, LI, NOW, raised, step

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def later(seconds: float) -> datetime:
    """So many seconds after everything began."""
    return NOW + timedelta(seconds=seconds)


def taken(outbox: Outbox, now: datetime = NOW, worker: str = "worker") -> Delivery:
    """The next delivery; there must be one."""
    delivery = outbox.claim(now, worker)
    assert delivery
    return delivery


def sent(outbox: Outbox, delivery: Delivery, now: datetime, ts: str = "1.0001") -> None:
    """Slack took it."""
    assert outbox.settle(delivery, SendOutcome(SendResult.SENT, channel=delivery.channel or "D1", ts=ts), now)


def drained(outbox: Outbox, now: datetime) -> list[MessageKind]:
    """Send whatever there is, two seconds apart; what it was."""
    order: list[MessageKind] = []
    while delivery := outbox.claim(now, "worker"):
        sent(outbox, delivery, now, ts=f"{len(order)}.0001")
        order.append(delivery.what)
        now += 2 * SECOND
    return order


def settled(outbox: Outbox, what: MessageKind, now: datetime, verdict: SendResult, error: str = "") -> Delivery:
    """Claim until a message of that kind comes, let Slack take the others, and give it this answer."""
    while (delivery := taken(outbox, now)).what is not what:
        sent(outbox, delivery, now)
    assert outbox.settle(delivery, SendOutcome(verdict, error=error), now)
    return delivery


def rows(store: Store, what: MessageKind) -> list[str]:
    """The states of all messages of a kind, oldest first."""
    query = select(OUTBOX.c.state).where(OUTBOX.c.what == what).order_by(OUTBOX.c.position)
    return store.read(lambda connection: list(connection.scalars(query)))


def enqueued(store: Store, count: int, **columns: object) -> None:
    """So many messages, each in its own lane and channel."""
    many = [
        {
            **NEW, "id": f"id-{n}", "dedupe_key": f"key-{n}", "what": MessageKind.LINE, "lane": f"lane-{n}",
            "scope": f"post:C{n}", "channel": f"C{n}", "priority": 2, "created_at": NOW, "due_at": NOW, **columns,
        }
        for n in range(count)
    ]  # fmt: skip
    store.write(lambda connection: connection.execute(insert(OUTBOX), many))


def test_the_card_goes_first_and_its_thread_follows_in_order(commands: EscalationCommands, outbox: Outbox) -> None:
    number = raised(commands).number
    commands.move(number, step(Move.NOTE), "note")
    commands.move(number, step(Move.ACKNOWLEDGE), "acknowledge")

    assert drained(outbox, NOW) == [
        MessageKind.CARD,
        MessageKind.RECEIPT,
        MessageKind.REFRESH,
        MessageKind.LINE,
        MessageKind.LINE,
        MessageKind.LINE,
    ]


def test_a_line_waits_until_its_card_has_arrived(commands: EscalationCommands, outbox: Outbox) -> None:
    raised(commands)
    card, receipt = taken(outbox), taken(outbox)
    assert (card.what, receipt.what) == (MessageKind.CARD, MessageKind.RECEIPT)

    assert outbox.claim(later(30), "worker") is None
    sent(outbox, card, later(30))
    assert taken(outbox, later(30)).what is MessageKind.LINE


@pytest.mark.parametrize("end", [SendResult.SUPERSEDED, SendResult.CONTENT_BROKEN])
def test_a_message_that_ends_without_being_sent_holds_nobody_back(
    commands: EscalationCommands, outbox: Outbox, end: SendResult
) -> None:
    raised(commands)
    settled(outbox, MessageKind.CARD, NOW, end)
    if end is SendResult.CONTENT_BROKEN:
        assert settled(outbox, MessageKind.CARD, later(2), end).plain

    assert MessageKind.LINE in drained(outbox, later(6))


def test_a_channel_is_posted_to_once_a_second_while_others_go_on(commands: EscalationCommands, outbox: Outbox) -> None:
    raised(commands, "view-1")
    raised(commands, "view-2")

    assert [taken(outbox).what, taken(outbox).what] == [MessageKind.CARD, MessageKind.RECEIPT]
    assert outbox.claim(later(0.9), "worker") is None
    card = taken(outbox, later(1))
    assert (card.what, card.number) == (MessageKind.CARD, 2)


def test_a_rate_limit_holds_for_every_replica_and_for_its_channel_alone(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        raised(EscalationCommands(one))
        card = taken(Outbox(one))
        assert Outbox(one).settle(card, SendOutcome(SendResult.NOT_ACCEPTED, retry_after=30), NOW)

        assert taken(Outbox(other), later(2)).what is MessageKind.RECEIPT
        assert Outbox(other).claim(later(29), "other") is None
        assert taken(Outbox(other), later(31)).id == card.id


def test_a_workspace_that_refuses_us_pauses_everything_and_loses_nothing(
    commands: EscalationCommands, outbox: Outbox
) -> None:
    raised(commands)
    settled(outbox, MessageKind.CARD, NOW, SendResult.WORKSPACE_BROKEN, "token_revoked")

    assert outbox.claim(NOW + WORKSPACE_WAIT - SECOND, "worker") is None
    assert drained(outbox, NOW + WORKSPACE_WAIT + SECOND) == [MessageKind.CARD, MessageKind.RECEIPT, MessageKind.LINE]


def test_a_worker_that_fell_silent_loses_its_row_and_its_late_word_changes_nothing(
    commands: EscalationCommands, outbox: Outbox
) -> None:
    raised(commands)
    silent = taken(outbox, worker="silent")
    while (next_ := taken(outbox, NOW + LEASE + SECOND, "second")).id != silent.id:
        sent(outbox, next_, NOW + LEASE)

    assert (next_.state, next_.doubtful, next_.must_look) == (DeliveryState.UNKNOWN, True, True)
    assert not outbox.settle(silent, SendOutcome(SendResult.SENT, "C0ESCAL", "9.9"), NOW + LEASE)
    sent(outbox, next_, NOW + LEASE + SECOND, ts="1.5")
    assert not outbox.settle(silent, SendOutcome(SendResult.SENT, "C0ESCAL", "9.9"), NOW + LEASE + 2 * SECOND)


def test_a_message_that_was_superseded_while_it_was_sent_is_recorded_as_sent_and_redrawn(
    store: Store, outbox: Outbox
) -> None:
    enqueued(store, 1, what=MessageKind.REMINDER)
    redrawing = {"id": "again", "dedupe_key": "again", "lane": "again", "redraws": "id-0", "state": "superseded"}
    enqueued(store, 1, what=MessageKind.REMINDER_REFRESH, **redrawing)
    slow = taken(outbox, worker="slow")
    second = taken(outbox, NOW + LEASE + SECOND, "second")
    assert outbox.settle(second, SendOutcome(SendResult.SUPERSEDED), NOW + LEASE + SECOND)

    assert outbox.settle(slow, SendOutcome(SendResult.SENT, "C0", "1.5"), NOW + LEASE + 2 * SECOND)

    assert rows(store, MessageKind.REMINDER) == [DeliveryState.SENT]
    assert taken(outbox, NOW + LEASE + 2 * SECOND).redraws == slow.id
    swept = outbox.claim_sweep(NOW + LEASE + 3 * MINUTE)
    assert swept
    assert (swept.id, swept.slack_channel, swept.slack_ts) == (slow.id, "C0", "1.5")


@pytest.mark.parametrize(
    ("what", "redrawing", "about"),
    [
        (MessageKind.GAP, MessageKind.GAP_REFRESH, {"subject": "gap:1"}),
        (MessageKind.CARD, MessageKind.REFRESH, {"number": 1}),
        (MessageKind.OFFER, MessageKind.OFFER_REFRESH, {"subject": "offer:1", "user": "U0BOB"}),
    ],
)
def test_of_a_card_that_is_found_late_the_newest_redrawing_is_sent(
    store: Store, outbox: Outbox, what: MessageKind, redrawing: MessageKind, about: dict[str, Any]
) -> None:
    enqueued(store, 1, what=what, **about)
    others = [{**about, "subject": "another"}, {**about, "user": "U0CID"}, about, about]
    for n, values in enumerate(others):
        name = {"id": f"again-{n}", "dedupe_key": f"again-{n}", "lane": f"again-{n}"}
        enqueued(store, 1, what=redrawing, state=DeliveryState.SUPERSEDED, **name, **values)
    slow = taken(outbox, worker="slow")
    second = taken(outbox, NOW + LEASE + SECOND, "second")
    assert outbox.settle(second, SendOutcome(SendResult.SUPERSEDED), NOW + LEASE + SECOND)

    assert outbox.settle(slow, SendOutcome(SendResult.SENT, "C0", "1.5"), NOW + LEASE + 2 * SECOND)

    superseded = DeliveryState.SUPERSEDED
    assert rows(store, redrawing) == [superseded, superseded, superseded, DeliveryState.PENDING]


@pytest.mark.parametrize(
    "verdict", [SendResult.SUPERSEDED, SendResult.ABSENT, SendResult.NOT_ACCEPTED, SendResult.TARGET_BROKEN]
)
def test_a_message_that_arrives_after_the_next_worker_looked_is_recorded_as_sent(
    store: Store, outbox: Outbox, verdict: SendResult
) -> None:
    enqueued(store, 1, what=MessageKind.REMINDER)
    slow = taken(outbox, worker="slow")
    lease_over = NOW + LEASE + SECOND
    second = taken(outbox, lease_over, "second")

    assert not outbox.settle(slow, SendOutcome(SendResult.SENT, "C0", "1.5", thread="1.1"), lease_over)
    assert rows(store, MessageKind.REMINDER) == [DeliveryState.SENDING]
    assert outbox.settle(second, SendOutcome(verdict), lease_over)

    assert rows(store, MessageKind.REMINDER) == [DeliveryState.SENT]
    swept = outbox.claim_sweep(lease_over + 3 * MINUTE)
    assert swept
    assert (swept.slack_channel, swept.slack_ts, swept.slack_thread) == ("C0", "1.5", "1.1")


@pytest.mark.parametrize("verdict", [SendResult.NOT_ACCEPTED, SendResult.UNKNOWN, SendResult.SUPERSEDED])
def test_a_late_worker_that_sent_nothing_changes_nothing(store: Store, outbox: Outbox, verdict: SendResult) -> None:
    enqueued(store, 1)
    slow = taken(outbox, worker="slow")
    second = taken(outbox, NOW + LEASE + SECOND, "second")
    assert outbox.settle(second, SendOutcome(SendResult.SUPERSEDED), NOW + LEASE + SECOND)

    assert not outbox.settle(slow, SendOutcome(verdict), NOW + LEASE + 2 * SECOND)
    assert rows(store, MessageKind.LINE) == [DeliveryState.SUPERSEDED]


def test_a_message_whose_resend_fell_silent_is_looked_for_again(store: Store, outbox: Outbox) -> None:
    enqueued(store, 1, looks=3, state=DeliveryState.UNKNOWN, doubtful=True)
    assert not taken(outbox).must_look

    assert taken(outbox, NOW + LEASE + SECOND).must_look


def test_a_look_that_fell_silent_has_sent_nothing(store: Store, outbox: Outbox) -> None:
    enqueued(store, 1, looks=1, state=DeliveryState.UNKNOWN, doubtful=True, in_doubt_since=NOW)
    assert taken(outbox).must_look

    again = taken(outbox, NOW + LEASE + SECOND)
    assert (again.must_look, again.looks, again.in_doubt_since) == (True, 1, NOW)


def test_a_message_once_in_doubt_is_swept_twice_and_then_left_alone(store: Store, outbox: Outbox) -> None:
    enqueued(store, 1)
    assert outbox.settle(taken(outbox), SendOutcome(SendResult.UNKNOWN), NOW)
    sent(outbox, looking := taken(outbox, later(5)), later(5), ts="1.7")
    assert looking.must_look

    found = later(5)
    assert outbox.claim_sweep(found + 119 * SECOND) is None
    for minutes in (2, 17):
        swept = outbox.claim_sweep(found + minutes * MINUTE)
        assert swept
        assert (swept.id, swept.slack_ts, swept.first_tried_at) == (looking.id, "1.7", NOW)
        assert outbox.claim_sweep(found + minutes * MINUTE) is None
        outbox.end_sweep(swept, found + minutes * MINUTE)
    assert outbox.claim_sweep(found + timedelta(days=1)) is None


def test_a_search_for_copies_whose_worker_was_killed_is_made_again(store: Store, outbox: Outbox) -> None:
    enqueued(store, 1)
    assert outbox.settle(taken(outbox), SendOutcome(SendResult.UNKNOWN), NOW)
    sent(outbox, taken(outbox, later(5)), later(5), ts="1.7")
    for minutes in (3, 20):  # the first search, and the last one
        killed = outbox.claim_sweep(later(0) + minutes * MINUTE)
        assert killed

        again = outbox.claim_sweep(later(61) + minutes * MINUTE)

        assert again
        assert again.id == killed.id
        outbox.end_sweep(again, later(61) + minutes * MINUTE)


def test_a_row_that_kills_its_workers_is_set_aside_aloud_and_the_others_go_on(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    raised(commands)
    now = NOW
    deadly = taken(outbox, now)
    for _ in range(MAX_CLAIMS - 1):
        now += LEASE + SECOND
        while taken(outbox, now).id != deadly.id:
            now += 2 * SECOND
    now += LEASE + SECOND
    assert rows(store, MessageKind.CARD) == [DeliveryState.SENDING]
    while rows(store, MessageKind.CARD) == [DeliveryState.SENDING]:
        if other := outbox.claim(now, "worker"):
            assert other.id != deadly.id
            sent(outbox, other, now)
        now += 2 * SECOND

    assert rows(store, MessageKind.CARD) == [DeliveryState.DEAD]
    assert {MessageKind.LINE, MessageKind.TROUBLE} <= {*drained(outbox, now)}
    assert outbox.counts() == {DeliveryState.DEAD: 1}


def test_fifty_quick_moves_redraw_the_card_once(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    number = raised(commands).number
    for n in range(50):
        commands.move(number, step(Move.NOTE), f"note-{n}")

    assert rows(store, MessageKind.REFRESH) == [DeliveryState.PENDING]
    assert len(rows(store, MessageKind.LINE)) == 51


def test_a_move_during_a_redrawing_asks_for_another(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    number = raised(commands).number
    commands.move(number, step(Move.NOTE), "note-1")
    while taken(outbox).what is not MessageKind.REFRESH:
        pass
    commands.move(number, step(Move.NOTE), "note-2")
    commands.move(number, step(Move.NOTE), "note-3")

    assert rows(store, MessageKind.REFRESH) == [DeliveryState.SENDING, DeliveryState.PENDING]


def test_a_deleted_card_is_posted_anew_once_and_redrawn_only_then(
    commands: EscalationCommands, queries: EscalationQueries, outbox: Outbox, store: Store
) -> None:
    number = raised(commands).number
    drained(outbox, NOW)
    commands.move(number, step(Move.NOTE, at=later(60)), "note-1")
    settled(outbox, MessageKind.REFRESH, later(60), SendResult.GONE)
    commands.move(number, step(Move.NOTE, at=later(61)), "shown by the new card")
    assert rows(store, MessageKind.REFRESH) == [DeliveryState.SUPERSEDED]

    card = taken(outbox, later(70))
    assert (card.what, queries.is_card_under_way(number)) == (MessageKind.CARD, True)
    commands.move(number, step(Move.NOTE, at=later(70)), "too late for it")
    while other := outbox.claim(later(71), "worker"):
        assert other.what is MessageKind.LINE
    sent(outbox, card, later(70), ts="70.1")
    assert queries.card_place(number) == MessageRef("C0ESCAL", "70.1")
    assert MessageKind.REFRESH in drained(outbox, later(72))
    assert rows(store, MessageKind.CARD) == [DeliveryState.SENT, DeliveryState.SENT]


def test_a_channel_that_refuses_us_is_told_of_once_an_hour(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    raised(commands)
    for n in range(4):
        settled(outbox, MessageKind.CARD, NOW + n * (TARGET_WAIT + SECOND), SendResult.TARGET_BROKEN, "is_archived")
    assert len(rows(store, MessageKind.TROUBLE)) == 1
    assert rows(store, MessageKind.CARD) == [DeliveryState.PENDING]

    settled(outbox, MessageKind.CARD, NOW + 61 * MINUTE, SendResult.TARGET_BROKEN, "is_archived")
    assert len(rows(store, MessageKind.TROUBLE)) == 2
    assert drained(outbox, NOW + 70 * MINUTE)[0] is MessageKind.CARD


def test_the_next_owner_hears_of_a_case_that_was_handed_over(commands: EscalationCommands, outbox: Outbox) -> None:
    number = raised(commands).number
    drained(outbox, NOW)
    commands.move(number, step(Move.HAND_OVER, LI, new_owner=EMMA.id), "hand-1")
    handed = taken(outbox, later(60))
    assert (handed.what, handed.user, handed.seq) == (MessageKind.CALL, EMMA.id, 2)
    sent(outbox, handed, later(60))
    drained(outbox, later(60))

    commands.move(number, step(Move.HAND_OVER, LI, new_owner=LI.id), "hand-2")
    assert MessageKind.CALL not in drained(outbox, later(120))


def test_an_idle_outbox_says_so(commands: EscalationCommands, outbox: Outbox) -> None:
    assert (outbox.claim(NOW, "worker"), outbox.next_due(), outbox.oldest_message()) == (None, None, None)

    raised(commands)
    assert (outbox.next_due(), outbox.oldest_message()) == (NOW, NOW)
    assert outbox.counts() == {DeliveryState.PENDING: 3}
    drained(outbox, NOW)
    assert (outbox.next_due(), outbox.counts()) == (None, {})


def test_five_workers_share_three_hundred_messages_each_exactly_once(url: str) -> None:
    deadline = monotonic() + 120

    def work(outbox: Outbox, name: str) -> list[str]:
        ids: list[str] = []
        while outbox.counts().get(DeliveryState.PENDING) and monotonic() < deadline:
            if delivery := outbox.claim(NOW, name):
                ids.append(delivery.id)
                sent(outbox, delivery, NOW)
        return ids

    with opened(url, 60) as one, opened(url, 60) as other:
        enqueued(one, 300)
        workers = zip([Outbox(one), Outbox(other)] * 3, "abcde", strict=False)
        shares = together([partial(work, outbox, name) for outbox, name in workers])

        claimed = [id_ for share in shares for id_ in share]
        assert sorted(claimed) == sorted(f"id-{n}" for n in range(300))
        assert set(rows(one, MessageKind.LINE)) == {DeliveryState.SENT}


def explained(store: Store, deed: Callable[[], object]) -> str:
    """How the database goes about the queries of a deed."""
    rotas: list[str] = []
    explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "

    def before(_connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(explain + statement, parameters)  # type: ignore[attr-defined]
            rotas.append(str(cursor.fetchall()))  # type: ignore[attr-defined]

    event.listen(store.engine, "before_cursor_execute", before)
    deed()
    event.remove(store.engine, "before_cursor_execute", before)
    return "\n".join(rotas)


def test_finished_messages_are_never_walked_through(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    enqueued(store, 3000, state=DeliveryState.SENT)
    number = raised(commands).number
    store.write(lambda connection: connection.execute(text("ANALYZE")))

    deeds: dict[str, Callable[[], object]] = {
        "claim": lambda: outbox.claim(NOW, "worker"),
        "claim calls": lambda: outbox.claim(NOW, "worker", part=QueuePart.CALLS),
        "next call due": lambda: outbox.next_due(part=QueuePart.CALLS),
        "sweep": lambda: outbox.claim_sweep(NOW),
        "next due": outbox.next_due,
        "oldest": outbox.oldest_message,
        "move": lambda: commands.move(number, step(Move.NOTE), "note"),
    }
    for name, deed in deeds.items():
        rota = explained(store, deed)
        assert "outbox_" in rota, (name, rota)
        for walk in ("SCAN outbox'", "SCAN outbox AS", "SCAN earlier'", "Seq Scan on outbox"):
            assert walk not in rota, (name, rota)


def _tidying(store: Store, count: int) -> None:
    """So many redrawings of gap cards that wait."""
    enqueued(store, count, what=MessageKind.GAP_REFRESH, scope=UPDATE, priority=KINDS[MessageKind.GAP_REFRESH].priority)


def _acknowledged(commands: EscalationCommands, store: Store, cases: int) -> None:
    """So many cases whose cards stand in the channel, each acknowledged a moment ago."""
    numbers = [raised(commands, f"view-{n}").number for n in range(cases)]
    store.write(lambda c: c.execute(update(OUTBOX).values(state=DeliveryState.SENT)))
    for number in numbers:
        commands.move(number, step(Move.ACKNOWLEDGE), f"acknowledge-{number}")
    store.write(
        lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.what == MessageKind.LINE).values(state=DeliveryState.SENT))
    )


def test_what_a_person_pressed_is_drawn_at_once_though_a_hundred_other_redrawings_wait(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    _tidying(store, 100)
    tidied = [taken(outbox, later(0))]
    for second in range(1, 9):
        found = outbox.claim(later(second), "worker")
        tidied += [found] if found else []
    _acknowledged(commands, store, 3)

    at = later(8.2)
    assert [taken(outbox, at).what for _ in range(3)] == [MessageKind.REFRESH] * 3
    assert outbox.claim(at, "worker") is None
    assert {one.what for one in tidied} == {MessageKind.GAP_REFRESH}
    assert len(tidied) >= 5


def test_redrawings_of_a_minute_are_never_more_than_slack_takes(
    commands: EscalationCommands, outbox: Outbox, store: Store
) -> None:
    _tidying(store, 100)
    _acknowledged(commands, store, 60)

    drawn = []
    for tenth in range(600):
        while found := outbox.claim(later(tenth / 10), "worker"):
            sent(outbox, found, later(tenth / 10))
            drawn.append(found.what)

    assert drawn[:BURST] == [MessageKind.REFRESH] * BURST
    assert 49 <= len(drawn) <= 50


def test_what_is_not_posted_takes_no_turn_of_its_channel(store: Store, outbox: Outbox) -> None:
    enqueued(store, 2, scope="post:C0")
    assert outbox.settle(taken(outbox), SendOutcome(SendResult.SUPERSEDED), NOW)

    sent(outbox, taken(outbox), NOW)
    enqueued_later = {"scope": "post:C0", "lane": "lane"}
    store.write(lambda c: c.execute(update(OUTBOX).values(state=DeliveryState.PENDING, **enqueued_later)))
    assert outbox.claim(later(0.9), "worker") is None


def test_what_waits_longer_is_made_due_the_most_urgent_first_and_keeps_the_pause_of_its_scope(
    store: Store, outbox: Outbox
) -> None:
    enqueued(store, 4)
    waiting = [taken(outbox) for _ in range(4)]
    for delivery in waiting[:3]:
        assert outbox.settle(delivery, SendOutcome(SendResult.NOT_ACCEPTED), NOW)
    assert outbox.settle(waiting[3], SendOutcome(SendResult.NOT_ACCEPTED, retry_after=30), NOW)
    store.write(lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.position == 3).values(priority=0)))
    store.write(lambda c: c.execute(update(OUTBOX).values(due_at=later(60))))
    assert outbox.claim(later(2), "worker") is None

    outbox.make_due([1, 2, 3, 4], later(2), only_one=True)
    assert taken(outbox, later(2)).position == 3
    assert outbox.claim(later(2), "worker") is None

    outbox.make_due([1, 2, 3, 4], later(2))
    assert [taken(outbox, later(2)).position for _ in range(2)] == [1, 2]
    assert outbox.claim(later(2), "worker") is None


def test_a_case_of_severity_a_goes_before_others_of_its_kind(commands: EscalationCommands, outbox: Outbox) -> None:
    raised(commands, "view-1")
    raised(commands, "view-2", severity="A", answers={"impact": "Nobody can work"})

    first = taken(outbox, later(2))

    assert (first.what, first.number) == (MessageKind.CARD, 2)


def test_nothing_goes_ahead_of_a_rate_limit(commands: EscalationCommands, outbox: Outbox, store: Store) -> None:
    _acknowledged(commands, store, 2)
    limited = taken(outbox)
    assert outbox.settle(limited, SendOutcome(SendResult.NOT_ACCEPTED, retry_after=30), NOW)

    assert outbox.claim(later(29.9), "worker") is None
    assert taken(outbox, later(30)).what is MessageKind.REFRESH
