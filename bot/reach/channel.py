"""What every channel offers: send one page, and say what became of it. An unlisted code is unknown, never accepted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress

UNSENT_PAUSE = 10.0
"""Seconds to the next try after a request that was never sent."""
RATE_LIMIT_PAUSE = 60.0
"""Seconds to wait after a vendor said that it was used too often, and not for how long."""


@dataclass(frozen=True)
class PageText:
    """One page as it is sent."""

    id: str
    """Unique for each page; a repeat has the same one."""
    text: str
    title: str
    """The subject of an e-mail, or the heading where a channel has one."""
    is_urgent: bool = False
    """Whether it rings, where a channel can."""
    speech: str = ""
    """The fact alone, to be read out, or to be sent where texts are short."""


class ChannelDriver(Protocol):
    """Sends pages by one channel. Never raises: what went wrong is in the answer."""

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once, without any retry of its own."""


@dataclass(frozen=True)
class VendorCodes:
    """What the codes of a vendor mean. A code that is not listed is unknown."""

    refused: Collection[int]
    """Nothing was sent, and trying again is of no use."""
    pauses: Mapping[int, float]
    """Nothing was sent; the seconds after which it may be tried again."""

    def read(self, code: object) -> PageAnswer:
        """Return what a code means for the page; ``code`` may be anything that JSON can hold."""
        if isinstance(code, bool) or not isinstance(code, int):
            return PageAnswer(PageStatus.UNKNOWN, "no_code")
        if code == 0:
            return PageAnswer(PageStatus.ACCEPTED, "0")
        if code in self.pauses:
            return PageAnswer(PageStatus.REFUSED, str(code), self.pauses[code])
        return PageAnswer(PageStatus.REFUSED if code in self.refused else PageStatus.UNKNOWN, str(code))


def base_url(address: ReachAddress, default: str) -> str:
    """Return where the API of an address is, without a slash at the end."""
    return address.fields.get("url", default).rstrip("/")


def begin_with_keyword(address: ReachAddress, text: str) -> str:
    """Return a text that has the keyword of a group's robot, which takes no message without it."""
    keyword = address.fields.get("keyword", "")
    return f"{keyword} {text}" if keyword and keyword not in text else text
