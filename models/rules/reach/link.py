"""The link of a page: for one person, one action and one thing in one state, single use. Pure."""

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(hours=24)
"""How long a link can be used."""
MAX_WRONG_NUMBERS = 3
"""How many wrong numbers close a link."""
NUMBERS = range(100, 1000)
"""The numbers beside links: a program that guesses finds one in 300 links, as it has three tries of 900."""
_MARK = 4
_SHAPE = re.compile(r"[0-9a-f]{4}[A-Za-z0-9_-]{22}")


class LinkAction(StrEnum):
    """What a link does. The values are stored."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"  # "I'm on call"
    STEP_IN = "step_in"  # take over a shift that nobody confirmed
    TAKE_GAP = "take_gap"
    HAND_OVER = "hand_over"
    TAKE_OVER = "take_over"


class LinkState(StrEnum):
    """Whether a link can be used, and if not, why."""

    GOOD = "good"
    WRONG = "wrong"  # nobody has such a link
    OTHER_RECORD = "other_record"  # another database made it
    EXPIRED = "expired"
    USED = "used"
    REVOKED = "revoked"
    CLOSED = "closed"  # too many wrong numbers


@dataclass(frozen=True)
class WantedLink:
    """What a new link is for."""

    person: str  # Slack id
    team_id: str
    action: LinkAction
    value: str
    """What a button of the action carries in Slack."""
    state: str = ""
    """The state of the thing: the link serves for no other."""


@dataclass(frozen=True)
class PageLink:
    """A link as it is stored."""

    hash: str
    wanted: WantedLink
    expires_at: datetime
    wrong: int = 0
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    delivery: str = ""
    """The outbox row of its page."""

    def find_state(self, now: datetime) -> LinkState:
        """Return whether it can be used now."""
        if self.used_at:
            return LinkState.USED
        if self.revoked_at:
            return LinkState.REVOKED
        if self.wrong >= MAX_WRONG_NUMBERS:
            return LinkState.CLOSED
        return LinkState.GOOD if now < self.expires_at else LinkState.EXPIRED

    def repeats_answer(self, now: datetime) -> bool:
        """Return whether its number brings the answer again, after it was used: that may not have arrived."""
        return bool(self.used_at) and replace(self, used_at=None).find_state(now) is LinkState.GOOD


def make_token(epoch: str) -> str:
    """Return a new token, which begins with the mark of its record: 22 random characters, and nothing else of use."""
    return f"{mark_of(epoch)}{secrets.token_urlsafe(16)}"


def mark_of(epoch: str) -> str:
    """Return the mark of a record, by which a link of another one is told apart."""
    return hashlib.sha256(f"link {epoch}".encode()).hexdigest()[:_MARK]


def has_mark(token: str, epoch: str) -> bool:
    """Return whether a token was made by this record."""
    return token[:_MARK] == mark_of(epoch)


def has_shape(token: str) -> bool:
    """Return whether a text may be a token of any record: one that was cut or mistyped seldom is."""
    return _SHAPE.fullmatch(token) is not None


def hash_of(token: str) -> str:
    """Return the hash by which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def number_of(token: str) -> str:
    """Return the number of three digits that the message says beside the link. The page asks for it.

    A program that opens links and submits forms has not read the message as a person does.
    """
    return str(NUMBERS[int(hashlib.sha256(f"number {token}".encode()).hexdigest(), 16) % len(NUMBERS)])
