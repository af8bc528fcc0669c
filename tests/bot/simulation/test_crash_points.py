"""The bot is killed at each point of its work in turn, from a submission and a press to the last reminder: nothing is
lost, nothing comes twice, wherever that was."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.http_client.transport import HttpResponse
from bot.sandbox.local_slack import LocalSlack
from bot.simulation.bot_process import SimulatedBot
from bot.simulation.crash_points import CrashPoints, SimulatedKill
from bot.simulation.outbound import Outbound
from bot.simulation.world import World, local_slack, make_world
from handlers import epoch_stamps
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox.queue import Outbox
from models.reminders.engine import ReminderEngine
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.outbox.message_kinds import REPEATABLE, MessageKind
from models.rules.people import Actor
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.tables import OUTBOX
from tests.handlers import payloads
from tests.handlers.harness import Stage
from tests.handlers.member import A_CUSTOMER_REQUEST, Member

TWICE = 2
"""So often a point is met in one story: for the card, say, and for its first line."""
ROTA = """zone = "Asia/Shanghai"
[[member]]
name = "Emma"
slack = "U0EMMA"
role = "admin_agent"
"""
START = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
NAMED = {
    "submit: INSERT escalation", "submit: INSERT history", "submit: INSERT outbox", "submit: commit", "submit: ack",
    "press: UPDATE escalation", "press: INSERT history", "press: INSERT outbox", "press: commit", "press: ack",
    "claim: UPDATE outbox", "claim: commit",
    "send: before a call", "send: after chat.postMessage",
    "settle: UPDATE outbox", "settle: commit",
    "tick: INSERT reminder", "tick: INSERT outbox", "tick: commit",
}  # fmt: skip
"""Where it must have died, among others."""


class Points(CrashPoints):
    """Names every write, commit, call and answer, and counts how often each was met in one story. The bot dies at the
    one that is ``fatal``."""

    def __init__(self) -> None:
        super().__init__()
        self.phase, self.called, self.fatal = "", "", ""
        self.met: dict[str, None] = {}
        self._counts: Counter[str] = Counter()
        self._written = False

    def begin(self, fatal: str) -> None:
        """Let a story begin in which the bot dies at this point."""
        self.fatal = fatal
        self._counts.clear()

    def store(self, url: str) -> Store:
        store = super().store(url)
        event.listen(store.engine, "before_cursor_execute", lambda *told: self._statement(told[2]))
        return store

    def commit(self) -> None:
        written, self._written = self._written, False
        if written:
            self.at("commit")

    def step(self) -> None:
        """What the wire says before and after each call."""
        name, self.called = f"after {self.called}" if self.called else "before a call", ""
        self.at(name)

    def at(self, point: str) -> None:
        """The bot comes by here."""
        if not self.phase:
            return
        name = f"{self.phase}: {point}"
        self._counts[name] += 1
        if self._counts[name] > TWICE:
            return
        name = f"{name} ({self._counts[name]})"
        self.met[name] = None
        if name == self.fatal:
            raise SimulatedKill

    def _statement(self, text: str) -> None:
        words = text.replace("INSERT INTO", "INSERT").replace("DELETE FROM", "DELETE").split(maxsplit=2)
        if words[0] in {"INSERT", "UPDATE", "DELETE"}:  # a kill before a look is one after whatever came before it
            self._written = True
            self.at(f"{words[0]} {words[1]}")

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """Name what happens in it."""
        before, self.phase = self.phase, phase
        try:
            yield
        finally:
            self.phase = before


class NamedOutbound(Outbound):
    """Says which method was called."""

    def _call(self, name: str, args: dict[str, Any], work: Callable[[], HttpResponse]) -> HttpResponse:
        reply = super()._call(name, args, work)
        assert isinstance(self._crash_points, Points)
        self._crash_points.called = "" if name == "response_url" else name
        return reply


class CrashScenario:
    """One world in which the same story happens again and again, killed at another point each time."""

    def __init__(self, world: World, points: Points, submission: dict[str, Any]) -> None:
        self.world, self.points, self.submission = world, points, submission
        self.number = 0

    def happens(self, fatal: str = "") -> bool:
        """A case is raised, told, reminded of and acknowledged with a button, and the bot dies on the way; whether it
        came by there."""
        self.number += 1
        self.points.begin(fatal)
        died = False
        for act in (self._submit, self._told, self._reminded, self._pressed, self._told):
            while not self._survived(act):
                died = True
                self.points.fatal = ""
        return died

    def _survived(self, act: Callable[[], None]) -> bool:
        """Do a part of the story, with a bot that is started where none runs."""
        try:
            with self.points.during("start"):
                if self.world.bot is None:
                    world = self.world
                    world.bot = SimulatedBot(world.config, world.clock, world.outbound, world.crash_points, world.paint)
            act()
        except SimulatedKill:
            self.world.stop("killed")
            return False
        return True

    @property
    def _bot(self) -> SimulatedBot:
        assert self.world.bot
        return self.world.bot

    def _submit(self) -> None:
        """Whoever gets no answer presses the same button again."""
        opened = {**self.submission["view"], "id": f"V{self.number}", "root_view_id": f"V{self.number}"}
        view = epoch_stamps.stamp(opened, StoreEpoch(self.world.store).epoch)
        with self.points.during("submit"):
            status, answer = self._bot.hear({**self.submission, "view": view})
            self.points.at("ack")
        assert status == 200
        assert answer["response_action"] == "update", answer

    def _told(self) -> None:
        for _ in range(200):
            with self.points.during("send"):
                self._bot.send()
            if not [row for row in self.rows() if row.state in UNFINISHED]:
                return
            self.world.clock.move(timedelta(seconds=5))
        raise AssertionError("the outbox is never empty")

    def _reminded(self) -> None:
        self.world.clock.move_to(self._raised_at + timedelta(minutes=16))
        self._bot.tick()
        self._told()

    def _pressed(self) -> None:
        """*Acknowledge* on the card. Slack delivers it again when it got no answer."""
        button = next(one for one in self._buttons() if one["action_id"] == "card.acknowledge")
        acted = {"action_ts": f"{self.number}.1", **payloads.button("card.acknowledge", button["value"])}
        with self.points.during("press"):
            status, _ = self._bot.hear(payloads.click("U0EMMA", f"{self.number}.2", acted))
            self.points.at("ack")
        assert status == 200

    def _buttons(self) -> list[dict[str, Any]]:
        """What can be pressed on the card now."""
        place = EscalationQueries(self.world.store).card_place(self.number)
        assert place
        [card] = [one for one in said(self.world.sandbox.slack) if one["ts"] == place.ts]
        [row] = [block for block in card["blocks"] if block["type"] == "actions"]
        return list(row["elements"])

    @property
    def _raised_at(self) -> datetime:
        found = EscalationQueries(self.world.store).escalation(self.number)
        assert found
        return found.raised_at

    # What must be true, wherever it was killed

    def rows(self) -> list[Any]:
        """Everything that was ever owed."""
        return list(self.world.store.read(lambda c: c.execute(select(OUTBOX)).all()))

    def judge(self, died_at: str) -> None:
        queries = EscalationQueries(self.world.store)
        assert queries.count_all() == self.number, died_at
        assert [one.move for one in queries.history(self.number)] == [Move.RAISE, Move.ACKNOWLEDGE], died_at
        rows = self.rows()
        mine = Counter(row.what for row in rows if row.number == self.number and row.state == DeliveryState.SENT)
        # Nobody is on call: the lead and the channel are called.
        assert [mine[what] for what in (MessageKind.CALL, MessageKind.CARD, MessageKind.LINE, MessageKind.RECEIPT)] == [
            2,
            1,
            2,
            1,
        ], died_at
        assert "card.acknowledge" not in {button["action_id"] for button in self._buttons()}, died_at
        assert mine[MessageKind.REMINDER] > 0, died_at
        assert {row.state for row in rows} <= {DeliveryState.SENT, DeliveryState.SUPERSEDED}, died_at
        owed = Counter(row.id for row in rows if row.what not in REPEATABLE and row.state == DeliveryState.SENT)
        assert shown(self.world.sandbox.slack) == owed, died_at

    def over(self) -> None:
        """The case is withdrawn, and nobody hears of it again."""
        now = self.world.clock.now()
        step = MoveRequest(Move.WITHDRAW, Actor("U0LINA", payloads.HOME, is_lead=True), now, text="over")
        EscalationCommands(self.world.store).move(self.number, step, f"over-{self.number}")
        while self._bot.send():
            self.world.clock.move(timedelta(seconds=5))
        self.world.stop("so that each story begins alike")


def shown(slack: LocalSlack) -> Counter[str]:
    """How often each message of the bot's can be seen, by its mark."""
    return Counter(str(one["metadata"]["event_payload"]["id"]) for one in said(slack))


def said(slack: LocalSlack) -> list[dict[str, Any]]:
    """The messages of the bot's that can be seen."""
    all_ = [message for place in slack.workspace.conversations.values() for message in place.messages.values()]
    return [one for one in all_ if one.get("bot_id") and not one.get("deleted") and "metadata" in one]


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashScenario]:
    """A world whose bot can be killed at any named point, and a form that is filled in."""
    points = Points()
    for home, method in ((Outbox, "claim"), (Outbox, "settle"), (ReminderEngine, "tick")):
        monkeypatch.setattr(home, method, _named(getattr(home, method), method, points))
    monkeypatch.setattr("bot.simulation.world.CrashPoints", lambda: points)
    world = make_world(1, START, tmp_path, local_slack(), ROTA, NamedOutbound)
    yield CrashScenario(world, points, _filled_in(tmp_path))
    world.close()


def _named(method: Callable[..., Any], phase: str, points: Points) -> Callable[..., Any]:
    def named(*args: Any, **more: Any) -> Any:
        with points.during(phase):
            return method(*args, **more)

    return named


def _filled_in(folder: Path) -> dict[str, Any]:
    """The submission of a form, as the bot itself drew it."""
    store = Store(f"sqlite:///{folder / 'form.db'}")
    store.upgrade()
    emma = Member(Stage(store), "U0EMMA")
    emma.command("new")
    emma.fill(**A_CUSTOMER_REQUEST)
    payload = payloads.submission("U0EMMA", "1.1", emma.modal)
    store.dispose()
    return payload


def test_killed_at_any_point_from_the_submission_to_the_reminder_nothing_is_lost_and_nothing_comes_twice(
    story: CrashScenario,
) -> None:
    for _ in range(2):  # the first of all stories also makes what is there only once
        story.points.met.clear()
        story.happens()
        story.judge("")
        story.over()
    points = list(story.points.met)
    assert set(NAMED) <= {name.removesuffix(" (1)") for name in points}
    for name in points:
        assert story.happens(name), f"it did not come by at {name}"
        story.judge(name)
        story.over()
