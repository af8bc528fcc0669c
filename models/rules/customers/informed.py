"""When a customer must be informed of our support, and why. Pure: reads no clock and no store.

A reseller agrees to inform customers of its support processes and channels (partner-china, customer-support). That it
is done again for a new service, a changed statement and after a year is our own rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TIME_TO_INFORM = timedelta(days=7)
"""From the event, such as the import that brought the customer."""
A_YEAR = timedelta(days=365)
FIRST_VERSION = 1
"""It changes nothing for a customer who was informed before it: until then no statement was kept."""


class InformReason(StrEnum):
    """Why a customer must be informed."""

    NEW = "new"
    NEW_SERVICE = "new_service"
    CHANGED = "changed"
    A_YEAR = "a_year"


@dataclass(frozen=True)
class InformedFacts:
    """What the rule needs to know of one customer. Instants are in UTC."""

    added_at: datetime | None  # of the import that brought it; None when unknown.
    services_at: datetime | None  # Of the import that last brought a new service.
    informed_at: datetime | None  # When the statement was last sent.
    informed_of: int  # the version that was sent then


@dataclass(frozen=True)
class InformingDue:
    """A customer must be informed."""

    reason: InformReason
    by: datetime | None  # None when it is not known since when: at once


def find_informing_due(
    facts: InformedFacts, version: int, changed_at: datetime | None, now: datetime
) -> InformingDue | None:
    """Return why and by when a customer must be informed, the most urgent reason; None when it need not.

    ``version`` is the newest statement, and ``changed_at`` when that became it.
    """
    if facts.informed_at is None:
        return InformingDue(InformReason.NEW, facts.added_at + TIME_TO_INFORM if facts.added_at else None)
    return min(_find_again(facts, facts.informed_at, version, changed_at, now), key=_by, default=None)


def _find_again(
    facts: InformedFacts, informed_at: datetime, version: int, changed_at: datetime | None, now: datetime
) -> Iterator[InformingDue]:
    """Yield every reason to inform a customer again."""
    if facts.services_at and facts.services_at > informed_at:
        yield InformingDue(InformReason.NEW_SERVICE, facts.services_at + TIME_TO_INFORM)
    if changed_at and version > max(facts.informed_of, FIRST_VERSION):
        yield InformingDue(InformReason.CHANGED, changed_at + TIME_TO_INFORM)
    if now >= informed_at + A_YEAR - TIME_TO_INFORM:
        yield InformingDue(InformReason.A_YEAR, informed_at + A_YEAR)


def _by(due: InformingDue) -> float:
    return due.by.timestamp() if due.by else 0.0
