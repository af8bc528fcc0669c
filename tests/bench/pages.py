"""Ten thousand pages, by other ways than Slack, under faults and against strict channels: none is lost or refused.

The clock is moved to whatever is due next, so that limits of minutes, hours and days all hold pages back, and nothing
waits: everybody is called 16 times within half a minute.
"""

import gc
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import psutil
from sqlalchemy import select

from bot.http_client.transport import HttpResponse
from bot.reach.drivers import make_drivers
from bot.sandbox import Sandbox
from bot.sandbox.faults import FOR_EVER, InjectedFault
from bot.sandbox.phone import APP_SECRET, DINGTALK_SECRET, FEISHU_SECRET, HOOK_SECRET, Phone
from bot.services import Repositories, build_render_context, reminder_settings
from bot.simulation.clock import SimulatedClock
from bot.simulation.crash_points import CrashPoints
from bot.simulation.phone_outbound import PhoneOutbound
from bot.workers.pages import PageWorker
from bot.workers.queue_worker import WakeUp
from handlers.notifications.pages import PageRenderer
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.outbox.delivery import DeliveryState, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.policy import reader
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageStatus
from models.rules.reach.reach_plan import ReachAddress, ReachPlan
from models.store.database import Store
from models.store.reach_tables import PAGE_TRY
from models.store.tables import OUTBOX
from tests.bench import databases
from tests.bench.measurement import Figure, Workshop, at_most, told
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import WorkspaceDirectory
from tests.models.samples import CHANNEL, EMMA, NOW, customer_request

PEOPLE, CALLED = 630, 10
"""Members, and how many of them are called for each case: no two of those by the same kind of robot."""
BATCH = PEOPLE // CALLED
"""So many cases call everybody once."""
PAGES, EARLY = 16 * PEOPLE, 4 * PEOPLE
BETWEEN = timedelta(seconds=2)
"""The time between two batches: more than most channels take."""
LONGEST = timedelta(days=3)
"""What has not gone out by then is lost: a phone takes twenty calls a day."""
TOLD_EVERY = 10.0
"""Seconds between two lines that say how far it is."""
FAULTS = {"drop_before": 0.02, "drop_after": 0.02, "http_500": 0.01, "truncated": 0.01, "hang": 0.01, "away": 0.01}
"""How large a share of the requests meets each fault."""
TOO_OFTEN = {"45009", "45033", "130101", "9499", "200"}
"""Codes of channels that were used too often; with 200 the gateway names its refusal in the answer."""
BUSY = "11232"
_NUMBER = re.compile(r"CSP-(\d+)")


class CountingPhone(Phone):
    """A phone that counts the copies of each page, and those that don't say that they are repeats."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__(clock.seconds, lambda: None)
        self.copies: Counter[str] = Counter()
        self.unmarked = 0

    def _show(self, channel: str, text: str, to: str = "") -> None:
        super()._show(channel, text, to)
        found = _NUMBER.search(text)
        page = f"{channel} {to} {found[1] if found else ''}"
        self.unmarked += self.copies[page] > 0 and not text.startswith("(again)")
        self.copies[page] += 1


class FaultyOutbound(PhoneOutbound):
    """Lets a share of the requests fail, in every way the sandbox knows."""

    def __init__(self, sandbox: Sandbox, chance: Random) -> None:
        super().__init__(sandbox.slack, CrashPoints())
        self._planned, self._chance = sandbox.slack.faults, chance

    def _call(self, channel: str, query: dict[str, str], body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        mode = self._chance.choices([*FAULTS, ""], [*FAULTS.values(), 1 - sum(FAULTS.values())])[0]
        fault = InjectedFault(0, "phone.*", mode, FOR_EVER, accepted=self._chance.random() < 0.5)
        self._planned.planned = [fault] if mode else []
        return super()._call(channel, query, body, headers)


class Night:
    """Six hundred people with a way to each, and the bot's worker of pages, on a clock that is moved."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.sandbox = store, SimulatedClock(NOW), Sandbox()
        self.phone = self.sandbox.slack.phone = CountingPhone(self.clock)
        self.plan = make_plan("http://127.0.0.1:1")
        self._raised = 0
        settings = replace(SETTINGS, language="en")
        wanted = reminder_settings(settings, reader.load_packaged(), self.plan)
        self._repositories = Repositories(store, wanted, on_call_at=self._find_on_call)
        self._outbox = self._repositories.outbox
        context = build_render_context(self._repositories, WorkspaceDirectory(), self.clock.now, settings)
        renderer = PageRenderer(context, self._repositories.pages, self.plan, lambda _user: None)
        drivers = make_drivers(self.clock, FaultyOutbound(self.sandbox, Random(7)).find)
        self._worker = PageWorker(self._outbox, drivers, renderer, self.clock, WakeUp(), threads=0)

    def raise_batch(self) -> None:
        """Call everybody once, then let two seconds pass."""
        request = customer_request(severity="A", answers={"impact": "Nobody can work"})
        for _ in range(BATCH):
            self._raised += 1
            self._repositories.commands.raise_escalation(
                request, CHANNEL, EMMA, self.clock.now(), f"view-{self._raised}"
            )
        self.send_until(self.clock.now() + BETWEEN)

    def send_until(self, end: datetime) -> None:
        """Send what is due, moving the clock to whatever is due next, up to an instant."""
        while self.clock.now() < end and self._send_next(end):
            pass

    def send_rest(self, say: Callable[[str], None]) -> None:
        """Send everything that is left, and say now and then how much that is."""
        end, said = self.clock.now() + LONGEST, time.monotonic()
        while self.clock.now() < end and self._send_next(end):
            if time.monotonic() - said >= TOLD_EVERY:
                said = time.monotonic()
                say(f"{self.clock.now():%d %b %H:%M} of its clock: {PAGES - len(self.phone.copies):,} pages left")

    def _send_next(self, end: datetime) -> bool:
        """Send one page, or move the clock to the next; return False when none is left."""
        if self._worker.work_once():
            return True
        now = self.clock.now()
        due = self._outbox.next_due(QueuePart.PAGES, now)
        if due is None:
            return False
        soon = now + timedelta(seconds=0.25)  # something is due, and its pace holds it back
        self.clock.move_to(min(max(due, soon), end))
        return True

    def _find_on_call(self, _at: datetime) -> OnCallPeople:
        first = self._raised * CALLED
        called = tuple(_name((first + k) % PEOPLE) for k in range(CALLED))
        return OnCallPeople(on_call=called, reach=self.plan)


def make_plan(base: str) -> ReachPlan:
    """One way to each person: six of ten by WeCom's app, others by a robot that serves two of them, or by a call."""
    return ReachPlan({_name(k): (_make_address(k, f"{base}/phone"),) for k in range(PEOPLE)})


def _make_address(k: int, base: str) -> ReachAddress:
    robot = f"{k % 10}-{k // 10 % (PEOPLE // 20)}"  # two people share one
    talk = f"{base}/dingtalk/robot/send?access_token={robot}"
    kinds: dict[int, tuple[Channel, dict[str, str]]] = {
        6: (Channel.WECOM_BOT, {"url": f"{base}/wecom/cgi-bin/webhook/send?key={robot}"}),
        7: (
            Channel.DINGTALK_BOT,
            {"url": talk, "secret": DINGTALK_SECRET},
        ),
        8: (Channel.FEISHU_BOT, {"url": f"{base}/feishu/{robot}", "secret": FEISHU_SECRET}),
        9: (Channel.HOOK, {"url": f"{base}/call", "secret": HOOK_SECRET, "to": _name(k)}),
    }
    app = {"url": f"{base}/wecom", "corp_id": "ww", "agent_id": "1", "secret": APP_SECRET, "to": _name(k)}
    return ReachAddress(*kinds.get(k % 10, (Channel.WECOM_APP, app)))


def _name(k: int) -> str:
    return f"U0P{k:04d}"


def measure(workshop: Workshop) -> list[Figure]:
    """On SQLite, which takes one writer at a time."""
    store = Store(databases.sqlite(workshop.folder, "pages"))
    try:
        night = Night(store)
        began, resident = time.process_time(), {}
        for done in range(PEOPLE, PAGES + 1, PEOPLE):
            night.raise_batch()
            if done in {EARLY, PAGES}:
                gc.collect()
                resident[done] = psutil.Process().memory_info().rss / 1e6
            workshop.say(f"{done:,} pages, {psutil.Process().memory_info().rss / 1e6:.0f} MB")
        workshop.say("what the limits of hours and days hold back")
        night.send_rest(workshop.say)
        took = time.process_time() - began
        return _judge(night, resident, took)
    finally:
        store.dispose()


def _judge(night: Night, resident: Mapping[int, float], took: float) -> list[Figure]:
    rows = night.store.read(lambda c: c.execute(select(OUTBOX).where(OUTBOX.c.what == MessageKind.PAGE)).all())
    tries = night.store.read(
        lambda c: c.execute(select(PAGE_TRY.c.delivery, PAGE_TRY.c.outcome, PAGE_TRY.c.code)).all()
    )
    unknown = Counter(row.delivery for row in tries if row.outcome == PageStatus.UNKNOWN)
    missing = sum(row.state != DeliveryState.SENT for row in rows) + len(rows) - len(night.phone.copies)
    refused = sum(row.code in TOO_OFTEN for row in tries if row.outcome == PageStatus.REFUSED) + night.phone.dropped
    too_many = sum(night.phone.copies[_page_of(row, night.plan)] > 1 + unknown[row.id] for row in rows)
    extra = sum(night.phone.copies.values()) - len(night.phone.copies)
    busy = sum(row.code == BUSY for row in tries)
    growth = (resident[PAGES] / resident[EARLY] - 1) * 100
    return [
        none_of(f"{len(rows):,} pages, {sum(FAULTS.values()):.0%} of requests spoiled: lost", missing, "pages"),
        none_of("refused or dropped for rate", refused, "pages", note=f"{busy} waited for a full or half hour"),
        none_of("more copies than one for each unknown outcome", too_many, "pages", note=f"{extra} second copies"),
        none_of("second copies that don't say so", night.phone.unmarked, "copies"),
        at_most(f"growth of resident memory from {EARLY:,} to {PAGES:,} pages", 5, growth, "%"),
        told("processor time of a page, from the raise to its end", took / len(rows) * 1000, "ms"),
    ]  # fmt: skip


def _page_of(row: object, plan: ReachPlan) -> str:
    address = plan.addresses[row.channel]  # type: ignore[attr-defined]  # a row of the outbox
    return f"{address.channel} {address.fields.get('to', '')} {row.number}"  # type: ignore[attr-defined]


def none_of(what: str, count: int, unit: str, note: str = "") -> Figure:
    """A figure that must be zero."""
    return Figure(what, "none", count, unit, count == 0, note=note)
