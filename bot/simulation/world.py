"""What a simulation consists of: a local Slack, the bot in it, a clock for both, and the planned actions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

from bot import environment
from bot.config import Config, Requirement
from bot.sandbox import Sandbox, SandboxOptions
from bot.simulation.bot_process import Paint, SimulatedBot, draw_placeholder, open_store
from bot.simulation.clock import SimulatedClock
from bot.simulation.crash_points import CrashPoints, SimulatedKill
from bot.simulation.event_log import EventLog
from bot.simulation.event_queue import EventQueue
from bot.simulation.example_team import add_example_team
from bot.simulation.inbound import InboundDelivery
from bot.simulation.outbound import Outbound
from models.oncall.rota_versions import import_rota
from models.rules.rota.rota import Rota
from models.rules.rota.toml import reader
from models.store.database import Store

ADDRESS = "http://127.0.0.1:1"
"""The address of a Slack that nobody serves; nothing is ever sent there."""
LEAD = "U0LINA"


@dataclass
class World:
    """One simulation."""

    sandbox: Sandbox
    clock: SimulatedClock
    random: Random
    config: Config
    outbound: Outbound
    crash_points: CrashPoints
    event_log: EventLog
    store: Store
    rota: Rota
    paint: Paint = draw_placeholder
    events: EventQueue = field(default_factory=EventQueue)
    bot: SimulatedBot | None = None

    @property
    def now(self) -> datetime:
        """The true time."""
        return self.clock.true

    def schedule_after(self, minutes: float, action: Callable[[], Any], wakes_bot: bool = True) -> None:
        """Plan an action in so many minutes.

        ``wakes_bot`` says whether the bot's next tick could find work after it.
        """
        self.events.schedule(self.now + timedelta(minutes=minutes), action, wakes_bot)

    def start(self) -> None:
        """Start the bot, unless it runs."""
        if self.bot is None:
            self.event_log.end_outage("down")
            self.bot = self.run_guarded(
                lambda: SimulatedBot(self.config, self.clock, self.outbound, self.crash_points, self.paint)
            )

    def stop(self, why: str) -> None:
        """End the bot, wherever it is in its work."""
        if self.bot is not None:
            self.event_log.note("down", why)
            self.bot.dispose()
        self.bot = None
        self.crash_points.disarm()
        self.event_log.begin_outage("down")

    def close(self) -> None:
        """End the bot and close the database."""
        if self.bot is not None:
            self.bot.dispose()
        self.bot = None
        self.store.dispose()

    def run_guarded(self, action: Callable[[], Any]) -> Any:
        """Run something in which the bot may be killed, and return its result.

        A killed bot is started again after a while; then the result is None.
        """
        try:
            return action()
        except SimulatedKill:
            self.stop("killed at a commit or a call")
            self.schedule_after(self.random.choice([0.1, 0.5, 2.0, 9.0]), self.start)
            return None

    def hear(self, payload: dict[str, Any]) -> tuple[int, Any] | None:
        """Deliver a request of Slack to the bot; None when no bot runs or it was killed."""
        bot = self.bot
        answer = self.run_guarded(lambda: bot.hear(payload)) if bot else None
        return answer if answer is None else (answer[0], answer[1])


def example_rota() -> str:
    """Return the rota that ``csp-escalate rota example`` prints."""
    return files("models.rules.rota.toml").joinpath("example.toml").read_text(encoding="utf-8")


def small_rota() -> str:
    """Return a rota of the same team with few handovers: one a week in each seat."""
    return files("bot.simulation").joinpath("team.toml").read_text(encoding="utf-8")


def make_world(
    seed: int,
    start: datetime,
    folder: Path,
    sandbox: Sandbox,
    rota: str,
    outbound: type[Outbound] = Outbound,
    paint: Paint = draw_placeholder,
) -> World:
    """Return a world whose clock is set to ``start``: a new database in ``folder`` with a rota, and no bot yet."""
    clock, crash_points = SimulatedClock(start), CrashPoints()
    slack = sandbox.slack
    slack.clock.wall, slack.clock.offset = clock.seconds, 0.0
    slack.base_url = slack.base_url or ADDRESS
    add_example_team(sandbox)
    url = f"sqlite:///{folder / 'bot.db'}"
    store = open_store(Store(url))
    import_rota(store, rota, "cli", start)
    settings = {
        **sandbox.env,
        "SLACK_API_URL": f"{slack.base_url}/api/",
        "DATABASE_URL": url,
        "CSP_LANGUAGE": "both",
        "CSP_KEEP_DAYS": "0",
    }
    world = World(
        sandbox,
        clock,
        Random(seed),  # noqa: S311 - a seeded random team, no secrets
        environment.read(Requirement.SLACK | Requirement.SOCKET, None, settings),
        outbound(slack, crash_points),
        crash_points,
        EventLog(lambda: clock.true),
        store,
        reader.read_rota(rota),
        paint,
    )
    slack.delivery.http = InboundDelivery(world.hear)
    return world


def local_slack(options: SandboxOptions | None = None) -> Sandbox:
    """Return a local Slack that is not served yet."""
    return Sandbox(options)
