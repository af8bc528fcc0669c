"""One page: a message to a person by another way than Slack, how it ended, and what follows for its row."""

from dataclasses import dataclass
from enum import StrEnum

from models.rules.outbox.delivery import Delivery
from models.rules.outbox.send_outcome import SendOutcome, SendResult

MOST_UNKNOWN = 5
"""How often a page of unknown outcome is sent before it is set aside: after 5, 10, 20 and 40 seconds.

The next reminder sends a new one.
"""
WAITS_FOR_LIMIT, KEPT_FREE, KEPT_FOR_CASES = "pace", "kept_free", "kept_for_cases"
"""Why a page waits for its address, as its last error.

It was used as often as it may. It is kept free for what is new; or for new cases, from what is about no case.
"""
TOLD_TOGETHER = "told_together"
"""The same of a page of which another one tells now."""
FOR_OTHERS = frozenset({KEPT_FREE, KEPT_FOR_CASES})
"""The reasons of pages that leave an address to others, which may use it meanwhile."""
LIMITED = FOR_OTHERS | {WAITS_FOR_LIMIT}
"""The reasons of pages that the limits of an address hold back."""


class PageStatus(StrEnum):
    """What is known of a page that was sent. The values are stored."""

    ACCEPTED = "accepted"  # by the vendor; none of the channels says whether it was seen
    DELIVERED = "delivered"
    OPENED = "opened"  # its link was opened
    ACTED = "acted"  # its link was used
    REFUSED = "refused"
    UNKNOWN = "unknown"


HANDED_OVER = frozenset({PageStatus.ACCEPTED, PageStatus.DELIVERED})
"""The statuses of a page that its service took."""
SUCCESSFUL = HANDED_OVER | {PageStatus.OPENED, PageStatus.ACTED}
"""The statuses of a page that worked: the code of its try, if there is one, says so too and explains no failure."""


class PagePath(StrEnum):
    """Why another way than Slack is used."""

    LOUD = "loud"  # whatever Slack does
    SILENT = "silent"  # Slack did not take the message in time
    TAKEN = "taken"  # Slack took the message, then fell silent: its button does not work


@dataclass(frozen=True)
class PageAnswer:
    """What a channel said to a page."""

    status: PageStatus
    code: str = ""
    """The vendor's code, or the name of our own failure; never an address."""
    retry_after: float | None = None
    """Seconds after which it may be tried again; None where trying again is of no use."""


@dataclass(frozen=True)
class PageNote:
    """What the outbox row of a page holds beside its reminder."""

    address: str
    """The hash of the address."""
    path: PagePath
    slack_key: str
    """The key of the same message in Slack."""

    def written(self) -> str:
        """Return it as it is stored."""
        return f"{self.address} {self.path} {self.slack_key}"

    @staticmethod
    def pattern(path: PagePath) -> str:
        """Return the pattern of SQL's LIKE for the notes with this path."""
        return f"% {path} %"


SLACK_KEY_AT = len(PageNote("0" * 16, PagePath.SILENT, "").written()) + 1
"""Where the key of the message in Slack begins in the note of a page that waits for it, counted from 1 as in SQL."""


def read_page_note(note: str) -> PageNote:
    """Read what :meth:`PageNote.written` wrote. Raises ValueError."""
    address, path, slack_key = note.split(" ", 2)
    return PageNote(address, PagePath(path), slack_key)


def find_outcome(delivery: Delivery, answer: PageAnswer) -> SendOutcome:
    """Return what a channel's answer means for the row of a page, in the terms of all rows.

    What is unknown is sent again, marked as such, and set aside after :data:`MOST_UNKNOWN` tries.
    """
    if answer.status in HANDED_OVER:
        return SendOutcome(SendResult.SENT)
    if answer.status is PageStatus.UNKNOWN and delivery.tries + 1 < MOST_UNKNOWN:
        return SendOutcome(SendResult.UNKNOWN, error=answer.code, answered=True)
    if answer.retry_after is not None:
        return SendOutcome(SendResult.NOT_ACCEPTED, error=answer.code, retry_after=answer.retry_after)
    return SendOutcome(SendResult.TARGET_BROKEN, error=answer.code)
