"""Entries of the coverage ledger: made of who is responsible and of the gaps, laid over one another. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from models.rules.rota.gaps import OF_A_PLACE, Gap, IntendedGap, Reason, Survey
from models.rules.rota.on_call import Place, Stretch, Verdict
from models.rules.rota.rota import Plan

LONGEST = timedelta(days=1)
"""A stretch that goes on longer is entered day by day, so that little has to be computed again."""
REASONS = list(Reason)
Judged = tuple[Gap, IntendedGap | None]
"""A gap, with what makes it intended, if anything does."""


@dataclass(frozen=True)
class Entry:
    """One interval of one place, ``start`` to ``end`` (UTC). ``verdict`` is one of ``models.rules.rota.on_call.Verdict``, for
    the bot ``running``, ``down`` or ``ahead``; ``person`` is the plan's name, empty for nobody; ``evidence`` names the
    record. Of an intended gap and of a correction ``by`` is the Slack id of who decided it (or ``cli``) and ``why``
    their reason; else both are empty."""

    place: Place
    start: datetime
    end: datetime
    verdict: str
    person: str
    evidence: str
    by: str = ""
    why: str = ""


def judged(held: Iterable[Stretch], look: Survey, plan: Plan, window: tuple[datetime, datetime]) -> list[Entry]:
    """What is told of every place that is owed: who is responsible, cut by the gaps of its seat."""
    by_place: dict[Place, list[Stretch]] = {place: [] for place in places(plan)}
    for stretch in held:
        by_place.setdefault(stretch.place, []).append(stretch)
    gaps: list[Judged] = [*((gap, None) for gap in look.gaps()), *((one.gap, one) for one in look.intended())]
    found: list[Entry] = []
    for place, mine in by_place.items():
        whole = mine or [Stretch(place, *window, "", Verdict.UNCOVERED, "rota")]
        concerned = sorted((one for one in gaps if one[0].seat == place.seat), key=lambda one: one[0].start)
        found += [entry for stretch in whole for entry in _cut(stretch, concerned)]
    return found


def _cut(stretch: Stretch, gaps: Sequence[Judged]) -> Iterator[Entry]:
    """A stretch cut by the gaps that are about its person, or about nobody. Who stays on for somebody who has not taken
    over yet is not whom a gap is about."""
    about = () if stretch.awaited else gaps
    mine = [one for one in about if _touches(one[0], stretch) and one[0].is_about(stretch.person)]
    inside = {at for gap, _ in mine for at in (gap.start, gap.end) if stretch.start < at < stretch.end}
    for start, end in pairwise([stretch.start, *sorted(inside), stretch.end]):
        active = [one for one in mine if one[0].start <= start < one[0].end]
        first = min(active, key=lambda one: REASONS.index(one[0].reason), default=None)
        yield _of_gap(stretch, start, end, first) if first else _told(replace(stretch, start=start, end=end))


def _touches(gap: Gap, stretch: Stretch) -> bool:
    return gap.start < stretch.end and stretch.start < gap.end


def _of_gap(stretch: Stretch, start: datetime, end: datetime, of: Judged) -> Entry:
    """What is told of a stretch while there is a gap: who is on nevertheless, and its reason or who accepted it."""
    gap, meant = of
    person = "" if gap.reason in OF_A_PLACE else stretch.person
    if meant:
        return Entry(stretch.place, start, end, Verdict.INTENDED, person, meant.source, meant.by, meant.why)
    return Entry(stretch.place, start, end, str(gap.kind), person, f"gap:{gap.reason}")


def _told(stretch: Stretch) -> Entry:
    return Entry(stretch.place, stretch.start, stretch.end, str(stretch.verdict), stretch.person, stretch.evidence)


def after(entry: Entry, reached: datetime | None) -> Iterator[Entry]:
    """The part of an entry that is not made yet."""
    if reached is None or entry.start >= reached:
        yield entry
    elif entry.end > reached:
        yield replace(entry, start=reached)


def finished(entry: Entry, now: datetime) -> Iterator[Entry]:
    """What of an entry is over for good; of one that goes on only whole days."""
    if entry.end < now:
        yield entry
        return
    days = (now - entry.start) // LONGEST
    if days:
        yield replace(entry, end=entry.start + days * LONGEST)


def laid_over(below: list[Entry], above: Sequence[Entry]) -> list[Entry]:
    """Entries with later ones laid over them, in order; only inside of what is below."""
    for entry in above:
        kept: list[Entry] = []
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


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """Adjoining intervals that say the same are one."""
    found: list[Entry] = []
    for entry in sorted(entries, key=lambda one: one.start):
        if found and replace(found[-1], start=entry.start, end=entry.end) == entry and found[-1].end == entry.start:
            found[-1] = replace(found[-1], end=entry.end)
        else:
            found.append(entry)
    return found


def places(plan: Plan | None) -> list[Place]:
    """Every place that is owed, in the order of the plan."""
    seats = plan.seats if plan else ()
    return [Place(seat.name, place) for seat in seats for place in range(1, seat.people + 1)]


def order(place: Place, owed: Sequence[Place]) -> tuple[int, str, int]:
    """What places are sorted by: those that are owed first, as the plan has them."""
    return (owed.index(place) if place in owed else len(owed), place.seat, place.place)


# What became of a seat -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """Some time of a seat in which the same is true: ``verdict`` is the worst of its places, and empty while all is
    well; ``people`` are the plan's names of who is on."""

    start: datetime
    end: datetime
    verdict: str
    people: tuple[str, ...]


WORST = (str(Verdict.UNCOVERED), str(Verdict.BELOW_REQUIREMENT), str(Verdict.INTENDED))


def parts(entries: Iterable[Entry], seat: str) -> list[Part]:
    """What the ledger tells of a seat, its places together, in order."""
    mine = [one for one in entries if one.place.seat == seat]
    edges = sorted({at for one in mine for at in (one.start, one.end)})
    found: list[Part] = []
    for start, end in pairwise(edges):
        there = [one for one in mine if one.start <= start < one.end]
        verdicts = {str(one.verdict) for one in there}
        verdict = next((one for one in WORST if one in verdicts), "")
        part = Part(start, end, verdict, tuple(dict.fromkeys(one.person for one in there if one.person)))
        if found and replace(found[-1], start=start, end=end) == part:
            part = replace(part, start=found.pop().start)
        found.append(part)
    return found
