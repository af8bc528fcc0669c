"""The people of a simulation read their phones: they follow the link of a page and press its button, soon or never."""

import re

from bot.sandbox.json_types import Json
from bot.simulation.escalations import EscalationEvents
from bot.simulation.world import World

FOLLOW_RATE = 0.6
"""How often somebody follows a link, from 0 to 1."""
_LINK = re.compile(r"(\d{3})\D{0,12}https?://\S+/act/([\w-]+)")
_NUMBER = re.compile(r"CSP-(\d+)")


class PhoneReaders:
    """Reads what arrives on phones, keeps it for the auditor, and plans who follows which link when."""

    def __init__(self, world: World, cases: EscalationEvents) -> None:
        self._world, self._cases, self._last = world, cases, 0

    def read_messages(self) -> None:
        """Read what is new since the last call."""
        for message in self._world.sandbox.slack.phone.messages:
            if message["id"] > self._last:
                self._last = message["id"]
                self._world.pages_seen.append({**message, "bot_at": self._world.clock.now()})
                self._read(message)

    def _read(self, message: Json) -> None:
        random, text = self._world.random, str(message["text"])
        link, case = _LINK.search(text), _NUMBER.search(text)
        if link and random.random() < FOLLOW_RATE:
            number, token = link.groups()
            self._world.schedule_after(random.uniform(0.5, 8), lambda: self._follow(token, number))
        elif case and not link:
            self._cases.handle_reminder(int(case[1]))

    def _follow(self, token: str, number: str) -> None:
        """Press the button of a link; while no bot answers, again some minutes later."""
        world = self._world
        status = world.follow_link(token, number)
        world.event_log.note("link", f"{token[:6]} {status or 'unheard'}")
        if status is None:
            world.schedule_after(world.random.uniform(3, 20), lambda: self._follow(token, number))
