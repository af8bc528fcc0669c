"""Set up what tests need: clock, faults, limits, people, channels, and the connection between Slack and bot.

Each verb takes the body of a control request and returns its result. A request without sense raises
:class:`InvalidAction`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.conversation import Conversation
from bot.sandbox.errors import InvalidAction
from bot.sandbox.http_delivery import Forgery, HttpDelivery
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.people import SandboxUser, SandboxUserGroup
from bot.sandbox.process import BotProcess

Verb = Callable[[Json], Awaitable[Json]]
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2000, 2100))
"""Between these the clock may be set, in Unix seconds: calendars and rotas end there too."""
SOCKET_ACTS = frozenset({"refresh", "warning", "drop", "link_disabled", "silence", "resume", "too_many"})


class Scenario:
    """The verbs of the control API that prepare a test."""

    def __init__(self, slack: LocalSlack, process: BotProcess | None) -> None:
        self.slack = slack
        self.process = process

    def verbs(self) -> dict[str, Verb]:
        """Return what may be posted under ``/control/``."""
        return {
            "fault": self.fault,
            "latency": self.latency,
            "settings": self.settings,
            "clock": self.clock,
            "socket": self.socket,
            "delivery": self.delivery,
            "app": self.app,
            "deliver": self.deliver,
            "event": self.event,
            "person": self.person,
            "channel": self.channel,
            "usergroup": self.usergroup,
        }

    async def fault(self, body: Json) -> Json:
        """Plan a fault."""
        fault = self.slack.faults.plan(body)
        self.slack.notices.changed()
        return {"ok": True, "id": fault.id}

    async def latency(self, body: Json) -> Json:
        """Set how long calls of the Web API take."""
        return await self.settings({"latency": body.get("seconds")})

    async def settings(self, body: Json) -> Json:
        """Change settings."""
        self.slack.settings.change(body)
        if body.get("slack_off"):
            await self.slack.delivery.socket.command("drop")
        self.slack.notices.changed()
        return {"ok": True, "settings": self.slack.settings.described()}

    async def clock(self, body: Json) -> Json:
        """Move the clock of the workspace: by a span, to an instant that lies ahead, or to an offset from real time."""
        clock = self.slack.clock
        if "to" in body:
            to = _number(body, "to")
            if to < clock.now():
                raise InvalidAction("clock_backward", to)
            offset = to - clock.wall()
        else:
            offset = _number(body, "offset") if "offset" in body else clock.offset + _number(body, "advance")
        if not EARLIEST <= clock.wall() + offset <= LATEST:
            raise InvalidAction("clock_too_far", offset)
        clock.move(offset)
        self.slack.notices.changed()
        return {"ok": True, "now": clock.now(), "offset": clock.offset}

    async def socket(self, body: Json) -> Json:
        """Do to the sockets what Slack or the network might do."""
        if body.get("do") not in SOCKET_ACTS:
            raise InvalidAction("unknown_do", sorted(SOCKET_ACTS))
        line = self.slack.delivery.socket
        await line.command(body["do"], leave_old_open=bool(body.get("leave_old_open")))
        return {"ok": True, "connections": len(line.connections)}

    async def delivery(self, body: Json) -> Json:
        """Switch between Socket Mode and signed HTTP.

        A request URL has to pass Slack's challenge. ``follows_clock`` says that the bot reads the clock file, and
        checks signatures by it.
        """
        fresh = None
        if body.get("mode") == "http":
            now = self.slack.clock.now if body.get("follows_clock") else time.time
            fresh = HttpDelivery(str(body.get("url")), self.slack.credentials.signing_secret, now)
            ack = await fresh.verify()
            if not ack.ok:
                await fresh.close()
                return {"ok": False, "error": ack.error}
        old, self.slack.delivery.http = self.slack.delivery.http, fresh
        if old:
            await old.close()
        self.slack.notices.changed()
        return {"ok": True}

    async def app(self, body: Json) -> Json:
        """Change what the workspace granted to the app."""
        if self.process is None:
            raise InvalidAction("no_bot_here", "this sandbox supervises no bot", 409)
        verbs = {"kill": self.process.kill, "terminate": self.process.terminate, "start": self.process.start}
        if body.get("do") not in verbs:
            raise InvalidAction("unknown_do", sorted(verbs))
        await verbs[body["do"]]()
        return {"ok": True, "pid": self.process.pid, "exit_code": self.process.exit_code}

    async def deliver(self, body: Json) -> Json:
        """Deliver exactly the given payload, once or several times, one after the other or together."""
        disguise = Forgery(bool(body.get("bad_signature")), int(_number(body, "timestamp_offset")), body.get("headers"))
        kind, payload = str(body.get("type")), body.get("payload")
        if kind not in {"events_api", "slash_commands", "interactive"} or not isinstance(payload, dict):
            raise InvalidAction("unknown_type", kind)
        sending = [self.slack.delivery.raw(kind, payload, disguise) for _ in range(int(_number(body, "times", 1)))]
        together = bool(body.get("together"))
        acks = await asyncio.gather(*sending) if together else [await delivery for delivery in sending]
        return {"ok": True, "acks": [{"ok": ack.ok, **vars(ack)} for ack in acks]}

    async def event(self, body: Json) -> Json:
        """Send an event."""
        event = body.get("event")
        if not isinstance(event, dict) or "type" not in event:
            raise InvalidAction("missing_event", event)
        place = self.slack.workspace.conversations.get(str(event.get("channel")))
        self.slack.delivery.tell(self.slack.wrapped(event, place))
        return {"ok": True}

    async def person(self, body: Json) -> Json:
        """Add or change a person; ``channels`` replaces the channels they are in."""
        wanted, channels = dict(body), body.get("channels")
        wanted.pop("channels", None)
        id_ = str(wanted.get("id"))
        old = self.slack.workspace.people.get(id_)
        start = vars(old) if old else {"id": id_, "name": id_.lower(), "real_name": str(body.get("name", id_))}
        self.slack.workspace.add_person(SandboxUser(**{**start, **_known(SandboxUser, wanted)}))
        if channels is not None:
            for place in self.slack.workspace.conversations.values():
                if not place.dm_with:
                    (place.members.add if place.id in channels else place.members.discard)(id_)
        self.slack.notices.changed()
        user = self.slack.workspace.people[id_].user_object(self.slack.clock.now(), with_locale=True, with_email=False)
        self.slack.emit("user_change", {"user": user})
        return {"ok": True}

    async def channel(self, body: Json) -> Json:
        """Add or change a channel. ``members`` replaces its members; ``join`` and ``leave`` add and remove."""
        wanted, id_ = dict(body), str(body.get("id"))
        join, leave = wanted.pop("join", []), wanted.pop("leave", [])
        place = self.slack.workspace.conversations.setdefault(id_, Conversation(id_, id_.lower()))
        for key, value in _known(Conversation, wanted).items():
            setattr(place, key, set(value) if key == "members" else value)
        place.members = (place.members | set(join)) - set(leave)
        self.slack.notices.changed()
        return {"ok": True}

    async def usergroup(self, body: Json) -> Json:
        """Add or change a user group."""
        id_ = str(body.get("id"))
        groups = self.slack.workspace.groups
        old = vars(groups[id_]) if id_ in groups else {"id": id_, "handle": id_.lower(), "name": id_}
        groups[id_] = SandboxUserGroup(**{**old, **_known(SandboxUserGroup, body)})
        self.slack.notices.changed()
        return {"ok": True}


def _known(kind: type, wanted: Json) -> Json:
    """Return the wanted values, if the kind has such fields."""
    names = {field.name for field in fields(kind)}
    if unknown := set(wanted) - names:
        raise InvalidAction("unknown_field", sorted(unknown))
    return wanted


def _number(body: Json, name: str, default: float = 0) -> float:
    value: Any = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidAction("not_a_number", {name: value})
    return float(value)
