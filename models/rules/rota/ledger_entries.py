"""Entries of the coverage ledger: made of who is responsible and of the gaps, laid over one another. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from models.rules.rota.gaps import EMPTY_SLOT_REASONS, AcceptedGap, Gap, GapReason, ResolvedRota
from models.rules.rota.on_call import CoverageStatus, OnCallInterval, Slot
from models.rules.rota.rota import Rota

LONGEST_ENTRY = timedelta(days=1)
"""A stretch that goes on longer is entered day by day, so that little has to be computed again."""
REASONS = list(GapReason)
Judged = tuple[Gap, AcceptedGap | None]
"""A gap, with what makes it intended, if anything does."""


@dataclass(frozen=True)
class LedgerEntry:
    """One interval of one place, ``start`` to ``end`` (UTC). ``verdict`` is one of
    ``models.rules.rota.on_call.Verdict``, for
    the bot ``running``, ``down`` or ``ahead``; ``person`` is the plan's name, empty for nobody; ``evidence`` names the
    record. Of an intended gap and of a correction ``by`` is the Slack id of who decided it (or ``cli``) and ``why``
    their reason; else both are empty.
    """

    slot: Slot
    start: datetime
    end: datetime
    status: str
    person: str
    evidence: str
    by: str = ""
    why: str = ""


def build_entries(
    held: Iterable[OnCallInterval], look: ResolvedRota, rota: Rota, window: tuple[datetime, datetime]
) -> list[LedgerEntry]:
    """What is told of every place that is owed: who is responsible, cut by the gaps of its seat."""
    by_place: dict[Slot, list[OnCallInterval]] = {place: [] for place in required_slots(rota)}
    for stretch in held:
        by_place.setdefault(stretch.slot, []).append(stretch)
    gaps: list[Judged] = [*((gap, None) for gap in look.gaps()), *((one.gap, one) for one in look.accepted_gaps())]
    found: list[LedgerEntry] = []
    for place, mine in by_place.items():
        whole = mine or [OnCallInterval(place, *window, "", CoverageStatus.UNCOVERED, "rota")]
        concerned = sorted((one for one in gaps if one[0].seat == place.seat), key=lambda one: one[0].start)
        found += [entry for stretch in whole for entry in _cut(stretch, concerned)]
    return found


def _cut(stretch: OnCallInterval, gaps: Sequence[Judged]) -> Iterator[LedgerEntry]:
    """A stretch cut by the gaps that are about its person, or about nobody. Who stays on for somebody who has not taken
    over yet is not whom a gap is about.
    """
    about = () if stretch.awaited else gaps
    mine = [one for one in about if _touches(one[0], stretch) and one[0].concerns(stretch.person)]
    inside = {at for gap, _ in mine for at in (gap.start, gap.end) if stretch.start < at < stretch.end}
    for start, end in pairwise([stretch.start, *sorted(inside), stretch.end]):
        active = [one for one in mine if one[0].start <= start < one[0].end]
        first = min(active, key=lambda one: REASONS.index(one[0].reason), default=None)
        yield _of_gap(stretch, start, end, first) if first else _told(replace(stretch, start=start, end=end))


def _touches(gap: Gap, stretch: OnCallInterval) -> bool:
    return gap.start < stretch.end and stretch.start < gap.end


def _of_gap(stretch: OnCallInterval, start: datetime, end: datetime, of: Judged) -> LedgerEntry:
    """What is told of a stretch while there is a gap: who is on nevertheless, and its reason or who accepted it."""
    gap, meant = of
    person = "" if gap.reason in EMPTY_SLOT_REASONS else stretch.person
    if meant:
        return LedgerEntry(stretch.slot, start, end, CoverageStatus.ACCEPTED, person, meant.source, meant.by, meant.why)
    return LedgerEntry(stretch.slot, start, end, str(gap.kind), person, f"gap:{gap.reason}")


def _told(stretch: OnCallInterval) -> LedgerEntry:
    return LedgerEntry(stretch.slot, stretch.start, stretch.end, str(stretch.status), stretch.person, stretch.evidence)


def drop_recorded(entry: LedgerEntry, reached: datetime | None) -> Iterator[LedgerEntry]:
    """The part of an entry that is not made yet."""
    if reached is None or entry.start >= reached:
        yield entry
    elif entry.end > reached:
        yield replace(entry, start=reached)


def select_finished(entry: LedgerEntry, now: datetime) -> Iterator[LedgerEntry]:
    """What of an entry is over for good; of one that goes on only whole days."""
    if entry.end < now:
        yield entry
        return
    days = (now - entry.start) // LONGEST_ENTRY
    if days:
        yield replace(entry, end=entry.start + days * LONGEST_ENTRY)


def apply_corrections(below: list[LedgerEntry], above: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Entries with later ones laid over them, in order; only inside of what is below."""
    for entry in above:
        kept: list[LedgerEntry] = []
        for one in below:
            start, end = max(one.start, entry.start), min(one.end, entry.end)
            if start >= end:
                kept.append(one)
                continue
            kept += [replace(one, end=start)] if one.start < start else []
            kept.append(replace(entry, start=start, end=end))
            kept += [replace(one, start=end)] if end < one.end else []
        below = kept
    return below


def merge_entries(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Adjoining intervals that say the same are one."""
    found: list[LedgerEntry] = []
    for entry in sorted(entries, key=lambda one: one.start):
        if found and replace(found[-1], start=entry.start, end=entry.end) == entry and found[-1].end == entry.start:
            found[-1] = replace(found[-1], end=entry.end)
        else:
            found.append(entry)
    return found


def required_slots(rota: Rota | None) -> list[Slot]:
    """Every place that is owed, in the order of the plan."""
    seats = rota.seats if rota else ()
    return [Slot(seat.name, place) for seat in seats for place in range(1, seat.people + 1)]


def slot_sort_key(place: Slot, owed: Sequence[Slot]) -> tuple[int, str, int]:
    """What places are sorted by: those that are owed first, as the plan has them."""
    return (owed.index(place) if place in owed else len(owed), place.seat, place.number)


# What became of a seat -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LedgerInterval:
    """Some time of a seat in which the same is true: ``verdict`` is the worst of its places, and empty while all is
    well; ``people`` are the plan's names of who is on.
    """

    start: datetime
    end: datetime
    status: str
    people: tuple[str, ...]


WORST = (str(CoverageStatus.UNCOVERED), str(CoverageStatus.BELOW_REQUIREMENT), str(CoverageStatus.ACCEPTED))


def build_seat_intervals(entries: Iterable[LedgerEntry], seat: str) -> list[LedgerInterval]:
    """What the ledger tells of a seat, its places together, in order."""
    mine = [entry for entry in entries if entry.slot.seat == seat]
    edges = sorted({at for one in mine for at in (one.start, one.end)})
    found: list[LedgerInterval] = []
    for start, end in pairwise(edges):
        there = [one for one in mine if one.start <= start < one.end]
        verdicts = {str(one.status) for one in there}
        verdict = next((one for one in WORST if one in verdicts), "")
        part = LedgerInterval(start, end, verdict, tuple(dict.fromkeys(one.person for one in there if one.person)))
        if found and replace(found[-1], start=start, end=end) == part:
            part = replace(part, start=found.pop().start)
        found.append(part)
    return found
