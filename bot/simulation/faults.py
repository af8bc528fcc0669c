"""What goes wrong around the bot: outages and limits of Slack, restarts, kills at any step, clocks that jump."""

from collections.abc import Callable
from datetime import timedelta

from bot.sandbox.faults import FOR_EVER, InjectedFault
from bot.simulation.world import World

OUTAGES = ("ratelimited", "http_500", "http_503", "hang", "drop_before", "drop_after", "away")
SINGLE = ("ratelimited", "http_500", "hang", "drop_before", "drop_after", "truncated")
DAY = 1440.0


class FaultPlan:
    """Each kind of trouble comes again and again, after a wait of its own; ``often`` makes all of it more frequent."""

    def __init__(self, world: World, often: float = 1.0) -> None:
        self._world, self._often = world, often

    def begin(self) -> None:
        """Let every kind come for the first time."""
        for days, act in (
            (12, self.outage), (180, self.long_outage), (2, self.hiccup), (9, self.restart), (45, self.absence),
            (6, self.doom), (70, self.clock_jump),
        ):  # fmt: skip
            self._again(days, act)

    def _again(self, days: float, act: Callable[[], None]) -> None:
        def come() -> None:
            act()
            self._again(days, act)

        stirs = act == self.clock_jump  # all else the bot meets at its next call, commit or start
        self._world.after(self._world.rng.expovariate(self._often / (days * DAY)), come, stirs)

    def outage(self, minutes: float = 0) -> None:
        """Slack is away, or answers nothing of use, for minutes to an hour."""
        world = self._world
        if world.diary.is_dark:
            return
        fault = InjectedFault(world.rng.randrange(10**9), "*", world.rng.choice(OUTAGES), FOR_EVER)
        world.sandbox.slack.faults.planned.append(fault)
        world.diary.note("outage", fault.mode)
        world.diary.darken("outage")
        world.after(minutes or world.rng.uniform(2, 60), lambda: self._clear(fault), stirs=False)

    def long_outage(self) -> None:
        """The network is lost for most of a day."""
        self.outage(self._world.rng.uniform(10, 24) * 60)

    def _clear(self, fault: InjectedFault) -> None:
        planned = self._world.sandbox.slack.faults.planned
        if fault in planned:
            planned.remove(fault)
        self._world.diary.note("outage is over", fault.mode)
        self._world.diary.lighten("outage")

    def hiccup(self) -> None:
        """One of the next calls goes wrong."""
        rng = self._world.rng
        mode, skip = rng.choice(SINGLE), rng.randrange(6)
        self._world.sandbox.slack.faults.plan(
            {"method": "chat.*", "mode": mode, "after_n": skip, "times": rng.randint(1, 3)}
        )
        self._world.diary.note("hiccup", mode)

    def restart(self) -> None:
        """A new version is put in, say."""
        self._world.stop("restarted")
        self._world.after(self._world.rng.uniform(0.05, 2), self._world.start)

    def absence(self) -> None:
        """The machine is off for hours."""
        self._world.stop("switched off")
        self._world.after(self._world.rng.uniform(1, 7) * 60, self._world.start)

    def doom(self) -> None:
        """The bot will be killed at one of its next commits or calls."""
        self._world.fate.doom(self._world.rng.randrange(40))

    def clock_jump(self) -> None:
        """The machine's clock is an hour ahead or behind for some hours."""
        world = self._world
        if world.clock.skew:
            return
        world.clock.skew = world.rng.choice([-1, 1]) * timedelta(hours=1)
        world.diary.note("clock", f"{world.clock.skew}")
        world.diary.darken("clock")
        world.after(world.rng.uniform(1, 5) * 60, self._right)

    def _right(self) -> None:
        self._world.clock.skew = timedelta()
        self._world.diary.note("clock", "is right again")
        self._world.diary.lighten("clock")
