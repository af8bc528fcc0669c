"""Looks at everybody in the rota at each start and at least daily, a few at each tick. Slack announces nobody's leaving
to an app that does not listen for it.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime, timedelta

from bot.clock import Clock
from models.oncall.rota_store import RotaStore
from models.store import departures
from models.store.database import Store

DAILY = timedelta(hours=23)
"""Facts older than this are asked for anew: everybody is looked at within a day, whenever their turn comes."""
AT_ONCE = 3
"""So many people are looked at in one tick: 36 a minute of the 100 questions Slack allows."""


class MemberLookup:
    """``members`` tells the Slack ids of the rota, ``refused`` those whom Slack refused to reach, with when it did;
    ``look_up`` asks about one and says whether that could be done. Asks in ``notes``'s thread, never in the tick's.
    """

    def __init__(
        self,
        members: Callable[[], Iterable[str]],
        refused: Callable[[], Iterable[tuple[str, datetime]]],
        look_up: Callable[[str], bool],
        clock: Clock,
        notes: Executor,
    ) -> None:
        self._members, self._refused, self._look_up = members, refused, look_up
        self._clock, self._notes = clock, notes
        self._seen: dict[str, datetime] = {}
        self._busy = threading.Lock()

    def tick(self) -> None:
        """Look at whoever's turn it is, unless the last ones are still being asked about."""
        if due := self._due()[:AT_ONCE]:
            self._notes.submit(self._look, due)

    def _due(self) -> list[str]:
        """Who was not looked at since the start or for a day, or not since Slack refused to reach them."""
        now = self._clock.now()
        again = [user for user, at in self._refused() if user in self._seen and self._seen[user] < at]
        old = [user for user in self._members() if not self._is_fresh(user, now)]
        return list(dict.fromkeys([*again, *old]))

    def _is_fresh(self, user: str, now: datetime) -> bool:
        seen = self._seen.get(user)
        return seen is not None and abs(now - seen) < DAILY

    def _look(self, users: Iterable[str]) -> None:
        if not self._busy.acquire(blocking=False):
            return
        try:
            for user in users:
                if not self._look_up(user):
                    return  # Slack does not answer now: nobody else is asked about either
                self._seen[user] = self._clock.now()
        finally:
            self._busy.release()


def find_members(rota_store: RotaStore, now: datetime) -> list[str]:
    """Return the Slack ids of everybody in the rota."""
    rota = rota_store.rota(now)
    return [member.slack_id for member in rota.members.values() if member.slack_id] if rota else []


def find_unreachable(store: Store) -> list[tuple[str, datetime]]:
    """Return the Slack ids of people who left the workspace, each with the time since when that is known."""
    absences = store.read(departures.find_absences)
    return [(user, times[-1][0]) for user, times in absences.items() if times[-1][1] is None]
