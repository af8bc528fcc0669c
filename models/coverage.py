"""The coverage ledger: for every past minute who stood in each place, and what proves it. Written, never rewritten.

An entry is made when a stretch is over, from what was known at each minute of it; a correction is a later entry that
lies over it. What is asked for is always told for the whole period: also what is not over yet, what lies ahead, and
what was before there was a rota.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from models.people import Actor
from models.refusal import refuse
from models.rota.duty import Place, Stretch, Verdict, stretches
from models.rota.gaps import Gap, Reason, gaps, survey
from models.rota.outcome import Situation
from models.rota.plan import Plan
from models.rota.shifts import resolve
from models.rota_tables import ABSENT, DOWNTIME, LEDGER, PULSE
from models.rotas import Rotas
from models.store import Store
from models.tables import ROTA_PLAN
from models.watches import LOOK_BACK, Watches

LONGEST = timedelta(days=1)
"""A stretch that goes on longer is entered day by day, so that little has to be computed again."""
EMPTY = frozenset({Reason.NOBODY, Reason.NO_BACKUP, Reason.ON_LEAVE, Reason.LEFT_WORKSPACE, Reason.NO_ACCOUNT})
"""Reasons by which a place has nobody. The others say that whoever stands there is not enough."""
BOT = Place("bot")
"""The bot's own row: whether it was there to remind anybody."""
RUNNING, DOWN, BEFORE, AHEAD = "running", "down", "before", "ahead"
NO_ROTA = "no_rota"
Reached = dict[Place, datetime]
FIRST_PLAN = select(func.min(ROTA_PLAN.c.at))
REACHED = (
    select(LEDGER.c.seat, LEDGER.c.place, func.max(LEDGER.c.end).label("end"))
    .where(~LEDGER.c.corrects)
    .group_by(LEDGER.c.seat, LEDGER.c.place)
)


@dataclass(frozen=True)
class Entry:
    """One interval of one place, ``start`` to ``end`` (UTC). ``verdict`` is one of ``models.rota.duty.Verdict``, for
    the bot ``running``, ``down`` or ``ahead``; ``person`` is the plan's name, empty for nobody; ``evidence`` names the
    record."""

    place: Place
    start: datetime
    end: datetime
    verdict: str
    person: str
    evidence: str


class Coverage:
    """The ledger in a store."""

    def __init__(self, store: Store, rotas: Rotas, watches: Watches) -> None:
        self._store = store
        self._rotas = rotas
        self._watches = watches
        self._kept_up = ""

    def keep_up(self, now: datetime) -> None:
        """Enter what is over; at most once an hour something is done. Raises NotSaved."""
        hour = f"{now:%Y-%m-%d %H}"
        if self._kept_up != hour:
            self.enter(now)
            self._kept_up = hour

    def enter(self, now: datetime) -> int:
        """Enter every stretch that is over, and long ones day by day; how many entries were made. Raises NotSaved."""
        first, reached, plan = self._store.read(lambda c: (_first_plan(c), _reached(c), self._rotas.known_plan(c, now)))
        if first is None:
            return 0
        over = [
            _told(finished)
            for stretch in self._lived(_missing_since(reached, first, _places(plan), now), now)
            for rest in _after(stretch, reached.get(stretch.place))
            for finished in _finished(rest, now)
        ]
        return self._store.write(lambda connection: _entered(connection, over, reached, now)) if over else 0

    def report(self, start: datetime, end: datetime, now: datetime) -> list[Entry]:
        """Every place's intervals, disjoint and without holes from ``start`` to ``end`` (UTC), by place; then the
        bot's own. What lies after ``now`` is planned as known now."""
        known = self._rotas.situation(now, start - 2 * LOOK_BACK)
        laid = [*self._unwritten(start, end, now, known), *self._written(start, end)]
        owed = _places(known.plan if known else None)
        places = {entry.place for entry in laid} | set(owed)
        found: list[Entry] = []
        for place in sorted(places, key=lambda one: _order(one, owed)):
            whole = [Entry(place, start, end, Verdict.UNCOVERED, "", NO_ROTA)]
            found += _joined(_laid_over(whole, [entry for entry in laid if entry.place == place]))
        return [*found, *_joined(self._bots_own(start, end, now))]

    def at(self, moment: datetime, now: datetime) -> list[Entry]:
        """Who stood, or will stand, in each place at an instant, as it was known then. The second that runs is told as
        lived: whoever has not been taken over from is responsible in it."""
        end = moment + timedelta(seconds=1)
        seen = max(now, end) if moment <= now else now
        return [one for one in self.report(moment, end, seen) if one.place != BOT]

    def correct(self, entry: Entry, why: str, by: Actor, now: datetime) -> None:
        """Lay a correction over the past; what was entered before stays on record. Raises Refused, NotSaved."""
        if not by.is_lead:
            raise refuse("leads_only")
        if entry.end > now or entry.end <= entry.start:
            raise refuse("only_the_past")
        if not why.strip():
            raise refuse("why_needed", "why")
        row = {**_row(entry, now), "by": by.id, "corrects": True, "why": why.strip()}
        number = self._store.read(lambda c: c.scalar(select(func.max(LEDGER.c.id)))) or 0
        evidence = entry.evidence or f"correction:{number + 1}"
        self._store.write(lambda connection: connection.execute(insert(LEDGER), [{**row, "evidence": evidence}]))

    # What was lived ------------------------------------------------------------------------------------------------

    def _lived(self, start: datetime, end: datetime) -> list[Stretch]:
        """Who was responsible between two past instants, each minute judged by what was known then."""
        if start >= end:
            return []
        presses = [press for press in self._watches.presses(start - 2 * LOOK_BACK, end + LOOK_BACK) if press.at <= end]
        found: list[Stretch] = []
        for begins, ends, known in self._rotas.lived(start, end, start - 2 * LOOK_BACK):
            shifts = resolve(known.plan, known.changes, begins - LOOK_BACK, ends + LOOK_BACK, known.left)
            held = stretches(shifts, presses, begins, ends, known.absences)
            empty = gaps(known.plan, known.changes, begins, ends, known.left)
            found += _judged(held, [gap for gap in empty if gap.reason in EMPTY], known.plan, (begins, ends))
        return found

    def _unwritten(self, start: datetime, end: datetime, now: datetime, known: Situation | None) -> list[Entry]:
        """What no entry tells yet: up to now as it was lived, from now on as it is planned."""
        first, reached = self._store.read(lambda connection: (_first_plan(connection), _reached(connection)))
        if first is None or known is None:
            return []
        since = max(start, _missing_since(reached, first, _places(known.plan), now))
        lived = self._lived(since, min(end, now))
        ahead = self._planned(max(start, now, first), end, known)
        return [_told(stretch) for stretch in (*lived, *ahead)]

    def _planned(self, start: datetime, end: datetime, known: Situation) -> list[Stretch]:
        if start >= end:
            return []
        look = survey(known.plan, known.changes, start, end, known.left)
        empty = [gap for gap in look.gaps() if gap.reason in EMPTY]
        return _judged(stretches(look.shifts(), (), start, end), empty, known.plan, (start, end))

    # What was entered ----------------------------------------------------------------------------------------------

    def _written(self, start: datetime, end: datetime) -> list[Entry]:
        """The entries of a period, corrections after what they correct."""
        query = select(LEDGER).where(LEDGER.c.end > start, LEDGER.c.start < end)
        query = query.order_by(LEDGER.c.corrects, LEDGER.c.id)
        return self._store.read(lambda c: [_entry(row._mapping) for row in c.execute(query)])

    def _bots_own(self, start: datetime, end: datetime, now: datetime) -> list[Entry]:
        """When the bot ran and when it did not. Before there was a rota nothing is recorded of it, and what lies ahead
        is neither."""
        query = select(DOWNTIME).where(DOWNTIME.c.end > start, DOWNTIME.c.start < end).order_by(DOWNTIME.c.start)
        down = self._store.read(lambda c: list(c.execute(query)))
        ticked = self._store.read(lambda c: c.scalar(select(PULSE.c.at)))
        first = self._store.read(_first_plan)
        until = now if ticked and now - ticked <= ABSENT else ticked  # the next tick is only a moment away
        running = [Entry(BOT, first or now, min(until, now), RUNNING, "", "pulse")] if until else []
        began = Entry(BOT, start, first or now if until else now, BEFORE, "", "not_recorded")
        laid = [began, *running, *(Entry(BOT, row.start, row.end, DOWN, "", f"downtime:{row.id}") for row in down)]
        laid += [Entry(BOT, now, end, AHEAD, "", "not_yet")]
        return _laid_over([Entry(BOT, start, end, DOWN, "", "not_recorded")], laid)


# Values ------------------------------------------------------------------------------------------------------------


def _missing_since(reached: Reached, first: datetime, places: Iterable[Place], now: datetime) -> datetime:
    """From when on something may be missing: of each place that is owed, and of one that was until lately."""
    owed = [reached.get(place, first) for place in places]
    return min([*owed, *(moment for moment in reached.values() if moment > now - 3 * LONGEST)], default=first)


def _judged(
    held: Iterable[Stretch], empty: Sequence[Gap], plan: Plan, window: tuple[datetime, datetime]
) -> list[Stretch]:
    """The stretches of every place that is owed, with those uncovered at which the policy says nobody stands."""
    by_place: dict[Place, list[Stretch]] = {place: [] for place in _places(plan)}
    for stretch in held:
        by_place.setdefault(stretch.place, []).append(stretch)
    found: list[Stretch] = []
    for place, mine in by_place.items():
        whole = mine or [Stretch(place, *window, "", Verdict.UNCOVERED, "rota")]
        mine_empty = [gap for gap in empty if gap.seat == place.seat]
        found += [part for stretch in whole for part in _emptied(stretch, mine_empty)]
    return found


def _emptied(stretch: Stretch, empty: Sequence[Gap]) -> Iterator[Stretch]:
    """A stretch cut by the gaps that are about its person, or about nobody."""
    at = stretch.start
    for gap in sorted(empty, key=lambda one: one.start):
        start, end = max(gap.start, at), min(gap.end, stretch.end)
        concerned = stretch.person in gap.who if stretch.person else not stretch.person
        if start < end and concerned:
            if at < start:
                yield replace(stretch, start=at, end=start)
            yield Stretch(stretch.place, start, end, "", Verdict.UNCOVERED, f"gap:{gap.reason}")
            at = end
    if at < stretch.end:
        yield replace(stretch, start=at)


def _told(stretch: Stretch) -> Entry:
    return Entry(stretch.place, stretch.start, stretch.end, str(stretch.verdict), stretch.person, stretch.evidence)


def _after(stretch: Stretch, reached: datetime | None) -> Iterator[Stretch]:
    """The part of a stretch that is not entered yet."""
    if reached is None or stretch.start >= reached:
        yield stretch
    elif stretch.end > reached:
        yield replace(stretch, start=reached)


def _finished(stretch: Stretch, now: datetime) -> Iterator[Stretch]:
    """What of a stretch is over for good; of one that goes on only whole days."""
    if stretch.end < now:
        yield stretch
        return
    days = (now - stretch.start) // LONGEST
    if days:
        yield replace(stretch, end=stretch.start + days * LONGEST)


def _laid_over(below: list[Entry], above: Sequence[Entry]) -> list[Entry]:
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


def _joined(entries: Iterable[Entry]) -> list[Entry]:
    """Adjoining intervals that say the same are one."""
    found: list[Entry] = []
    for entry in sorted(entries, key=lambda one: one.start):
        if found and replace(found[-1], start=entry.start, end=entry.end) == entry and found[-1].end == entry.start:
            found[-1] = replace(found[-1], end=entry.end)
        else:
            found.append(entry)
    return found


def _places(plan: Plan | None) -> list[Place]:
    """Every place that is owed, in the order of the plan."""
    seats = plan.seats if plan else ()
    return [Place(seat.name, place) for seat in seats for place in range(1, seat.people + 1)]


def _order(place: Place, owed: Sequence[Place]) -> tuple[int, str, int]:
    return (owed.index(place) if place in owed else len(owed), place.seat, place.place)


# Rows --------------------------------------------------------------------------------------------------------------


def _first_plan(connection: Connection) -> datetime | None:
    first: datetime | None = connection.scalar(FIRST_PLAN)
    return first


def _reached(connection: Connection) -> Reached:
    """Up to when each place is entered."""
    return {Place(row.seat, row.place): row.end for row in connection.execute(REACHED)}


def _entered(connection: Connection, over: Sequence[Entry], reached: Reached, now: datetime) -> int:
    """Write entries, unless another bot was quicker; then it entered the same."""
    if not over or _reached(connection) != reached:
        return 0
    rows = [{**_row(entry, now), "by": "bot", "corrects": False, "why": ""} for entry in over]
    connection.execute(insert(LEDGER), rows)
    return len(rows)


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "at": now, "seat": entry.place.seat, "place": entry.place.place, "start": entry.start, "end": entry.end,
        "verdict": str(entry.verdict), "person": entry.person, "evidence": entry.evidence,
    }  # fmt: skip


def _entry(row: RowMapping) -> Entry:
    return Entry(
        Place(row["seat"], row["place"]), row["start"], row["end"], row["verdict"], row["person"], row["evidence"]
    )
