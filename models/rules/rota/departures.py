"""Who is not in the workspace, and when. During that time they are not on call in any slot. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from models.rules.rota.intervals import Window
from models.rules.rota.local_clock import to_seconds
from models.rules.rota.rota import Rota

WorkspaceAbsences = Mapping[str, Sequence[tuple[datetime, datetime | None]]]
"""By Slack id, the times (UTC) at which a person was known to be outside the workspace. No end: they still are."""
MemberAbsences = WorkspaceAbsences
"""The same by the rota's member names."""
NO_ABSENCES: WorkspaceAbsences = {}
_EVER = 2**40
"""Seconds since 1970; after every rota."""


def has_left(absences: WorkspaceAbsences, slack_id: str, at: datetime) -> bool:
    """Return whether a person (a Slack id) was known to be outside the workspace at an instant."""
    return any(start <= at and (end is None or at < end) for start, end in absences.get(slack_id, ()))


def find_member_windows(rota: Rota, absences: WorkspaceAbsences) -> Mapping[str, Sequence[Window]]:
    """Return the absences by the rota's member names, in seconds since 1970; only of members of the rota."""
    ids = ((member.name, member.slack_id) for member in rota.members.values() if member.slack_id in absences)
    return {
        name: [(to_seconds(start), to_seconds(end) if end else _EVER) for start, end in absences[slack_id]]
        for name, slack_id in ids
    }


def find_first_absence(
    absences: Sequence[tuple[datetime, datetime | None]], start: datetime, end: datetime
) -> datetime | None:
    """Return the first instant from ``start`` to before ``end`` at which a person is absent, or None."""
    times = [max(begins, start) for begins, ends in absences if begins < end and (ends is None or ends > start)]
    return min(times, default=None)
