"""The faults that are planned, and which call each one is for. Nothing is broken here."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from bot.sandbox.errors import InvalidAction
from bot.sandbox.json_types import Json

MODES = frozenset(
    {
        *("ratelimited", "http_500", "http_503", "http_504", "ok_false", "redirect", "html", "empty"),
        *("drop_before", "drop_after", "late_commit", "truncated", "hang", "delay", "drip"),
    }
)
FOR_EVER = -1
PHONE = "phone."
"""How the methods of the channels beside Slack begin."""


@dataclass
class InjectedFault:
    """One planned fault: its method, mode, and how often it still happens."""

    id: int
    method: str  # a name, "*", a pattern such as "chat.*", "response_url", "upload" or "socket"
    mode: str
    remaining: int = 1
    skip: int = 0  # matching calls that still pass unharmed
    channel: str | None = None
    accepted: bool = False  # the work is done before the answer goes wrong
    details: Json = field(default_factory=dict)

    def is_for(self, method: str, channel: str | None) -> bool:
        """Whether a call of this method to this channel meets the fault now. Only its own faults meet a phone."""
        if method.startswith(PHONE) is not self.method.startswith(PHONE):
            return False
        return fnmatchcase(method, self.method) and self.channel in (None, channel)

    def seconds(self, default: float) -> float:
        """Return how long the fault takes, in seconds."""
        return float(self.details.get("seconds", default))

    def described(self) -> Json:
        """Return the fault as ``/control/state`` shows it."""
        shown = {
            "id": self.id,
            "method": self.method,
            "mode": self.mode,
            "left": self.remaining,
            "after_n": self.skip,
        }
        return {**shown, "channel": self.channel, "accepted": self.accepted, **self.details}


@dataclass
class Faults:
    """The planned faults, in order."""

    planned: list[InjectedFault] = field(default_factory=list)
    _last: int = 0

    def plan(self, wanted: Json) -> InjectedFault:
        """Add a fault as ``/control/fault`` describes it. Raises :class:`InvalidAction` for an unknown mode."""
        if wanted.get("mode") not in MODES:
            raise InvalidAction("unknown_mode", sorted(MODES))
        rest: dict[str, Any] = {"times": 1, "after_n": 0, **wanted}
        if not all(isinstance(rest[key], int) for key in ("times", "after_n")):
            raise InvalidAction("not_a_number", {"times": rest["times"], "after_n": rest["after_n"]})
        self._last += 1
        fault = InjectedFault(
            self._last,
            str(rest.pop("method", "*")),
            str(rest.pop("mode")),
            rest.pop("times"),
            rest.pop("after_n"),
            rest.pop("channel", None),
            bool(rest.pop("accepted", False)),
            rest,
        )
        self.planned.append(fault)
        return fault

    def take(self, method: str, channel: str | None = None) -> InjectedFault | None:
        """Return the fault that this call meets, and use it up once; None when the call succeeds."""
        for fault in self.planned:
            if not fault.is_for(method, channel):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.remaining != FOR_EVER:
                fault.remaining -= 1
            if fault.remaining == 0:
                self.planned.remove(fault)
            return fault
        return None

    def clear(self) -> None:
        """Remove all planned faults."""
        self.planned.clear()
