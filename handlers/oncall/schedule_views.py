"""Views of the rota: who is on call, the weeks ahead, the gaps, one's own shifts. Nothing is changed here."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, my_shifts, rota_editor, schedule, swap, workload
from handlers.blocks.my_shifts import OwnShift
from handlers.blocks.schedule import OnCallEntry, ViewContext
from handlers.context import CurrentUser, Services
from handlers.i18n import dates
from handlers.oncall import time_parser
from handlers.oncall.requester import Requester, load_requester
from handlers.payloads import team_of, user_of
from models.oncall.confirmations import LOOK_BACK
from models.rules.errors import refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota import holidays
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import (
    CoverageStatus,
    Handover,
    OnCallInterval,
    ShiftEvent,
    Slot,
    find_confirmation,
    find_handovers,
    find_on_call_intervals,
    find_planned_end,
)
from models.rules.rota.overrides import Override, OverrideKind, select_in_force
from models.rules.rota.shifts import Shift
from models.rules.times import truncate_to_second

DAY = timedelta(days=1)
YEAR, MONTH = 365 * DAY, 28 * DAY
FURTHEST = 364
OFFERS_SHOWN = 5
MOMENT = timedelta(seconds=1)


class ScheduleViews:
    """Answers ``who``, ``rota``, ``gaps`` and ``my``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def who(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Show who is on call now or at a typed time. The past is shown as it was known then."""
        requester = load_requester(self._services, current_user)
        at = time_parser.read(rest, requester.zone, requester.now) if rest else requester.now
        known_at = min(at, requester.now)
        gaps = self._services.rota_store.gaps(known_at, at, at + MOMENT)
        entries = self.on_call_entries(requester, at)
        if not entries:
            raise refuse("no_rota_then")
        return schedule.who(entries, gaps, at, view_context(requester))

    def rota(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:  # noqa: ARG002 - every verb is asked alike
        """Show the days from today on; while there is no rota, show how to begin one."""
        if self._services.rota_store.rota(self._services.now()) is None:
            return rota_editor.begin(current_user.actor.is_lead, current_user.words)
        return self._days(0, load_requester(self._services, current_user))

    def gaps(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:  # noqa: ARG002
        """Show the gaps of the next year."""
        return self._gap_page(0, load_requester(self._services, current_user))

    def my(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:  # noqa: ARG002
        """Show one's own shifts."""
        return self.my_page(0, load_requester(self._services, current_user))

    def my_page(self, offset: int, requester: Requester) -> list[block_kit.Block]:
        """Return a page of one's shifts. A press on it brings the same page back."""
        me = requester.myself()
        chosen = self._services.confirmations.chosen_reminder_times(requester.actor.id)
        offers = [offer for offer in self._services.swap_offers.open(requester.now) if offer.by == requester.actor.id]
        mine = self.own_shifts(requester, me.name)
        offset = offset if offset < len(mine) else 0
        page = my_shifts.my_page(mine, offset, chosen, me.name, view_context(requester))
        more = [swap.mine_row(offer, view_context(requester)) for offer in offers[:OFFERS_SHOWN]]
        more += [
            my_shifts.leave_row(leave, view_context(requester))
            for leave in self._leaves(requester, me.name)[:OFFERS_SHOWN]
        ]
        return my_shifts.on_page([*page[:-3], *more, *page[-3:]], offset)

    def _leaves(self, requester: Requester, name: str) -> list[Override]:
        """Return a member's leaves that are not over."""
        counting = select_in_force(requester.rota_state.overrides)
        away = [override for override in counting if override.kind is OverrideKind.TIME_OFF and override.member == name]
        return sorted(
            (override for override in away if override.end > requester.now), key=lambda override: override.start
        )

    def turn(self, body: dict[str, Any], respond: Callable[..., Any]) -> None:
        """Turn a page: the answer is replaced in place."""
        requester = load_requester(self._services, self._services.admit(user_of(body), team_of(body)))
        what, offset = _page(body["actions"][0]["value"])
        draw = {"rota": self._days, "gaps": self._gap_page, "my": self.my_page}[what]
        blocks = draw(offset, requester)
        respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=True)

    def on_call_entries(self, requester: Requester, at: datetime) -> list[OnCallEntry]:
        """Return who is on call at an instant, for each slot required then; none before the first rota."""
        known_at = min(at, requester.now)
        state = self._services.rota_store.rota_state(known_at)
        if state is None:
            return []
        shifts = self._services.rota_store.shift_bounds(known_at, at - LOOK_BACK, at + LOOK_BACK)
        presses = [press for press in self._presses(at - 2 * LOOK_BACK, at + LOOK_BACK, shifts) if press.at <= known_at]
        # Ahead, everybody is taken to come: nobody has failed to take over yet.
        pressed = presses if at <= requester.now else ()
        first = min([at - LOOK_BACK, *(shift.start for shift in shifts)])
        held = find_on_call_intervals(shifts, pressed, first, at + MOMENT)
        slots = [Slot(seat.name, n) for seat in state.rota.seats for n in range(1, seat.people + 1)]
        entries = [_build_entry(slot, at, shifts, presses, held) for slot in slots]
        if at < requester.now:
            return self._apply_ledger(entries, at, requester.now)
        entries = self._mark_accepted(entries, at, requester.now)
        if at <= requester.now:
            return entries
        return self._keep_beginnings([_expect_confirmed(entry, at, shifts, presses) for entry in entries], requester)

    def _keep_beginnings(self, entries: list[OnCallEntry], requester: Requester) -> list[OnCallEntry]:
        """Return entries of a time ahead with the time since when somebody on call now has been on call."""
        begun = {(entry.slot, entry.person): entry.since for entry in self.on_call_entries(requester, requester.now)}
        return [
            replace(entry, since=begun.get((entry.slot, entry.person), entry.since))
            if entry.since and entry.since <= requester.now
            else entry
            for entry in entries
        ]

    def _mark_accepted(self, entries: list[OnCallEntry], at: datetime, now: datetime) -> list[OnCallEntry]:
        """Return the entries with accepted gaps marked."""
        if all(entry.person for entry in entries):
            return entries
        accepted = {
            interval.slot
            for interval in self._services.coverage_ledger.at(at, now)
            if interval.status == CoverageStatus.ACCEPTED
        }
        return [
            replace(entry, status=CoverageStatus.ACCEPTED) if entry.slot in accepted and not entry.person else entry
            for entry in entries
        ]

    def _apply_ledger(self, entries: Sequence[OnCallEntry], at: datetime, now: datetime) -> list[OnCallEntry]:
        """Return the entries as the coverage ledger has them, with later corrections. The past has no next person."""
        ledger = {interval.slot: interval for interval in self._services.coverage_ledger.at(at, now)}
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

    def own_shifts(self, requester: Requester, name: str) -> list[OwnShift]:
        """Return a member's shifts of the next four weeks that are not over."""
        shifts = self._services.rota_store.shift_bounds(requester.now, requester.now - LOOK_BACK, requester.now + MONTH)
        presses = self._presses(requester.now - LOOK_BACK, requester.now + MONTH, shifts)
        mine = [shift for shift in shifts if shift.member == name and not shift.absent and shift.end > requester.now]
        due = find_handovers(shifts, presses, requester.now - LOOK_BACK, requester.now + CARD_BEFORE)
        return [
            OwnShift(
                shift,
                find_confirmation(shift, presses) is not None,
                next(_open_handovers(due, shift), None),
                _handover_at_start(due, shift),
            )
            for shift in sorted(mine, key=lambda shift: shift.start)
        ]

    def shifts_ahead(self, requester: Requester) -> list[Shift]:
        """Return everybody's shifts of the next four weeks that are not over."""
        return self._services.rota_store.shifts(requester.now, requester.now, requester.now + MONTH)

    def open_gaps(self, requester: Requester, ahead: timedelta = MONTH) -> list[Gap]:
        """Return the gaps from now on."""
        return self._services.rota_store.gaps_ahead(requester.now, ahead)

    def _presses(self, start: datetime, end: datetime, shifts: Iterable[Shift]) -> list[ShiftEvent]:
        return self._services.confirmations.find_events(start, end, shifts)

    def _days(self, offset: int, requester: Requester) -> list[block_kit.Block]:
        first = requester.now.astimezone(requester.zone).date() + offset * DAY
        start, end = (dates.midnight(first + n * DAY, requester.zone) for n in (0, schedule.DAYS_SHOWN))
        shifts = self._services.rota_store.shifts(requester.now, start - LOOK_BACK, end + LOOK_BACK)
        gaps = self._services.rota_store.gaps(requester.now, max(start, requester.now), end)
        now = [] if offset else self.on_call_entries(requester, requester.now)
        days = holidays.find_days(first, first + schedule.DAYS_SHOWN * DAY, requester.rota.calendar)
        looks = replace(view_context(requester), marks=workload.marks(days, requester.words))
        return schedule.days(shifts, gaps, first, offset, looks, self._buttons(requester), now)

    def _buttons(self, requester: Requester) -> list[block_kit.Element]:
        picture = block_kit.button(requester.words("Picture"), ids.ROTA_CHART)
        return [picture, *([rota_editor.edit_button(requester.words)] if requester.actor.is_lead else [])]

    def _gap_page(self, offset: int, requester: Requester) -> list[block_kit.Block]:
        return schedule.gap_page(self.open_gaps(requester, YEAR), offset, view_context(requester))


def view_context(requester: Requester) -> ViewContext:
    """Return how a person reads: language, zone, rota, now."""
    return ViewContext(requester.words, requester.zone, requester.rota, requester.now)


def _build_entry(
    slot: Slot, at: datetime, shifts: Sequence[Shift], presses: Sequence[ShiftEvent], held: Sequence[OnCallInterval]
) -> OnCallEntry:
    ours = [item for item in held if item.slot == slot]
    now = next((our for our in ours if our.start <= at < our.end and our.person), None)
    mine = [
        shift for shift in shifts if (shift.seat, shift.slot_number) == (slot.seat, slot.number) and not shift.absent
    ]
    since = min((item.start for item in _unbroken(ours, now)), default=at) if now else at
    until = find_planned_end(mine, slot, now.person, at) if now else at
    due = [item for item in mine if now and item.member == now.awaited and item.start <= at < item.end]
    coming = [item for item in mine if item.start >= (at if now and now.awaited else until)]
    follows = next(iter([*due, *sorted(coming, key=lambda item: item.start)]), None)
    sure = follows is not None and find_confirmation(follows, presses) is not None
    if now is None:
        return OnCallEntry(slot, next=follows, next_confirmed=sure)
    falls_vacant = not now.awaited and until < (follows.start if follows else truncate_to_second(at) + LOOK_BACK)
    vacant = until if falls_vacant else None
    return OnCallEntry(slot, now.person, since, until, now.status, now.awaited, follows, sure, vacant)


def _expect_confirmed(
    entry: OnCallEntry, at: datetime, shifts: Sequence[Shift], presses: Sequence[ShiftEvent]
) -> OnCallEntry:
    """Return the entry of a time ahead as confirmed when its shift is confirmed or taken over."""
    mine = (
        shift for shift in shifts if (Slot(shift.seat, shift.slot_number), shift.member) == (entry.slot, entry.person)
    )
    current = next((shift for shift in mine if shift.start <= at < shift.end and not shift.absent), None)
    is_confirmed = current is not None and find_confirmation(current, presses) is not None
    return replace(entry, status=CoverageStatus.CONFIRMED) if is_confirmed else entry


def _unbroken(held: Sequence[OnCallInterval], now: OnCallInterval) -> Iterator[OnCallInterval]:
    """Yield the intervals up to now in which one person was on call in a slot without a break."""
    return takewhile(lambda interval: interval.person == now.person, reversed(held[: held.index(now) + 1]))


def _handover_at_start(due: Iterable[Handover], shift: Shift) -> Handover | None:
    """Return the handover at the start of a shift, until both have pressed."""
    return next((handover for handover in due if handover.incoming == shift and not handover.done_at), None)


def _open_handovers(due: Iterable[Handover], shift: Shift) -> Iterator[Handover]:
    """Yield the handovers at the start or end of a shift that wait for its person's press."""
    for handover in due:
        ends = (handover.slot, handover.at, handover.outgoing) == (
            Slot(shift.seat, shift.slot_number),
            shift.end,
            shift.member,
        )
        if (handover.incoming == shift and not handover.taken_over) or (ends and not handover.handed_over):
            yield handover


def _page(value: str) -> tuple[str, int]:
    """Read a page button's value. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(value)
        what, offset = str(data["what"]), int(data["offset"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if what not in {"rota", "gaps", "my"} or not 0 <= offset <= (FURTHEST if what == "rota" else 10**6):
        raise refuse("unreadable")
    return what, offset
