"""Trigger ids: a person's permission to open one modal, for three seconds, once."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.errors import SlackError
from bot.sandbox.ids import IdSequence

LIFETIME = 3.0
REMEMBERED = 60.0


@dataclass
class Trigger:
    """Who acted, and until when the trigger is valid."""

    user: str
    issued: float
    used: bool = False


class Triggers:
    """The triggers that are valid. ``monotonic`` is real time: a clock moved by a test changes nothing for a person."""

    def __init__(
        self, ids: IdSequence, monotonic: Callable[[], float], lifetime: Callable[[], float] = lambda: LIFETIME
    ) -> None:
        self._ids = ids
        self._monotonic = monotonic
        self._lifetime = lifetime
        self._known: dict[str, Trigger] = {}

    def issue(self, user: str) -> str:
        """Return a new trigger id for a person."""
        self._forget_old()
        trigger = f"{self._ids.next('')}.{self._ids.next('')}.sandbox"
        self._known[trigger] = Trigger(user, self._monotonic())
        return trigger

    def exchange(self, trigger: str) -> str:
        """Return the user id of the person who acted, and use the trigger up."""
        entry = self._known.get(trigger)
        if entry is None:
            raise SlackError("invalid_trigger_id")
        if entry.used:
            raise SlackError("exchanged_trigger_id")
        if self._monotonic() - entry.issued > self._lifetime():
            raise SlackError("expired_trigger_id")
        entry.used = True
        return entry.user

    def _forget_old(self) -> None:
        limit = self._monotonic() - REMEMBERED
        while self._known and next(iter(self._known.values())).issued < limit:
            del self._known[next(iter(self._known))]
