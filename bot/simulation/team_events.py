"""What happens in a team day by day, at random: leave, sickness, shift offers and swaps, new escalations.

It judges nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.simulation.escalations import TEAM, EscalationEvents
from bot.simulation.world import LEAD, World
from models.oncall.confirmations import Confirmations
from models.oncall.rota_store import RotaStore
from models.oncall.swaps import SwapOffer, SwapOffers
from models.rules.errors import NotSaved, Refused
from models.rules.people import Actor
from models.rules.rota.overrides import Override, OverrideKind

ONCALL = "C0ONCALL"
HOUR = timedelta(hours=1)
HANDOFFS = (0, 12)
"""The hours (UTC) at which shifts of the example rota begin."""


class TeamEvents:
    """Plans one day at a time. Everything is done through the rules, as the command and its forms do it."""

    def __init__(self, world: World, escalations: EscalationEvents) -> None:
        self._world, self._escalations = world, escalations
        self._rota_store = RotaStore(world.store)
        self._offers, self._confirmations = (
            SwapOffers(world.store, self._rota_store),
            Confirmations(world.store, self._rota_store),
        )
        self._keys = 0

    def plan_day(self) -> None:
        """Decide what happens in the next 24 hours, and plan the following day."""
        for chance, action in (
            (0.14, self.take_leave), (0.09, self.fall_ill), (0.12, self.offer_shift), (0.03, self.cancel_leave),
            (0.02, self.change_reminder_times),
            (0.2, self._escalations.raise_escalation), (0.05, self._escalations.raise_escalation),
        ):  # fmt: skip
            if self._world.random.random() < chance:
                self._world.schedule_after(self._world.random.uniform(0, 1440), lambda action=action: self._try(action))  # type: ignore[misc]
        self._world.schedule_after(1440, self.plan_day, wakes_bot=False)

    def _try(self, action: Callable[[], Any]) -> None:
        if self._world.bot is None:  # who finds the bot silent comes back later
            self._world.schedule_after(self._world.random.uniform(5, 60), lambda: self._try(action))
            return
        try:
            action()
        except (Refused, NotSaved) as no:
            self._world.event_log.note("refused", f"{action.__name__}: {no}")

    # The rota ------------------------------------------------------------------------------------------------------

    def take_leave(self) -> None:
        """Let somebody take leave for 12 to 120 hours, up to 40 days ahead."""
        start = _next_handoff(self._now + timedelta(days=self._world.random.uniform(1, 40)))
        self._record_absence("leave", start, self._world.random.choice([12, 24, 48, 120]))

    def fall_ill(self) -> None:
        """Let somebody who is on call now or soon fall ill."""
        start = self._now.replace(second=0, microsecond=0) + self._world.random.choice([0.25, 1, 3, 8]) * HOUR
        self._record_absence("sickness", start, self._world.random.choice([10, 24, 36]), self._pick_on_call(start))

    def _record_absence(self, why: str, start: datetime, hours: float, who: str = "") -> None:
        name = who or self._world.random.choice(sorted(self._world.rota.members))
        self._record(Override(0, self._now, "", OverrideKind.TIME_OFF, start, start + hours * HOUR, name, why=why))

    def cancel_leave(self) -> None:
        """Let somebody cancel leave that lies ahead."""
        ahead = [
            c for c in self._rota_store.changes(self._now) if c.kind is OverrideKind.TIME_OFF and c.start > self._now
        ]
        if ahead:
            leave = self._world.random.choice(ahead)
            self._record(Override(0, self._now, "", OverrideKind.CANCEL, leave.start, leave.end, of=leave.id))

    def _record(self, change: Override) -> None:
        lead = Actor(LEAD, TEAM, is_lead=True)
        self._rota_store.record([change], lead, self._now, self._next_key(), channel=ONCALL)
        self._world.event_log.note(
            change.why or str(change.kind), f"{change.member} {change.start:%m-%d %H:%M} {change.end:%m-%d %H:%M}"
        )

    def _pick_on_call(self, at: datetime) -> str:
        """Return a random member who is planned at an instant; empty when nobody is."""
        on_call = [shift.member for shift in self._rota_store.shifts(self._now, at, at + HOUR) if not shift.absent]
        return self._world.random.choice(on_call) if on_call else ""

    # Offers and wishes ---------------------------------------------------------------------------------------------

    def offer_shift(self) -> None:
        """Let somebody offer a shift to all others, or a swap for one of theirs."""
        ahead = [
            shift for shift in self._rota_store.shifts(self._now, self._now + 10 * HOUR, self._now + timedelta(days=12))
            if not shift.absent and shift.start > self._now
        ]  # fmt: skip
        if not ahead:
            return
        mine, back = self._world.random.choice(ahead), self._world.random.choice(ahead)
        swap = back.member != mine.member and self._world.random.random() < 0.3
        given = (back.member, back.seat, back.start, back.end) if swap else ("", "", None, None)
        user = self._world.rota.members[mine.member].slack_id
        offer = SwapOffer(0, self._now, user, mine.member, mine.seat, mine.start, mine.end, (), "", *given)
        self._offers.create(offer, Actor(user, TEAM), self._now, self._next_key())
        self._world.event_log.note("swap" if swap else "offer", f"{mine.member} {mine.seat} {mine.start:%m-%d %H:%M}")

    def change_reminder_times(self) -> None:
        """Let somebody choose other reminder times."""
        name = self._world.random.choice(sorted(self._world.rota.members))
        minutes = self._world.random.choice([(1440, 60), (720, 15), (10080, 1440, 60, 10)])
        self._confirmations.set_reminder_times(self._world.rota.members[name].slack_id, minutes, self._now)
        self._world.event_log.note("wish", f"{name} {minutes}")

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def _next_key(self) -> str:
        self._keys += 1
        return f"simulated-action:{self._keys}"


def _next_handoff(at: datetime) -> datetime:
    """Return the next time at which shifts begin."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [midnight + timedelta(days=day, hours=hour) for day in (0, 1) for hour in HANDOFFS]
    return next(time for time in times if time >= at)
