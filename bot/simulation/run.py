"""The loop of a simulation: it goes from one instant at which anything is due to the next. It never sleeps itself."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

from bot.simulation.clock import INTERVAL
from bot.simulation.escalations import EscalationEvents
from bot.simulation.faults import FaultPlan
from bot.simulation.phone_readers import PhoneReaders
from bot.simulation.team_events import TeamEvents
from bot.simulation.team_members import TeamMembers
from bot.simulation.world import World

SECOND = timedelta(seconds=1)
MINUTE, COARSE = timedelta(minutes=1), timedelta(minutes=15)
"""How often the bot tries to send during an outage: each minute at first, after three minutes each quarter of an hour.
A lost day then costs little time to simulate."""
HOURLY = timedelta(hours=1)
"""The same while Slack is switched off: pages go on all the time."""
Pause = Callable[[timedelta], Awaitable[None]]
"""Called with each span before it passes, so that a person can watch it pass."""


async def no_pause(_span: timedelta) -> None:
    """Let the time pass at once: nobody watches."""


class SimulationRun:
    """One simulation, from its start to the instant up to which it is run."""

    def __init__(self, world: World, pause: Pause = no_pause, fault_rate: float = 1.0) -> None:
        self.world = world
        self._pause = pause
        cases = EscalationEvents(world)
        self._members, self._team_events, self._faults = (
            TeamMembers(world, cases),
            TeamEvents(world, cases),
            FaultPlan(world, fault_rate),
        )
        self._phones = PhoneReaders(world, cases)
        self._slack_tried_at: datetime | None = None
        self._tick_at: datetime | None = world.now
        self._ticked_at = world.now
        self._outage_began: datetime | None = None
        for _ in range(world.replicas):
            world.start()
        self._team_events.plan_day()
        self._faults.schedule_all()
        self._run_extra_tick()

    async def run_until(self, end: datetime) -> None:
        """Let time pass until an instant. No error of the bot or of the simulation is caught."""
        world = self.world
        while world.now < end:
            await self._run_due_events()
            world.take_turns()
            if world.bot is not None:
                world.run_guarded(self._run_bot)
            self._members.read_messages()
            self._phones.read_messages()
            following = min(self._next_time(), end)
            await self._pause(following - world.now)
            world.clock.move_to(following)

    async def _run_due_events(self) -> None:
        """Run the actions that are due. The bot's next tick follows within seconds, as with a real bot."""
        while event := self.world.events.pop_due(self.world.now):
            action, wakes_bot = event
            done = action()
            if inspect.isawaitable(done):
                await done
            if wakes_bot:
                soon = self.world.now + timedelta(seconds=INTERVAL)
                self._tick_at = min(self._tick_at or soon, soon)

    def _run_bot(self) -> None:
        """Run the ticks and the sending that are due."""
        bot = self.world.bot
        assert bot is not None  # noqa: S101 - asked just before
        if self._is_tick_due():
            self._ticked_at, self._tick_at = self.world.now, None
            bot.tick()
            due = bot.next_due()
            self._tick_at = due - self.world.clock.skew if due else None
            if self.world.sandbox.slack.settings.slack_off:
                self._tick_at = min(self._tick_at or self.world.now + MINUTE, self.world.now + MINUTE)
        bot.send_pages()
        if self._is_slack_tried():
            bot.send()

    def _is_tick_due(self) -> bool:
        """Return whether the bot ticks now. While Slack is off, each tick may find that it has been silent too long."""
        now, ticked_at = self.world.now, self._ticked_at
        is_waited_for = self.world.sandbox.slack.settings.slack_off and now - ticked_at >= timedelta(seconds=INTERVAL)
        return is_waited_for or (self._tick_at is not None and self._tick_at <= now)

    def _is_slack_tried(self) -> bool:
        """Return whether messages to Slack are tried now: while it is switched off, not at each step."""
        now, last, bot = self.world.now, self._slack_tried_at, self.world.bot
        is_off = self.world.sandbox.slack.settings.slack_off and bot is not None and not bot.has_untried()
        if is_off and last and now < last + self._sending_interval():
            return False
        self._slack_tried_at = now
        return True

    def _next_time(self) -> datetime:
        """Return when anything is due next; always later than now."""
        world = self.world
        times = [at for at in (world.events.next_due, *self._bot_times()) if at]
        return max(min(times, default=world.now + COARSE), world.now + SECOND / 10)

    def _bot_times(self) -> Iterator[datetime | None]:
        """Yield when the bot is to tick and to send; nothing while no bot runs."""
        bot = self.world.bot
        if bot is not None:
            yield self._tick_at
            sending = self.world.run_guarded(bot.next_sending)
            yield max(sending - self.world.clock.skew, self.world.now + self._sending_interval()) if sending else None
        if self.world.bot is not None:
            page = self.world.run_guarded(self.world.bot.next_page)
            yield max(page - self.world.clock.skew, self.world.now + SECOND) if page else None

    def _sending_interval(self) -> timedelta:
        """Return how soon the outbox is read again while a message waits."""
        if not self.world.event_log.is_away:
            self._outage_began = None
            return SECOND
        self._outage_began = self._outage_began or self.world.now
        if self.world.sandbox.slack.settings.slack_off:
            return HOURLY if self.world.now - self._outage_began > 3 * MINUTE else MINUTE
        return COARSE if self.world.now - self._outage_began > 3 * MINUTE else MINUTE

    def _run_extra_tick(self) -> None:
        """Tick at a random time: extra ticks must change nothing."""
        self._tick_at = self.world.now
        self.world.schedule_after(self.world.random.expovariate(1 / 2000), self._run_extra_tick, wakes_bot=False)


def simulate(world: World, days: float, pause: Pause = no_pause, fault_rate: float = 1.0) -> SimulationRun:
    """Run a world for a number of days."""

    async def whole() -> SimulationRun:
        run = SimulationRun(world, pause, fault_rate)
        await run.run_until(world.now + timedelta(days=days))
        return run

    return asyncio.run(whole())
