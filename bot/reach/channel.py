"""What every channel offers: send one page, and say how it ended. A code that is not known is unknown, never sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from models.rules.reach.page import PageAnswer, PageEnd
from models.rules.reach.reach_plan import ReachAddress

TRY_AGAIN = 10.0
"""Seconds to the next try after a request that was never sent."""
PAUSE = 60.0
"""Seconds to wait after a vendor said that it was used too often, and not for how long."""


@dataclass(frozen=True)
class PageText:
    """What is sent."""

    id: str
    """Unique for each page; a repeat has the same one."""
    text: str
    title: str
    is_urgent: bool = False


class ChannelDriver(Protocol):
    """Sends pages by one channel. Never raises: what went wrong is in the answer."""

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once, without any retry of its own."""


@dataclass(frozen=True)
class CodeBook:
    """What the codes of a vendor mean."""

    refused: Collection[int]
    """Nothing was sent, and trying again is of no use."""
    pauses: Mapping[int, float]
    """Nothing was sent; the seconds after which it may be tried again."""

    def answer(self, code: object) -> PageAnswer:
        """Return the end that a code means; unknown for every code that is not in the book."""
        if isinstance(code, bool) or not isinstance(code, int):
            return PageAnswer(PageEnd.UNKNOWN, "no_code")
        if code == 0:
            return PageAnswer(PageEnd.ACCEPTED, "0")
        if code in self.pauses:
            return PageAnswer(PageEnd.REFUSED, str(code), self.pauses[code])
        return PageAnswer(PageEnd.REFUSED if code in self.refused else PageEnd.UNKNOWN, str(code))
