"""The outbox in the store: who is about to say what must be said (``models.outbox.messages``), and what came of it.

Taking and settling is done by workers, any number of them, in any number of processes. Nothing here sends anything or
decides what an answer means (``models.rules.delivery`` does).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from models.outbox.messages import details_from, enqueue, link_calls, message, reminder_columns
from models.rules.delivery import (  # fmt: skip
    AWAITED,
    CLOCK_TOLERANCE,
    EVERYTHING,
    LEASE,
    LONGEST_WAIT,
    LOOKING,
    LOOKS,
    MAX_CLAIMS,
    NOT_THERE,
    REDRAWS,
    REPEATABLE,
    SWEEPS,
    UNFINISHED,
    UPDATE,
    Delivery,
    DeliveryState,
    MessageKind,
    SendResult,
    SlackAnswer,
    allowed_lead,
    interval,
)
from models.rules.settlement import Settlement, settle
from models.store import departures
from models.store.database import Store
from models.store.tables import INSERT, OUTBOX, PACE, is_unfinished


def times(now: datetime) -> dict[str, datetime]:
    """What the statements below compare with: the present, how far the pace may be run ahead of, and what no clock
    that is right has written.
    """
    return {
        "now": now, "soon": now + allowed_lead(UPDATE), "apart": now + CLOCK_TOLERANCE, "held": now + 2 * LEASE,
        "longest": now + LONGEST_WAIT + allowed_lead(UPDATE) + CLOCK_TOLERANCE,
        "swept": now + SWEEPS[-1] + CLOCK_TOLERANCE,
    }  # fmt: skip


def _at(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=PACE.c.free_at.type)


def _claimable(*about: ColumnElement[bool]) -> Select[Any]:
    """Due, not paused, and the first unfinished row of its lane; only those ``about`` something, or all."""
    earlier = OUTBOX.alias("earlier")
    first_in_lane = ~exists().where(
        earlier.c.lane == OUTBOX.c.lane,
        earlier.c.position < OUTBOX.c.position,
        is_unfinished(earlier.c.state),
    )
    now, soon = _at("now"), _at("soon")
    # What somebody waits for may go ahead of the pace.
    pace = case((and_(OUTBOX.c.scope == UPDATE, OUTBOX.c.what.in_(AWAITED)), soon), else_=now)
    too_soon = and_(PACE.c.scope == OUTBOX.c.scope, PACE.c.free_at > pace)
    # A look is what a row in doubt does next; only looks wait while Slack limits them.
    looks = and_(OUTBOX.c.state != DeliveryState.PENDING, OUTBOX.c.looks < len(LOOKS), OUTBOX.c.what.not_in(REPEATABLE))
    stopped = and_(or_(PACE.c.scope == EVERYTHING, and_(PACE.c.scope == LOOKING, looks)), PACE.c.free_at > now)
    # What a wrong clock wrote is not waited for.
    apart = or_(PACE.c.set_at.is_(None), PACE.c.set_at <= _at("apart"))
    paused = exists().where(or_(too_soon, stopped), PACE.c.free_at <= _at("longest"), apart)
    wrong = or_(OUTBOX.c.created_at > _at("apart"), OUTBOX.c.due_at > _at("longest"))
    due = or_(
        and_(OUTBOX.c.state != DeliveryState.SENDING, or_(OUTBOX.c.due_at <= now, wrong)),
        and_(
            OUTBOX.c.state == DeliveryState.SENDING, or_(OUTBOX.c.lease_until < now, OUTBOX.c.lease_until > _at("held"))
        ),
    )
    query = select(OUTBOX).where(is_unfinished(OUTBOX.c.state), *about, due, first_in_lane, ~paused)
    return query.order_by(OUTBOX.c.priority, OUTBOX.c.position).limit(1)


def _paced(insert: Any, where: ColumnElement[bool] | None = None) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["scope"], where=where,
        set_={"free_at": insert.excluded.free_at, "set_at": insert.excluded.set_at},
    )  # fmt: skip


# Built once: putting a statement together costs more than running it.
PAUSE = {name: _paced(insert(PACE)) for name, insert in INSERT.items()}
KEEP_PACE = {
    name: _paced(insert(PACE), PACE.c.free_at == bindparam("seen")).returning(PACE.c.scope)
    for name, insert in INSERT.items()
}
PACED = select(PACE.c.free_at, PACE.c.set_at).where(PACE.c.scope == bindparam("scope"))
_CALLS = OUTBOX.c.what == MessageKind.CALL
CLAIMABLE = {False: _claimable(), True: _claimable(_CALLS)}
"""By whether only calls are wanted, like the next two."""
CLAIMED = {calls: query.with_for_update(skip_locked=True, of=OUTBOX) for calls, query in CLAIMABLE.items()}
HOLD = update(OUTBOX).where(OUTBOX.c.position == bindparam("held"))
_BEHIND = (
    OUTBOX.c.lane == bindparam("lane_of"), OUTBOX.c.what == MessageKind.CALL, OUTBOX.c.position > bindparam("first"),
    is_unfinished(OUTBOX.c.state),
)  # fmt: skip
GATHER = update(OUTBOX).where(*_BEHIND, OUTBOX.c.due_at <= bindparam("now"))
SETTLE_GATHERED = update(OUTBOX).where(*_BEHIND, OUTBOX.c.listed_in == bindparam("leader"))
SETTLE = HOLD.where(OUTBOX.c.owner == bindparam("holder"), OUTBOX.c.generation == bindparam("held_generation"))
SETTLE_LATE = HOLD.where(
    OUTBOX.c.id == bindparam("held_id"), OUTBOX.c.what.not_in(REPEATABLE),
    OUTBOX.c.state.not_in([DeliveryState.SENDING, DeliveryState.SENT]),
)  # fmt: skip
"""Nobody holds the row, and it does not say that its message was sent."""
NOTE_PLACE = HOLD.where(
    OUTBOX.c.id == bindparam("held_id"), OUTBOX.c.what.not_in(REPEATABLE), OUTBOX.c.state == DeliveryState.SENDING
)  # fmt: skip
"""Another worker holds the row."""
NOTED_PLACE = select(OUTBOX.c.slack_channel, OUTBOX.c.slack_ts, OUTBOX.c.slack_thread).where(
    OUTBOX.c.position == bindparam("held"), OUTBOX.c.slack_ts.is_not(None)
)
SETTLE_GATHERED_LATE = update(OUTBOX).where(
    OUTBOX.c.lane == bindparam("lane_of"), OUTBOX.c.listed_in == bindparam("leader"),
    OUTBOX.c.state == DeliveryState.SUPERSEDED,
)  # fmt: skip
REDRAW_LATE = update(OUTBOX).where(
    OUTBOX.c.redraws == bindparam("redrawn"), OUTBOX.c.state == DeliveryState.SUPERSEDED
)  # fmt: skip
NEXT_DUE, OLDEST = (
    select(func.min(column)).where(is_unfinished(OUTBOX.c.state)) for column in (OUTBOX.c.due_at, OUTBOX.c.created_at)
)
NEXT = {False: NEXT_DUE, True: NEXT_DUE.where(_CALLS)}
OLDEST_MESSAGE = OLDEST.where(OUTBOX.c.what.not_in([MessageKind.TOPIC, MessageKind.GROUP]))
TO_SWEEP = (
    select(OUTBOX)
    .where(or_(OUTBOX.c.sweep_at <= bindparam("now"), OUTBOX.c.sweep_at > bindparam("swept")))
    .order_by(OUTBOX.c.sweep_at)
    .limit(1)
)
LAST_POSTED = (  # among the newest only: a look that begins a little too early costs less than a walk through all
    select(func.max(OUTBOX.c.slack_ts)).where(
        OUTBOX.c.position > select(func.max(OUTBOX.c.position)).scalar_subquery() - 500
    )
)


LAST_GROUP = (
    select(OUTBOX.c.position, OUTBOX.c.state, OUTBOX.c.note, OUTBOX.c.channel, OUTBOX.c.subject)
    .where(OUTBOX.c.what == MessageKind.GROUP, OUTBOX.c.state != DeliveryState.SUPERSEDED)
    .order_by(OUTBOX.c.position.desc())
    .limit(1)
)
EDITED = "edited "
"""What the note of a user group begins with that is set again because a person changed it; then who it was."""
LATE = "late"
"""The same where it was a change of ours that took effect late."""
TOLD_ELSEWHERE = frozenset({"left", "unknown"})
"""Reasons for not being in the group that are told of the person's shifts already."""


@dataclass(frozen=True)
class LastGroupUpdate:
    """How the user group was set last: by which delivery, and who was in it."""

    position: int
    members: tuple[str, ...]
    channel: str
    subject: str


def posted(*about: ColumnElement[bool]) -> Select[Any]:
    """Where the newest of some messages stands in Slack: to be built once, like all above."""
    places = select(OUTBOX.c.slack_channel, OUTBOX.c.slack_ts).where(*about, OUTBOX.c.state == DeliveryState.SENT)
    return places.order_by(OUTBOX.c.position.desc()).limit(1)


def under_way(*about: ColumnElement[bool]) -> Select[Any]:
    """One of some messages that may be in Slack already, and may not."""
    # Spelled out, not bound: so both databases see that the small index serves.
    doubtful = OUTBOX.c.state.in_(
        [literal_column(f"'{label}'") for label in (DeliveryState.SENDING, DeliveryState.UNKNOWN)]
    )
    return select(OUTBOX.c.position).where(*about, doubtful).limit(1)


class Outbox:
    """Take, settle and sweep deliveries. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(
        self, now: datetime, worker: str, slack_time: str | None = None, *, only_calls: bool = False
    ) -> Delivery | None:
        """The most urgent delivery that may go out now, held for :data:`models.rules.delivery.LEASE`; None when idle.

        ``slack_time`` is a time of Slack's own that is not later than now, as one of its timestamps.
        """
        if self._store.read(lambda connection: connection.execute(CLAIMABLE[only_calls], times(now)).first()) is None:
            return None  # idle workers must not queue for the one writer's turn
        return self._store.write(
            lambda connection: _claim(connection, now, worker, slack_time, CLAIMED[only_calls]), urgent=True
        )

    def settle(self, delivery: Delivery, answer: SlackAnswer, now: datetime) -> bool:
        """Write down what came of it; False when the lease was lost meanwhile and nothing was changed.

        A message that is in Slack is recorded even then, unless another worker has sent it. While another worker holds
        the row, only its place in Slack is noted, for that worker to settle with.
        """
        return self._store.write(lambda connection: _settle(connection, delivery, answer, now), urgent=True)

    def adopt(self, now: datetime) -> None:
        """Treat what an earlier run of this bot was sending when it died as unknown at once, not after its lease.

        Only for a store that one bot has to itself (:meth:`models.store.database.Store.claim_file`).
        """
        unfinished = update(OUTBOX).where(OUTBOX.c.state == DeliveryState.SENDING).where(is_unfinished(OUTBOX.c.state))
        self._store.write(lambda connection: connection.execute(unfinished.values(lease_until=now)))

    def claim_sweep(self, now: datetime) -> Delivery | None:
        """A message that was once in doubt and is due for a look for second copies; counts as swept from here."""
        if self._store.read(lambda connection: connection.execute(TO_SWEEP, times(now)).first()) is None:
            return None
        return self._store.write(lambda connection: _claim_sweep(connection, now))

    def sweep_again(self, delivery: Delivery, at: datetime) -> None:
        """Take back a look for second copies that Slack did not answer, and look again at ``at``."""
        values = {"sweeps": OUTBOX.c.sweeps - 1, "sweep_at": at}
        taken_back = update(OUTBOX).where(OUTBOX.c.position == delivery.position).values(values)
        self._store.write(lambda connection: connection.execute(taken_back))

    def last_group(self) -> LastGroupUpdate | None:
        """How the user group was set last; None before the first time, and while it is being set."""
        row = self._store.read(lambda connection: connection.execute(LAST_GROUP).first())
        if row is None or row.state != DeliveryState.SENT or not row.note:
            return None
        return LastGroupUpdate(row.position, tuple(row.note.split(" ")), row.channel, row.subject)

    def set_again(self, last: LastGroupUpdate, by: str, now: datetime) -> None:
        """Have the user group set again, which somebody (a Slack id; empty for ourselves) has changed since. Replicas
        that see the same change ask for it once.
        """
        note = f"{EDITED}{by}" if by else LATE
        about = {"subject": last.subject, "lane": "group", "channel": last.channel, "note": note}
        row = message(MessageKind.GROUP, f"group/{last.position}/again", now, **about)
        self._store.write(lambda connection: enqueue(connection, [row]))

    def next_due(self, *, only_calls: bool = False) -> datetime | None:
        """When the next unfinished delivery wants attention; None when there is none."""
        return self._earliest(NEXT[only_calls])

    def counts(self) -> dict[str, int]:
        """How many deliveries are in each unfinished state, and how many were set aside (``dead``)."""
        wanted = [*UNFINISHED, DeliveryState.DEAD]
        query = select(OUTBOX.c.state, func.count()).where(OUTBOX.c.state.in_(wanted)).group_by(OUTBOX.c.state)
        return self._store.read(lambda connection: {row[0]: row[1] for row in connection.execute(query)})

    def oldest_message(self) -> datetime | None:
        """When the longest-waiting message was enqueued. A topic or user group that is refused keeps nobody waiting."""
        return self._earliest(OLDEST_MESSAGE)

    def _earliest(self, query: Select[Any]) -> datetime | None:
        moment: datetime | None = self._store.read(lambda connection: connection.scalar(query))
        return moment


def _claim(
    connection: Connection, now: datetime, worker: str, slack_time: str | None, claimed: Select[Any]
) -> Delivery | None:
    row = connection.execute(claimed, times(now)).first()
    if row is None or not _keep_pace(connection, row.scope, now):
        return None
    if row.claims >= MAX_CLAIMS:
        _set_aside(connection, row, now)
        return None
    expired = row.state == DeliveryState.SENDING
    first = row.first_tried_at or now
    values = {
        "state": DeliveryState.SENDING, "owner": worker, "generation": row.generation + 1, "lease_until": now + LEASE,
        "claims": row.claims + 1, "first_tried_at": first, "doubtful": row.doubtful or expired,
        "look_from": _look_from(connection, row, slack_time),
        "looks": 0 if expired else row.looks,  # whoever held it may have sent it again after the last look
    }  # fmt: skip
    # What may be in Slack already lists what it listed then, and no more.
    if row.what == MessageKind.CALL and row.state == DeliveryState.PENDING:
        _gather(connection, row, now)
        values["listed_in"] = None
    connection.execute(HOLD, {"held": row.position, **values})
    held = dict(row._mapping) | values | {"state": DeliveryState.UNKNOWN if expired else DeliveryState(row.state)}
    return _delivery(held)


def _look_from(connection: Connection, row: Row[Any], slack_time: str | None) -> str | None:
    """From when on the message will be looked for: before its first try, by Slack's time and no clock of ours."""
    if row.first_tried_at is not None:
        return str(row.look_from) if row.look_from else None
    return slack_time or connection.scalar(LAST_POSTED)


def _gather(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Whoever is called for several cases at once gets one message that lists them: the calls that wait behind this one
    are sent with it, and become what it becomes.
    """
    connection.execute(GATHER, {"lane_of": row.lane, "first": row.position, "now": now, "listed_in": row.id})


def _keep_pace(connection: Connection, scope: str, now: datetime) -> bool:
    """Use the scope once, so that on average one interval lies between two uses; False when a replica was quicker."""
    row = connection.execute(PACED, {"scope": scope}).first()
    begins = now
    if row and scope == UPDATE and not _is_from_ahead(row, now):
        begins = max(now - allowed_lead(scope), row.free_at)
    kept = {"scope": scope, "free_at": begins + interval(scope), "set_at": now, "seen": row and row.free_at}
    return connection.execute(KEEP_PACE[connection.dialect.name], kept).first() is not None


def _set_aside(connection: Connection, row: Row[Any], now: datetime) -> None:
    """A row that was claimed again and again without any answer kills its worker: it stops here, aloud."""
    end = {"state": DeliveryState.DEAD, "last_error": "claimed too often", "settled_at": now}
    connection.execute(HOLD, {"held": row.position, **end})
    _trouble(connection, row._mapping, "claimed too often", now)


def _settle(connection: Connection, delivery: Delivery, answer: SlackAnswer, now: datetime) -> bool:
    outcome = settle(delivery, answer, now)
    if outcome.state is not DeliveryState.SENT and delivery.state is DeliveryState.UNKNOWN:
        answer = _noted_place(connection, delivery) or answer
        outcome = settle(delivery, answer, now)
    done = outcome.state not in UNFINISHED
    values = {
        **{k: v for k, v in asdict(outcome).items() if k in {"state", "due_at", "looks", "tries", "plain", "sweep_at"}},
        "doubtful": outcome.doubtful or delivery.doubtful, "claims": 0, "last_error": answer.error[:200],
        "slack_channel": answer.channel or delivery.slack_channel, "slack_ts": answer.ts or delivery.slack_ts,
        "slack_thread": answer.thread or delivery.slack_thread,
        "settled_at": now if done else None,
    }  # fmt: skip
    if answer.members is not None:
        values["note"] = " ".join(answer.members)
    lease = {"held": delivery.position, "holder": delivery.owner, "held_generation": delivery.generation}
    if connection.execute(SETTLE, {**lease, **values}).rowcount == 0:
        # The message is in Slack, whatever was decided since the lease ended.
        if outcome.state is not DeliveryState.SENT or not _settle_late(connection, delivery, values, now):
            return False
    elif delivery.state is DeliveryState.SUPERSEDED:
        _follow_late(connection, delivery, values, now)
    if delivery.what is MessageKind.CALL and outcome.state in {DeliveryState.SENT, DeliveryState.SUPERSEDED}:
        _settle_gathered(connection, delivery, values)
    _consequences(connection, delivery, answer, outcome, now)
    return True


def _settle_late(connection: Connection, delivery: Delivery, values: Mapping[str, Any], now: datetime) -> bool:
    """Record a message that was sent although its worker had lost the row; return False when nothing was changed.

    The row may say by now that nothing was sent. Then nobody would redraw the message or take its buttons away.
    """
    doubt = {"doubtful": True, "sweep_at": now + SWEEPS[0]}
    row = {"held": delivery.position, "held_id": delivery.id}
    if connection.execute(SETTLE_LATE, {**row, **values, **doubt}).rowcount == 0:
        place = {name: values[name] for name in ("slack_channel", "slack_ts", "slack_thread")}
        connection.execute(NOTE_PLACE, {**row, **place})
        return False
    _follow_late(connection, delivery, values, now)
    return True


def _noted_place(connection: Connection, delivery: Delivery) -> SlackAnswer | None:
    """Return that the message is in Slack, if its earlier worker noted so after this one had claimed the row."""
    row = connection.execute(NOTED_PLACE, {"held": delivery.position}).first()
    if row is None or delivery.what in REPEATABLE:
        return None
    return SlackAnswer(SendResult.SENT, row.slack_channel, row.slack_ts, thread=row.slack_thread)


def _follow_late(connection: Connection, delivery: Delivery, values: Mapping[str, Any], now: datetime) -> None:
    """Make up for what was left undone because a message was recorded as not sent: its redrawings, and its list."""
    again = {"state": DeliveryState.PENDING, "due_at": now, "settled_at": None}
    connection.execute(REDRAW_LATE, {"redrawn": delivery.id, **again})
    if delivery.what is MessageKind.CALL:
        alike = {name: values[name] for name in ("state", "slack_channel", "slack_ts", "settled_at")}
        connection.execute(SETTLE_GATHERED_LATE, {"lane_of": delivery.lane, "leader": delivery.id, **alike})


def _settle_gathered(connection: Connection, delivery: Delivery, values: Mapping[str, Any]) -> None:
    """Calls that were listed in another one's message: sent as well, in the same place."""
    where = {"lane_of": delivery.lane, "first": delivery.position, "leader": delivery.id}
    alike = ("state", "slack_channel", "slack_ts", "settled_at")
    connection.execute(SETTLE_GATHERED, where | {name: values[name] for name in alike})


def _consequences(
    connection: Connection, delivery: Delivery, answer: SlackAnswer, outcome: Settlement, now: datetime
) -> None:
    if outcome.pause_scope and outcome.pause_until:
        _pause(connection, outcome.pause_scope, outcome.pause_until, now)
    if delivery.user and answer.verdict is SendResult.TARGET_BROKEN and answer.error in NOT_THERE:
        departures.record(connection, {delivery.user: True}, now, answer.error)
    for user, why in answer.left_out:
        if why not in TOLD_ELSEWHERE:
            _tell(connection, f"left_out {user} {why}", f"trouble:left_out:{user}:{why}:{now:%Y%m}", now)
    if delivery.what is MessageKind.GROUP and outcome.state is DeliveryState.SENT and delivery.note.startswith(EDITED):
        _tell(connection, delivery.note, f"trouble:{delivery.note}:{now:%Y%m%d}", now)
    if outcome.trouble:
        _trouble(connection, asdict(delivery), answer.error, now)
    if delivery.what is MessageKind.CARD and outcome.state is DeliveryState.SENT and delivery.number:
        # Who was called before the card was there gets the link to it.
        enqueue(connection, list(link_calls(connection, delivery.number, now)))
    if outcome.repost:
        # In the lane of redrawings: those that follow wait for the new card instead of missing the old one again.
        what = REDRAWS[delivery.what]
        about = {"number": delivery.number, "seq": delivery.seq, "subject": delivery.subject, "note": delivery.note}
        about |= reminder_columns(delivery.reminder)
        key = f"{what}:{delivery.subject or delivery.number}:{delivery.position}"
        card = message(what, key, now, **about, channel=delivery.channel, lane=delivery.lane)
        enqueue(connection, [card])


def _is_from_ahead(row: Row[Any, Any], now: datetime) -> bool:
    """Whether a pace was written by a clock that was ahead."""
    limits = times(now)
    return bool(row.free_at > limits["longest"] or (row.set_at and row.set_at > limits["apart"]))


def _pause(connection: Connection, scope: str, until: datetime, now: datetime) -> None:
    # Nothing goes ahead of a pause.
    values = {"scope": scope, "free_at": until + allowed_lead(scope), "set_at": now}
    connection.execute(PAUSE[connection.dialect.name], values)


def _trouble(connection: Connection, row: Any, error: str, now: datetime) -> None:
    """Tell the on-call channel, once an hour for each channel and reason, once a month for a person, who needs some
    time to be put right. The worker fills in the channel.
    """
    place = row["channel"] or row["user"]
    if row["what"] in {MessageKind.TOPIC, MessageKind.GROUP, MessageKind.PICTURE}:
        place = f"{row['what']} {place}"
    key = f"trouble:{place}:{error}:{now:%Y%m}" if row["user"] else f"trouble:{place}:{error}:{now:%Y%m%d%H}"
    note = f"{place} {error}"[:200]
    about = {"number": row["number"], "seq": row["seq"], "lane": "trouble", "note": note}
    enqueue(connection, [message(MessageKind.TROUBLE, key, now, **about)])


def _tell(connection: Connection, note: str, key: str, now: datetime) -> None:
    """Tell the on-call channel of something, once for each key."""
    enqueue(connection, [message(MessageKind.TROUBLE, key, now, lane="trouble", note=note[:200])])


def _claim_sweep(connection: Connection, now: datetime) -> Delivery | None:
    row = connection.execute(TO_SWEEP.with_for_update(skip_locked=True), times(now)).first()
    if row is None:
        return None
    later = now + SWEEPS[row.sweeps + 1] if row.sweeps + 1 < len(SWEEPS) else None
    connection.execute(HOLD, {"held": row.position, "sweeps": row.sweeps + 1, "sweep_at": later})
    return _delivery(row._mapping)


def _delivery(row: Any) -> Delivery:
    fields = {name: row[name] for name in Delivery.__dataclass_fields__ if name != "reminder"}
    kinds = {"what": MessageKind(row["what"]), "state": DeliveryState(row["state"])}
    return Delivery(**{**fields, **kinds, "reminder": details_from(row)})


def correct_times_after(connection: Connection, now: datetime) -> None:
    """Make due at ``now`` what is due later, because a clock that was ahead has been set back."""
    for column in (OUTBOX.c.due_at, OUTBOX.c.sweep_at, PACE.c.free_at):
        connection.execute(update(column.table).where(column > now).values({column.name: now}))
