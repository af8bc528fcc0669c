"""Overrides: what people change of the rota after it was planned.

An override is never edited: a later one wins, or cancels it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OverrideKind(StrEnum):
    """What an override does."""

    OVERRIDE = "stand"  # puts a person into a seat: an override, a taken gap, each half of a swap
    TIME_OFF = "leave"  # takes a person out of all seats
    ACCEPT_GAP = "intend"  # declares a gap accepted
    CANCEL = "cancel"  # undoes an earlier override


_CANCEL = OverrideKind.CANCEL  # looking up a member of an enumeration is slow in Python 3.11


@dataclass(frozen=True)
class Override:
    """One override of the rota. Its fields are columns of the table ``rota_change``."""

    id: int
    at: datetime  # when it became known (UTC)
    by: str  # Slack id of who made it
    kind: OverrideKind
    start: datetime  # UTC, like ``end``
    end: datetime
    member: str = ""  # the rota's name of the person
    seat: str = ""
    instead_of: str = ""  # limits it to the time of this person
    of: int | None = None  # id of the cancelled override
    why: str = ""  # the person's reason
    came_by: str | None = None
    """How it came, where it was not made in Slack."""


def select_in_force(overrides: Iterable[Override], known_at: datetime | None = None) -> list[Override]:
    """Return the overrides that count, oldest first: known by ``known_at``, and not cancelled by one known by then."""
    known_overrides = sorted(
        (override for override in overrides if known_at is None or override.at <= known_at),
        key=lambda override: (override.at, override.id),
    )
    cancelled = {override.of for override in known_overrides if override.kind is _CANCEL}
    return [override for override in known_overrides if override.id not in cancelled and override.kind is not _CANCEL]
