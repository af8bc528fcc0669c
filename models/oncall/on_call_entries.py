"""Read who is on call at an instant, slot by slot: now, ahead by the rota, or in the past by the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.rota_store import RotaStore
from models.rules.rota.ledger_entries import required_slots
from models.rules.rota.on_call import LOOK_BACK, CoverageStatus, find_on_call_intervals
from models.rules.rota.on_call_entry import OnCallEntry, build_entry, expect_confirmed
from models.rules.times import SECOND


class OnCallEntries:
    """Who is on call in each slot, and who follows."""

    def __init__(self, rota_store: RotaStore, confirmations: Confirmations, coverage_ledger: CoverageLedger) -> None:
        self._rota_store = rota_store
        self._confirmations = confirmations
        self._coverage_ledger = coverage_ledger

    def at(self, at: datetime, now: datetime) -> list[OnCallEntry]:
        """Return who is on call at an instant, for each slot required then; none before the first rota.

        The past is shown as it was known then. Of the time ahead, everybody is taken to come.
        """
        known_at = min(at, now)
        state = self._rota_store.rota_state(known_at)
        if state is None:
            return []
        shifts = self._rota_store.shift_bounds(known_at, at - LOOK_BACK, at + LOOK_BACK)
        presses = [
            press
            for press in self._confirmations.find_events(at - 2 * LOOK_BACK, at + LOOK_BACK, shifts)
            if press.at <= known_at
        ]
        # Ahead, everybody is taken to come: nobody has failed to take over yet.
        pressed = presses if at <= now else ()
        first = min([at - LOOK_BACK, *(shift.start for shift in shifts)])
        held = find_on_call_intervals(shifts, pressed, first, at + SECOND)
        entries = [build_entry(slot, at, shifts, presses, held) for slot in required_slots(state.rota)]
        if at < now:
            return self._apply_ledger(entries, at, now)
        entries = self._mark_accepted(entries, at, now)
        if at <= now:
            return entries
        return self._keep_beginnings([expect_confirmed(entry, at, shifts, presses) for entry in entries], now)

    def _keep_beginnings(self, entries: list[OnCallEntry], now: datetime) -> list[OnCallEntry]:
        """Return entries of a time ahead with the time since when somebody on call now has been on call."""
        begun = {(entry.slot, entry.person): entry.since for entry in self.at(now, now)}
        return [
            replace(entry, since=begun.get((entry.slot, entry.person), entry.since))
            if entry.since and entry.since <= now
            else entry
            for entry in entries
        ]

    def _mark_accepted(self, entries: list[OnCallEntry], at: datetime, now: datetime) -> list[OnCallEntry]:
        """Return the entries with accepted gaps marked."""
        if all(entry.person for entry in entries):
            return entries
        accepted = {
            interval.slot
            for interval in self._coverage_ledger.at(at, now)
            if interval.status == CoverageStatus.ACCEPTED
        }
        return [
            replace(entry, status=CoverageStatus.ACCEPTED) if entry.slot in accepted and not entry.person else entry
            for entry in entries
        ]

    def _apply_ledger(self, entries: Sequence[OnCallEntry], at: datetime, now: datetime) -> list[OnCallEntry]:
        """Return the entries as the coverage ledger has them, with later corrections. The past has no next person."""
        ledger = {interval.slot: interval for interval in self._coverage_ledger.at(at, now)}
        corrected = []
        for entry in entries:
            record = ledger.get(entry.slot)
            status = CoverageStatus(record.status) if record else entry.status
            same = record is None or record.person == entry.person
            corrected.append(
                replace(entry, status=status, next=None)
                if same
                else OnCallEntry(entry.slot, record.person if record else "", status=status)
            )
        return corrected
