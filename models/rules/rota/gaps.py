"""What a gap is: missing coverage of one seat, its kind and its reason.

The word for a gap is decided here once, for everything that shows one: see :class:`GapKind`.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class GapKind(StrEnum):
    """The two kinds of gap."""

    UNCOVERED = "uncovered"  # nobody is on call in the seat
    BELOW_REQUIREMENT = "below_requirement"  # somebody is, and does not meet the requirement


class GapReason(StrEnum):
    """Why coverage is missing. With the first four nobody is on call in the seat; with the others somebody is."""

    NOBODY = "nobody"
    NO_BACKUP = "no_backup"
    ON_LEAVE = "on_leave"
    LEFT_WORKSPACE = "left_workspace"
    NO_ACCOUNT = "no_account"
    ALSO_PRIMARY = "also_primary"
    TOO_FEW = "too_few"
    NO_ELIGIBLE_ROLE = "no_eligible_role"
    NO_SERVICE = "no_service"
    NO_LANGUAGE = "no_language"
    TOO_LONG = "too_long"
    TOO_LITTLE_REST = "too_little_rest"

    @property
    def kind(self) -> GapKind:
        """The kind of gap this reason makes."""
        return GapKind.UNCOVERED if self in UNCOVERED_REASONS else GapKind.BELOW_REQUIREMENT


UNCOVERED_REASONS = frozenset({GapReason.NOBODY, GapReason.NO_BACKUP, GapReason.ON_LEAVE, GapReason.LEFT_WORKSPACE})
EMPTY_SLOT_REASONS = UNCOVERED_REASONS | {GapReason.TOO_FEW}
"""Reasons about a slot in which nobody is on call; the others are about people who are."""


class Gap(NamedTuple):
    """Missing coverage of one seat."""

    seat: str
    start: datetime  # UTC, like ``end``
    end: datetime
    reason: GapReason
    people: tuple[str, ...] = ()  # the rota's names of the people it is about, if any
    missing: tuple[str, ...] = ()  # services or languages that nobody covers

    @property
    def kind(self) -> GapKind:
        """The kind of its reason."""
        return self.reason.kind

    def concerns(self, person: str) -> bool:
        """Return whether the gap is about this person's slot; with an empty name, about an empty slot."""
        of_a_place = self.reason in EMPTY_SLOT_REASONS
        if not person or of_a_place:
            return of_a_place and not person
        return not self.people or person in self.people


class AcceptedGap(NamedTuple):
    """Missing coverage that a person decided to accept."""

    gap: Gap
    source: str  # ``change:ID``, or ``rota`` when the rota file declares it
    by: str  # Slack id of who declared it; empty for the file
    why: str  # their reason
