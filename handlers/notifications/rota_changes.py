"""Messages about changes and offers: drawn when they are sent, from what is known then. Sends nothing itself."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.blocks import block_kit, rota_changes, swap
from handlers.blocks.rota_changes import Names
from handlers.blocks.schedule import Reader, zone_note
from handlers.i18n.words import Words
from handlers.oncall.requester import member_of
from handlers.settings import Settings
from models.escalations.queries import Board
from models.oncall.gap_register import GapBook
from models.oncall.rota_store import Happened, Rotas
from models.oncall.rota_versions import TERMINAL
from models.oncall.swaps import Offer, Offers
from models.rules.delivery import Delivery, State, What
from models.rules.errors import Refused
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Outcome
from models.rules.rota.overrides import ChangeKind
from models.rules.rota.rota import Plan

TOLD = frozenset({What.CHANGED, What.OFFER, What.OFFER_REFRESH, What.OFFERED})


@dataclass(frozen=True)
class Drawn:
    """What is said; with ``ts`` it redraws that message in ``channel``. ``waits`` says that it can't be drawn yet."""

    text: str
    blocks: list[block_kit.Block]
    channel: str | None = None
    ts: str | None = None
    waits: bool = False


class News:
    """Draws what the outbox sends of changes and offers."""

    def __init__(self, rotas: Rotas, offers: Offers, board: Board, gaps: GapBook, settings: Settings) -> None:
        self._rotas, self._offers, self._board, self._gaps, self._settings = rotas, offers, board, gaps, settings

    def draw(self, delivery: Delivery) -> Drawn | None:
        """One delivery; None when there is nothing to say any more."""
        kind, _, name = (delivery.subject or "").partition(":")
        if delivery.what is What.CHANGED:
            return self._changed(kind, name, delivery)
        try:
            offer = self._offers.one(int(name))
        except (ValueError, Refused):
            return None
        if delivery.what is What.OFFERED:
            return self._declined(offer, delivery)
        return self._card(offer, delivery)

    def _changed(self, kind: str, name: str, delivery: Delivery) -> Drawn | None:
        happened = self._rotas.replaced(int(name)) if kind == "plan" else self._rotas.happened(name)
        if happened is None:
            return None
        reader = self._reader(delivery, happened.plan, happened.at)
        by = "" if happened.by == TERMINAL else self._board.name_of(happened.by)
        if delivery.user:
            names = _names(delivery.user, happened)
            blocks = rota_changes.private(happened.changes, happened.outcome, by, names, reader)
        else:
            left = self._unsaid(happened)
            if left is None:
                return None
            blocks = rota_changes.public(happened.changes, left, by, reader)
        return Drawn(block_kit.spoken(blocks), blocks)

    def _unsaid(self, happened: Happened) -> Outcome | None:
        """What the cards of gaps, and the list of those far ahead, don't say themselves of what happened; None when
        they say it all: who closed or declared intended what, and stands there now."""
        outcome = happened.outcome
        if not happened.changes:
            return replace(outcome, closed=())
        if _only_opens(happened) and self._gaps.announced(outcome.opened, happened.at):
            return None
        told = self._gaps.on_cards(outcome.closed, happened.at)
        if told and len(told) == len(outcome.closed) and _is_only(happened, told):
            return None
        return replace(outcome, closed=[gap for gap in outcome.closed if gap not in told])

    def _card(self, offer: Offer, delivery: Delivery) -> Drawn | None:
        reader = self._reader(delivery, self._rotas.plan(delivery.created_at), delivery.created_at)
        by, is_theirs = self._board.name_of(offer.by), offer.taken_by == (delivery.user or "")
        taken_by = "" if is_theirs or not offer.taken_by else self._board.name_of(offer.taken_by)
        own = member_of(reader.plan, offer.by)
        whose = offer.member if own is None or own.name != offer.member else ""
        blocks = swap.card(offer, by, taken_by, reader, whose)
        text = block_kit.spoken(blocks)
        if delivery.what is What.OFFER:
            return Drawn(text, blocks)
        key = f"{delivery.subject}/{delivery.user}" if delivery.user else str(delivery.subject)
        posted = self._offers.card(key)
        if posted is None or posted.state not in {State.SENT, State.SENDING, State.UNKNOWN}:
            return None  # it is drawn from the same facts when it is posted
        return Drawn(text, blocks, posted.channel, posted.ts, posted.state is not State.SENT)

    def _declined(self, offer: Offer, delivery: Delivery) -> Drawn | None:
        if offer.is_over:
            return None
        reader = self._reader(delivery, self._rotas.plan(delivery.created_at), delivery.created_at)
        said = reader.words("{who} can't take the shift you offered.", who=self._board.name_of(delivery.note))
        line = block_kit.line(block_kit.run(f"🔁 {said}\n{swap.times(offer, reader)}"))
        blocks = [block_kit.rich(line), zone_note(offer.start, reader)]
        return Drawn(block_kit.spoken(blocks), blocks)

    def _reader(self, delivery: Delivery, plan: Plan | None, at: datetime) -> Reader:
        """Who will read it: a person in their language and zone, a channel in the installation's and the rota's."""
        known = self._board.person(delivery.user) if delivery.user else None
        zone = plan.zone if plan else self._settings.timezone
        if known:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                zone = ZoneInfo(known[0].tz)
        words = Words.of(known[0].language if known else self._settings.language)
        return Reader(words, zone, plan or Plan(seats=()), at)


def _only_opens(happened: Happened) -> bool:
    """Whether all that happened is that somebody is away, and nobody stands there instead."""
    outcome = happened.outcome
    away = all(one.kind is ChangeKind.LEAVE for one in happened.changes)
    return away and bool(outcome.opened) and not outcome.closed and not any(one.after for one in outcome.moved)


def _names(user: str, happened: Happened) -> Names:
    """What somebody was called and is called now: a new plan may name them otherwise, or not at all."""
    was, now = (member_of(plan, user) for plan in (happened.before or happened.plan, happened.plan))
    return Names(was.name if was else "", now.name if now else "")


def _is_only(happened: Happened, gaps: Sequence[Gap]) -> bool:
    """Whether all that happened is that somebody took these gaps themselves, or declared them intended."""
    by = member_of(happened.plan, happened.by)
    ours = {ChangeKind.STAND: by.name if by else "", ChangeKind.INTEND: ""}
    times = [(max(one.start, happened.at), one.end) for one in happened.changes]
    times += [(one.start, one.end) for one in happened.outcome.moved]
    return (
        not happened.outcome.opened
        and all(ours.get(one.kind) == one.member for one in happened.changes)
        and all(any(gap.start <= start and end <= gap.end for gap in gaps) for start, end in times)
    )
