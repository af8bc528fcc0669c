"""Calendar feeds at secret addresses: the final shifts, and when they last changed."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

from bot.clock import Clock
from handlers.i18n.rota_labels import reason_name, seat_name
from handlers.i18n.words import N_, Words
from models.oncall import calendar_feeds
from models.oncall.rota_store import RotaStore
from models.rules.rota.ical import writer
from models.store.database import Store

_BEHIND, _AHEAD = timedelta(days=30), timedelta(days=180)
_MARGIN = timedelta(days=31)
"""Shifts are read this much wider: a shift cut at the edge would get another UID every day."""


@dataclass(frozen=True)
class Feed:
    """A calendar as of now. ``body`` is None when the client has this version already."""

    etag: str
    changed: datetime
    body: bytes | None


class CalendarFeeds:
    """Answers the clients that subscribe."""

    def __init__(self, store: Store, clock: Clock, words: Words) -> None:
        self._store = store
        self._rota_store = RotaStore(store)
        self._clock = clock
        self._words = words

    def __call__(self, secret: str, client_etags: str) -> Feed | None:
        """Return the feed of a secret, or None where the secret is unknown.

        ``client_etags`` is the client's If-None-Match header. Raises NotSaved when the database can't be read.
        """
        member = calendar_feeds.member_of(self._store, secret)
        if member is None:
            return None
        now = self._clock.now()
        today = datetime.combine(now.astimezone(UTC).date(), time(0), UTC)
        changed = max(today, calendar_feeds.changed_at(self._store, now) or today)
        facts = f"{member}|{self._rota_store.revision()}|{today:%Y%m%d}|{self._words.is_chinese}"
        etag = f'"{sha256(facts.encode()).hexdigest()[:32]}"'
        return Feed(etag, changed, None if etag in client_etags else self._body(member, now, today, changed))

    def _body(self, member: str, now: datetime, today: datetime, changed: datetime) -> bytes:
        start, end = today - _BEHIND, today + _AHEAD
        wide = self._rota_store.shifts(now, start - _MARGIN, end + _MARGIN)
        shifts = [
            shift
            for shift in wide
            if shift.start < end and shift.end > start and member in {calendar_feeds.TEAM, shift.member}
        ]
        team_gaps = self._rota_store.gaps(now, now, end) if member == calendar_feeds.TEAM else []
        gaps = [(gap, reason_name(gap, self._words)) for gap in team_gaps]
        title = member or self._words(N_("Rota"))
        return writer.write_calendar(title, shifts, gaps, changed, lambda seat: seat_name(seat, self._words))
