"""Updates of the on-call user group: how it was set last, and why it is set again."""

from dataclasses import dataclass

EDITED = "edited "
"""The beginning of the note when the user group is set again because a person changed it. The Slack id follows."""
LATE = "late"
"""The note when it is set again because a change of ours took effect late."""
REPORTED_ELSEWHERE = frozenset({"left", "unknown"})
"""Reasons for not being in the group that the reminders about the person's shifts report already."""


@dataclass(frozen=True)
class LastGroupUpdate:
    """How the user group was set last."""

    position: int  # of the delivery that set it
    members: tuple[str, ...]  # Slack ids
    channel: str
    subject: str
