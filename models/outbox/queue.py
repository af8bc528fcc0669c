"""The queue of the outbox: which worker sends which message, and the result.

Any number of workers in any number of processes claim and settle deliveries. Nothing here sends a message, or decides
what an outcome means (``models.rules.outbox.settlement`` does); ``models.outbox.settling`` writes it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, update

from models.outbox import pace_rows
from models.outbox import queue_statements as sql
from models.outbox.due_rows import compared_times
from models.outbox.failure_rows import report_failure
from models.outbox.group_updates import LastGroupUpdate, read_members, write_reason
from models.outbox.messages import delivery_from, enqueue, message
from models.outbox.settling import record_outcome
from models.rules.outbox.delivery import LEASE, LOOKS, MAX_CLAIMS, Delivery, DeliveryState, QueuePart
from models.rules.outbox.message_kinds import REPEATABLE, MessageKind
from models.rules.outbox.send_outcome import SendOutcome
from models.rules.outbox.settlement import SWEEPS
from models.rules.times import ENDLESS
from models.store.database import Store
from models.store.tables import OUTBOX, PACE, is_unfinished


class Outbox:
    """Claim, settle and sweep deliveries. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(
        self, now: datetime, worker: str, slack_time: str | None = None, part: QueuePart = QueuePart.SLACK,
        also: Callable[[Connection, Delivery], None] | None = None, but: Collection[str] = (),
    ) -> Delivery | None:  # fmt: skip
        """Claim the most urgent delivery that may go out now; return None when there is none.

        The lease lasts :data:`models.rules.outbox.delivery.LEASE`. ``slack_time`` is a time of Slack that is not later
        than now, as one of its timestamps. ``also`` runs in the same transaction with what was claimed.
        Pages in the scopes ``but`` are left out.
        """
        values = {**compared_times(now), "but": sorted(but)}

        def unit(connection: Connection) -> Delivery | None:
            claimed = _claim(connection, now, worker, slack_time, sql.CLAIMED[part], values)
            if claimed and also:
                also(connection, claimed)
            return claimed

        if self._store.is_sqlite and not self._has_claimable(part, values):
            return None  # idle workers must not wait in the queue of writes
        return self._store.write(unit, urgent=True)

    def _has_claimable(self, part: QueuePart, values: Mapping[str, Any]) -> bool:
        query = sql.CLAIMABLE[part]
        return self._store.read(lambda connection: connection.execute(query, values).first()) is not None

    def settle(
        self, delivery: Delivery, outcome: SendOutcome, now: datetime, also: Callable[[Connection], None] | None = None
    ) -> bool:
        """Record the result of a delivery; return False when the lease was lost and nothing was changed.

        A message that is in Slack is recorded even then, unless another worker has sent it. While another worker holds
        the row, only its place in Slack is noted, for that worker to settle with. ``also`` runs in the same
        transaction, whatever becomes of the row.
        """

        def unit(connection: Connection) -> bool:
            if also:
                also(connection)
            return record_outcome(connection, delivery, outcome, now)

        return self._store.write(unit, urgent=True)

    def note_place(self, delivery: Delivery, channel: str, thread: str | None) -> bool:
        """Record where a delivery is about to be posted; return False when the lease was lost and nothing was changed.

        Without it, nobody would find a message in a thread whose sender was killed after the post.
        """
        lease = {"held": delivery.position, "holder": delivery.owner, "held_generation": delivery.generation}
        place = {"slack_channel": channel, "slack_thread": thread}
        return self._store.write(lambda c: c.execute(sql.UPDATE_HELD, {**lease, **place}).rowcount > 0, urgent=True)

    def is_sent_elsewhere(self, delivery: Delivery, ts: str) -> bool:
        """Return whether a delivery is recorded as sent, and its message is another one than that at ``ts``."""
        about = {"held": delivery.position, "held_id": delivery.id, "ts": ts}
        return self._store.read(lambda c: c.execute(sql.SENT_ELSEWHERE, about).first()) is not None

    def expire_leases(self, now: datetime) -> None:
        """End all leases at once: the bot that held them has ended, so the outcome of these messages is unknown.

        Only for a store that no other bot uses (:meth:`models.store.database.Store.claim_file`).
        """
        unfinished = update(OUTBOX).where(OUTBOX.c.state == DeliveryState.SENDING).where(is_unfinished(OUTBOX.c.state))
        self._store.write(lambda connection: connection.execute(unfinished.values(lease_until=now)))

    def make_due(self, positions: Collection[int], now: datetime, *, only_one: bool = False) -> None:
        """Make due at once what waits longer among these messages; with ``only_one`` the most urgent of them.

        The pauses of their scopes stay.
        """
        statement = sql.MAKE_DUE_ONE if only_one else sql.MAKE_DUE
        values = {"positions": sorted(positions), "now": now}
        self._store.write(lambda connection: connection.execute(statement, values))

    def claim_sweep(self, now: datetime) -> Delivery | None:
        """Claim a message that was once in doubt and must be searched for second copies; None when there is none.

        Another worker searches for it when the lease has ended without :meth:`end_sweep` or :meth:`sweep_again`.
        """
        if self._store.read(lambda connection: connection.execute(sql.TO_SWEEP, compared_times(now)).first()) is None:
            return None
        return self._store.write(lambda connection: _claim_sweep(connection, now))

    def sweep_again(self, delivery: Delivery, at: datetime) -> None:
        """Search again at ``at``, because Slack did not answer."""
        again = {"held": delivery.position, "sweep_at": at}
        self._store.write(lambda connection: connection.execute(sql.HOLD, again))

    def end_sweep(self, delivery: Delivery, now: datetime) -> None:
        """Record that a message was searched for, and when to search again."""
        self._store.write(lambda connection: _end_sweep(connection, delivery, now))

    def last_group(self) -> LastGroupUpdate | None:
        """Return how the user group was set last; None before the first time, and while it is being set."""
        row = self._store.read(lambda connection: connection.execute(sql.LAST_GROUP).first())
        if row is None or row.state != DeliveryState.SENT or not row.note:
            return None
        return LastGroupUpdate(row.position, read_members(row.note), row.channel, row.subject)

    def set_again(self, last: LastGroupUpdate, by: str, now: datetime) -> None:
        """Enqueue setting the user group again, because ``by`` changed it.

        ``by`` is a Slack id, or empty for a late change of ours. Replicas that see the same change enqueue it once.
        """
        about = {"subject": last.subject, "lane": "group", "channel": last.channel, "note": write_reason(by)}
        row = message(MessageKind.GROUP, f"group/{last.position}/again", now, **about)
        self._store.write(lambda connection: enqueue(connection, [row]))

    def next_due(self, part: QueuePart = QueuePart.SLACK, now: datetime = ENDLESS) -> datetime | None:
        """Return when the next unfinished delivery is due; None when there is none.

        Pages whose sender is held back at ``now`` count from the end of its pause.
        """
        return self._earliest(sql.NEXT[part], {"now": now})

    def counts(self) -> dict[str, int]:
        """Count the deliveries in each unfinished state, and those set aside that nobody discarded (``dead``)."""
        return self._store.read(lambda connection: {row[0]: row[1] for row in connection.execute(sql.COUNTS)})

    def oldest_message(self) -> datetime | None:
        """Return since when the longest-waiting message waits; None when none does.

        A page waits from its first try; before it, from when it is due and its sender is free, which may be ahead.
        Topics, user groups, moves for the webhook and pages that wait for the morning are left out.
        """
        return self._earliest(sql.OLDEST_MESSAGE)

    def _earliest(self, query: Select[Any], values: Mapping[str, datetime] | None = None) -> datetime | None:
        moment: datetime | None = self._store.read(lambda connection: connection.scalar(query, values or {}))
        return moment


def _claim(
    connection: Connection, now: datetime, worker: str, slack_time: str | None, claimed: Select[Any],
    compared: Mapping[str, Any],
) -> Delivery | None:  # fmt: skip
    row = connection.execute(claimed, compared).first()
    paced_from = pace_rows.keep(connection, row, now) if row else None
    if row is None or paced_from is None:
        return None
    if row.claims >= MAX_CLAIMS:
        _set_aside(connection, row, now)
        return None
    expired = row.state == DeliveryState.SENDING
    may_be_sent = expired and not _was_held_for_a_look(row)
    first = row.first_tried_at or now
    values = {
        "state": DeliveryState.SENDING, "owner": worker, "generation": row.generation + 1, "lease_until": now + LEASE,
        "claims": row.claims + 1, "first_tried_at": first, "doubtful": row.doubtful or expired,
        "look_from": _look_from(connection, row, slack_time),
        "looks": 0 if may_be_sent else row.looks,
        "in_doubt_since": now if may_be_sent else row.in_doubt_since,
    }  # fmt: skip
    # A message that may be in Slack already keeps its list of calls.
    if row.what == MessageKind.CALL and row.state == DeliveryState.PENDING:
        _join_waiting_calls(connection, row, now)
        values["listed_in"] = None
    connection.execute(sql.HOLD, {"held": row.position, **values})
    held = dict(row._mapping) | values | {"state": DeliveryState.UNKNOWN if expired else DeliveryState(row.state)}
    return replace(delivery_from(held), paced_from=paced_from, ready_at=_find_ready(row, now))


def _find_ready(row: Row[Any], now: datetime) -> datetime | None:
    """Return from when on a page might be sent; None for other messages."""
    if row.what != MessageKind.PAGE:
        return None
    ready: datetime = min(now, max(row.due_at, row.sender_free_at or row.due_at))
    return ready


def _was_held_for_a_look(row: Row[Any]) -> bool:
    """Return whether the worker whose lease ran out only looked for the message: then it posted nothing."""
    return bool(row.doubtful) and row.looks < len(LOOKS) and row.what not in REPEATABLE


def _look_from(connection: Connection, row: Row[Any], slack_time: str | None) -> str | None:
    """Return from when on to look for a message: before its first try, by Slack's time and not our clock.

    None for what may be repeated: nobody looks for it.
    """
    if row.what in REPEATABLE:
        return None
    if row.first_tried_at is not None:
        return str(row.look_from) if row.look_from else None
    return slack_time or connection.scalar(sql.LAST_POSTED)


def _join_waiting_calls(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Add the calls that wait behind this one to its message, so that a person gets one message that lists all.

    They get the state of this one when it is settled.
    """
    connection.execute(sql.GATHER, {"lane_of": row.lane, "first": row.position, "now": now, "listed_in": row.id})


def _set_aside(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Stop trying a row that was claimed too often without an answer, and report it."""
    end = {"state": DeliveryState.DEAD, "last_error": "claimed too often", "settled_at": now}
    end |= {"doubtful": True, "sweep_at": now + SWEEPS[0]}
    connection.execute(sql.HOLD, {"held": row.position, **end})
    report_failure(connection, row._mapping, "claimed too often", now)


def _claim_sweep(connection: Connection, now: datetime) -> Delivery | None:
    row = connection.execute(sql.TO_SWEEP.with_for_update(skip_locked=True), compared_times(now)).first()
    if row is None:
        return None
    connection.execute(sql.HOLD, {"held": row.position, "sweep_at": now + LEASE})
    return delivery_from(row._mapping)


def _end_sweep(connection: Connection, delivery: Delivery, now: datetime) -> None:
    sweeps = connection.execute(sql.SWEEPS_OF, {"held": delivery.position}).scalar_one() + 1
    later = now + SWEEPS[sweeps] if sweeps < len(SWEEPS) else None
    connection.execute(sql.HOLD, {"held": delivery.position, "sweeps": sweeps, "sweep_at": later})


def correct_times_after(connection: Connection, now: datetime) -> None:
    """Make due at ``now`` what is due later, because a clock that was ahead has been set back."""
    for column in (OUTBOX.c.due_at, OUTBOX.c.sweep_at, PACE.c.free_at):
        connection.execute(update(column.table).where(column > now).values({column.name: now}))
