"""Entries of the coverage ledger, made from who is responsible and from the gaps. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from models.rules.rota.gaps import EMPTY_SLOT_REASONS, AcceptedGap, Gap, GapReason
from models.rules.rota.on_call import CoverageStatus, OnCallInterval, Slot
from models.rules.rota.resolved_rota import ResolvedRota
from models.rules.rota.rota import Rota

LONGEST_ENTRY = timedelta(days=1)
"""A longer interval is entered day by day, so that little must be computed again."""
REASON_ORDER = list(GapReason)
GapWithAcceptance = tuple[Gap, AcceptedGap | None]
"""A gap, with its acceptance if a person accepted it."""


@dataclass(frozen=True)
class LedgerEntry:
    """One interval of one slot in the ledger."""

    slot: Slot
    start: datetime  # UTC, like ``end``
    end: datetime
    status: str  # a ``CoverageStatus``; for the bot itself ``running``, ``down`` or ``ahead``
    person: str  # the rota's name; empty for nobody
    evidence: str  # names the record that proves it
    by: str = ""  # Slack id (or ``cli``) of who accepted a gap or made a correction; else empty
    why: str = ""  # their reason


def build_entries(
    intervals: Iterable[OnCallInterval], resolved: ResolvedRota, rota: Rota, window: tuple[datetime, datetime]
) -> list[LedgerEntry]:
    """Return the entries of every required slot: who is responsible, split by the gaps of its seat."""
    by_slot: dict[Slot, list[OnCallInterval]] = {slot: [] for slot in required_slots(rota)}
    for interval in intervals:
        by_slot.setdefault(interval.slot, []).append(interval)
    gaps: list[GapWithAcceptance] = [
        *((gap, None) for gap in resolved.gaps()),
        *((accepted.gap, accepted) for accepted in resolved.accepted_gaps()),
    ]
    entries: list[LedgerEntry] = []
    for slot, intervals_of_slot in by_slot.items():
        covering = intervals_of_slot or [OnCallInterval(slot, *window, "", CoverageStatus.UNCOVERED, "rota")]
        gaps_of_seat = sorted(
            (accepted for accepted in gaps if accepted[0].seat == slot.seat), key=lambda accepted: accepted[0].start
        )
        entries += [entry for interval in covering for entry in _split_by_gaps(interval, gaps_of_seat)]
    return entries


def _split_by_gaps(interval: OnCallInterval, gaps: Sequence[GapWithAcceptance]) -> Iterator[LedgerEntry]:
    """Return the entries of an interval, split by the gaps that concern its person or nobody.

    No gap concerns a person who stays on because the next one has not taken over yet.
    """
    candidates = () if interval.awaited else gaps
    concerning = [
        candidate
        for candidate in candidates
        if _overlaps(candidate[0], interval) and candidate[0].concerns(interval.person)
    ]
    edges = {at for gap, _ in concerning for at in (gap.start, gap.end) if interval.start < at < interval.end}
    for start, end in pairwise([interval.start, *sorted(edges), interval.end]):
        active = [candidate for candidate in concerning if candidate[0].start <= start < candidate[0].end]
        first = min(active, key=lambda candidate: REASON_ORDER.index(candidate[0].reason), default=None)
        yield (
            _build_gap_entry(interval, start, end, first)
            if first
            else _build_entry(replace(interval, start=start, end=end))
        )


def _overlaps(gap: Gap, interval: OnCallInterval) -> bool:
    return gap.start < interval.end and interval.start < gap.end


def _build_gap_entry(
    interval: OnCallInterval, start: datetime, end: datetime, gap_with_acceptance: GapWithAcceptance
) -> LedgerEntry:
    """Return the entry of an interval with a gap: who is on call nevertheless, and its reason or who accepted it."""
    gap, accepted = gap_with_acceptance
    person = "" if gap.reason in EMPTY_SLOT_REASONS else interval.person
    if accepted:
        return LedgerEntry(
            interval.slot, start, end, CoverageStatus.ACCEPTED, person, accepted.source, accepted.by, accepted.why
        )
    return LedgerEntry(interval.slot, start, end, str(gap.kind), person, f"gap:{gap.reason}")


def _build_entry(interval: OnCallInterval) -> LedgerEntry:
    return LedgerEntry(
        interval.slot, interval.start, interval.end, str(interval.status), interval.person, interval.evidence
    )


def name_ways(entries: Iterable[LedgerEntry], ways: Mapping[str, str]) -> list[LedgerEntry]:
    """Return the entries with the way by which their evidence came, where it was not made in Slack."""
    return [
        replace(entry, evidence=f"{entry.evidence} ({ways[entry.evidence]})") if entry.evidence in ways else entry
        for entry in entries
    ]


def drop_recorded(entry: LedgerEntry, recorded_until: datetime | None) -> Iterator[LedgerEntry]:
    """Return the part of an entry that is not recorded yet."""
    if recorded_until is None or entry.start >= recorded_until:
        yield entry
    elif entry.end > recorded_until:
        yield replace(entry, start=recorded_until)


def select_finished(entry: LedgerEntry, now: datetime) -> Iterator[LedgerEntry]:
    """Return the part of an entry that is over. Of an entry that goes on, only whole days are."""
    if entry.end < now:
        yield entry
        return
    days = (now - entry.start) // LONGEST_ENTRY
    if days:
        yield replace(entry, end=entry.start + days * LONGEST_ENTRY)


def apply_corrections(below: list[LedgerEntry], above: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Return entries with later ones applied over them, in order; only inside the entries below."""
    for entry in above:
        kept: list[LedgerEntry] = []
        for lower in below:
            start, end = max(lower.start, entry.start), min(lower.end, entry.end)
            if start >= end:
                kept.append(lower)
                continue
            kept += [replace(lower, end=start)] if lower.start < start else []
            kept.append(replace(entry, start=start, end=end))
            kept += [replace(lower, start=end)] if end < lower.end else []
        below = kept
    return below


def merge_entries(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Return adjoining intervals with equal content as one."""
    merged: list[LedgerEntry] = []
    for entry in sorted(entries, key=lambda item: item.start):
        if merged and replace(merged[-1], start=entry.start, end=entry.end) == entry and merged[-1].end == entry.start:
            merged[-1] = replace(merged[-1], end=entry.end)
        else:
            merged.append(entry)
    return merged


def required_slots(rota: Rota | None) -> list[Slot]:
    """Return every slot that the rota requires, in its order."""
    seats = rota.seats if rota else ()
    return [Slot(seat.name, number) for seat in seats for number in range(1, seat.people + 1)]


def slot_sort_key(slot: Slot, required: Sequence[Slot]) -> tuple[int, str, int]:
    """Return what slots are sorted by: required slots first, in the order of the rota."""
    return (required.index(slot) if slot in required else len(required), slot.seat, slot.number)


# The ledger of a seat --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LedgerInterval:
    """A time of a seat in which nothing changes."""

    start: datetime
    end: datetime
    status: str  # the worst of its slots; empty while all is well
    people: tuple[str, ...]  # the rota's names of who is on call


WORST_FIRST = (str(CoverageStatus.UNCOVERED), str(CoverageStatus.BELOW_REQUIREMENT), str(CoverageStatus.ACCEPTED))


def build_seat_intervals(entries: Iterable[LedgerEntry], seat: str) -> list[LedgerInterval]:
    """Return what the ledger holds of a seat, its slots together, in order."""
    of_seat = [entry for entry in entries if entry.slot.seat == seat]
    edges = sorted({at for entry in of_seat for at in (entry.start, entry.end)})
    intervals: list[LedgerInterval] = []
    for start, end in pairwise(edges):
        active = [entry for entry in of_seat if entry.start <= start < entry.end]
        statuses = {str(entry.status) for entry in active}
        status = next((entry for entry in WORST_FIRST if entry in statuses), "")
        interval = LedgerInterval(
            start, end, status, tuple(dict.fromkeys(entry.person for entry in active if entry.person))
        )
        if intervals and replace(intervals[-1], start=start, end=end) == interval:
            interval = replace(interval, start=intervals.pop().start)
        intervals.append(interval)
    return intervals
