"""The coverage ledger: for every past minute who stood in each place, and what proves it. Written, never rewritten.

An entry is made when a stretch is over, from what was known at each minute of it; a correction is a later entry that
lies over it. All times are whole seconds. What is asked for is always told for the whole period: also what is not over
yet, what lies ahead, and what was before there was a rota.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from models.oncall.confirmations import LOOK_BACK, Confirmations
from models.oncall.rota_store import RotaStore
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.gaps import resolve_rota
from models.rules.rota.impact import RotaState
from models.rules.rota.ledger_entries import (
    LONGEST_ENTRY,
    LedgerEntry,
    apply_corrections,
    build_entries,
    drop_recorded,
    merge_entries,
    required_slots,
    select_finished,
    slot_sort_key,
)
from models.rules.rota.on_call import CoverageStatus, Slot, find_on_call_intervals
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.whole_shifts import extend_shifts, need_earlier_overrides
from models.rules.times import REST_OF_SECOND, SECOND, truncate_to_second
from models.store.database import Store
from models.store.oncall_tables import ABSENT, DOWNTIME, LEDGER, PULSE
from models.store.tables import ROTA_PLAN

BOT = Slot("bot")
"""The bot's own row: whether it was there to remind anybody."""
RUNNING, DOWN, BEFORE, AHEAD = "running", "down", "before", "ahead"
NO_ROTA = "no_rota"
BOT_ITSELF = "bot"
"""Who made an entry that nobody decided."""
Reached = dict[Slot, datetime]
FIRST_PLAN = select(func.min(ROTA_PLAN.c.at))
REACHED = (
    select(LEDGER.c.seat, LEDGER.c.place, func.max(LEDGER.c.end).label("end"))
    .where(~LEDGER.c.corrects)
    .group_by(LEDGER.c.seat, LEDGER.c.place)
)


class CoverageLedger:
    """The ledger in a store."""

    def __init__(self, store: Store, rota_store: RotaStore, confirmations: Confirmations) -> None:
        self._store = store
        self._rota_store = rota_store
        self._confirmations = confirmations
        self._kept_up = ""

    def keep_up(self, now: datetime) -> None:
        """Enter what is over; at most once an hour something is done. Raises NotSaved."""
        hour = f"{now:%Y-%m-%d %H}"
        if self._kept_up != hour:
            self.enter(now)
            self._kept_up = hour

    def enter(self, now: datetime) -> int:
        """Enter every stretch that is over, and long ones day by day; how many entries were made. Raises NotSaved."""
        now = truncate_to_second(now)
        first, reached, rota = self._store.read(
            lambda c: (_first_plan(c), _reached(c), self._rota_store.known_rota(c, now))
        )
        if first is None:
            return 0
        over = [
            part
            for entry in self._lived(_missing_since(reached, first, required_slots(rota), now), now)
            for rest in drop_recorded(entry, reached.get(entry.slot))
            for part in select_finished(rest, now)
        ]
        return self._store.write(lambda connection: _entered(connection, over, reached, now)) if over else 0

    def report(self, start: datetime, end: datetime, now: datetime) -> list[LedgerEntry]:
        """Every place's intervals, disjoint and without holes from ``start`` to ``end`` (UTC), by place; then the
        bot's own. What lies after ``now`` is planned as known now.
        """
        start, end, now = (truncate_to_second(at) for at in (start, end, now))
        known = self._rota_store.rota_state(now + SECOND, start - 2 * LOOK_BACK)
        laid = [*self._unwritten(start, end, now, known), *self._written(start, end)]
        owed = required_slots(known.rota if known else None)
        there = {entry.slot for entry in laid} | set(owed)
        found: list[LedgerEntry] = []
        for place in sorted(there, key=lambda one: slot_sort_key(one, owed)):
            whole = [LedgerEntry(place, start, end, CoverageStatus.UNCOVERED, "", NO_ROTA)]
            found += merge_entries(apply_corrections(whole, [entry for entry in laid if entry.slot == place]))
        return [*found, *merge_entries(self._bots_own(start, end, now))]

    def at(self, moment: datetime, now: datetime) -> list[LedgerEntry]:
        """Who stood, or will stand, in each place at an instant, as it was known then. The second that runs is told as
        lived: whoever has not been taken over from is responsible in it.
        """
        moment = truncate_to_second(moment)
        end = moment + SECOND
        seen = max(now, end) if moment <= now else now
        return [one for one in self.report(moment, end, seen) if one.slot != BOT]

    def correct(self, entry: LedgerEntry, why: str, by: Actor, now: datetime) -> bool:
        """Lay a correction over the past; what was entered before stays on record. False when the newest correction
        there says the same already. Raises Refused, NotSaved.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        if entry.end > now or entry.end <= entry.start:
            raise refuse("only_the_past")
        if not why.strip():
            raise refuse("why_needed", "why")
        entry = replace(entry, start=truncate_to_second(entry.start), end=truncate_to_second(entry.end))
        row = {**_row(replace(entry, by=by.id, why=why.strip()), now), "corrects": True}
        return self._store.write(lambda connection: _corrected(connection, row))

    # What was lived ------------------------------------------------------------------------------------------------

    def _lived(self, start: datetime, end: datetime) -> list[LedgerEntry]:
        """Who was responsible between two past instants, each minute judged by what was known then."""
        if start >= end:
            return []
        found: list[LedgerEntry] = []
        for begins, ends, known in self._rota_store.lived(start, end, start - 2 * LOOK_BACK):
            shifts = self._shifts(known, begins, ends)
            presses = self._confirmations.presses(begins - 2 * LOOK_BACK, ends + LOOK_BACK, shifts)
            look = resolve_rota(known.rota, known.overrides, begins, ends, known.absences)
            held = find_on_call_intervals(
                shifts, [press for press in presses if press.at <= end], begins, ends, known.member_absences
            )
            found += build_entries(held, look, known.rota, (begins, ends))
        return found

    def _shifts(self, known: RotaState, start: datetime, end: datetime) -> list[Shift]:
        """The shifts around a time by what was known in it, from their true beginnings."""
        first, last = start - LOOK_BACK, end + LOOK_BACK
        found = resolve_shifts(known.rota, known.overrides, first, last, known.absences)
        if not need_earlier_overrides(found, first):
            return found
        everything = self._rota_store.rota_state(start + REST_OF_SECOND)
        return extend_shifts(found, everything or known, first, last)

    def _unwritten(self, start: datetime, end: datetime, now: datetime, known: RotaState | None) -> list[LedgerEntry]:
        """What no entry tells yet: up to now as it was lived, from now on as it is planned."""
        first, reached = self._store.read(lambda connection: (_first_plan(connection), _reached(connection)))
        if first is None or known is None:
            return []
        since = max(start, _missing_since(reached, first, required_slots(known.rota), now))
        lived = self._lived(since, min(end, now))
        ahead = self._planned(max(start, now, first), end, known)
        return [*lived, *ahead]

    def _planned(self, start: datetime, end: datetime, known: RotaState) -> list[LedgerEntry]:
        if start >= end:
            return []
        look = resolve_rota(known.rota, known.overrides, start, end, known.absences)
        return build_entries(find_on_call_intervals(look.shifts(), (), start, end), look, known.rota, (start, end))

    # What was entered ----------------------------------------------------------------------------------------------

    def _written(self, start: datetime, end: datetime) -> list[LedgerEntry]:
        """The entries of a period, corrections after what they correct."""
        query = select(LEDGER).where(LEDGER.c.end > start, LEDGER.c.start < end)
        query = query.order_by(LEDGER.c.corrects, LEDGER.c.id)
        return self._store.read(lambda c: [_entry(row._mapping) for row in c.execute(query)])

    def _bots_own(self, start: datetime, end: datetime, now: datetime) -> list[LedgerEntry]:
        """When the bot ran and when it did not. Before there was a rota nothing is recorded of it, and what lies ahead
        is neither.
        """
        query = select(DOWNTIME).where(DOWNTIME.c.end > start, DOWNTIME.c.start < end).order_by(DOWNTIME.c.start)
        down = self._store.read(lambda c: list(c.execute(query)))
        ticked = self._store.read(lambda c: c.scalar(select(PULSE.c.at)))
        first = self._store.read(_first_plan)
        until = now if ticked and now - ticked <= ABSENT else ticked  # the next tick is only a moment away
        running = [LedgerEntry(BOT, first or now, min(until, now), RUNNING, "", "pulse")] if until else []
        began = LedgerEntry(BOT, start, first or now if until else now, BEFORE, "", "not_recorded")
        laid = [
            began,
            *running,
            *(LedgerEntry(BOT, row.start, row.end, DOWN, "", f"downtime:{row.id}") for row in down),
        ]
        laid += [LedgerEntry(BOT, now, end, AHEAD, "", "not_yet")]
        return apply_corrections([LedgerEntry(BOT, start, end, DOWN, "", "not_recorded")], laid)


# Values ------------------------------------------------------------------------------------------------------------


def _missing_since(reached: Reached, first: datetime, places: Iterable[Slot], now: datetime) -> datetime:
    """From when on something may be missing: of each place that is owed, and of one that was until lately."""
    owed = [reached.get(place, first) for place in places]
    return min([*owed, *(moment for moment in reached.values() if moment > now - 3 * LONGEST_ENTRY)], default=first)


# Rows --------------------------------------------------------------------------------------------------------------


def _first_plan(connection: Connection) -> datetime | None:
    first: datetime | None = connection.scalar(FIRST_PLAN)
    return truncate_to_second(first) if first else None


def _reached(connection: Connection) -> Reached:
    """Up to when each place is entered."""
    return {Slot(row.seat, row.place): truncate_to_second(row.end) for row in connection.execute(REACHED)}


def _entered(connection: Connection, over: Sequence[LedgerEntry], reached: Reached, now: datetime) -> int:
    """Write entries, unless another bot was quicker; then it entered the same."""
    if not over or _reached(connection) != reached:
        return 0
    rows = [{**_row(entry, now), "corrects": False} for entry in over]
    connection.execute(insert(LEDGER), rows)
    return len(rows)


def _corrected(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Write a correction, unless the newest one that touches its time says the same."""
    there = (LEDGER.c.seat == row["seat"], LEDGER.c.place == row["place"], LEDGER.c.corrects)
    touching = (LEDGER.c.end > row["start"], LEDGER.c.start < row["end"])
    newest = connection.execute(select(LEDGER).where(*there, *touching).order_by(LEDGER.c.id.desc()).limit(1)).first()
    if newest and all(newest._mapping[key] == row[key] for key in ("start", "end", "verdict", "person", "by", "why")):
        return False
    number = connection.scalar(select(func.max(LEDGER.c.id))) or 0
    evidence = row["evidence"] or f"correction:{number + 1}"
    connection.execute(insert(LEDGER), [{**row, "evidence": evidence}])
    return True


def _row(entry: LedgerEntry, now: datetime) -> dict[str, Any]:
    return {
        "at": now, "seat": entry.slot.seat, "place": entry.slot.number, "start": entry.start, "end": entry.end,
        "verdict": str(entry.status), "person": entry.person, "evidence": entry.evidence, "by": entry.by or BOT_ITSELF,
        "why": entry.why,
    }  # fmt: skip


def _entry(row: RowMapping) -> LedgerEntry:
    by = "" if row["by"] == BOT_ITSELF else row["by"]
    start, end = truncate_to_second(row["start"]), truncate_to_second(row["end"])
    place, facts = Slot(row["seat"], row["place"]), (row["verdict"], row["person"], row["evidence"])
    return LedgerEntry(place, start, end, *facts, by, row["why"])
