"""Messages about changes and offers: drawn when they are sent, from what is known then. Sends nothing itself."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.blocks import kit, rota_news, rota_offer
from handlers.blocks.rota import Reader, zone_note
from handlers.rota.caller import member_of
from handlers.settings import Settings
from handlers.words import Words
from models.board import Board
from models.delivery import Delivery, State, What
from models.offers import Offer, Offers
from models.refusal import Refused
from models.rota.plan import Plan
from models.rotas import Rotas

TOLD = frozenset({What.CHANGED, What.OFFER, What.OFFER_REFRESH, What.OFFERED})


@dataclass(frozen=True)
class Drawn:
    """What is said; with ``ts`` it redraws that message in ``channel``. ``waits`` says that it can't be drawn yet."""

    text: str
    blocks: list[kit.Block]
    channel: str | None = None
    ts: str | None = None
    waits: bool = False


class News:
    """Draws what the outbox sends of changes and offers."""

    def __init__(self, rotas: Rotas, offers: Offers, board: Board, settings: Settings) -> None:
        self._rotas, self._offers, self._board, self._settings = rotas, offers, board, settings

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
        by = self._board.name_of(happened.by)
        member = member_of(happened.plan, delivery.user or "")
        if member:
            blocks = rota_news.private(happened.changes, happened.outcome, by, member.name, reader)
        else:
            blocks = rota_news.public(happened.changes, happened.outcome, by, reader)
        return Drawn(kit.escape(rota_news.title(happened.changes, by, reader)), blocks)

    def _card(self, offer: Offer, delivery: Delivery) -> Drawn | None:
        reader = self._reader(delivery, self._rotas.plan(delivery.created_at), delivery.created_at)
        by, taken_by = self._board.name_of(offer.by), self._board.name_of(offer.taken_by) if offer.taken_by else ""
        own = member_of(reader.plan, offer.by)
        whose = offer.member if own is None or own.name != offer.member else ""
        blocks = rota_offer.card(offer, by, taken_by, reader, whose)
        text = kit.escape(reader.words("{who} offers a shift", who=by))
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
        line = kit.line(kit.run(f"🔁 {said}\n{rota_offer.times(offer, reader)}"))
        return Drawn(kit.escape(said), [kit.rich(line), zone_note(offer.start, reader)])

    def _reader(self, delivery: Delivery, plan: Plan | None, at: datetime) -> Reader:
        """Who will read it: a person in their language and zone, a channel in the installation's and the rota's."""
        known = self._board.person(delivery.user) if delivery.user else None
        zone = plan.zone if plan else self._settings.timezone
        if known:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                zone = ZoneInfo(known[0].tz)
        words = Words.of(known[0].language if known else self._settings.language)
        return Reader(words, zone, plan or Plan(seats=()), at)
