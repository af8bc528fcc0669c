"""``sandbox --days``: a team and its bot live through some days while one watches, on a clock that runs fast."""

import asyncio
import shutil
import signal
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bot import environment, logs
from bot.clock import Clock
from bot.commands.session import Session
from bot.commands.simulation_report import write_report
from bot.sandbox import Sandbox, SandboxOptions
from bot.simulation.run import Pause, SimulationRun
from bot.simulation.summary import summarize
from bot.simulation.world import World, example_rota, make_world
from bot.workers.image_process import paint
from handlers.i18n.words import N_
from models.store.file_lock import AlreadyRunning, FileLock

FOLDER = Path(".sandbox") / "simulated"
"""Where a simulation is kept. One that runs beside another has ``simulated-2``, and so on."""
BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
"""When the days begin unless somebody says so: the day on which the example rota begins, 08:00 in China."""
SLACK_OFF_AFTER = 12 * 60.0
"""Minutes after the start at which Slack is switched off, where that is wanted."""
_STEP = 0.05
"""Seconds between two looks of the page at a clock that runs."""
_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)


@dataclass(frozen=True)
class SimulatedDays:
    """Which days pass. The same value gives the same days, at any speed."""

    days: int
    seed: int = 1
    begins: datetime = BEGINS
    """A whole minute, in UTC."""
    slack_off: int = 0
    """So many hours without Slack, from the twelfth on; then people have phones."""

    @property
    def command(self) -> str:
        """The command that lets the same days pass again."""
        off = f" --slack-off {self.slack_off}" if self.slack_off else ""
        return f"csp-escalate sandbox --days {self.days} --seed {self.seed} --begins {self.begins:%Y-%m-%dT%H:%MZ}{off}"


class WatchedSimulation:
    """One simulation with its page, in a folder of its own."""

    def __init__(self, session: Session, manifest: Path, port: int, what: SimulatedDays) -> None:
        self._session, self._what, self._began = session, what, what.begins
        self._folder, self._claim = claim_folder()
        options = SandboxOptions(
            manifest=manifest, port=port, state_file=self._folder / "state.json", clock_file=self._folder / "clock"
        )
        self._sandbox = Sandbox(options)
        self._wall = Clock()

    def show(self, hours_a_second: float, open_page: bool) -> int:
        """Let the days pass; the exit code: 1 when a promise was broken. The bot's log is in the folder."""
        with (self._folder / "bot.log").open("w", encoding="utf-8") as log_file:
            logs.set_up(stream=log_file)
            try:
                return asyncio.run(self._served(hours_a_second, open_page))
            finally:
                logs.set_up()
                self._claim.release()

    async def _served(self, hours_a_second: float, open_page: bool) -> int:
        ready, stop = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(self._sandbox.serve_forever(ready.set))
        await ready.wait()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        what = self._what
        world = make_world(what.seed, what.begins, self._folder, self._sandbox, example_rota(), paint=paint)
        if what.slack_off:
            world.give_phones()
            world.schedule_after(SLACK_OFF_AFTER, lambda: world.switch_slack_off(what.slack_off * 60))
        self._announce(open_page)
        try:
            with self._bar(what.days) as bar:
                run = SimulationRun(world, self._pause(world, hours_a_second, bar, stop))
                await self._lived(run, what.days, stop)
            summary = summarize(world, self._began)
            lived = world.now - self._began
            says = write_report(summary, lived, self._session.words, what.slack_off)
            self._session.out.print_lines(says)
            if open_page and self._session.out.is_terminal:
                await self._stay(run, stop)
        finally:
            self._keep(world)
            self._sandbox.ask_to_stop()
            await serving
        self._session.out.print_lines(
            self._session.words(N_("Stopped. Everything is kept in {folder}."), folder=self._folder)
        )
        return 1 if summary.violations else 0

    async def _lived(self, run: SimulationRun, days: int, stop: asyncio.Event) -> None:
        """Run until the days are over, or somebody has seen enough."""
        living = asyncio.create_task(run.run_until(self._began + timedelta(days=days)))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (living, stopping):
            task.cancel()
        await asyncio.gather(living, stopping, return_exceptions=True)
        if living.done() and not living.cancelled() and (error := living.exception()):
            raise error

    async def _stay(self, run: SimulationRun, stop: asyncio.Event) -> None:
        """Who watched may look at all of it, and press buttons: time goes on at its own pace, until Ctrl-C."""
        if stop.is_set():
            return
        page = self._sandbox.page_url
        self._session.out.print_lines(self._session.words(N_("The page stays open: {page}"), page=page))
        self._session.out.print_lines(
            self._session.words(N_("From now on its clock runs at normal speed. Ctrl-C stops it."))
        )
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SECOND.total_seconds())
            await run.run_until(run.world.now + _SECOND)

    def _bar(self, days: int) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        bar = Progress(*columns, TimeRemainingColumn(), console=self._session.out)
        bar.add_task("", total=days * 86400)
        return bar

    def _pause(self, world: World, hours_a_second: float, bar: Progress, stop: asyncio.Event) -> Pause:
        async def pause(span: timedelta) -> None:
            """Let the page see the span pass, a little at a time; none of it when nobody wants to watch."""
            task = bar.tasks[0].id
            until = world.now + span
            while world.now < until and not stop.is_set():
                bar.update(
                    task,
                    completed=(world.now - self._began).total_seconds(),
                    description=f"{world.now:%m-%d %H:%M} UTC",
                )
                if hours_a_second <= 0:
                    await asyncio.sleep(0)
                    return
                await asyncio.sleep(min(_STEP, (until - world.now) / _HOUR / hours_a_second))
                world.clock.show(min(until, world.now + _STEP * hours_a_second * _HOUR))

        return pause

    def _announce(self, open_page: bool) -> None:
        words, page = self._session.words, self._sandbox.page_url
        self._session.out.print_lines(words(N_("A local Slack is open at {page}"), page=page))
        self._session.out.print_lines(
            words(N_("A team of eight and its bot live in it. Press buttons yourself, if you like."))
        )
        self._session.out.print_lines(words(N_("The same days again: {command}"), command=self._what.command))
        if open_page and environment.has_screen():
            webbrowser.open(page)

    def _keep(self, world: World) -> None:
        """From now on the workspace's clock goes on from where it is, as any clock does."""
        clock = self._sandbox.slack.clock
        offset = world.clock.true - self._wall.now()
        clock.wall = lambda: self._wall.now().timestamp()
        clock.move(offset.total_seconds())
        env = self._folder / "env"
        env.touch(mode=0o600)
        settings = {**self._sandbox.env, "DATABASE_URL": f"sqlite:///{(self._folder / 'bot.db').absolute()}"}
        env.write_text("".join(f"{key}={value}\n" for key, value in settings.items()), encoding="utf-8")


def claim_folder() -> tuple[Path, FileLock]:
    """Return an empty folder that no other simulation uses, and the claim to it."""
    FOLDER.parent.mkdir(mode=0o700, exist_ok=True)
    for number in count(1):
        folder = FOLDER if number == 1 else FOLDER.with_name(f"{FOLDER.name}-{number}")
        try:
            claim = FileLock(folder.with_name(f"{folder.name}.lock"))
        except AlreadyRunning:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder, claim
    raise AssertionError("unreachable: there are always more numbers")
