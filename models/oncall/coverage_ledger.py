"""The coverage ledger: who was on call in each slot at every past minute, and the evidence. Entries never change.

This module also holds every SQL statement on the ledger.

An entry is made when an interval is over, from what was known at each minute of it. A correction is a later entry that
covers it. All times are whole seconds. A report always covers the whole period that is asked for: also what is not over
yet, what lies ahead, and the time before there was a rota.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select

from models.oncall import rota_versions
from models.oncall.confirmations import Confirmations
from models.oncall.rota_store import RotaStore
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import RotaState
from models.rules.rota.ledger_entries import (
    LONGEST_ENTRY,
    LedgerEntry,
    apply_corrections,
    build_entries,
    drop_recorded,
    merge_entries,
    name_ways,
    required_slots,
    select_finished,
    slot_sort_key,
)
from models.rules.rota.on_call import LOOK_BACK, CoverageStatus, Slot, find_on_call_intervals
from models.rules.rota.resolved_rota import resolve_rota
from models.rules.rota.shift_bounds import extend_shifts, need_earlier_overrides
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.times import REST_OF_SECOND, SECOND, truncate_to_second
from models.store import heartbeat_rows
from models.store.database import Store
from models.store.heartbeat_rows import DOWN_AFTER
from models.store.oncall_tables import LEDGER

BOT = Slot("bot")
"""The slot of the bot itself: whether it ran and could remind anybody."""
RUNNING, DOWN, BEFORE, AHEAD = "running", "down", "before", "ahead"
"""What the report says of the bot."""
NO_ROTA = "no_rota"
BOT_ITSELF = "bot"
"""The author of an entry that the bot made."""
Recorded = dict[Slot, datetime]
"""Up to when each slot is recorded."""
_L = LEDGER.c
# Built once: building a statement costs more than running it.
_RECORDED = select(_L.seat, _L.place, func.max(_L.end).label("end")).where(~_L.corrects).group_by(_L.seat, _L.place)
_BETWEEN = select(LEDGER).where(_L.end > bindparam("since"), _L.start < bindparam("until")).order_by(_L.corrects, _L.id)
_LAST_CORRECTION = (
    select(LEDGER)
    .where(_L.seat == bindparam("seat"), _L.place == bindparam("place"), _L.corrects)
    .where(_L.end > bindparam("since"), _L.start < bindparam("until"))
    .order_by(_L.id.desc())
    .limit(1)
)
_LAST_ID = select(func.coalesce(func.max(_L.id), 0))


class CoverageLedger:
    """The ledger in a store."""

    def __init__(self, store: Store, rota_store: RotaStore, confirmations: Confirmations) -> None:
        self._store = store
        self._rota_store = rota_store
        self._confirmations = confirmations
        self._recorded_hour = ""

    def record_hourly(self, now: datetime) -> None:
        """Record what is over, at most once an hour. Raises NotSaved."""
        hour = f"{now:%Y-%m-%d %H}"
        if self._recorded_hour != hour:
            self.record(now)
            self._recorded_hour = hour

    def record(self, now: datetime) -> int:
        """Record every interval that is over, long ones day by day; return the number of entries. Raises NotSaved."""
        now = truncate_to_second(now)
        first, recorded, rota = self._store.read(
            lambda c: (_find_first_plan(c), _find_recorded(c), self._rota_store.known_rota(c, now))
        )
        if first is None:
            return 0
        since = _recorded_until(recorded, first, required_slots(rota), now)
        entries = [
            part
            for entry in self._past(since, now)
            for rest in drop_recorded(entry, recorded.get(entry.slot))
            for part in select_finished(rest, now)
        ]
        return self._store.write(lambda connection: _add(connection, entries, recorded, now)) if entries else 0

    def report(self, start: datetime, end: datetime, now: datetime) -> list[LedgerEntry]:
        """Return the intervals of every slot from ``start`` to ``end`` (UTC), then those of the bot.

        The intervals of a slot are disjoint and without holes. What lies after ``now`` is planned as known now.
        """
        start, end, now = (truncate_to_second(at) for at in (start, end, now))
        state = self._rota_store.rota_state(now + SECOND, start - 2 * LOOK_BACK)
        entries = [*self._unrecorded(start, end, now, state), *self._recorded(start, end)]
        required = required_slots(state.rota if state else None)
        slots = {entry.slot for entry in entries} | set(required)
        report: list[LedgerEntry] = []
        for slot in sorted(slots, key=lambda slot: slot_sort_key(slot, required)):
            whole = [LedgerEntry(slot, start, end, CoverageStatus.UNCOVERED, "", NO_ROTA)]
            report += merge_entries(apply_corrections(whole, [entry for entry in entries if entry.slot == slot]))
        return [*report, *merge_entries(self._bot_entries(start, end, now))]

    def at(self, moment: datetime, now: datetime) -> list[LedgerEntry]:
        """Return who was or will be on call in each slot at an instant, as it was known then.

        The current second counts as past: a person who was not relieved yet is responsible in it.
        """
        moment = truncate_to_second(moment)
        end = moment + SECOND
        seen = max(now, end) if moment <= now else now
        return [entry for entry in self.report(moment, end, seen) if entry.slot != BOT]

    def correct(self, entry: LedgerEntry, why: str, by: Actor, now: datetime) -> bool:
        """Add a correction of the past; what was recorded before is kept.

        Return False when the newest correction there is the same already. Raises Refused, NotSaved.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        if entry.end > now or entry.end <= entry.start:
            raise refuse("only_the_past")
        if not why.strip():
            raise refuse("why_needed", "why")
        entry = replace(entry, start=truncate_to_second(entry.start), end=truncate_to_second(entry.end))
        row = {**_row(replace(entry, by=by.id, why=why.strip()), now), "corrects": True}
        return self._store.write(lambda connection: _add_correction(connection, row))

    # Computed entries ----------------------------------------------------------------------------------------------

    def _past(self, start: datetime, end: datetime) -> list[LedgerEntry]:
        """Return who was responsible between two past instants, each minute by what was known then."""
        if start >= end:
            return []
        entries: list[LedgerEntry] = []
        for begins, ends, state in self._rota_store.past_states(start, end, start - 2 * LOOK_BACK):
            shifts = self._find_shifts(state, begins, ends)
            events = self._confirmations.find_events(begins - 2 * LOOK_BACK, ends + LOOK_BACK, shifts)
            timeline = resolve_rota(state.rota, state.overrides, begins, ends, state.absences)
            intervals = find_on_call_intervals(
                shifts, [event for event in events if event.at <= end], begins, ends, state.member_absences
            )
            ways = {f"watch:{event.id}": event.came_by for event in events if event.came_by}
            ways |= {f"change:{change.id}": change.came_by for change in state.overrides if change.came_by}
            entries += name_ways(build_entries(intervals, timeline, state.rota, (begins, ends)), ways)
        return entries

    def _find_shifts(self, state: RotaState, start: datetime, end: datetime) -> list[Shift]:
        """Return the shifts around a time by what was known in it, from their true starts."""
        first, last = start - LOOK_BACK, end + LOOK_BACK
        shifts = resolve_shifts(state.rota, state.overrides, first, last, state.absences)
        if not need_earlier_overrides(shifts, first):
            return shifts
        whole_state = self._rota_store.rota_state(start + REST_OF_SECOND)
        return extend_shifts(shifts, whole_state or state, first, last)

    def _unrecorded(self, start: datetime, end: datetime, now: datetime, state: RotaState | None) -> list[LedgerEntry]:
        """Return what is not recorded yet: up to now as it happened, from now on as it is planned."""
        first, recorded = self._store.read(
            lambda connection: (_find_first_plan(connection), _find_recorded(connection))
        )
        if first is None or state is None:
            return []
        since = max(start, _recorded_until(recorded, first, required_slots(state.rota), now))
        return [*self._past(since, min(end, now)), *_planned(max(start, now, first), end, state)]

    # Recorded entries ----------------------------------------------------------------------------------------------

    def _recorded(self, start: datetime, end: datetime) -> list[LedgerEntry]:
        """Return the entries of a period, corrections after what they correct."""
        rows = self._store.read(lambda c: c.execute(_BETWEEN, {"since": start, "until": end}).all())
        return [_entry_from(row._mapping) for row in rows]

    def _bot_entries(self, start: datetime, end: datetime, now: datetime) -> list[LedgerEntry]:
        """Return when the bot ran and when it did not.

        Nothing is recorded of the time before the first rota, and what lies ahead is neither.
        """
        first, last_tick, downtimes = self._store.read(
            lambda c: (
                _find_first_plan(c),
                heartbeat_rows.find_last_tick(c),
                heartbeat_rows.find_downtimes_between(c, start, end),
            )
        )
        # The next tick is only a moment away.
        until = now if last_tick and now - last_tick <= DOWN_AFTER else last_tick
        entries = [LedgerEntry(BOT, start, first or now if until else now, BEFORE, "", "not_recorded")]
        if until:
            entries.append(LedgerEntry(BOT, first or now, min(until, now), RUNNING, "", "pulse"))
        entries += [LedgerEntry(BOT, down.start, down.end, DOWN, "", f"downtime:{down.id}") for down in downtimes]
        entries.append(LedgerEntry(BOT, now, end, AHEAD, "", "not_yet"))
        return apply_corrections([LedgerEntry(BOT, start, end, DOWN, "", "not_recorded")], entries)


def _planned(start: datetime, end: datetime, state: RotaState) -> list[LedgerEntry]:
    """Return who is planned between two instants."""
    if start >= end:
        return []
    timeline = resolve_rota(state.rota, state.overrides, start, end, state.absences)
    return build_entries(find_on_call_intervals(timeline.shifts(), (), start, end), timeline, state.rota, (start, end))


def _recorded_until(recorded: Recorded, first: datetime, slots: Iterable[Slot], now: datetime) -> datetime:
    """Return from when on entries may be missing, in the required slots and in those that were required lately."""
    required = [recorded.get(slot, first) for slot in slots]
    return min([*required, *(end for end in recorded.values() if end > now - 3 * LONGEST_ENTRY)], default=first)


# Rows --------------------------------------------------------------------------------------------------------------


def _find_first_plan(connection: Connection) -> datetime | None:
    first = rota_versions.find_first_saved(connection)
    return truncate_to_second(first) if first else None


def _find_recorded(connection: Connection) -> Recorded:
    return {Slot(row.seat, row.place): truncate_to_second(row.end) for row in connection.execute(_RECORDED)}


def _add(connection: Connection, entries: Sequence[LedgerEntry], recorded: Recorded, now: datetime) -> int:
    """Insert entries, unless another bot was faster and recorded the same; return how many were inserted."""
    if not entries or _find_recorded(connection) != recorded:
        return 0
    connection.execute(insert(LEDGER), [{**_row(entry, now), "corrects": False} for entry in entries])
    return len(entries)


def _add_correction(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Insert a correction, unless the newest one that overlaps it is the same."""
    where = {"seat": row["seat"], "place": row["place"], "since": row["start"], "until": row["end"]}
    newest = connection.execute(_LAST_CORRECTION, where).first()
    if newest and all(
        newest._mapping[name] == row[name] for name in ("start", "end", "verdict", "person", "by", "why")
    ):
        return False
    evidence = row["evidence"] or f"correction:{(connection.scalar(_LAST_ID) or 0) + 1}"
    connection.execute(insert(LEDGER), [{**row, "evidence": evidence}])
    return True


def _row(entry: LedgerEntry, now: datetime) -> dict[str, Any]:
    return {
        "at": now, "seat": entry.slot.seat, "place": entry.slot.number, "start": entry.start, "end": entry.end,
        "verdict": str(entry.status), "person": entry.person, "evidence": entry.evidence, "by": entry.by or BOT_ITSELF,
        "why": entry.why,
    }  # fmt: skip


def _entry_from(row: RowMapping) -> LedgerEntry:
    by = "" if row["by"] == BOT_ITSELF else row["by"]
    start, end = truncate_to_second(row["start"]), truncate_to_second(row["end"])
    slot, facts = Slot(row["seat"], row["place"]), (row["verdict"], row["person"], row["evidence"])
    return LedgerEntry(slot, start, end, *facts, by, row["why"])
