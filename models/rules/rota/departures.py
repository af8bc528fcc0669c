"""Who is not in the workspace, and since when: from then on they stand nowhere, until they are back. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from models.rules.rota.local_clock import to_seconds
from models.rules.rota.rota import Rota
from models.rules.rota.timeline import Window

WorkspaceAbsences = Mapping[str, Sequence[tuple[datetime, datetime | None]]]
"""By Slack id, from when to when somebody was known not to be in the workspace; without an end they still are not."""
MemberAbsences = WorkspaceAbsences
"""The same by the plan's names."""
NO_ABSENCES: WorkspaceAbsences = {}
_EVER = 2**40


def has_left(left: WorkspaceAbsences, user: str, at: datetime) -> bool:
    """Whether somebody was known not to be in the workspace at an instant."""
    return any(start <= at and (end is None or at < end) for start, end in left.get(user, ()))


def find_member_windows(rota: Rota, left: WorkspaceAbsences) -> Mapping[str, Sequence[Window]]:
    """The same by the plan's names, in seconds; only of those who are in the plan."""
    ids = ((member.name, member.slack_id) for member in rota.members.values() if member.slack_id in left)
    return {
        name: [(to_seconds(start), to_seconds(end) if end else _EVER) for start, end in left[slack_id]]
        for name, slack_id in ids
    }


def find_first_absence(
    absences: Sequence[tuple[datetime, datetime | None]], start: datetime, end: datetime
) -> datetime | None:
    """The first instant from ``start`` to before ``end`` at which somebody is not there; None when they stay."""
    times = [max(begins, start) for begins, ends in absences if begins < end and (ends is None or ends > start)]
    return min(times, default=None)
