"""What happens in a team day by day: leave, sickness, offers and swaps, new escalations. From dice; judges nothing."""

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
"""The UTC hours at which shifts of the example rota begin."""


class TeamEvents:
    """Plans a day at a time. Everything in it is done through the rules, as the command and its forms do it."""

    def __init__(self, world: World, cases: EscalationEvents) -> None:
        self._world, self._cases = world, cases
        self._rotas = RotaStore(world.store)
        self._offers, self._watches = SwapOffers(world.store, self._rotas), Confirmations(world.store, self._rotas)
        self._acts = 0

    def day(self) -> None:
        """Decide what happens in the next 24 hours, and come again after them."""
        for chance, act in (
            (0.14, self.leave), (0.09, self.sickness), (0.12, self.offer), (0.03, self.cancel), (0.02, self.wish),
            (0.2, self._cases.raise_one), (0.05, self._cases.raise_one),
        ):  # fmt: skip
            if self._world.rng.random() < chance:
                self._world.after(self._world.rng.uniform(0, 1440), lambda act=act: self._tried(act))  # type: ignore[misc]
        self._world.after(1440, self.day, stirs=False)

    def _tried(self, act: Callable[[], Any]) -> None:
        if self._world.machine is None:  # who finds the bot silent comes back later
            self._world.after(self._world.rng.uniform(5, 60), lambda: self._tried(act))
            return
        try:
            act()
        except (Refused, NotSaved) as no:
            self._world.diary.note("refused", f"{act.__name__}: {no}")

    # The rota ------------------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Somebody takes leave over some nights, days or weeks ahead."""
        start = _handoff(self._now + timedelta(days=self._world.rng.uniform(1, 40)))
        self._absent("leave", start, self._world.rng.choice([12, 24, 48, 120]))

    def sickness(self) -> None:
        """Somebody who is on soon, or now, falls ill."""
        start = self._now.replace(second=0, microsecond=0) + self._world.rng.choice([0.25, 1, 3, 8]) * HOUR
        self._absent("sickness", start, self._world.rng.choice([10, 24, 36]), self._on(start))

    def _absent(self, why: str, start: datetime, hours: float, who: str = "") -> None:
        name = who or self._world.rng.choice(sorted(self._world.plan.members))
        self._record(Override(0, self._now, "", OverrideKind.TIME_OFF, start, start + hours * HOUR, name, why=why))

    def cancel(self) -> None:
        """Somebody comes back from leave that lies ahead."""
        ahead = [c for c in self._rotas.changes(self._now) if c.kind is OverrideKind.TIME_OFF and c.start > self._now]
        if ahead:
            of = self._world.rng.choice(ahead)
            self._record(Override(0, self._now, "", OverrideKind.CANCEL, of.start, of.end, of=of.id))

    def _record(self, change: Override) -> None:
        lead = Actor(LEAD, TEAM, is_lead=True)
        self._rotas.record([change], lead, self._now, self._key(), channel=ONCALL)
        self._world.diary.note(
            change.why or str(change.kind), f"{change.member} {change.start:%m-%d %H:%M} {change.end:%m-%d %H:%M}"
        )

    def _on(self, at: datetime) -> str:
        """Who stands somewhere at an instant, as planned."""
        standing = [shift.member for shift in self._rotas.shifts(self._now, at, at + HOUR) if not shift.absent]
        return self._world.rng.choice(standing) if standing else ""

    # Offers and wishes ---------------------------------------------------------------------------------------------

    def offer(self) -> None:
        """Somebody asks all others to take one of their shifts, or to swap it for one of theirs."""
        ahead = [
            shift for shift in self._rotas.shifts(self._now, self._now + 10 * HOUR, self._now + timedelta(days=12))
            if not shift.absent and shift.start > self._now
        ]  # fmt: skip
        if not ahead:
            return
        mine, back = self._world.rng.choice(ahead), self._world.rng.choice(ahead)
        swap = back.member != mine.member and self._world.rng.random() < 0.3
        given = (back.member, back.seat, back.start, back.end) if swap else ("", "", None, None)
        user = self._world.plan.members[mine.member].slack_id
        offer = SwapOffer(0, self._now, user, mine.member, mine.seat, mine.start, mine.end, (), "", *given)
        self._offers.make(offer, Actor(user, TEAM), self._now, self._key())
        self._world.diary.note("swap" if swap else "offer", f"{mine.member} {mine.seat} {mine.start:%m-%d %H:%M}")

    def wish(self) -> None:
        """Somebody wants to be reminded at other times."""
        name = self._world.rng.choice(sorted(self._world.plan.members))
        minutes = self._world.rng.choice([(1440, 60), (720, 15), (10080, 1440, 60, 10)])
        self._watches.prefer(self._world.plan.members[name].slack_id, minutes, self._now)
        self._world.diary.note("wish", f"{name} {minutes}")

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def _key(self) -> str:
        self._acts += 1
        return f"simulated-act:{self._acts}"


def _handoff(at: datetime) -> datetime:
    """The next time at which shifts begin."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [midnight + timedelta(days=day, hours=hour) for day in (0, 1) for hour in HANDOFFS]
    return next(time for time in times if time >= at)
