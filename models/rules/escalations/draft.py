"""A draft: what was typed into the form and not sent. It is personal data, so it is kept for a short time only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=14)
"""After this time without a change a draft is deleted."""
KEPT_AT_MOST = 5
"""Drafts of one person; older ones are deleted."""


@dataclass(frozen=True)
class Draft:
    """What one person typed into one form."""

    key: str
    text: str  # the answers, as the form wrote them
    saved_at: datetime  # UTC
