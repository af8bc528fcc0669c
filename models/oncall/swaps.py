"""Offers of shifts, alone or in return for another shift, and every SQL statement on them. The first taker wins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from models.oncall import override_rows
from models.oncall.rota_store import TRIES, RotaRevision, RotaStore, find_revision
from models.oncall.rota_versions import lock
from models.outbox import message_queries, recipients
from models.outbox.messages import OutgoingMessage, enqueue_messages
from models.rules.errors import NotSaved, Refused, refuse
from models.rules.outbox.delivery import DeliveryState
from models.rules.people import Actor
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.permissions import check_may_move, check_override
from models.store.database import Store
from models.store.oncall_tables import ROTA_ANSWER, ROTA_OFFER


@dataclass(frozen=True)
class SwapOffer:
    """A shift that somebody asks others to take, and the shift given back for it, if any."""

    id: int
    at: datetime
    by: str  # a Slack id
    member: str  # whose shift it is
    seat: str
    start: datetime
    end: datetime
    asked: Sequence[str]  # Slack ids; none means everybody
    why: str = ""
    back_member: str = ""  # who gives a shift in return; empty for none
    back_seat: str = ""
    back_start: datetime | None = None
    back_end: datetime | None = None
    taken_by: str = ""  # a Slack id
    is_over: bool = False  # taken or withdrawn

    @property
    def is_swap(self) -> bool:
        """Return whether the taker gives a shift in return."""
        return bool(self.back_member)


@dataclass(frozen=True)
class PostedCard:
    """What became of a card."""

    state: DeliveryState
    channel: str  # empty until it is sent
    ts: str  # empty until it is sent


class SwapOffers:
    """The offers in a store. Each write is one transaction."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store = store
        self._rota_store = rota_store

    def create(self, offer: SwapOffer, by: Actor, now: datetime, key: str, channel: str = "") -> SwapOffer:
        """Ask one person, some, or everybody (in the ``channel``) to take a shift; return the offer with its id.

        The same ``key`` again creates nothing. Raises Refused, NotSaved.
        """
        state = self._rota_store.rota_state(now)
        if state is None:
            raise refuse("no_rota")
        check_override(_override(offer, offer.member, now), state, now)
        check_may_move(state, {offer.member}, by)
        row = {**asdict(offer), "asked": list(offer.asked), "at": now, "by": by.id, "key": key}
        for name in ("id", "taken_by", "is_over"):
            del row[name]

        def unit(connection: Connection) -> int:
            existing = connection.scalar(_ID_BY_KEY, {"key": key})
            if existing is not None:
                return int(existing)
            number = int(connection.execute(insert(ROTA_OFFER).values(row)).inserted_primary_key[0])  # type: ignore[index]
            enqueue_messages(connection, recipients.of_offer(number, offer.asked, channel), now)
            return number

        return self.offer(self._store.write(unit))

    def offer(self, number: int) -> SwapOffer:
        """Return one offer. Raises Refused when there is none."""
        row = self._store.read(lambda c: c.execute(_OFFER, {"number": number}).first())
        if row is None:
            raise refuse("no_such_offer")
        return _offer_from(row._mapping)

    def open(self, now: datetime) -> list[SwapOffer]:
        """Return the offers that nobody took or withdrew and whose shift is not over, the next shift first."""
        rows = self._store.read(lambda c: c.execute(_OFFERS_AHEAD, {"now": now}).all())
        return [_offer_from(row._mapping) for row in rows if row.ended_how is None]

    def preview(self, number: int, by: Actor, member: str, now: datetime) -> Impact:
        """Return what would change if ``member`` took it. Raises Refused, as :meth:`take` would."""
        offer = self.offer(number)
        _check_may_take(offer, by.id, member)
        impact = self._rota_store.preview(_overrides(offer, member, now), now)
        expected = [(offer.member, member), *([(member, offer.member)] if offer.is_swap else [])]
        if not set(expected) <= {(move.before, move.after) for move in impact.reassigned}:
            raise refuse("no_such_shift")
        return impact

    def take(
        self,
        number: int,
        by: Actor,
        member: str,
        now: datetime,
        channel: str = "",
        agreed: Callable[[Impact], bool] = lambda _: True,
    ) -> SwapOffer:
        """Take an offered shift for ``member`` (the plan's name of ``by``). The first taker wins.

        ``agreed`` decides whether the impact may happen. The answer, the overrides and the messages are saved in one
        transaction, only if the rota is still the one that was checked. Raises Refused when the offer is over, not for
        this person, their own, past, no longer planned so, or not agreed; NotSaved.
        """
        for _ in range(TRIES):
            seen = self._rota_store.revision()
            impact = self.preview(number, by, member, now)
            if not agreed(impact):
                raise refuse("changed_meanwhile")
            offer, rota = self.offer(number), self._rota_store.rota(now)
            wanted, key = _overrides(offer, member, now), f"offer:{number}"
            messages = recipients.of_change(key, wanted, impact, rota.members if rota else {}, by.id, channel)
            messages += recipients.of_ended_offer(number, offer.asked, channel)
            acceptance = _Acceptance(number, by.id, now, wanted, messages)
            if self._store.write(lambda connection: acceptance.save_unless_overtaken(connection, seen)):  # noqa: B023
                return self.offer(number)
        raise NotSaved

    def answer(self, number: int, kind: str, by: Actor, now: datetime, channel: str = "") -> SwapOffer:
        """Decline an offer, or withdraw one's own. Raises Refused, NotSaved."""
        offer = self.offer(number)
        if kind == "withdraw" and by.id != offer.by and not by.is_lead:
            raise refuse("not_your_offer")
        if kind == "decline" and offer.asked and by.id not in offer.asked:
            raise refuse("offer_not_for_you")
        messages = [recipients.of_decline(number, by.id, offer.by)]
        if kind == "withdraw":
            messages = recipients.of_ended_offer(number, offer.asked, channel)

        def unit(connection: Connection) -> None:
            _check_is_open(connection, number, by.id)
            _add_answer(connection, number, kind, by.id, now)
            enqueue_messages(connection, messages, now)

        self._store.write(unit)
        return self.offer(number)

    def card(self, key: str) -> PostedCard | None:
        """Return what became of the card that was enqueued under a key; None when there is none."""
        posting = self._store.read(lambda c: message_queries.find_posting_by_key(c, key))
        return None if posting is None else PostedCard(*posting)


@dataclass(frozen=True)
class _Acceptance:
    """Somebody takes an offer: the overrides that makes, and the messages about it."""

    number: int
    by: str
    at: datetime
    wanted: Sequence[Override]
    messages: Sequence[OutgoingMessage]

    def save_unless_overtaken(self, connection: Connection, seen: RotaRevision) -> bool:
        """Save it; return False when the rota is no longer the one that was checked. Raises Refused when it is over."""
        lock(connection)
        _check_is_open(connection, self.number, self.by)
        if find_revision(connection) != seen:
            return False
        _add_answer(connection, self.number, "take", self.by, self.at)
        override_rows.save(connection, self.wanted, self.by, self.at, f"offer:{self.number}")
        enqueue_messages(connection, self.messages, self.at)
        return True


# Rules -------------------------------------------------------------------------------------------------------------


def _refuse_ended(kind: str, by: str, user: str) -> Refused:
    """Return the error for an offer that is over: who ended it, or that the user did who presses twice."""
    if kind == "take":
        return refuse("offer_taken_by_you") if by == user else refuse("offer_over", who=by)
    return refuse("offer_withdrawn_by_you") if by == user else refuse("offer_withdrawn", who=by)


def _check_may_take(offer: SwapOffer, user: str, member: str) -> None:
    if offer.is_over:
        raise _refuse_ended("take" if offer.taken_by else "withdraw", offer.taken_by or offer.by, user)
    if member == offer.member:
        raise refuse("your_own_offer")
    if offer.asked and user not in offer.asked:
        raise refuse("offer_not_for_you")
    if offer.is_swap and member != offer.back_member:
        raise refuse("offer_not_for_you")


def _overrides(offer: SwapOffer, member: str, now: datetime) -> list[Override]:
    """Return the override that puts ``member`` into the offered shift, and the one for the shift given back."""
    wanted = [_override(offer, member, now)]
    if offer.is_swap and offer.back_start and offer.back_end:
        back = replace(
            wanted[0], seat=offer.back_seat, start=max(offer.back_start, now), end=offer.back_end,
            member=offer.member, instead_of=offer.back_member,
        )  # fmt: skip
        wanted.append(back)
    return wanted


def _override(offer: SwapOffer, member: str, now: datetime) -> Override:
    """Return the override that gives an offered shift to a member. It has no id yet."""
    instead = offer.member if member != offer.member else ""
    return Override(
        0, now, offer.by, OverrideKind.OVERRIDE, max(offer.start, now), offer.end, member, offer.seat,
        instead, why=offer.why,
    )  # fmt: skip


# Rows --------------------------------------------------------------------------------------------------------------

# Built once: building a statement costs more than running it.
_ENDS = select(ROTA_ANSWER).where(ROTA_ANSWER.c.kind != "decline")
_END = _ENDS.where(ROTA_ANSWER.c.offer == bindparam("number"))
_EVERY_END = _ENDS.subquery()
_WITH_END = (
    select(ROTA_OFFER, _EVERY_END.c.by.label("ended_by"), _EVERY_END.c.kind.label("ended_how"))
    .join(_EVERY_END, _EVERY_END.c.offer == ROTA_OFFER.c.id, isouter=True)
    .order_by(ROTA_OFFER.c.start, ROTA_OFFER.c.id)
)
_OFFER = _WITH_END.where(ROTA_OFFER.c.id == bindparam("number"))
_OFFERS_AHEAD = _WITH_END.where(ROTA_OFFER.c.end > bindparam("now"))
_ID_BY_KEY = select(ROTA_OFFER.c.id).where(ROTA_OFFER.c.key == bindparam("key"))


def _check_is_open(connection: Connection, number: int, user: str) -> None:
    """Raise Refused when an offer was taken or withdrawn."""
    end = connection.execute(_END, {"number": number}).first()
    if end is not None:
        raise _refuse_ended(end.kind, end.by, user)


def _add_answer(connection: Connection, number: int, kind: str, by: str, at: datetime) -> None:
    """Insert what somebody answered: take, decline or withdraw."""
    connection.execute(insert(ROTA_ANSWER), [{"offer": number, "at": at, "by": by, "kind": kind}])


def _offer_from(row: RowMapping) -> SwapOffer:
    values: Mapping[str, Any] = {name: row[name] for name in SwapOffer.__dataclass_fields__ if name in row}
    taken_by = row["ended_by"] if row["ended_how"] == "take" else ""
    return SwapOffer(**values, taken_by=taken_by, is_over=row["ended_how"] is not None)
