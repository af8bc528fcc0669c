"""What is written when a delivery ends: its row, the calls that it listed, and what else follows from the outcome.

``models.rules.outbox.settlement`` decides what an outcome means.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.outbox import pace_rows
from models.outbox import queue_statements as sql
from models.outbox.escalation_messages import add_card_links, redraw_calls
from models.outbox.failure_rows import notify, report_failure
from models.outbox.group_updates import REPORTED_ELSEWHERE, find_editor, write_members
from models.outbox.messages import enqueue, message, reminder_columns
from models.rules.outbox.delivery import UNFINISHED, Delivery, DeliveryState
from models.rules.outbox.failure_notice import FailureKind, FailureNotice
from models.rules.outbox.message_kinds import REDRAWS, REPEATABLE, MessageKind
from models.rules.outbox.send_outcome import NOT_THERE, SendOutcome, SendResult
from models.rules.outbox.settlement import SWEEPS, Settlement, settle
from models.store import departures

_SETTLED = frozenset({"state", "due_at", "looks", "tries", "plain", "sweep_at", "in_doubt_since"})
"""What a settlement changes of a row, as it is."""
_NOT_POSTED = frozenset({SendResult.SUPERSEDED, SendResult.NOT_YET, SendResult.ABSENT})
"""Results after which the scope of a message was not used."""
_REDRAWINGS = {redrawn: kind for kind, redrawn in REDRAWS.items()}
"""The kinds of message that are redrawn, with the kind that redraws them."""
_LATE_REDRAWINGS = {
    MessageKind.CALL: MessageKind.CALL_REFRESH, MessageKind.REMINDER: MessageKind.REMINDER_REFRESH,
    MessageKind.SHIFT: MessageKind.REMINDER_REFRESH,
}  # fmt: skip
"""The same for what asks somebody for something, and is not redrawn while it is not in Slack."""


def record_outcome(connection: Connection, delivery: Delivery, outcome: SendOutcome, now: datetime) -> bool:
    """Record the outcome of a delivery and all that follows; see :meth:`models.outbox.queue.Outbox.settle`."""
    settlement = settle(delivery, outcome, now)
    if settlement.state is not DeliveryState.SENT and delivery.state is DeliveryState.UNKNOWN:
        outcome = _find_noted_place(connection, delivery) or outcome
        settlement = settle(delivery, outcome, now)
    done = settlement.state not in UNFINISHED
    values = {
        **{k: v for k, v in asdict(settlement).items() if k in _SETTLED},
        "doubtful": settlement.doubtful or delivery.doubtful, "claims": 0, "last_error": outcome.error[:200],
        "slack_channel": outcome.channel or delivery.slack_channel, "slack_ts": outcome.ts or delivery.slack_ts,
        "slack_thread": outcome.thread or delivery.slack_thread,
        "settled_at": now if done else None,
    }  # fmt: skip
    if outcome.members is not None:
        values["note"] = write_members(outcome.members)
    lease = {"held": delivery.position, "holder": delivery.owner, "held_generation": delivery.generation}
    if connection.execute(sql.UPDATE_HELD, {**lease, **values}).rowcount == 0:
        # The message is in Slack, whatever was decided since the lease ended.
        if settlement.state is not DeliveryState.SENT or not _settle_late(connection, delivery, values, now):
            return False
    elif delivery.state in {DeliveryState.SUPERSEDED, DeliveryState.DEAD}:
        _follow_late(connection, delivery, values, now)
    if delivery.what is MessageKind.CALL and settlement.state in {DeliveryState.SENT, DeliveryState.SUPERSEDED}:
        _settle_joined_calls(connection, delivery, values)
    _apply_consequences(connection, delivery, outcome, settlement, now)
    return True


def _settle_late(connection: Connection, delivery: Delivery, values: Mapping[str, Any], now: datetime) -> bool:
    """Record a message that was sent although its worker had lost the row; return False when nothing was changed.

    The row may be recorded as not sent by now, and then its message would never be redrawn.
    """
    doubt = {"doubtful": True, "sweep_at": now + SWEEPS[0]}
    row = {"held": delivery.position, "held_id": delivery.id}
    if connection.execute(sql.SETTLE_LATE, {**row, **values, **doubt}).rowcount == 0:
        place = {name: values[name] for name in ("slack_channel", "slack_ts", "slack_thread")}
        connection.execute(sql.NOTE_PLACE, {**row, **place})
        return False
    _follow_late(connection, delivery, values, now)
    return True


def _find_noted_place(connection: Connection, delivery: Delivery) -> SendOutcome | None:
    """Return that the message is in Slack, if its earlier worker noted so after this one had claimed the row."""
    row = connection.execute(sql.NOTED_PLACE, {"held": delivery.position}).first()
    if row is None or delivery.what in REPEATABLE:
        return None
    return SendOutcome(SendResult.SENT, row.slack_channel, row.slack_ts, thread=row.slack_thread)


def _follow_late(connection: Connection, delivery: Delivery, values: Mapping[str, Any], now: datetime) -> None:
    """Correct what followed when a message was wrongly recorded as not sent: its redrawings and its listed calls.

    A reminder or a call may be over by now, and nobody redrew it while it was thought not to be in Slack.
    """
    again = {"state": DeliveryState.PENDING, "due_at": now, "settled_at": None}
    connection.execute(sql.REDRAW_LATE, {"redrawn": delivery.id, **again})
    if redrawing := _LATE_REDRAWINGS.get(delivery.what):
        key, place = f"late/{delivery.id}", {"channel": delivery.channel, "user": delivery.user}
        about = {"subject": delivery.subject, "number": delivery.number, **reminder_columns(delivery.reminder)}
        enqueue(connection, [message(redrawing, key, now, lane=key, redraws=delivery.id, **place, **about)])
    elif redrawing := _REDRAWINGS.get(delivery.what):
        card = {"subject_of": delivery.subject or "", "number_of": delivery.number or 0, "user_of": delivery.user or ""}
        connection.execute(sql.REDRAW_CARD_LATE, {"redrawing": redrawing, **card, **again})
    if delivery.what is MessageKind.CALL:
        alike = {name: values[name] for name in ("state", "slack_channel", "slack_ts", "settled_at")}
        connection.execute(sql.SETTLE_GATHERED_LATE, {"lane_of": delivery.lane, "leader": delivery.id, **alike})


def _settle_joined_calls(connection: Connection, delivery: Delivery, values: Mapping[str, Any]) -> None:
    """Settle the calls that another call's message listed: they were sent in the same place."""
    where = {"lane_of": delivery.lane, "first": delivery.position, "leader": delivery.id}
    alike = ("state", "slack_channel", "slack_ts", "settled_at")
    connection.execute(sql.SETTLE_GATHERED, where | {name: values[name] for name in alike})


def _apply_consequences(
    connection: Connection, delivery: Delivery, outcome: SendOutcome, settlement: Settlement, now: datetime
) -> None:
    """Pause a scope, remember who left, tell people, and redraw or repost messages, as an outcome asks for it."""
    if settlement.pause_scope and settlement.pause_until:
        pace_rows.pause(connection, settlement.pause_scope, settlement.pause_until, now)
    if outcome.result in _NOT_POSTED:
        pace_rows.give_back(connection, delivery, now)
    if delivery.user and outcome.result is SendResult.TARGET_BROKEN and outcome.error in NOT_THERE:
        departures.record(connection, {delivery.user: True}, now, outcome.error)
    for user, why in outcome.left_out:
        if why not in REPORTED_ELSEWHERE:
            notice = FailureNotice(FailureKind.LEFT_OUT, user, why)
            notify(connection, notice, f"trouble:left_out:{user}:{why}:{now:%Y%m}", now)
    is_sent = settlement.state is DeliveryState.SENT
    if delivery.what is MessageKind.GROUP and is_sent and (editor := find_editor(delivery.note)):
        notice = FailureNotice(FailureKind.EDITED, editor)
        notify(connection, notice, f"trouble:{delivery.note}:{now:%Y%m%d}", now)
    if settlement.trouble:
        report_failure(connection, asdict(delivery), outcome.error, now)
    if is_sent and delivery.number:
        enqueue(connection, list(_redraw_calls(connection, delivery, delivery.number, now)))
    if settlement.repost:
        # In the lane of redrawings, so that later ones wait for the new card.
        what = REDRAWS[delivery.what]
        about = {"number": delivery.number, "seq": delivery.seq, "subject": delivery.subject, "note": delivery.note}
        about |= reminder_columns(delivery.reminder)
        key = f"{what}:{delivery.subject or delivery.number}:{delivery.position}"
        card = message(what, key, now, **about, channel=delivery.channel, lane=delivery.lane)
        enqueue(connection, [card])


def _redraw_calls(
    connection: Connection, delivery: Delivery, number: int, now: datetime
) -> Iterable[Mapping[str, Any]]:  # fmt: skip
    """Return redrawings of calls: with the link to a card that was sent, or because a reminder asks for the same."""
    if delivery.what is MessageKind.CARD:
        return add_card_links(connection, number, now)
    if delivery.what is MessageKind.REMINDER and delivery.user:
        return redraw_calls(connection, number, f"reminded:{delivery.position}", now, {delivery.user})
    return ()
