"""Every SQL statement of the queue: claiming, settling and sweeping deliveries, and the pace of each scope."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from models.outbox import page_queue, page_waits
from models.outbox.due_rows import at, is_due
from models.rules.outbox.delivery import LOOKS, DeliveryState, QueuePart
from models.rules.outbox.message_kinds import AWAITED, REPEATABLE, MessageKind
from models.rules.outbox.pace import EVERYTHING, LOOKING, UPDATE, WEBHOOK
from models.rules.reach.daytime import WAITS_FOR_MORNING
from models.store.tables import OUTBOX, PACE, is_one_of, is_unfinished, is_unsettled


def _claimable(about: ColumnElement[bool], scope_of_all: str = EVERYTHING) -> Select[Any]:
    """Select the most urgent delivery that is due, not paused, and the first unfinished one of its lane.

    ``scope_of_all`` is the scope whose pause holds back all of them.
    """
    earlier = OUTBOX.alias("earlier")
    first_in_lane = ~exists().where(
        earlier.c.lane == OUTBOX.c.lane,
        earlier.c.position < OUTBOX.c.position,
        is_unfinished(earlier.c.state),
    )
    now, soon = at("now"), at("soon")
    # A redrawing that somebody waits for may go ahead of the pace.
    pace = case((and_(OUTBOX.c.scope == UPDATE, is_one_of(OUTBOX.c.what, sorted(AWAITED))), soon), else_=now)
    too_soon = and_(PACE.c.scope == OUTBOX.c.scope, PACE.c.free_at > pace)
    # The next action of a row in doubt is a look. Only looks wait while Slack limits them.
    looks = and_(
        OUTBOX.c.state != DeliveryState.PENDING,
        OUTBOX.c.looks < len(LOOKS),
        ~is_one_of(OUTBOX.c.what, sorted(REPEATABLE)),
    )
    stopped = and_(or_(PACE.c.scope == scope_of_all, and_(PACE.c.scope == LOOKING, looks)), PACE.c.free_at > now)
    # Times that a wrong clock wrote are ignored.
    apart = or_(PACE.c.set_at.is_(None), PACE.c.set_at <= at("apart"))
    paused = exists().where(or_(too_soon, stopped), PACE.c.free_at <= at("longest"), apart)
    query = select(OUTBOX).where(is_unfinished(OUTBOX.c.state), about, is_due(OUTBOX), first_in_lane, ~paused)
    return query.order_by(OUTBOX.c.priority, OUTBOX.c.position).limit(1)


_PARTS = {
    QueuePart.SLACK: ~is_one_of(OUTBOX.c.what, [MessageKind.PAGE, MessageKind.WEBHOOK]),
    QueuePart.CALLS: is_one_of(OUTBOX.c.what, [MessageKind.CALL]),
    QueuePart.MOVES: is_one_of(OUTBOX.c.what, [MessageKind.WEBHOOK]),
}
_SCOPES_OF_ALL = {QueuePart.MOVES: WEBHOOK}
CLAIMABLE = {part: _claimable(about, _SCOPES_OF_ALL.get(part, EVERYTHING)) for part, about in _PARTS.items()} | {
    QueuePart.PAGES: page_queue.CLAIMABLE
}
"""By the part of the outbox, as CLAIMED and NEXT."""
CLAIMED = {part: query.with_for_update(skip_locked=True, of=OUTBOX) for part, query in CLAIMABLE.items()}
_LATER = (
    OUTBOX.c.position.in_(bindparam("positions", expanding=True)), OUTBOX.c.due_at > bindparam("now"),
    is_one_of(OUTBOX.c.state, [DeliveryState.PENDING, DeliveryState.UNKNOWN]),
)  # fmt: skip
_MOST_URGENT = select(OUTBOX.c.position).where(*_LATER).order_by(OUTBOX.c.priority, OUTBOX.c.position).limit(1)
MAKE_DUE = update(OUTBOX).where(*_LATER).values(due_at=bindparam("now"))
MAKE_DUE_ONE = MAKE_DUE.where(OUTBOX.c.position == _MOST_URGENT.scalar_subquery())
HOLD = update(OUTBOX).where(OUTBOX.c.position == bindparam("held"))
_BEHIND = (
    OUTBOX.c.lane == bindparam("lane_of"), OUTBOX.c.what == MessageKind.CALL, OUTBOX.c.position > bindparam("first"),
    is_unfinished(OUTBOX.c.state),
)  # fmt: skip
GATHER = update(OUTBOX).where(*_BEHIND, OUTBOX.c.due_at <= bindparam("now"))
SETTLE_GATHERED = update(OUTBOX).where(*_BEHIND, OUTBOX.c.listed_in == bindparam("leader"))
UPDATE_HELD = HOLD.where(OUTBOX.c.owner == bindparam("holder"), OUTBOX.c.generation == bindparam("held_generation"))
SETTLE_LATE = HOLD.where(
    OUTBOX.c.id == bindparam("held_id"), ~is_one_of(OUTBOX.c.what, sorted(REPEATABLE)),
    ~is_one_of(OUTBOX.c.state, [DeliveryState.SENDING, DeliveryState.SENT]),
)  # fmt: skip
"""Only a row that no worker holds and that is not recorded as sent."""
NOTE_PLACE = HOLD.where(
    OUTBOX.c.id == bindparam("held_id"), ~is_one_of(OUTBOX.c.what, sorted(REPEATABLE)),
    OUTBOX.c.state == DeliveryState.SENDING,
)  # fmt: skip
"""Only a row that another worker holds."""
NOTED_PLACE = select(OUTBOX.c.slack_channel, OUTBOX.c.slack_ts, OUTBOX.c.slack_thread).where(
    OUTBOX.c.position == bindparam("held"), OUTBOX.c.slack_ts.is_not(None)
)
SENT_ELSEWHERE = select(OUTBOX.c.position).where(
    OUTBOX.c.position == bindparam("held"), OUTBOX.c.id == bindparam("held_id"),
    OUTBOX.c.state == DeliveryState.SENT, OUTBOX.c.slack_ts != bindparam("ts"),
)  # fmt: skip
SETTLE_GATHERED_LATE = update(OUTBOX).where(
    OUTBOX.c.lane == bindparam("lane_of"), OUTBOX.c.listed_in == bindparam("leader"),
    OUTBOX.c.state == DeliveryState.SUPERSEDED,
)  # fmt: skip
REDRAW_LATE = update(OUTBOX).where(
    OUTBOX.c.redraws == bindparam("redrawn"), OUTBOX.c.state == DeliveryState.SUPERSEDED
)  # fmt: skip
_NEWEST_OF_CARD = select(func.max(OUTBOX.c.position)).where(
    OUTBOX.c.what == bindparam("redrawing"), OUTBOX.c.redraws.is_(None), OUTBOX.c.state == DeliveryState.SUPERSEDED,
    func.coalesce(OUTBOX.c.subject, "") == bindparam("subject_of"),
    func.coalesce(OUTBOX.c.number, 0) == bindparam("number_of"),
    func.coalesce(OUTBOX.c.user, "") == bindparam("user_of"),
)  # fmt: skip
REDRAW_CARD_LATE = update(OUTBOX).where(OUTBOX.c.position == _NEWEST_OF_CARD.scalar_subquery())
"""The newest redrawing of a card that had nothing to redraw: such a redrawing names no message."""
NEXT_DUE = select(func.min(OUTBOX.c.due_at)).where(is_unfinished(OUTBOX.c.state))
_WAITS_SINCE = case((OUTBOX.c.what == MessageKind.PAGE, page_waits.WAITS_SINCE), else_=OUTBOX.c.created_at)
"""A page first gives Slack time to take its message, and keeps the limits of its sender: it waits from then on."""
NEXT = {part: NEXT_DUE.where(about) for part, about in _PARTS.items()} | {QueuePart.PAGES: page_queue.NEXT}
OLDEST_MESSAGE = select(func.min(_WAITS_SINCE)).where(
    is_unfinished(OUTBOX.c.state),
    ~is_one_of(OUTBOX.c.what, [MessageKind.TOPIC, MessageKind.GROUP, MessageKind.WEBHOOK]),
    OUTBOX.c.last_error != WAITS_FOR_MORNING,
)
TO_SWEEP = (
    select(OUTBOX)
    .where(or_(OUTBOX.c.sweep_at <= bindparam("now"), OUTBOX.c.sweep_at > bindparam("swept")))
    .order_by(OUTBOX.c.sweep_at)
    .limit(1)
)
SWEEPS_OF = select(OUTBOX.c.sweeps).where(OUTBOX.c.position == bindparam("held"))
LAST_POSTED = (  # among the newest only: a look that begins too early costs less than reading all rows
    select(func.max(OUTBOX.c.slack_ts)).where(
        OUTBOX.c.position > select(func.max(OUTBOX.c.position)).scalar_subquery() - 500
    )
)
COUNTS = (
    select(OUTBOX.c.state, func.count())
    .where(is_unsettled(OUTBOX.c.state), OUTBOX.c.discarded_at.is_(None))
    .group_by(OUTBOX.c.state)
)
LAST_GROUP = (
    select(OUTBOX.c.position, OUTBOX.c.state, OUTBOX.c.note, OUTBOX.c.channel, OUTBOX.c.subject)
    .where(OUTBOX.c.what == MessageKind.GROUP, OUTBOX.c.state != DeliveryState.SUPERSEDED)
    .order_by(OUTBOX.c.position.desc())
    .limit(1)
)
