"""Workers that are killed or held up at each step of a delivery: each message shows once, and its row says where."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.slack.messages import SlackMessages, UploadResult
from bot.workers.images import ImageUploads
from bot.workers.outbox import OutboxWorker
from handlers.blocks import block_kit
from handlers.chart.drawing import Drawing
from handlers.notifications.context import MessageContext
from handlers.notifications.message import BuiltDocument, DocumentAttachment, ImageAttachment, Message, NotReady
from models.outbox import messages
from models.outbox.queue import Outbox
from models.rules.outbox.delivery import UNFINISHED, Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.bot.stubs import Control
from tests.bot.workers.test_outbox import DOT, SETTINGS, OutboxSetup
from tests.handlers.rendering import render_context_on
from tests.models.samples import CHANNEL

ELSEWHERE, USER = "C0ONCALL", "U0WANG"
LOOKS = ("conversations.history", "conversations.replies", "conversations.open")
"""What a worker asks Slack to find a message."""


class Killed(BaseException):
    """The process ends here: nothing catches it."""


@dataclass(frozen=True)
class Way:
    """One way by which messages come to Slack."""

    name: str
    what: MessageKind
    user: str | None = None
    in_thread: bool = False
    follows_settings: bool = False  # its row names no channel
    has_picture: bool = False
    has_file: bool = False

    @property
    def channel(self) -> str | None:
        """The channel that its row names."""
        return None if self.user or self.follows_settings else CHANNEL

    @property
    def is_card(self) -> bool:
        return self.what is MessageKind.GAP


WAYS = (
    Way("card", MessageKind.GAP),
    Way("reminder", MessageKind.REMINDER),
    Way("reminder in a thread", MessageKind.REMINDER, in_thread=True),
    Way("direct message", MessageKind.SHIFT, USER),
    Way("call", MessageKind.CALL, USER),
    Way("notice", MessageKind.TROUBLE, follows_settings=True),
    Way("picture", MessageKind.PICTURE, has_picture=True),
    Way("picture in a thread", MessageKind.CASE_PICTURE, in_thread=True, has_picture=True),
    Way("file", MessageKind.EXPORT, USER, has_file=True),
)
BY_NAME = {way.name: way for way in WAYS}


@dataclass
class Interruption:
    """What happens to the running worker at one step: it is killed, unless ``meanwhile`` happens there, once."""

    step: str = ""
    meanwhile: Callable[[], None] | None = None

    def reach(self, step: str) -> None:
        if step != self.step:
            return
        self.step = ""
        if self.meanwhile is None:
            raise Killed
        self.meanwhile()


class InterruptedOutbox(Outbox):
    """The outbox of a worker that is interrupted."""

    def __init__(self, store: Store, interruption: Interruption) -> None:
        super().__init__(store)
        self._interruption = interruption

    def note_place(self, delivery: Delivery, channel: str, thread: str | None) -> bool:
        is_ours = super().note_place(delivery, channel, thread)
        self._interruption.reach("noted")
        return is_ours

    def settle(self, delivery: Delivery, outcome: SendOutcome, *rest: Any, **more: Any) -> bool:
        if outcome.result is SendResult.SENT:
            self._interruption.reach("posted")
        return super().settle(delivery, outcome, *rest, **more)


class InterruptedSlack(SlackMessages):
    """Slack, as a worker reaches it that is interrupted."""

    def __init__(self, post: SlackMessages, interruption: Interruption) -> None:
        super().__init__(post._client)
        self._interruption = interruption

    def post(self, *message: Any) -> SendOutcome:
        self._interruption.reach("posting")
        return super().post(*message)

    def share(self, *message: Any) -> SendOutcome:
        self._interruption.reach("posting")
        return super().share(*message)

    def upload_picture(self, name: str, alt: str, content: bytes) -> UploadResult:
        uploaded = super().upload_picture(name, alt, content)
        self._interruption.reach("uploaded")
        return uploaded

    def upload_file(self, name: str, content: bytes) -> UploadResult:
        uploaded = super().upload_file(name, content)
        self._interruption.reach("uploaded")
        return uploaded


@dataclass
class Crashes(OutboxSetup):
    """An outbox with one message for each way."""

    interruption: Interruption = field(default_factory=Interruption)
    is_over: bool = False
    """Whether nobody needs the messages any more."""
    channel: str = CHANNEL
    """The channel that the settings name."""
    thread: str = ""

    def draw(self, delivery: Delivery) -> Message | None:
        way = BY_NAME[str(delivery.subject)]
        if delivery.what is not way.what:
            return self.draw_again(way, delivery)
        self.interruption.reach("claimed")
        if self.is_over:
            return None
        text = f"«{way.name}»"
        blocks = [block_kit.section(text), block_kit.actions([block_kit.button("Do it", "do", "x")])]
        place = None if way.user else self.channel if way.in_thread or way.follows_settings else way.channel
        picture = ImageAttachment("a.png", "A", lambda: Drawing(1, 1, "white", ()), str) if way.has_picture else None
        document = DocumentAttachment("a.csv", lambda: BuiltDocument(text, b"1"), str) if way.has_file else None
        thread = self.thread if way.in_thread else None
        return Message(text, blocks, place, way.user, thread, picture=picture, document=document)

    def draw_again(self, way: Way, delivery: Delivery) -> Message | None:
        """Draw a message whose reason is gone, as the real renderers find its place."""
        text = f"«{way.name}» is over."
        blocks = [block_kit.section(text)]
        context = MessageContext(delivery, render_context_on(self.store, SETTINGS, self.clock.now()))
        if way.is_card:
            return context.build_card(text, blocks)
        state, channel, ts = context.find_redrawn() or (DeliveryState.DEAD, "", "")
        if state in UNFINISHED:
            raise NotReady
        return Message(text, blocks, channel, update_ts=ts) if state is DeliveryState.SENT else None

    def worker(self) -> OutboxWorker:
        slack = InterruptedSlack(self.post(), self.interruption)
        pictures = ImageUploads(slack, lambda _: DOT, self.clock)
        outbox = InterruptedOutbox(self.store, self.interruption)
        return OutboxWorker(outbox, slack, self.draw, pictures, self.clock, self.wake_up)

    def begin_thread(self) -> None:
        self.thread = self.post().post("root", self.channel, "root", []).ts or ""

    def enqueue(self, way: Way) -> None:
        place = {"subject": way.name, "user": way.user, "channel": way.channel}
        row = messages.message(way.what, way.name, self.clock.now(), lane=way.name, **place)
        self.store.write(lambda connection: messages.enqueue(connection, [row]))

    def end(self) -> None:
        """End the reason of all messages. A file is never drawn again."""
        self.is_over = True
        for way in WAYS:
            what = MessageKind.GAP_REFRESH if way.is_card else MessageKind.REMINDER_REFRESH
            about = {"subject": way.name, "redraws": None if way.is_card else self.row(way).id, "channel": way.channel}
            row = messages.message(what, f"{way.name}/over", self.clock.now(), lane=f"{way.name}/over", **about)
            if not way.has_file:
                self.store.write(lambda connection: messages.enqueue(connection, [row]))  # noqa: B023 - called at once

    def row(self, way: Way) -> Row[Any]:
        query = select(OUTBOX).where(OUTBOX.c.dedupe_key == way.name)
        return self.store.read(lambda connection: connection.execute(query).one())

    def shown(self, way: Way) -> list[tuple[str, dict[str, Any]]]:
        """Return each message of a way that people see, with its channel."""
        found = self.control.get("state?only=messages")["messages"]
        every = [(channel, message) for channel, posted in found.items() for message in posted]
        return [(c, m) for c, m in every if f"«{way.name}»" in str(m) and not m.get("deleted")]

    def interrupt(self, way: Way, step: str, meanwhile: Callable[[], None] | None = None) -> None:
        """Let one worker try a message until it is interrupted, or has sent it without coming to this step."""
        self.enqueue(way)
        worker = self.worker()
        self.interruption.step, self.interruption.meanwhile = step, meanwhile
        for _ in range(100):
            try:
                if not worker.work_once():
                    self.later(1.1)
            except Killed:
                break
            if self.row(way).state == DeliveryState.SENT or not self.interruption.step:
                break
        else:
            raise AssertionError(f"the {way.name} was never tried")
        self.interruption.step = ""

    def send_rest(self) -> OutboxWorker:
        """Let another worker send what is left, and return it."""
        self.later(61)
        worker = self.worker()
        for _ in range(300):
            if not worker.work_once():
                if self.outbox.next_due() is None:
                    return worker
                self.later(20)
        raise AssertionError("it is never done")

    def finish(self) -> None:
        """Let another worker send what is left, and search for second copies as often as it wants to."""
        worker = self.send_rest()
        for _ in range(200):
            if not self.is_to_be_swept():
                break
            self.later(200)
            worker.sweep()
            worker.work_once()
        self.send_rest()

    def is_to_be_swept(self) -> bool:
        query = select(OUTBOX.c.position).where(OUTBOX.c.sweep_at.is_not(None))
        return self.store.read(lambda connection: connection.execute(query).first()) is not None

    def find_fault(self, way: Way, is_shown: bool) -> str:
        """Return what is wrong about a message; empty where it is as it must be."""
        row, shown = self.row(way), self.shown(way)
        found = [(channel, message["ts"], message.get("thread_ts")) for channel, message in shown]
        place = (row.slack_channel, row.slack_ts, row.slack_thread)
        if way.has_file and row.slack_ts is None:  # Slack does not say where it shows a file
            place = next(iter(found), place)
        wanted = [place] if is_shown else []
        state = DeliveryState.SENT if is_shown else DeliveryState.SUPERSEDED
        has_buttons = self.is_over and not way.has_file and "button" in json.dumps(shown)
        is_right = row.state == state and found == wanted and not has_buttons
        return "" if is_right else f"{way.name}: {row.state} at {place}, shown {found}, buttons {has_buttons}"


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[Crashes]:
    """An outbox in a fresh SQLite file, and the message in whose thread some are posted."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=5.0)
    store.upgrade()
    made = Crashes(slack, control, store, Clock(slack.clock_file))
    made.begin_thread()
    yield made
    store.dispose()


def nothing(_: Crashes) -> None:
    pass


def another_channel(services: Crashes) -> None:
    services.channel = ELSEWHERE
    services.begin_thread()


def another_card(services: Crashes) -> None:
    assert services.post().delete(CHANNEL, services.thread).result is SendResult.SENT
    services.begin_thread()


def looks_limited(services: Crashes) -> None:
    for method in LOOKS:
        services.control.post("fault", method=method, mode="ratelimited", retry_after=30)


def looks_failing(services: Crashes) -> None:
    for method in LOOKS:
        services.control.post("fault", method=method, mode="http_500", times=3)


def looks_unanswered(services: Crashes) -> None:
    for method in LOOKS:
        services.control.post("fault", method=method, mode="drop_before", times=3)


CHANGES = (another_channel, another_card, looks_limited, looks_failing, looks_unanswered)
KILLS: list[tuple[str, Callable[[Crashes], None]]] = [
    *((step, nothing) for step in ("claimed", "noted", "uploaded", "posted")),
    *((step, change) for step in ("noted", "posted") for change in CHANGES),
]


@pytest.mark.parametrize("is_over", [False, True], ids=["needed", "over"])
@pytest.mark.parametrize(("step", "change"), KILLS, ids=lambda value: getattr(value, "__name__", value))
def test_a_worker_that_was_killed_leaves_each_message_once_where_its_row_says(
    services: Crashes, step: str, change: Callable[[Crashes], None], is_over: bool
) -> None:
    for way in WAYS:
        services.interrupt(way, step)
    was_shown = {way: bool(services.shown(way)) for way in WAYS}
    change(services)
    if is_over:
        services.end()

    services.finish()

    faults = [services.find_fault(way, was_shown[way] or not is_over) for way in WAYS]
    assert not [*filter(None, faults)]


@pytest.mark.parametrize("is_over", [False, True], ids=["needed", "over"])
@pytest.mark.parametrize("change", [nothing, another_channel, another_card])
@pytest.mark.parametrize("step", ["noted", "posting", "posted"])
def test_a_worker_that_was_held_up_leaves_each_message_once_where_its_row_says(
    services: Crashes, step: str, change: Callable[[Crashes], None], is_over: bool
) -> None:
    held_up: list[Way] = []

    def meanwhile() -> None:
        """Let another worker take over before the first one goes on."""
        held_up.append(way)
        change(services)
        services.is_over = is_over
        services.send_rest()

    for way in WAYS:
        services.is_over, services.channel = False, CHANNEL
        services.begin_thread()
        services.interrupt(way, step, meanwhile)
    if is_over:
        services.end()
    services.finish()

    assert {way.name for way in held_up} >= ({way.name for way in WAYS} if step != "noted" else {"notice"})
    # What is over shows only if the first worker could still post it: nothing goes into the thread of a deleted card.
    faults = [services.find_fault(way, not is_over or bool(services.shown(way))) for way in WAYS]
    assert not [*filter(None, faults)]
