"""How much of a month somebody was on call, from the entries of the coverage ledger. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.rota.ledger_entries import LedgerEntry
from models.rules.rota.on_call import CoverageStatus
from models.rules.times import EARLIEST

_COVERED = frozenset({CoverageStatus.PLANNED, CoverageStatus.CONFIRMED, CoverageStatus.HANDED_OVER})
_STAFFED = _COVERED | {CoverageStatus.BELOW_REQUIREMENT}


@dataclass(frozen=True)
class SeatCoverage:
    """How long the places of one seat were covered, together."""

    seat: str
    covered: timedelta = timedelta()
    below: timedelta = timedelta()  # below the requirement
    uncovered: timedelta = timedelta()
    accepted: timedelta = timedelta()  # a gap that a person accepted

    @property
    def total(self) -> timedelta:
        """All of it."""
        return self.covered + self.below + self.uncovered + self.accepted


@dataclass(frozen=True)
class MonthCoverage:
    """The coverage of a month."""

    seats: Sequence[SeatCoverage]
    total: timedelta  # since there was a rota.
    staffed: timedelta  # in which at least one person was on call.
    since: datetime | None = None  # when the first rota began, if that was after the time that is counted began


def sum_coverage(entries: Iterable[LedgerEntry], no_rota: str, start: datetime) -> MonthCoverage | None:
    """Return the coverage by seat from ``start`` on; None when there was no rota.

    Time before the first rota, whose evidence is ``no_rota``, is left out.
    """
    counted = [entry for entry in entries if entry.evidence != no_rota and entry.end > entry.start]
    if not counted:
        return None
    lengths: dict[str, dict[str, timedelta]] = {}
    for entry in counted:
        by_status = lengths.setdefault(entry.slot.seat, defaultdict(timedelta))
        by_status[entry.status] += entry.end - entry.start
    seats = [
        SeatCoverage(
            seat,
            sum((by_status[status] for status in _COVERED), timedelta()),
            by_status[CoverageStatus.BELOW_REQUIREMENT],
            by_status[CoverageStatus.UNCOVERED],
            by_status[CoverageStatus.ACCEPTED],
        )
        for seat, by_status in lengths.items()
    ]
    staffed = _measure(entry for entry in counted if entry.status in _STAFFED and entry.person)
    first = min(entry.start for entry in counted)
    return MonthCoverage(seats, _measure(counted), staffed, first if first > start else None)


def _measure(entries: Iterable[LedgerEntry]) -> timedelta:
    """Return how long at least one of these entries lasts."""
    total, reached = timedelta(), EARLIEST
    for start, end in sorted((entry.start, entry.end) for entry in entries):
        begins = max(start, reached)
        total += max(timedelta(), end - begins)
        reached = max(end, begins)
    return total
