"""Offers: somebody asks others to take a shift, alone or for one in return; the first taker wins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from models.oncall.rota_store import TRIES, Revision, RotaStore, keep, revision
from models.oncall.rota_versions import lock
from models.outbox import recipients
from models.outbox.messages import OutgoingMessage, tell
from models.rules.delivery import DeliveryState
from models.rules.errors import NotSaved, Refused, refuse
from models.rules.people import Actor
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.permissions import check_may_move, check_override
from models.store.database import Store
from models.store.oncall_tables import ROTA_ANSWER, ROTA_OFFER
from models.store.tables import OUTBOX


@dataclass(frozen=True)
class SwapOffer:
    """A shift somebody asks others to take, and what is given ``back`` for it, if anything.

    ``asked`` are Slack ids; none means everybody. ``taken_by`` is the Slack id of who took it, ``is_over`` is true
    when it was taken or withdrawn.
    """

    id: int
    at: datetime
    by: str
    member: str
    seat: str
    start: datetime
    end: datetime
    asked: Sequence[str]
    why: str = ""
    back_member: str = ""
    back_seat: str = ""
    back_start: datetime | None = None
    back_end: datetime | None = None
    taken_by: str = ""
    is_over: bool = False

    @property
    def is_swap(self) -> bool:
        """Whether the taker gives a shift in return."""
        return bool(self.back_member)


@dataclass(frozen=True)
class PostedCard:
    """What became of a card: whether it was sent, and where it stands in Slack then."""

    state: DeliveryState
    channel: str
    ts: str


class SwapOffers:
    """The offers in a store; each write is one transaction."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store = store
        self._rota_store = rota_store

    def make(self, offer: SwapOffer, by: Actor, now: datetime, key: str, channel: str = "") -> SwapOffer:
        """Ask one person, some, or everybody (in the ``channel``) to take a shift; ``offer.id`` is made here.

        Raises Refused, NotSaved.
        """
        known = self._rota_store.rota_state(now)
        if known is None:
            raise refuse("no_rota")
        check_override(_stand(offer, offer.member, 0, now), known, now)
        check_may_move(known, {offer.member}, by)
        row = {**asdict(offer), "asked": list(offer.asked), "at": now, "by": by.id, "key": key}
        for name in ("id", "taken_by", "is_over"):
            del row[name]

        def unit(connection: Connection) -> int:
            there = connection.scalar(select(ROTA_OFFER.c.id).where(ROTA_OFFER.c.key == key))
            if there is not None:
                return int(there)
            made = int(connection.execute(insert(ROTA_OFFER).values(row)).inserted_primary_key[0])  # type: ignore[index]
            tell(connection, recipients.of_offer(made, offer.asked, channel), now)
            return made

        made = self._store.write(unit)
        return self.one(made)

    def one(self, number: int) -> SwapOffer:
        """One offer as it stands. Raises Refused when there is none."""
        found = self._offers(ROTA_OFFER.c.id == number)
        if not found:
            raise refuse("no_such_offer")
        return found[0]

    def open(self, now: datetime) -> list[SwapOffer]:
        """Offers nobody took or withdrew and whose shift is still ahead, the next shift first."""
        return [offer for offer in self._offers(ROTA_OFFER.c.end > now) if not offer.is_over]

    def preview(self, number: int, by: Actor, member: str, now: datetime) -> Impact:
        """What would happen if ``member`` took it. Raises Refused, as :meth:`take` would."""
        offer = self.one(number)
        _may_take(offer, by.id, member)
        outcome = self._rota_store.preview(_swapped(offer, member, now), now)
        owed = [(offer.member, member), *([(member, offer.member)] if offer.is_swap else [])]
        if not set(owed) <= {(one.before, one.after) for one in outcome.reassigned}:
            raise refuse("no_such_shift")
        return outcome

    def take(
        self,
        number: int,
        by: Actor,
        member: str,
        now: datetime,
        channel: str = "",
        agreed: Callable[[Impact], bool] = lambda _: True,
    ) -> SwapOffer:
        """Take an offered shift for ``member`` (the plan's name of ``by``): the first taker wins.

        ``agreed`` is asked whether what would happen may. Writes the answer, the changes and who is told in one
        transaction, in which nothing differs from what was looked at. Raises Refused: it is over, not for this person,
        their own, past, not planned so any more, or not agreed; NotSaved.
        """
        for _ in range(TRIES):
            seen = self._rota_store.revision()
            outcome = self.preview(number, by, member, now)
            if not agreed(outcome):
                raise refuse("changed_meanwhile")
            offer, rota = self.one(number), self._rota_store.rota(now)
            wanted, key = _swapped(offer, member, now), f"offer:{number}"
            owed = recipients.of_change(key, wanted, outcome, rota.members if rota else {}, by.id, channel)
            owed += recipients.of_offers_end(number, offer.asked, channel)
            taking = _Taking(number, by.id, now, wanted, owed)
            if self._store.write(lambda connection: taking.unless_overtaken(connection, seen)):  # noqa: B023
                return self.one(number)
        raise NotSaved

    def answer(self, number: int, kind: str, by: Actor, now: datetime, channel: str = "") -> SwapOffer:
        """Decline an offer, or withdraw one's own. Raises Refused, NotSaved."""
        offer = self.one(number)
        if kind == "withdraw" and by.id != offer.by and not by.is_lead:
            raise refuse("not_your_offer")
        if kind == "decline" and offer.asked and by.id not in offer.asked:
            raise refuse("offer_not_for_you")
        owed = [recipients.of_decline(number, by.id, offer.by)]
        if kind == "withdraw":
            owed = recipients.of_offers_end(number, offer.asked, channel)

        def unit(connection: Connection) -> None:
            if over := connection.execute(_answers(number)).first():
                raise _over(over.kind, over.by, by.id)
            connection.execute(insert(ROTA_ANSWER), [{"offer": number, "at": now, "by": by.id, "kind": kind}])
            tell(connection, owed, now)

        self._store.write(unit)
        return self.one(number)

    def card(self, key: str) -> PostedCard | None:
        """Where the card that was enqueued under this key stands; None when there is none."""
        query = select(OUTBOX.c.state, OUTBOX.c.slack_channel, OUTBOX.c.slack_ts).where(OUTBOX.c.dedupe_key == key)
        row = self._store.read(lambda c: c.execute(query).first())
        return (
            None if row is None else PostedCard(DeliveryState(row.state), row.slack_channel or "", row.slack_ts or "")
        )

    def _offers(self, which: Any) -> list[SwapOffer]:
        ends = select(ROTA_ANSWER).where(ROTA_ANSWER.c.kind != "decline").subquery()
        query = (
            select(ROTA_OFFER, ends.c.by.label("ended_by"), ends.c.kind.label("ended_how"))
            .join(ends, ends.c.offer == ROTA_OFFER.c.id, isouter=True)
            .where(which)
            .order_by(ROTA_OFFER.c.start, ROTA_OFFER.c.id)
        )
        return self._store.read(lambda c: [_offer(row._mapping) for row in c.execute(query)])


@dataclass(frozen=True)
class _Taking:
    """Somebody takes an offer: the changes that makes, and who is told."""

    number: int
    by: str
    at: datetime
    wanted: Sequence[Override]
    owed: Sequence[OutgoingMessage]

    def unless_overtaken(self, connection: Connection, seen: Revision) -> bool:
        """Write it down; False when the rota is not the one any more that was looked at. Raises Refused when it is
        over.
        """
        lock(connection)
        if (over := connection.execute(_answers(self.number)).first()) is not None:
            raise _over(over.kind, over.by, self.by)
        if revision(connection) != seen:
            return False
        connection.execute(insert(ROTA_ANSWER), [{"offer": self.number, "at": self.at, "by": self.by, "kind": "take"}])
        keep(connection, self.wanted, self.by, self.at, f"offer:{self.number}")
        tell(connection, self.owed, self.at)
        return True


# Rules and rows ----------------------------------------------------------------------------------------------------


def _over(kind: str, by: str, user: str) -> Refused:
    """That it is over: who ended it, and to them, who pressed twice, that they did."""
    if kind == "take":
        return refuse("offer_taken_by_you") if by == user else refuse("offer_over", who=by)
    return refuse("offer_withdrawn_by_you") if by == user else refuse("offer_withdrawn", who=by)


def _may_take(offer: SwapOffer, user: str, member: str) -> None:
    if offer.is_over:
        raise _over("take" if offer.taken_by else "withdraw", offer.taken_by or offer.by, user)
    if member == offer.member:
        raise refuse("your_own_offer")
    if offer.asked and user not in offer.asked:
        raise refuse("offer_not_for_you")
    if offer.is_swap and member != offer.back_member:
        raise refuse("offer_not_for_you")


def _swapped(offer: SwapOffer, member: str, now: datetime) -> list[Override]:
    """The change that puts ``member`` into the offered shift, and the one for what is given back."""
    wanted = [_stand(offer, member, 0, now)]
    if offer.is_swap and offer.back_start and offer.back_end:
        back = replace(
            wanted[0], seat=offer.back_seat, start=max(offer.back_start, now), end=offer.back_end,
            member=offer.member, instead_of=offer.back_member,
        )  # fmt: skip
        wanted.append(back)
    return wanted


def _stand(offer: SwapOffer, member: str, id_: int, now: datetime) -> Override:
    instead = offer.member if member != offer.member else ""
    return Override(
        id_, now, offer.by, OverrideKind.OVERRIDE, max(offer.start, now), offer.end, member, offer.seat, instead,
        why=offer.why,
    )  # fmt: skip


def _answers(number: int) -> Any:
    return select(ROTA_ANSWER).where(ROTA_ANSWER.c.offer == number, ROTA_ANSWER.c.kind != "decline")


def _offer(row: RowMapping) -> SwapOffer:
    facts: Mapping[str, Any] = {name: row[name] for name in SwapOffer.__dataclass_fields__ if name in row}
    taken = row["ended_by"] if row["ended_how"] == "take" else ""
    return SwapOffer(**facts, taken_by=taken, is_over=row["ended_how"] is not None)
