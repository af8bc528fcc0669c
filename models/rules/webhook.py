"""The webhook: what the answer of its receiver means for a move, and when the move is sent again. Pure.

Moves of one case arrive in order, so a move that is not taken holds back the later ones of its case. It is never
dropped: it waits until the receiver takes it, or an operator discards it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from models.rules.outbox.delivery import Delivery
from models.rules.outbox.send_outcome import SendOutcome, SendResult

ALOUD_AFTER = timedelta(minutes=15)
"""How long a move is not taken before the on-call channel is told. From then on it is tried every five minutes."""
LONGEST_PAUSE = 300.0
"""The longest wait in seconds that a receiver can ask for."""


@dataclass(frozen=True)
class WebhookReply:
    """What came back for one move."""

    status: int | None = None
    """The HTTP status; None where no answer came."""
    trouble: str = ""
    """Why no answer came, in one word; never an address."""
    retry_after: float | None = None
    """The seconds that the receiver asks to wait."""

    @property
    def is_taken(self) -> bool:
        """Return whether the receiver has the move now."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def code(self) -> str:
        """Return what is kept of the reply: the status, or why there is none."""
        return f"http_{self.status}" if self.status else self.trouble

    @property
    def is_away(self) -> bool:
        """Return whether the receiver takes no move at all now; any other status refuses this one."""
        return (
            self.status is None
            or self.status >= 500
            or self.status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
        )


def find_outcome(delivery: Delivery, reply: WebhookReply, now: datetime) -> SendOutcome:
    """Return what a reply means for the row of a move, in the terms of all rows.

    While the receiver is away all moves wait; a refused move holds back only its own case.
    """
    if reply.is_taken:
        return SendOutcome(SendResult.SENT)
    if delivery.first_tried_at and now - delivery.first_tried_at >= ALOUD_AFTER:
        return SendOutcome(SendResult.TARGET_BROKEN, error=reply.code, pauses_scope=reply.is_away)
    if reply.is_away and reply.retry_after is not None:
        wait = min(LONGEST_PAUSE, max(1.0, reply.retry_after))
        return SendOutcome(SendResult.NOT_ACCEPTED, error=reply.code, retry_after=wait)
    return SendOutcome(SendResult.NOT_ACCEPTED, error=reply.code, pauses_scope=reply.is_away)
