"""People with other ways than Slack: a duty whose pages are sent to phones that answer as a test wants."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.reach.channel import PageText
from bot.services import Repositories, build_render_context, reminder_settings
from bot.workers.pages import PageWorker
from bot.workers.queue_worker import WakeUp
from handlers.notifications.message import Message, NotReady
from handlers.notifications.pages import PageRenderer
from handlers.notifications.render import MessageRenderer
from models.outbox.queue import Outbox
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import Actor
from models.rules.policy import reader
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress, ReachPlan
from models.rules.rota.on_call import ShiftEventKind
from models.store.database import Store
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import WorkspaceDirectory
from tests.models.reminders.conftest import BOBS, DAY, MINUTE, Duty
from tests.models.samples import CHANNEL, NOW, WANG, customer_request

BOB, LINA = "U0BOB", "U0LINA"
SECOND = timedelta(seconds=1)
FILE = """
[[person]]
name = "bob"
[[person.address]]
channel = "wecom_bot"
url = "https://a.cn/bob"
[[person.address]]
channel = "hook"
url = "https://a.cn/call"
secret = "s"
to = "138"
severities = ["A"]
[[person]]
name = "cid"
[[person.address]]
channel = "feishu_bot"
url = "https://a.cn/cid"
customer_names = true
"""
TITLE = customer_request().title
ACCEPTED = PageAnswer(PageStatus.ACCEPTED, "0")


class HandClock(Clock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Phones:
    """Takes the pages of all channels, and answers as a test wants."""

    def __init__(self) -> None:
        self.taken: list[tuple[Channel, PageText]] = []
        self.answers: list[PageAnswer] = []

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        self.taken.append((address.channel, page))
        return self.answers.pop(0) if self.answers else ACCEPTED


class ReachDuty(Duty):
    """A duty whose people have other ways than Slack."""

    def __init__(self, store: Store, plan: ReachPlan, language: str = "en", lead: str = LINA) -> None:
        super().__init__(store)
        self.clock, self.phones, self.outbox = HandClock(), Phones(), Outbox(store)
        self.in_slack: dict[str, Message] = {}  # by its ts
        settings = replace(SETTINGS, language=language, leads=frozenset({lead}))
        wanted = reminder_settings(settings, reader.load_packaged(), plan)
        self.repositories = Repositories(store, wanted)
        self.commands, self.engine = self.repositories.commands, self.repositories.engine
        context = build_render_context(self.repositories, WorkspaceDirectory(), self.clock.now, settings)
        self.slack = MessageRenderer(context)
        renderer = PageRenderer(context, self.repositories.pages, plan, lambda _user: None)
        self.pages = renderer
        drivers = dict.fromkeys(Channel, self.phones)
        self.worker = PageWorker(self.outbox, drivers, renderer, self.clock, WakeUp(), threads=0)
        self.rota()
        self.confirmed(BOBS - DAY, 4)
        self.backup_confirmed()
        self.later(timedelta())
        self.slack_sends_all()
        self.phones.taken.clear()

    def raised(self, severity: str, by: Actor = WANG) -> None:
        request = customer_request(severity=severity, answers={"impact": "Nobody can work"})
        self.commands.raise_escalation(request, CHANNEL, by, self.clock.at, f"view-{severity}")

    def wait_for_handover(self, start: datetime, minutes: int, *, is_confirmed: bool) -> None:
        """Live until so many minutes after the start of bob's shift; Slack takes nothing from the day before on."""
        self.confirmed(start - DAY, 1)
        if is_confirmed:
            self.press(ShiftEventKind.CONFIRM, "bob", start, start - DAY)
        self.clock.at = start - DAY
        self.later(timedelta())
        self.slack_sends_all()
        for minute in range(-40, minutes):
            self.clock.at = start + minute * MINUTE
            self.later(timedelta())
        self.clock.at = start + minutes * MINUTE

    def later(self, wait: timedelta) -> list[str]:
        """Let time pass with a tick, send all pages, and return the channels by which they went."""
        self.clock.at += wait
        self.engine.tick(self.clock.at, SECOND)  # it ticked meanwhile too
        before = len(self.phones.taken)
        idle = 0
        while idle < 2:  # a sender is used once a second at most
            idle = 0 if self.worker.work_once() else idle + 1
            self.clock.at += SECOND
        return [channel for channel, _ in self.phones.taken[before:]]

    def slack_sends_all(self) -> None:
        """Let Slack take everything that waits for it."""
        at = self.clock.at
        for _ in range(200):
            at += 2 * SECOND
            if (delivery := self.outbox.claim(at, "slack")) is not None:
                self.outbox.settle(delivery, SendOutcome(SendResult.SENT, "D1", f"{delivery.position}.0001"), at)

    def slack_answers(self, result: SendResult) -> None:
        """Let everything be tried now that waits for Slack, with this result."""
        for _ in range(20):
            if (delivery := self.outbox.claim(self.clock.at, "slack")) is not None:
                answer = SendOutcome(result, "D1", f"{delivery.position}.0001")
                self.outbox.settle(delivery, answer, self.clock.at)

    def slack_refuses_all(self, result: SendResult = SendResult.NOT_ACCEPTED) -> None:
        """Let everything be tried that waits for Slack, which takes none of it."""
        at = self.clock.at
        for _ in range(60):
            at += 2 * SECOND
            if (delivery := self.outbox.claim(at, "slack")) is not None:
                wait = 300.0 if result is SendResult.NOT_ACCEPTED else None
                answer = SendOutcome(result, error="ConnectionRefusedError", retry_after=wait)
                self.outbox.settle(delivery, answer, at)

    def slack_is_back(self) -> list[Message]:
        """Let Slack take what waits for it as it is drawn now, and return the messages."""
        shown, at = list[Message](), self.clock.at
        for _ in range(100):
            at += 2 * SECOND
            delivery = self.outbox.claim(at, "slack")
            if delivery is None:
                continue
            try:
                message = self.slack.render(delivery)
            except NotReady:
                self.outbox.settle(delivery, SendOutcome(SendResult.NOT_ACCEPTED, retry_after=1.0), at)
                continue
            if isinstance(message, Message) and delivery.must_look:
                self.outbox.settle(delivery, SendOutcome(SendResult.ABSENT), at)
                continue
            ts = f"{delivery.position}.0001"
            if isinstance(message, Message):
                shown.append(message)
                self.in_slack[message.update_ts or ts] = message
            result = SendResult.SENT if message else SendResult.SUPERSEDED
            self.outbox.settle(delivery, SendOutcome(result, delivery.channel or "D1", ts), at)
        return shown

    def text(self) -> str:
        return self.phones.taken[-1][1].text

    def ends(self) -> list[tuple[PageStatus, bool]]:
        tries = self.repositories.pages.find_tries(None, NOW - MINUTE, 100)
        return [(each.status, each.again) for each in reversed(tries)]
