"""A local Slack, the real bot as a process beside it, and a database; people act, the clock runs as fast as it may."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row, select

from bot.sandbox import Sandbox
from handlers import epoch_stamps
from models.escalations.queries import EscalationQueries
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Escalation
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.oncall_tables import PULSE
from models.store.tables import OUTBOX
from tests.slack_driver import Actor, SlackDriver

Json = dict[str, Any]
Seen = TypeVar("Seen")

PATIENCE = 180.0  # seconds: the machine may be busy with other tests
TYPED_AGAIN = 20.0  # seconds after which a person types a command again whose form did not come
STRIDE = 1.6  # seconds of the workspace's clock: one post a second and channel, one change in 1.5
HELD_FOR = 10.0  # seconds: longer than a send takes on a slow machine; what hangs longer is meant to hang
HELD = select(OUTBOX.c.position, OUTBOX.c.generation).where(OUTBOX.c.state == DeliveryState.SENDING)
ESCALATIONS, ONCALL = "C0ESCAL", "C0ONCALL"
ROOT = Path(__file__).parents[2]


@dataclass
class World:
    """Everything of one story. ``words`` is the language of shared cards."""

    sandbox: Sandbox
    slack: SlackDriver
    folder: Path
    url: str
    language: str
    http: bool = False
    more: Mapping[str, str] = field(default_factory=dict)
    expected: set[str] = field(default_factory=set)
    _recorded: Json = field(default_factory=dict)
    _nudged: float = 0.0
    _held: dict[tuple[int, int], float] = field(default_factory=dict)

    def as_(self, user: str) -> Actor:
        return self.slack.as_user(user)

    @property
    def lina(self) -> Actor:
        return self.as_("U0LINA")

    @property
    def wang(self) -> Actor:
        return self.as_("U0WANG")

    @property
    def emma(self) -> Actor:
        return self.as_("U0EMMA")

    # The bot's process

    @property
    def pid(self) -> int:
        return int(self.slack.state("bot")["bot"]["pid"])

    def ready(self) -> None:
        """Wait until Slack can reach the bot."""
        self.until(self._is_reached, "the bot to be there", stride=0)

    @property
    def web(self) -> str:
        """The address of the bot's own web server."""
        found: list[str] = self.until(
            lambda: re.findall(r"listening on (http://[\d.:]+)", self.log), "a server", stride=0
        )
        return found[-1]

    def _is_reached(self) -> bool:
        """Whether Slack reaches the bot. By HTTP, Slack is told where it listens by now."""
        if not self.http:
            return bool(self.slack.state("delivery")["delivery"]["connections"])
        found = re.findall(r"listening on (http://\S+)", self.log)
        url = f"{found[-1]}/slack/events" if found else ""
        return bool(url and self.slack.post("delivery", mode="http", url=url, follows_clock=True)["ok"])

    def start(self) -> None:
        self.slack.app("start")
        self.ready()

    def kill(self) -> None:
        """SIGKILL, as a crash or a power cut."""
        self.slack.app("kill")

    def terminate(self) -> int:
        """SIGTERM; the exit code, however long that takes: tests/bot/commands/test_run.py proves that it is soon."""
        os.kill(self.pid, signal.SIGTERM)
        self.until(lambda: not self.slack.state("bot")["bot"]["running"], "the bot's end", stride=0)
        return int(self.slack.state("bot")["bot"]["exit_code"])

    def run(self, *words: str, locale: str = "en_GB") -> str:
        """Run another command of the program beside the bot, in a language; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", "--env-file", str(self.folder / "env"), *words],
            env={**os.environ, **self.environment(), "COLUMNS": "200", "LC_ALL": f"{locale}.UTF-8"},
            capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        return {**self.sandbox.env, **settings_of(self.url, self.language), **self.more}

    @property
    def log(self) -> str:
        """All that the bot has logged."""
        path = self.folder / "bot.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    # Waiting

    def until(self, predicate: Callable[[], Seen | None], what: str, stride: float = STRIDE) -> Seen:
        """What ``predicate`` returns once it is true. Meanwhile the workspace's clock runs, so that nobody waits for
        Slack's limits in real time; ``stride`` 0 leaves the clock alone."""
        deadline = time.monotonic() + PATIENCE
        while True:
            revision = self.slack.get("wait", after=0, timeout=0)["revision"]
            if found := predicate():
                return found
            assert time.monotonic() < deadline, f"waited for {what}; surprises: {self.slack.surprises()}\n{self.log}"
            self.slack.get("wait", after=revision, timeout=0.1)
            if stride and not self.is_sending():
                self.slack.advance_clock(stride)
                self._nudge()

    def is_sending(self) -> bool:
        """Whether a row is held, and not for long in real time: on a slow machine the clock of the workspace must not
        run past its lease."""
        with suppress(NotSaved):  # the database may be locked by a test
            held = self._store.read(lambda connection: connection.execute(HELD).all())
            now = time.monotonic()
            leases = [(row.position, row.generation) for row in held]
            self._held = {lease: self._held.get(lease, now) for lease in leases}
            return any(now - since < HELD_FOR for since in self._held.values())
        return False

    def _nudge(self) -> None:
        """Deliver again what was recorded long ago: it changes nothing, and makes the bot look at the clock that was
        moved behind its back."""
        if self._recorded and time.monotonic() > self._nudged + 0.3:
            self.slack.deliver("interactive", self._recorded)
            self._nudged = time.monotonic()

    def quiet(self, stride: float = STRIDE) -> None:
        """Wait until everything that was owed has been said.

        Pages that are due later do not count: new reminders would bring new ones for as long as the clock runs.
        """
        self.until(lambda: not self._due, "the outbox to be empty", stride)

    @property
    def _due(self) -> list[Row[Any]]:
        return [row for row in self.unfinished if row.what != MessageKind.PAGE or row.due_at <= self.now]

    @property
    def now(self) -> datetime:
        """The time of the workspace and the bot."""
        return datetime.fromtimestamp(self.sandbox.slack.clock.now(), UTC)

    # Reading

    @property
    def queries(self) -> EscalationQueries:
        return EscalationQueries(self._store)

    def escalation(self, number: int = 1) -> Escalation:
        found = self.queries.escalation(number)
        assert found is not None
        return found

    def card(self, number: int = 1) -> Json:
        """The card of an escalation in its channel; waits for it."""
        name = f"CSP-{number} "

        def cards() -> list[Json]:
            # Only the heading: the card of an attached case names another one below it.
            return [m for m in self.slack.messages(ESCALATIONS) if name in m["text"].partition("\n")[0]]

        found = self.until(cards, f"card {name}")
        assert len(found) == 1, found
        return {**found[0], "channel": ESCALATIONS}

    def thread(self, number: int = 1) -> list[Json]:
        return self.slack.thread(ESCALATIONS, self.card(number)["ts"])

    def raise_one(self, who: Actor, **changes: Any) -> Json:
        """A whole customer request from the command to the confirmation; the submission's answer."""
        self.fill_one(who, **changes)
        return who.submit()

    def raised(self) -> int:
        """A new escalation whose messages are all there; its number."""
        assert self.raise_one(self.wang)["ok"]
        if not self.http:  # there, the same request again would be a replay
            self._recorded = self.slack.last_delivered("submit form")
        self.quiet()
        return self.queries.count_all()

    def fill_one(self, who: Actor, **changes: Any) -> None:
        """The same, not yet submitted."""
        self._open_form(who)
        for name, value in {**(AN_URGENT_REQUEST if changes.get("severity") == "A" else A_REQUEST), **changes}.items():
            self.answer(who, name, value)

    def _open_form(self, who: Actor) -> None:
        """Open a new form. Slack lets a form open within three seconds; on a machine that stood still meanwhile, the
        person types the command again."""
        open_before = (self.slack.modal(who.id) or {}).get("id")
        deadline = time.monotonic() + PATIENCE
        while True:
            assert who.command("/csp-escalate new")["ok"]
            try:
                who.wait_for_modal(lambda modal: bool(modal["id"] != open_before), timeout=TYPED_AGAIN)
                return
            except AssertionError:
                if time.monotonic() > deadline:
                    raise

    def answer(self, who: Actor, name: str, value: Any) -> None:
        """Fill one field, once it is there."""
        holds = _has_field(name)
        who.wait_for_modal(holds, timeout=PATIENCE)
        before = who.modal["hash"]
        if name == "customer_name":
            who.choose(name, value)
        else:
            who.fill({name: value})
        if name in {"kind", "service", "scope", "severity", "health", "category", "more", "area"}:
            who.wait_for_modal(lambda modal: bool(modal["hash"] != before), timeout=PATIENCE)

    def press(self, who: Actor, card: Json, move: str) -> Json:
        """Press a card's button, or choose the move in its menu."""
        what = {} if _element(card, f"card.{move}") else {"option": _entry(card, move)}
        return who.click(card, "card.more" if what else f"card.{move}", **what)

    def do(self, who: Actor, move: str, number: int = 1, **words: str) -> None:
        """Press a card's button (or choose it in the menu), answer its questions, and see it done."""
        before = self.escalation(number).version
        shown = self.until(lambda: _offering(self.card(number), move, before), f"a card that offers {move}")
        answer = self.press(who, shown, move)
        assert answer["ok"], answer
        if words:
            who.wait_for_modal(lambda modal: bool(modal["callback_id"] == f"sheet.{move}"), timeout=PATIENCE)
            sent = who.fill(words).submit()
            assert sent["ok"], sent
        self.until(lambda: self.escalation(number).version > before, f"{move} to be recorded", stride=0)

    # What the auditor compares

    @property
    def copies(self) -> Counter[str]:
        """How often each delivery can be seen, by its mark; private answers apart."""
        everything = self.slack.state("messages")["messages"].values()
        visible = [one for said in everything for one in said if not one.get("deleted") and "ephemeral_to" not in one]
        # That a topic was changed is said by Slack itself, in the bot's name.
        said = [m for m in visible if m.get("bot_id") and m.get("subtype") != "channel_topic"]
        # The answer to a typed line, in its thread, is no delivery.
        return Counter(mark_of(m) for m in said if "metadata" in m or "thread_ts" not in m)

    @property
    def _store(self) -> Store:
        if not hasattr(self, "_opened"):
            self._opened = Store(self.url, timeout=10)
        return self._opened

    @property
    def rows(self) -> list[Row[Any]]:
        """Everything that was ever owed."""
        return self._store.read(lambda connection: list(connection.execute(select(OUTBOX))))

    @property
    def ticked_at(self) -> datetime:
        """When the bot last looked at what is due, by the workspace's clock. Waits for the first look after a start."""
        return self.until(self._find_tick, "the first tick", stride=0)

    def _find_tick(self) -> datetime | None:
        at: datetime | None = self._store.read(lambda connection: connection.execute(select(PULSE.c.at)).scalar())
        return at

    @property
    def unfinished(self) -> list[Row[Any]]:
        """What is owed and not yet said."""
        return [row for row in self.rows if row.state in UNFINISHED]

    def reopen(self) -> None:
        """Read the database file that is there now, after another one took its place."""
        self._store.dispose()

    def close(self) -> None:
        self.slack.close()
        self._store.dispose()


A_REQUEST: Json = {
    "kind": "customer", "customer_name": "晨曦", "service": "m365", "scope": "whole_tenant", "severity": "B",
    "title": "邮件无法送达", "details": "All mail to chenxi bounces since 09:00", "health": "normal",
    "tried": "Restarted Outlook", "lacks": ["tools"], "area": "none",
}  # fmt: skip
AN_URGENT_REQUEST: Json = {
    **{name: A_REQUEST[name] for name in ("kind", "customer_name", "service", "scope")}, "severity": "A",
    "title": "邮件无法送达", "details": "All mail to chenxi bounces since 09:00", "impact": "Nobody works",
    "contact": "王伟 138 0013 8000",
}  # fmt: skip
"""Severity A asks for no more."""


def settings_of(url: str, language: str) -> dict[str, str]:
    """What the bot needs beside the sandbox's own settings."""
    return {"DATABASE_URL": url, "CSP_LANGUAGE": language, "PYTHONPATH": str(ROOT)}


def mark_of(message: Json) -> str:
    """The delivery a message is of."""
    return str(((message.get("metadata") or {}).get("event_payload") or {}).get("id"))


def _has_field(name: str) -> Callable[[Json], bool]:
    return lambda modal: any(block.get("block_id") == name for block in modal["blocks"])


def _elements(message: Json) -> list[Json]:
    return [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]


def _element(message: Json, action_id: str) -> Json | None:
    return next((element for element in _elements(message) if element["action_id"] == action_id), None)


def _entry(message: Json, move: str) -> str:
    menu = _element(message, "card.more") or {"options": []}
    return next((o["value"] for o in menu["options"] if epoch_stamps.read(o["value"]).startswith(f"card.{move} ")), "")


def _offering(message: Json, move: str, version: int) -> Json | None:
    """The card, if the move can be chosen on it and it is drawn up to date: another drawing would take the button away
    while it is being pressed."""
    buttons = [one for block in message["blocks"] for one in block.get("elements", ()) if one.get("type") == "button"]
    if not buttons or json.loads(epoch_stamps.read(buttons[0]["value"]))["v"] != version:
        return None
    return message if _element(message, f"card.{move}") or _entry(message, move) else None
