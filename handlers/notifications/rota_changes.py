"""Messages about changes and offers: drawn when they are sent, from what is known then. Sends nothing itself."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.blocks import block_kit, rota_changes, swap
from handlers.blocks.rota_changes import NameChange
from handlers.blocks.schedule import ViewContext, zone_note
from handlers.i18n.words import Words
from handlers.settings import Settings
from models.escalations.queries import EscalationQueries
from models.oncall.gap_register import GapRegister
from models.oncall.rota_store import AppliedChange, RotaStore
from models.oncall.rota_versions import TERMINAL
from models.oncall.swaps import SwapOffer, SwapOffers
from models.rules.delivery import Delivery, DeliveryState, MessageKind
from models.rules.errors import Refused
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import OverrideKind
from models.rules.rota.rota import Rota

TOLD = frozenset({MessageKind.CHANGED, MessageKind.OFFER, MessageKind.OFFER_REFRESH, MessageKind.OFFERED})


@dataclass(frozen=True)
class RenderedChange:
    """What is said; with ``ts`` it redraws that message in ``channel``. ``waits`` says that it can't be drawn yet."""

    text: str
    blocks: list[block_kit.Block]
    channel: str | None = None
    ts: str | None = None
    waits: bool = False


class RotaChangeMessages:
    """Draws what the outbox sends of changes and offers."""

    def __init__(
        self,
        rotas: RotaStore,
        offers: SwapOffers,
        queries: EscalationQueries,
        gaps: GapRegister,
        settings: Settings,
    ) -> None:
        self._rotas, self._offers, self._queries, self._gaps, self._settings = (
            rotas,
            offers,
            queries,
            gaps,
            settings,
        )

    def draw(self, delivery: Delivery) -> RenderedChange | None:
        """One delivery; None when there is nothing to say any more."""
        kind, _, name = (delivery.subject or "").partition(":")
        if delivery.what is MessageKind.CHANGED:
            return self._changed(kind, name, delivery)
        try:
            offer = self._offers.one(int(name))
        except (ValueError, Refused):
            return None
        if delivery.what is MessageKind.OFFERED:
            return self._declined(offer, delivery)
        return self._card(offer, delivery)

    def _changed(self, kind: str, name: str, delivery: Delivery) -> RenderedChange | None:
        happened = self._rotas.replaced(int(name)) if kind == "plan" else self._rotas.happened(name)
        if happened is None:
            return None
        viewer = self._viewer(delivery, happened.rota, happened.at)
        by = "" if happened.by == TERMINAL else self._queries.name_of(happened.by)
        if delivery.user:
            names = _names(delivery.user, happened)
            blocks = rota_changes.private(happened.changes, happened.outcome, by, names, viewer)
        else:
            left = self._unsaid(happened)
            if left is None:
                return None
            blocks = rota_changes.public(happened.changes, left, by, viewer)
        return RenderedChange(block_kit.spoken(blocks), blocks)

    def _unsaid(self, happened: AppliedChange) -> Impact | None:
        """What the cards of gaps, and the list of those far ahead, don't say themselves of what happened; None when
        they say it all: who closed or declared intended what, and stands there now.
        """
        outcome = happened.outcome
        if not happened.changes:
            return replace(outcome, closed=())
        if _only_opens(happened) and self._gaps.announced(outcome.opened, happened.at):
            return None
        told = self._gaps.on_cards(outcome.closed, happened.at)
        if told and len(told) == len(outcome.closed) and _is_only(happened, told):
            return None
        return replace(outcome, closed=[gap for gap in outcome.closed if gap not in told])

    def _card(self, offer: SwapOffer, delivery: Delivery) -> RenderedChange | None:
        viewer = self._viewer(delivery, self._rotas.rota(delivery.created_at), delivery.created_at)
        by, is_theirs = self._queries.name_of(offer.by), offer.taken_by == (delivery.user or "")
        taken_by = "" if is_theirs or not offer.taken_by else self._queries.name_of(offer.taken_by)
        own = viewer.rota.member_with(offer.by)
        whose = offer.member if own is None or own.name != offer.member else ""
        blocks = swap.card(offer, by, taken_by, viewer, whose)
        text = block_kit.spoken(blocks)
        if delivery.what is MessageKind.OFFER:
            return RenderedChange(text, blocks)
        key = f"{delivery.subject}/{delivery.user}" if delivery.user else str(delivery.subject)
        posted = self._offers.card(key)
        if posted is None or posted.state not in {DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNKNOWN}:
            return None  # it is drawn from the same facts when it is posted
        return RenderedChange(text, blocks, posted.channel, posted.ts, posted.state is not DeliveryState.SENT)

    def _declined(self, offer: SwapOffer, delivery: Delivery) -> RenderedChange | None:
        if offer.is_over:
            return None
        viewer = self._viewer(delivery, self._rotas.rota(delivery.created_at), delivery.created_at)
        said = viewer.words("{who} can't take the shift you offered.", who=self._queries.name_of(delivery.note))
        line = block_kit.line(block_kit.run(f"🔁 {said}\n{swap.times(offer, viewer)}"))
        blocks = [block_kit.rich(line), zone_note(offer.start, viewer)]
        return RenderedChange(block_kit.spoken(blocks), blocks)

    def _viewer(self, delivery: Delivery, rota: Rota | None, at: datetime) -> ViewContext:
        """Who will read it: a person in their language and zone, a channel in the installation's and the rota's."""
        known = self._queries.person(delivery.user) if delivery.user else None
        zone = rota.zone if rota else self._settings.timezone
        if known:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                zone = ZoneInfo(known[0].tz)
        words = Words.of(known[0].language if known else self._settings.language)
        return ViewContext(words, zone, rota or Rota(seats=()), at)


def _only_opens(happened: AppliedChange) -> bool:
    """Whether all that happened is that somebody is away, and nobody stands there instead."""
    outcome = happened.outcome
    away = all(change.kind is OverrideKind.TIME_OFF for change in happened.changes)
    return away and bool(outcome.opened) and not outcome.closed and not any(one.after for one in outcome.moved)


def _names(user: str, happened: AppliedChange) -> NameChange:
    """What somebody was called and is called now: a new plan may name them otherwise, or not at all."""
    was, now = (rota.member_with(user) for rota in (happened.before or happened.rota, happened.rota))
    return NameChange(was.name if was else "", now.name if now else "")


def _is_only(happened: AppliedChange, gaps: Sequence[Gap]) -> bool:
    """Whether all that happened is that somebody took these gaps themselves, or declared them intended."""
    by = happened.rota.member_with(happened.by)
    ours = {OverrideKind.OVERRIDE: by.name if by else "", OverrideKind.ACCEPT_GAP: ""}
    times = [(max(change.start, happened.at), change.end) for change in happened.changes]
    times += [(one.start, one.end) for one in happened.outcome.moved]
    return (
        not happened.outcome.opened
        and all(ours.get(change.kind) == change.member for change in happened.changes)
        and all(any(gap.start <= start and end <= gap.end for gap in gaps) for start, end in times)
    )
