"""What goes wrong around the bot: outages and limits of Slack, restarts, kills at any step, clocks that jump."""

from collections.abc import Callable
from datetime import timedelta

from bot.sandbox.faults import FOR_EVER, PHONE, InjectedFault
from bot.simulation.world import World

OUTAGES = ("ratelimited", "http_500", "http_503", "hang", "drop_before", "drop_after", "away")
SINGLE = ("ratelimited", "http_500", "hang", "drop_before", "drop_after", "truncated")
DAY = 1440.0
"""Minutes of a day."""


class FaultPlan:
    """Repeat each kind of fault at random times. A higher ``fault_rate`` makes all of them more frequent."""

    def __init__(self, world: World, fault_rate: float = 1.0) -> None:
        self._world, self._fault_rate = world, fault_rate

    def schedule_all(self) -> None:
        """Plan the first fault of each kind."""
        if self._world.config.reach.people:
            self._repeat(0.5, self.fail_next_pages)
        for days, action in (
            (12, self.start_outage), (180, self.start_long_outage), (2, self.fail_next_calls), (9, self.restart_bot),
            (45, self.switch_off), (6, self.kill_soon), (70, self.jump_clock),
        ):  # fmt: skip
            self._repeat(days, action)

    def _repeat(self, days: float, action: Callable[[], None]) -> None:
        def run() -> None:
            action()
            self._repeat(days, action)

        wakes_bot = action == self.jump_clock  # the bot meets all other faults at its next call, commit or start
        self._world.schedule_after(self._world.random.expovariate(self._fault_rate / (days * DAY)), run, wakes_bot)

    def start_outage(self, minutes: float = 0) -> None:
        """Make Slack unreachable or useless, by default for 2 to 60 minutes."""
        world = self._world
        if world.event_log.is_away:
            return
        fault = InjectedFault(world.random.randrange(10**9), "*", world.random.choice(OUTAGES), FOR_EVER)
        world.sandbox.slack.faults.planned.append(fault)
        world.event_log.note("outage", fault.mode)
        world.event_log.begin_outage("outage")
        world.schedule_after(minutes or world.random.uniform(2, 60), lambda: self._end_outage(fault), wakes_bot=False)

    def start_long_outage(self) -> None:
        """Make Slack unreachable for 10 to 24 hours."""
        self.start_outage(self._world.random.uniform(10, 24) * 60)

    def _end_outage(self, fault: InjectedFault) -> None:
        planned = self._world.sandbox.slack.faults.planned
        if fault in planned:
            planned.remove(fault)
        self._world.event_log.note("outage is over", fault.mode)
        self._world.event_log.end_outage("outage")

    def fail_next_calls(self) -> None:
        """Make one of the next calls fail."""
        random = self._world.random
        mode, skip = random.choice(SINGLE), random.randrange(6)
        self._world.sandbox.slack.faults.plan(
            {"method": "chat.*", "mode": mode, "after_n": skip, "times": random.randint(1, 3)}
        )
        self._world.event_log.note("hiccup", mode)

    def fail_next_pages(self) -> None:
        """Make some of the next pages fail, or their answers be lost.

        Nothing is added to a fault that no page met yet: together they could use up all tries of one page.
        """
        random, faults = self._world.random, self._world.sandbox.slack.faults
        mode, skip, times = random.choice(SINGLE), random.randrange(4), random.randint(1, 3)
        if any(fault.method.startswith(PHONE) for fault in faults.planned):
            return
        faults.plan({"method": f"{PHONE}*", "mode": mode, "after_n": skip, "times": times, "retry_after": 5})
        self._world.event_log.note("page fault", mode)

    def restart_bot(self) -> None:
        """Restart the bot, as an upgrade does."""
        self._world.stop("restarted")
        self._world.schedule_after(self._world.random.uniform(0.05, 2), self._world.start)

    def switch_off(self) -> None:
        """Stop the bot for 1 to 7 hours."""
        self._world.stop("switched off")
        self._world.schedule_after(self._world.random.uniform(1, 7) * 60, self._world.start)

    def kill_soon(self) -> None:
        """Kill the bot at one of its next 40 commits or calls."""
        self._world.crash_points.arm(self._world.random.randrange(40))

    def jump_clock(self) -> None:
        """Set the bot's clock an hour ahead or back for 1 to 5 hours."""
        world = self._world
        if world.clock.skew:
            return
        world.clock.skew = world.random.choice([-1, 1]) * timedelta(hours=1)
        world.event_log.note("clock", f"{world.clock.skew}")
        world.event_log.begin_outage("clock")
        world.schedule_after(world.random.uniform(1, 5) * 60, self._correct_clock)

    def _correct_clock(self) -> None:
        self._world.clock.skew = timedelta()
        self._world.event_log.note("clock", "is right again")
        self._world.event_log.end_outage("clock")
