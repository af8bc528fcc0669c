"""The loop: from one moment at which anything is due to the next, however far apart they are. Never sleeps itself."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

from bot.simulation.clock import INTERVAL
from bot.simulation.escalations import EscalationEvents
from bot.simulation.faults import FaultPlan
from bot.simulation.team_events import TeamEvents
from bot.simulation.team_members import TeamMembers
from bot.simulation.world import World

SECOND = timedelta(seconds=1)
MINUTE, COARSE = timedelta(minutes=1), timedelta(minutes=15)
"""While Slack is away for long the bot's tries are that far apart, so that a lost day costs no minutes to simulate."""
Pause = Callable[[timedelta], Awaitable[None]]
"""Called with each span of time before it passes; whoever watches sleeps in it."""


async def at_once(_span: timedelta) -> None:
    """Nobody watches."""


class SimulationRun:
    """One simulation, from its start to wherever it is run."""

    def __init__(self, world: World, pause: Pause = at_once, often: float = 1.0) -> None:
        self.world = world
        self._pause = pause
        cases = EscalationEvents(world)
        self.people, self.life, self.weather = (
            TeamMembers(world, cases),
            TeamEvents(world, cases),
            FaultPlan(world, often),
        )
        self._tick_at: datetime | None = world.now
        self._outage_began: datetime | None = None
        world.start()
        self.life.day()
        self.weather.begin()
        self._extra_tick()

    async def until(self, end: datetime) -> None:
        """Let time pass. Raises whatever surprises: nothing of the simulation itself is caught."""
        world = self.world
        while world.now < end:
            await self._happen()
            if world.machine is not None:
                world.guarded(self._bot)
            self.people.look()
            following = min(self._next(), end)
            await self._pause(following - world.now)
            world.clock.move_to(following)

    async def _happen(self) -> None:
        """What is due happens; the bot's next tick comes soon after it, as in life."""
        while coming := self.world.coming.due(self.world.now):
            act, stirs = coming
            done = act()
            if inspect.isawaitable(done):
                await done
            if stirs:
                soon = self.world.now + timedelta(seconds=INTERVAL)
                self._tick_at = min(self._tick_at or soon, soon)

    def _bot(self) -> None:
        """The bot's ticks and sends that are due."""
        machine = self.world.machine
        assert machine is not None  # noqa: S101 - asked just before
        if self._tick_at is not None and self._tick_at <= self.world.now:
            self._tick_at = None
            machine.tick()
            due = machine.next_due()
            self._tick_at = due - self.world.clock.skew if due else None
        machine.send()

    def _next(self) -> datetime:
        """When anything is due next; always later than now."""
        world = self.world
        times = [at for at in (world.coming.next_due, *self._wanted()) if at]
        return max(min(times, default=world.now + COARSE), world.now + SECOND / 10)

    def _wanted(self) -> Iterator[datetime | None]:
        """When the bot wants to tick, and to send; without a bot nobody waits for either."""
        machine = self.world.machine
        if machine is not None:
            yield self._tick_at
            sending = self.world.guarded(machine.next_sending)
            yield max(sending - self.world.clock.skew, self.world.now + self._stride()) if sending else None

    def _stride(self) -> timedelta:
        """How soon the outbox is looked at again when something of it waits."""
        if not self.world.diary.is_dark:
            self._outage_began = None
            return SECOND
        self._outage_began = self._outage_began or self.world.now
        return COARSE if self.world.now - self._outage_began > 3 * MINUTE else MINUTE

    def _extra_tick(self) -> None:
        """Ticks at odd times change nothing."""
        self._tick_at = self.world.now
        self.world.after(self.world.rng.expovariate(1 / 2000), self._extra_tick, stirs=False)


def simulate(world: World, days: float, pause: Pause = at_once, often: float = 1.0) -> SimulationRun:
    """Run a world for so many days."""

    async def whole() -> SimulationRun:
        run = SimulationRun(world, pause, often)
        await run.until(world.now + timedelta(days=days))
        return run

    return asyncio.run(whole())
