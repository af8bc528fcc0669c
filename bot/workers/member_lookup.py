"""Looks up everybody in the rota, and the leads, after each start and at least daily, a few people at each tick.

Slack does not tell the bot when somebody leaves the workspace.
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
"""Facts older than this are asked for again: everybody is looked up within a day."""
PEOPLE_PER_TICK = 3
"""36 people a minute; Slack allows 100 such calls."""


class MemberLookup:
    """Looks people up in the background, never in the thread of the tick.

    ``members`` gives the Slack ids of the rota and of the leads. ``unreachable`` gives the ids of people who left,
    with the time. ``look_up`` asks Slack about one person and returns whether it answered.
    """

    def __init__(
        self,
        members: Callable[[], Iterable[str]],
        unreachable: Callable[[], Iterable[tuple[str, datetime]]],
        look_up: Callable[[str], bool],
        clock: Clock,
        background: Executor,
    ) -> None:
        self._members, self._unreachable, self._look_up = members, unreachable, look_up
        self._clock, self._background = clock, background
        self._seen: dict[str, datetime] = {}
        self._busy = threading.Lock()

    def tick(self) -> None:
        """Look up the next people, unless the last ones are still being looked up."""
        if due := self._due()[:PEOPLE_PER_TICK]:
            self._background.submit(self._look_up_all, due)

    def _due(self) -> list[str]:
        """Return people who were not looked up since the start, for a day, or since they became unreachable."""
        now = self._clock.now()
        again = [user for user, at in self._unreachable() if user in self._seen and self._seen[user] < at]
        old = [user for user in self._members() if not self._is_fresh(user, now)]
        return list(dict.fromkeys([*again, *old]))

    def _is_fresh(self, user: str, now: datetime) -> bool:
        seen = self._seen.get(user)
        return seen is not None and abs(now - seen) < DAILY

    def _look_up_all(self, users: Iterable[str]) -> None:
        if not self._busy.acquire(blocking=False):
            return
        try:
            for user in users:
                if not self._look_up(user):
                    return  # Slack does not answer now: the others wait for the next tick
                self._seen[user] = self._clock.now()
        finally:
            self._busy.release()


def find_members(rota_store: RotaStore, leads: Iterable[str], now: datetime) -> list[str]:
    """Return the Slack ids of everybody in the rota, and of ``leads``: messages call all of them by name."""
    rota = rota_store.rota(now)
    members = [member.slack_id for member in rota.members.values() if member.slack_id] if rota else []
    return list(dict.fromkeys([*members, *sorted(leads)]))


def find_unreachable(store: Store) -> list[tuple[str, datetime]]:
    """Return the Slack ids of people who left the workspace, each with the time since when that is known."""
    absences = store.read(departures.find_absences)
    return [(user, times[-1][0]) for user, times in absences.items() if times[-1][1] is None]
