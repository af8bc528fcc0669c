"""Views of the rota: who is on call, the weeks ahead, the gaps, one's own shifts. Nothing is changed here."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, my_shifts, rota_editor, schedule, swap, workload
from handlers.blocks.my_shifts import OwnShift
from handlers.blocks.schedule import ViewContext
from handlers.context import CurrentUser, Services
from handlers.i18n import dates
from handlers.oncall import time_parser
from handlers.oncall.requester import Requester, load_requester
from handlers.payloads import team_of, user_of
from models.oncall.on_call_entries import OnCallEntries
from models.rules.errors import refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota import holidays
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import (
    LOOK_BACK,
    ShiftEvent,
    find_confirmation,
    find_handover_at_start,
    find_handovers,
    find_open_handovers,
)
from models.rules.rota.on_call_entry import OnCallEntry
from models.rules.rota.overrides import Override, OverrideKind, select_in_force
from models.rules.rota.shifts import Shift
from models.rules.times import SECOND

DAY = timedelta(days=1)
YEAR, MONTH = 365 * DAY, 28 * DAY
FURTHEST = 364
OFFERS_SHOWN = 5


class ScheduleViews:
    """Answers ``who``, ``rota``, ``gaps`` and ``my``."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._on_call_entries = OnCallEntries(services.rota_store, services.confirmations, services.coverage_ledger)

    def who(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Show who is on call now or at a typed time. The past is shown as it was known then."""
        requester = load_requester(self._services, current_user)
        at = time_parser.read(rest, requester.zone, requester.now) if rest else requester.now
        known_at = min(at, requester.now)
        gaps = self._services.rota_store.gaps(known_at, at, at + SECOND)
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
        return self._on_call_entries.at(at, requester.now)

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
                next(find_open_handovers(due, shift), None),
                find_handover_at_start(due, shift),
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
