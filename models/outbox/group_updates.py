"""Updates of the on-call user group: how it was set last, and why it is set again."""

from collections.abc import Iterable
from dataclasses import dataclass

_EDITED, _LATE = "edited ", "late"
REPORTED_ELSEWHERE = frozenset({"left", "unknown"})
"""Reasons for not being in the group that the reminders about the person's shifts report already."""


@dataclass(frozen=True)
class LastGroupUpdate:
    """How the user group was set last."""

    position: int  # of the delivery that set it
    members: tuple[str, ...]  # Slack ids
    channel: str
    subject: str


def write_reason(editor: str) -> str:
    """Return the note of an update that sets the group again: because a person changed it, or our change was late.

    ``editor`` is the Slack id of that person, or empty.
    """
    return f"{_EDITED}{editor}" if editor else _LATE


def find_editor(note: str) -> str:
    """Return the Slack id of the person because of whom the group is set again; empty when there is none."""
    return note.removeprefix(_EDITED) if note.startswith(_EDITED) else ""


def write_members(members: Iterable[str]) -> str:
    """Return the note of an update that was sent: who is in the group now, by Slack id."""
    return " ".join(members)


def read_members(note: str) -> tuple[str, ...]:
    """Read what :func:`write_members` wrote."""
    return tuple(note.split())
