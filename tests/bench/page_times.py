"""How soon a case of severity A rings: from its raise until the page is at the service, one case after another.

Real threads, a database that waits for the disk, and channels in another process of which some answers are lost. Then
the same while the gateway that rings phones answers nothing at all: how soon do the pages by WeCom arrive? And cases
that another process raises, as the terminal does: how soon after its commit?
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.measurements import PAGE_SECONDS
from bot.reach.drivers import make_drivers
from bot.sandbox.faults import FOR_EVER
from bot.sandbox.phone import APP_SECRET, HOOK_SECRET
from bot.services import Repositories, build_render_context, reminder_settings
from bot.workers.pages import PageWorker
from bot.workers.queue_watch import QueueWatch
from bot.workers.queue_worker import WakeUp
from handlers.notifications.pages import PageRenderer
from models.outbox.growth import OutboxGrowth
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.outbox.delivery import QueuePart
from models.rules.policy import reader
from models.rules.reach.channels import Channel
from models.rules.reach.reach_plan import ReachAddress, ReachPlan
from models.store.database import Store
from tests.bench import databases
from tests.bench.load_harness import LocalSlack
from tests.bench.measurement import Figure, Workshop, at_most, p99, percentile, told
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import WorkspaceDirectory
from tests.models.samples import CHANNEL, EMMA, customer_request

RAISED, PAUSE = 200, 0.25
"""Cases raised one after another, and the seconds between two."""
HANGING = 50
"""Cases raised while the gateway hangs."""
ELSEWHERE = 200
"""Cases raised by another process."""
IDLE_SECONDS = 5.0
"""For so long the watch of the outbox looks while nothing happens."""
LOOKED_AT = 50
"""After so many the phones are read: they keep 200 messages."""
FAULTS = (("phone.hook", "drop_after", 40), ("phone.wecom_app", "truncated", 90), ("phone.wecom_app", "hang", 150))
"""Each happens once, after so many requests."""
HUNG = 12.0
"""Seconds that a service keeps us waiting: longer than we wait."""
PATIENCE = 60.0


class Desk:
    """A bot's worker of pages with its threads, and people who are each called once, by WeCom and by phone."""

    def __init__(self, store: Store, base: str) -> None:
        self.clock, wake_up = Clock(), WakeUp()
        self.plan = ReachPlan(
            {_name(n): _make_addresses(_name(n), f"{base}phone") for n in range(RAISED + HANGING + ELSEWHERE)}
        )
        self._called = _name(0)
        settings = replace(SETTINGS, language="en")
        wanted = reminder_settings(settings, reader.load_packaged(), self.plan)
        self._repositories = Repositories(store, wanted, wake_up.notify, self._find_on_call)
        context = build_render_context(self._repositories, WorkspaceDirectory(), self.clock.now, settings)
        renderer = PageRenderer(context, self._repositories.pages, self.plan, lambda _user: None)
        self.outbox = self._repositories.outbox
        drivers = make_drivers(self.clock)
        self.worker = PageWorker(self.outbox, drivers, renderer, self.clock, wake_up)
        self.watch = QueueWatch(OutboxGrowth(store), wake_up)

    def raise_case(self, number: int) -> float:
        """Call one person for a new case, and return when it was raised."""
        self._called = _name(number)
        request, at = customer_request(severity="A", answers={"impact": "Nobody can work"}), self.clock.now()
        self._repositories.commands.raise_escalation(request, CHANNEL, EMMA, at, f"view-{number}")
        return at.timestamp()

    def _find_on_call(self, _at: datetime) -> OnCallPeople:
        return OnCallPeople(on_call=(self._called,), reach=self.plan)


def _name(number: int) -> str:
    return f"U0P{number:04d}"


def _make_addresses(name: str, base: str) -> tuple[ReachAddress, ...]:
    app = {"url": f"{base}/wecom", "corp_id": "ww", "agent_id": "1", "secret": APP_SECRET, "to": name}
    call = {"url": f"{base}/call", "secret": HOOK_SECRET, "to": name}
    return ReachAddress(Channel.WECOM_APP, app), ReachAddress(Channel.HOOK, call)


def measure(workshop: Workshop) -> list[Figure]:
    """The same on both databases."""
    figures = _on("SQLite", databases.sqlite(workshop.folder, "page_times"), workshop)
    with databases.postgresql() as server, server.migrated() as url:
        return figures + _on("PostgreSQL", url, workshop)


def _on(kind: str, url: str, workshop: Workshop) -> list[Figure]:
    workshop.say(f"{kind}: {RAISED} cases of severity A")
    store = Store(url)
    try:
        began = time.process_time()
        waits, measured = _ring(store, workshop.folder / kind)
        took = (time.process_time() - began) / RAISED * 1000
        workshop.say(f"{kind}: {HANGING} more while the gateway hangs")
        beside = _ring_beside_hanging(store, workshop.folder / f"{kind} hanging")
        workshop.say(f"{kind}: {ELSEWHERE} more, raised by another process")
        elsewhere, idle = _ring_from_elsewhere(store, url, workshop.folder / f"{kind} elsewhere"), _watch_idly(store)
    finally:
        store.dispose()
    note = f"{len(waits)} pages of {RAISED} cases; the histogram of /metrics counted {measured}"
    slowest = ", ".join(f"{wait:.2f}" for wait in sorted(waits)[-6:])
    return [
        at_most(f"{kind}: from the raise of a case of severity A to its pages, p50", 0.1, percentile(waits, 0.5), "s"),
        at_most(f"{kind}: the same, p99", 1, p99(waits), "s", note=f"{note}; the slowest: {slowest}"),
        told(f"{kind}: processor time of a case and its two pages, with the naps between", took, "ms"),
        at_most(f"{kind}: to the page by WeCom while calls hang, p50", 0.1, percentile(beside, 0.5), "s"),
        at_most(f"{kind}: the same, p99", 1, p99(beside), "s", note=f"{len(beside)} pages"),
        at_most(
            f"{kind}: raised by another process, from its commit to the page, p50", 0.1, percentile(elsewhere, 0.5), "s"
        ),
        at_most(f"{kind}: the same, p99", 1, p99(elsewhere), "s", note=f"{len(elsewhere)} pages"),
        at_most(f"{kind}: processor time of the watch of the outbox while nothing happens", 1, idle, "% of a core"),
    ]


def _ring(store: Store, folder: Path) -> tuple[list[float], int]:
    """Raise all cases, and return the seconds to each page and how many of them the bot itself has timed."""
    slack = LocalSlack(folder)
    desk = Desk(store, slack.page_url)
    seen: dict[tuple[str, str], float] = {}
    raised: dict[str, float] = {}
    for method, mode, after in FAULTS:
        slack.driver.fault(method, mode, after_n=after, seconds=HUNG)
    desk.worker.start()
    try:
        for first in range(0, RAISED, LOOKED_AT):
            raised |= _raise_cases(desk, range(first, first + LOOKED_AT))
            until = time.monotonic() + PATIENCE
            while desk.outbox.next_due(QueuePart.PAGES) and time.monotonic() < until:
                time.sleep(PAUSE)
            for message in slack.driver.state("phone")["phone"]["messages"]:
                seen.setdefault((message["channel"], message["to"]), message["at"])
    finally:
        desk.worker.stop(2 * HUNG)
        slack.stop()
    waits = [at - raised[to] for (_, to), at in seen.items()]
    lost = 2 * RAISED - len(waits)
    counted = sum(sum(series.counts) for _, series in desk.worker.measurements.histograms(PAGE_SECONDS))
    return waits + [PATIENCE] * lost, counted


def _ring_beside_hanging(store: Store, folder: Path) -> list[float]:
    """Raise cases while the gateway answers nothing, and return the seconds to each page by WeCom."""
    slack = LocalSlack(folder)
    desk = Desk(store, slack.page_url)
    slack.driver.fault("phone.hook", "hang", times=FOR_EVER, seconds=HUNG)
    desk.worker.start()
    try:
        raised = _raise_cases(desk, range(RAISED, RAISED + HANGING))
        seen: dict[str, float] = {}
        until = time.monotonic() + PATIENCE
        while len(seen) < HANGING and time.monotonic() < until:
            time.sleep(PAUSE)
            for message in slack.driver.state("phone")["phone"]["messages"]:
                if message["channel"] == "wecom_app":
                    seen.setdefault(message["to"], message["at"])
    finally:
        desk.worker.stop(2 * HUNG)
        slack.stop()
    return [seen.get(to, at + PATIENCE) - at for to, at in raised.items()]


def _raise_cases(desk: Desk, numbers: range) -> dict[str, float]:
    """Raise cases one after another, and return when the case of each person was raised."""
    raised = {}
    for number in numbers:
        raised[_name(number)] = desk.raise_case(number)
        time.sleep(PAUSE)
    return raised


def _ring_from_elsewhere(store: Store, url: str, folder: Path) -> list[float]:
    """Let another process raise cases, and return the seconds from its commits to each page."""
    slack = LocalSlack(folder)
    desk = Desk(store, slack.page_url)
    desk.worker.start()
    desk.watch.start()
    try:
        seen: dict[tuple[str, str], float] = {}
        raised: dict[str, float] = {}
        for first in range(RAISED + HANGING, RAISED + HANGING + ELSEWHERE, LOOKED_AT):
            arguments = [url, slack.page_url, str(first), str(first + LOOKED_AT)]
            command = [sys.executable, "-m", "tests.bench.page_times", *arguments]
            raised |= json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            until = time.monotonic() + PATIENCE
            while desk.outbox.next_due(QueuePart.PAGES) and time.monotonic() < until:
                time.sleep(PAUSE)
            for message in slack.driver.state("phone")["phone"]["messages"]:
                seen.setdefault((message["channel"], message["to"]), message["at"])
    finally:
        desk.watch.stop(PATIENCE)
        desk.worker.stop(PATIENCE)
        slack.stop()
    waits = [at - raised[to] for (_, to), at in seen.items()]
    return waits + [PATIENCE] * (2 * ELSEWHERE - len(waits))


def _watch_idly(store: Store) -> float:
    """Return the share of a core that the watch takes while nothing happens, in percent."""
    watch = QueueWatch(OutboxGrowth(store), WakeUp())
    watch.start()
    began = time.process_time()
    time.sleep(IDLE_SECONDS)
    took = time.process_time() - began
    watch.stop(PATIENCE)
    return took / IDLE_SECONDS * 100


def raise_here(url: str, base: str, numbers: range) -> Mapping[str, float]:
    """Raise cases in this process, and return by person when each was committed."""
    store = Store(url)
    try:
        desk, committed = Desk(store, base), dict[str, float]()
        for number in numbers:
            desk.raise_case(number)
            committed[_name(number)] = desk.clock.now().timestamp()
            time.sleep(PAUSE)
        return committed
    finally:
        store.dispose()


if __name__ == "__main__":
    print(json.dumps(raise_here(sys.argv[1], sys.argv[2], range(int(sys.argv[3]), int(sys.argv[4])))))
