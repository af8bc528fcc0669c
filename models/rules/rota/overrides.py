"""What people change of the rota after it was planned. A change is never edited: a later one wins, or cancels it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OverrideKind(StrEnum):
    """``STAND`` puts somebody into a seat (override, cover, taken gap, each half of a swap); ``LEAVE`` takes somebody
    out of all seats; ``INTEND`` declares a gap intended; ``CANCEL`` undoes an earlier change.
    """

    OVERRIDE = "stand"
    TIME_OFF = "leave"
    ACCEPT_GAP = "intend"
    CANCEL = "cancel"


_CANCEL = OverrideKind.CANCEL  # Python 3.11 takes long to look up a member of an enumeration


@dataclass(frozen=True)
class Override:
    """One change: ``member`` from ``start`` to ``end`` in ``seat``; ``instead_of`` limits it to that person's time;
    ``of`` is the id of a cancelled change; ``why`` is the person's reason.
    """

    id: int
    at: datetime
    by: str
    kind: OverrideKind
    start: datetime
    end: datetime
    member: str = ""
    seat: str = ""
    instead_of: str = ""
    of: int | None = None
    why: str = ""


def select_in_force(changes: Iterable[Override], known_at: datetime | None = None) -> list[Override]:
    """The changes that count, oldest first: known by then, and not cancelled by one known by then."""
    known = sorted((c for c in changes if known_at is None or c.at <= known_at), key=lambda c: (c.at, c.id))
    cancelled = {change.of for change in known if change.kind is _CANCEL}
    return [c for c in known if c.id not in cancelled and c.kind is not _CANCEL]
