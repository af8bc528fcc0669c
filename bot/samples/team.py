"""The team of which samples are made: a local Slack, its bot and its people, on a clock that is moved."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from bot import app_manifest
from bot.samples import longest
from bot.samples.recorder import RecordedOutbound, Recorder
from bot.sandbox import Sandbox, SandboxOptions, user_actions, user_clicks
from bot.sandbox.elements import VALUE_KEY, elements, is_empty, options_of
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.options import SandboxSettings
from bot.sandbox.people import SandboxUser
from bot.simulation.crash_points import CrashPoints
from bot.simulation.inbound import InboundDelivery
from bot.simulation.world import make_world
from handlers import epoch_stamps
from handlers.i18n.words import Words
from models.outbox.messages import delivery_from
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.tables import OUTBOX

Json = dict[str, Any]
CHANNEL = "C0ESCAL"
LOCALES, SHARED = {"en": "en-US", "zh_CN": "zh-CN"}, {"zh_CN": "both"}
"""The locale of those who read a language; the language of their channels where it is another one."""
MOST_OF_A_LINE = 20
"""How much of a typed line stands in the name of a sample."""
SECOND = timedelta(seconds=1)
_REFUSED = select(OUTBOX.c.what, OUTBOX.c.subject, OUTBOX.c.last_error).where(OUTBOX.c.plain)
_SENDING = select(OUTBOX).where(OUTBOX.c.state == DeliveryState.SENDING, OUTBOX.c.what != MessageKind.PAGE)


class NotShown(Exception):
    """A button or form that the story needs is not on the screen."""


class SampleTeam:
    """A local Slack with its people, who act by their Slack ids."""

    def __init__(self, folder: Path, language: str, recorder: Recorder, rota: str, begins: datetime) -> None:
        """Let everybody read ``language``, and the channels too; in Chinese they show both languages."""
        manifest = yaml.safe_load(app_manifest.write(Words.command))
        sandbox = Sandbox(SandboxOptions(manifest, settings=SandboxSettings(rate_scale=0, file_seconds=0)))
        self._recorder = recorder
        outbound: list[RecordedOutbound] = []

        def connect(slack: LocalSlack, crash_points: CrashPoints) -> RecordedOutbound:
            outbound.append(RecordedOutbound(slack, crash_points, recorder))
            return outbound[0]

        self.world = world = make_world(0, begins, folder, sandbox, rota, connect)
        assert world.config.settings is not None  # noqa: S101 - the settings of a sandbox are complete
        settings = replace(world.config.settings, language=SHARED.get(language, language), leads=longest.LEADS)
        world.config = replace(world.config, settings=settings)
        outbound[0].delivery = self._find_sending
        longest.add_people(sandbox, LOCALES[language])
        self.slack = sandbox.slack
        self.slack.delivery.http = InboundDelivery(self._hear)
        world.start()

    @property
    def now(self) -> datetime:
        """The time of the story."""
        return self.world.now

    def close(self) -> None:
        """End the bot. Raises AssertionError when Slack refused a message as it was drawn."""
        refused = self.world.store.read(lambda connection: connection.execute(_REFUSED).all())
        self.world.close()
        assert not refused, refused  # noqa: S101 - a fault of what was drawn

    # What people do ------------------------------------------------------------------------------------------------

    async def command(self, user: str, text: str) -> None:
        """Type a subcommand."""
        self._recorder.act = f"{Words.command} {text}".strip()
        act = {"channel": CHANNEL, "text": self._recorder.act}
        _check(await user_actions.command(self.slack, self._person(user), act))

    async def type(self, user: str, text: str) -> None:
        """Type a line to the bot in its direct message."""
        self._recorder.act = text[:MOST_OF_A_LINE]
        await user_actions.post(self.slack, self._person(user), {"channel": f"D{user[1:]}", "text": text})
        await self._hear_events()

    async def open_home(self, user: str) -> None:
        """Open the Home tab."""
        self._recorder.act = "home"
        await user_actions.home(self.slack, self._person(user), {})
        await self._hear_events()

    async def shortcut(self, user: str, callback_id: str) -> None:
        """Post a message in the channel, and use a shortcut on it."""
        self._recorder.act = callback_id
        post = {"channel": CHANNEL, "text": longest.write_text(3000)}
        said = await user_actions.post(self.slack, self._person(user), post)
        act = {"callback_id": callback_id, "channel": CHANNEL, "ts": said["ts"]}
        _check(await user_actions.message_shortcut(self.slack, self._person(user), act))

    async def press(self, user: str, action_id: str, **chosen: Any) -> None:
        """Press the newest button with this id that the person sees, or choose from such a menu."""
        where, block, element = self._find(user, action_id, str(chosen.pop("value", "")))
        self._recorder.act = element["action_id"]
        if "option" in chosen:
            self._recorder.act = wanted = chosen["option"]
            values = [str(option["value"]) for option in options_of(element)]
            value = next(value for value in values if epoch_stamps.read(value).startswith(wanted))
            chosen = {VALUE_KEY.get(element["type"], "selected_option"): value}
        act = {"where": where, "block_id": block["block_id"], "action_id": element["action_id"], **chosen}
        _check(await user_clicks.click(self.slack, self._person(user), act))

    def leave_workspace(self, user: str) -> None:
        """Let somebody leave the workspace: Slack tells the bot, and takes no message for them."""
        person = self._person(user)
        person.is_deleted = True
        described = person.user_object(self.slack.clock.now(), with_locale=True, with_email=False)
        self.slack.emit("user_change", {"user": described})

    def find_readers(self, action_id: str) -> list[str]:
        """Return the people who have a direct message with such a button."""
        places = [place for place in self.slack.workspace.conversations.values() if place.dm_with]
        return [
            str(place.dm_with)
            for place in places
            if any(
                element["action_id"] == action_id
                for message in place.messages.values()
                for _, element in elements(message.get("blocks") or [])
            )
        ]

    async def fill(self, user: str, **answers: Any) -> None:
        """Fill the open form: these answers in their order, long text in other boxes, and what else is required."""
        for name, value in answers.items():
            await self._answer(user, name, value)
        while name := next((name for name in self._empty_fields(user) if name not in answers), ""):
            _, element = self._field(user, name)
            await self._answer(user, name, longest.answer(element))

    def _empty_fields(self, user: str) -> Iterator[str]:
        """Yield the fields of the open form in which nothing stands: boxes for text, and what has to be answered."""
        view = self._top(user)
        for block, element in elements(view["blocks"]):
            entry = view["state"]["values"].get(block["block_id"], {}).get(element["action_id"])
            is_wanted = element["type"] == "plain_text_input" or not block.get("optional")
            if block["type"] == "input" and entry and is_wanted and is_empty(element, entry):
                yield block["block_id"]

    async def submit(self, user: str) -> None:
        """Press the button that sends the open form."""
        view = self._top(user)
        self._recorder.act = view["callback_id"]
        _check(await user_clicks.submit(self.slack, self._person(user), {"where": {"view_id": view["id"]}}))

    async def submit_if_asked(self, user: str) -> None:
        """Send the form that the last press opened, such as a preview, if it opened one."""
        top = self.slack.surfaces.top(user)
        if top and top["submit"]:
            await self.submit(user)

    async def close_form(self, user: str) -> None:
        """Close the open form."""
        view = self._top(user)
        await user_clicks.close(self.slack, self._person(user), {"where": {"view_id": view["id"]}})
        await self._hear_events()

    # The time ------------------------------------------------------------------------------------------------------

    async def wait(self, **span: float) -> None:
        """Let time pass, and let the bot remind and send meanwhile."""
        self._recorder.act = ""
        world, end = self.world, self.now + timedelta(**span)
        while True:
            bot = world.bot
            assert bot is not None  # noqa: S101 - nothing kills this bot
            bot.tick()
            while bot.send():
                world.clock.move(SECOND)
            _await_files()
            await asyncio.sleep(0)
            due = min((at for at in (bot.next_due(), bot.next_sending()) if at), default=end)
            if self.now >= end:
                return
            world.clock.move_to(min(end, max(due, self.now + SECOND)))

    async def skip(self, **span: float) -> None:
        """Let time pass in which the bot does not run; it tells then what was due meanwhile."""
        self.world.clock.move(timedelta(**span))
        await self.wait(seconds=1)

    # ---------------------------------------------------------------------------------------------------------------

    async def _answer(self, user: str, name: str, value: Any) -> None:
        view, (block, element) = self._top(user), self._field(user, name)
        act = {"where": {"view_id": view["id"]}, "block_id": name, "action_id": element["action_id"]}
        if block.get("dispatch_action"):
            _check(await user_clicks.click(self.slack, self._person(user), act | {VALUE_KEY[element["type"]]: value}))
        else:
            entry = {"type": element["type"], VALUE_KEY[element["type"]]: value}
            act["state"] = {name: {element["action_id"]: entry}}
            await user_clicks.type_(self.slack, self._person(user), act)

    def _field(self, user: str, name: str) -> tuple[Json, Json]:
        shown = {block.get("block_id", ""): (block, element) for block, element in elements(self._top(user)["blocks"])}
        if name not in shown:
            raise NotShown(f"{name} is none of {list(shown)}")
        return shown[name]

    def _find(self, user: str, action_id: str, value: str) -> tuple[Json, Json, Json]:
        for where, blocks in self._screens(user):
            for block, element in elements(blocks):
                if element["action_id"] == action_id and str(element.get("value", "")).startswith(value):
                    return where, block, element
        raise NotShown(f"{action_id} for {user}")

    def _screens(self, user: str) -> Iterator[tuple[Json, list[Json]]]:
        """Yield everything that a person sees, the newest first."""
        if top := self.slack.surfaces.top(user):
            yield {"view_id": top["id"]}, top["blocks"]
        places = [place for place in self.slack.workspace.conversations.values() if user in place.members]
        shown = [
            (message["ts"], place.id, message.get("blocks") or [])
            for place in places
            for message in (*place.messages.values(), *place.ephemerals)
            if message.get("ephemeral_to", user) == user and not message.get("deleted")
        ]
        for ts, channel, blocks in sorted(shown, key=lambda message: message[0], reverse=True):
            yield {"channel": channel, "ts": ts}, blocks
        if home := self.slack.surfaces.homes.get(user):
            yield {"home": True}, home["blocks"]

    def _top(self, user: str) -> Json:
        top = self.slack.surfaces.top(user)
        if top is None:
            raise NotShown(f"no form for {user}")
        return top

    def _person(self, user: str) -> SandboxUser:
        return self.slack.workspace.people[user]

    async def _hear_events(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def _find_sending(self) -> Delivery | None:
        row = self.world.store.read(lambda connection: connection.execute(_SENDING).mappings().first())
        return delivery_from(row) if row else None

    def _hear(self, payload: Json) -> tuple[int, Any] | None:
        heard = self.world.hear(payload)
        if heard and isinstance(heard[1], dict) and heard[1].get("view"):
            self._recorder.keep_view(heard[1]["view"])
        return heard


def _await_files() -> None:
    """Wait until the files of messages are written: that takes no time in a story."""
    for thread in threading.enumerate():
        if thread.name == "export":
            thread.join()


def _check(answer: Mapping[str, Any]) -> None:
    if not answer["ok"]:
        raise NotShown(str(answer))
