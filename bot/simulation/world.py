"""Everything a simulation consists of: a local Slack, the bot in it, a clock for both, and what is coming."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot import environment
from bot.config import Config, Requirement
from bot.sandbox import Sandbox, SandboxOptions
from bot.simulation.bot_process import Paint, SimulatedBot, opened, sketch
from bot.simulation.clock import SimulatedClock
from bot.simulation.colleagues import invite
from bot.simulation.crash_points import CrashPoints, SimulatedKill
from bot.simulation.event_log import EventLog
from bot.simulation.event_queue import EventQueue
from bot.simulation.inbound import InboundDelivery
from bot.simulation.outbound import Outbound
from models.oncall.rota_versions import import_rota
from models.rules.rota.rota import Rota
from models.rules.rota.toml import reader
from models.store.database import Store

ADDRESS = "http://127.0.0.1:1"
"""Where a Slack is that nobody serves: nothing is ever sent there."""
LEAD = "U0LINA"


@dataclass
class World:
    """One simulation. ``machine`` is None while no bot runs. ``store`` is the same database, seen from outside."""

    sandbox: Sandbox
    clock: SimulatedClock
    rng: random.Random
    config: Config
    wire: Outbound
    fate: CrashPoints
    diary: EventLog
    store: Store
    plan: Rota
    paint: Paint = sketch
    coming: EventQueue = field(default_factory=EventQueue)
    machine: SimulatedBot | None = None

    @property
    def now(self) -> datetime:
        """The true time."""
        return self.clock.true

    def after(self, minutes: float, act: Callable[[], Any], stirs: bool = True) -> None:
        """Let something happen so much later; ``stirs`` says whether the bot's next tick could find anything of it."""
        self.coming.plan(self.now + timedelta(minutes=minutes), act, stirs)

    # The bot's process ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the bot, unless it runs."""
        if self.machine is None:
            self.diary.lighten("down")
            self.machine = self.guarded(lambda: SimulatedBot(self.config, self.clock, self.wire, self.fate, self.paint))

    def stop(self, why: str) -> None:
        """The bot ends, wherever it is."""
        if self.machine is not None:
            self.diary.note("down", why)
            self.machine.bury()
        self.machine = None
        self.fate.spare()
        self.diary.darken("down")

    def close(self) -> None:
        """End everything."""
        if self.machine is not None:
            self.machine.bury()
        self.machine = None
        self.store.dispose()

    def guarded(self, act: Callable[[], Any]) -> Any:
        """Do something the bot may die of; then it is started again after a while. None when it died."""
        try:
            return act()
        except SimulatedKill:
            self.stop("killed at a commit or a call")
            self.after(self.rng.choice([0.1, 0.5, 2.0, 9.0]), self.start)
            return None

    def hear(self, payload: dict[str, Any]) -> tuple[int, Any] | None:
        """A delivery of Slack's reaches the bot, if there is one."""
        machine = self.machine
        heard = self.guarded(lambda: machine.hear(payload)) if machine else None
        return heard if heard is None else (heard[0], heard[1])


def example_rota() -> str:
    """The rota that ``csp-escalate rota example`` prints."""
    return files("models.rules.rota.toml").joinpath("example.toml").read_text(encoding="utf-8")


def small_rota() -> str:
    """The same team with few handovers: one a week in each seat."""
    return files("bot.simulation").joinpath("team.toml").read_text(encoding="utf-8")


def make_world(
    seed: int,
    start: datetime,
    folder: Path,
    sandbox: Sandbox,
    rota: str,
    wire: type[Outbound] = Outbound,
    paint: Paint = sketch,
) -> World:
    """A workspace whose clock stands at ``start``, a database in ``folder`` with a rota, and no bot yet."""
    clock, fate = SimulatedClock(start), CrashPoints()
    slack = sandbox.slack
    slack.clock.wall, slack.clock.offset = clock.seconds, 0.0
    slack.base_url = slack.base_url or ADDRESS
    invite(sandbox)
    url = f"sqlite:///{folder / 'bot.db'}"
    store = opened(Store(url))
    import_rota(store, rota, "cli", start)
    settings = {**sandbox.env, "SLACK_API_URL": f"{slack.base_url}/api/", "DATABASE_URL": url, "CSP_LANGUAGE": "both"}
    world = World(
        sandbox,
        clock,
        random.Random(seed),  # noqa: S311 - dice, no secrets
        environment.read(Requirement.SLACK | Requirement.SOCKET, None, settings),
        wire(slack, fate),
        fate,
        EventLog(lambda: clock.true),
        store,
        reader.read_rota(rota),
        paint,
    )
    slack.delivery.http = InboundDelivery(world.hear)
    return world


def local_slack(options: SandboxOptions | None = None) -> Sandbox:
    """A local Slack that nobody serves yet."""
    return Sandbox(options)
