"""What a simulation consists of: a local Slack, the bot in it, a clock for both, and the planned actions."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

from bot import environment
from bot.config import Config, Requirement
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.reach_file import write_reach_file
from bot.sandbox.triggers import Triggers
from bot.simulation.bot_process import Paint, SimulatedBot, draw_placeholder, open_store
from bot.simulation.clock import SimulatedClock
from bot.simulation.crash_points import CrashPoints, SimulatedKill
from bot.simulation.event_log import DOWN, SLACK_OFF, EventLog
from bot.simulation.event_queue import EventQueue
from bot.simulation.example_team import add_example_team
from bot.simulation.inbound import InboundDelivery
from bot.simulation.outbound import Outbound
from models.oncall.rota_versions import import_rota
from models.rules.reach.reader import parse_reach
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
    """The replica that works now."""
    other: SimulatedBot | None = None
    """Another replica on the same database, which works in turn with it."""
    replicas: int = 1
    pages_seen: list[dict[str, Any]] = field(default_factory=list)
    """All that arrived on phones, with ``bot_at``: the time by the bot's clock."""

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
        """Start the bot, or its second replica, unless all run."""
        is_alone = self.replicas == 1
        if self.bot is not None and (is_alone or self.other is not None):
            return
        self.event_log.end_outage(DOWN)
        made = self.run_guarded(
            lambda: SimulatedBot(self.config, self.clock, self.outbound, self.crash_points, self.paint, is_alone)
        )
        if self.bot is None:
            self.bot = made
        else:
            self.other = made

    def stop(self, why: str) -> None:
        """End the bot that works now, wherever it is in its work. Another replica goes on."""
        if self.bot is not None:
            self.event_log.note("down", why)
            self.bot.dispose()
        self.bot, self.other = self.other, None
        self.crash_points.disarm()
        if self.bot is None:
            self.event_log.begin_outage(DOWN)

    def give_phones(self) -> None:
        """Let everybody be reached by other ways than Slack too. Called before the bot starts."""
        slack = self.sandbox.slack
        # Pages are spread by a hash of their address, so it must not have the port of this run.
        plan = parse_reach(write_reach_file(ADDRESS, slack.workspace.people), self.config.timezone)
        self.config = replace(self.config, reach=plan, public_url=slack.base_url)

    def take_turns(self) -> None:
        """Let one of the replicas work, by chance."""
        if self.other is not None and self.random.random() < 0.5:
            self.bot, self.other = self.other, self.bot

    def switch_slack_off(self, minutes: float) -> None:
        """Switch Slack off for so many minutes: it answers no call, and nobody can act in it."""
        settings = self.sandbox.slack.settings

        def switch_on() -> None:
            settings.slack_off = False
            self.event_log.note(SLACK_OFF, "is over")
            self.event_log.end_outage(SLACK_OFF)

        settings.slack_off = True
        self.event_log.note(SLACK_OFF)
        self.event_log.begin_outage(SLACK_OFF)
        self.schedule_after(minutes, switch_on, wakes_bot=False)

    def close(self) -> None:
        """End the bot and close the database."""
        for bot in (self.bot, self.other):
            if bot is not None:
                bot.dispose()
        self.bot = self.other = None
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

    def follow_link(self, token: str, number: str) -> int | None:
        """Press the button behind the link of a page; return the status of the answer, None when no bot answers."""
        bot = self.bot
        answer = self.run_guarded(lambda: bot.link_pages.submit(token, number)) if bot else None
        return answer if answer is None else int(answer.status)


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
    outbound: Callable[[LocalSlack, CrashPoints], Outbound] = Outbound,
    paint: Paint = draw_placeholder,
) -> World:
    """Return a world whose clock is set to ``start``: a new database in ``folder`` with a rota, and no bot yet."""
    clock, crash_points = SimulatedClock(start), CrashPoints()
    slack = sandbox.slack
    slack.clock.wall, slack.clock.offset = clock.seconds, 0.0
    slack.triggers = Triggers(slack.workspace.ids, clock.seconds)  # else a busy machine would decide what expires
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
