"""The control API: how the page and the tests act as people, move the clock, plan faults, and watch.

Not a part of Slack. Every refusal is `{"error": ..., "detail": ...}` with a 4xx status.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

from aiohttp import web

from bot.sandbox import acts, clicks
from bot.sandbox.conversation import Conversation
from bot.sandbox.http_line import Disguise, HttpLine
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.notices import Log
from bot.sandbox.outlook import Outlook
from bot.sandbox.people import Person, UserGroup
from bot.sandbox.process import BotProcess
from bot.sandbox.refusal import Impossible
from bot.sandbox.shapes import Json
from bot.sandbox.socket_line import Ack

Act = Callable[[LocalSlack, Person, Json], Awaitable[Json]]
ACTS: dict[str, Act] = {
    "command": acts.command,
    "shortcut": acts.shortcut,
    "message_shortcut": acts.message_shortcut,
    "home": acts.home,
    "post": acts.post,
    "edit": acts.edit,
    "delete": acts.delete,
    "react": acts.react,
    "dismiss": acts.dismiss,
    "click": clicks.click,
    "type": clicks.type_,
    "suggest": clicks.suggest,
    "submit": clicks.submit,
    "close": clicks.close,
}
SOCKET_ACTS = frozenset({"refresh", "warning", "drop", "link_disabled", "silence", "resume", "too_many"})
LONGEST_POLL = 30.0
BREATH = 0.04  # seconds between two messages of one event stream


class Control:
    def __init__(self, slack: LocalSlack, process: BotProcess | None) -> None:
        self.slack = slack
        self.process = process
        self.outlook = Outlook(slack, process)

    def routes(self) -> list[web.RouteDef]:
        posts: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "act": self.act,
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
        return [
            web.get("/control/state", self.state),
            web.get("/control/events", self.events),
            web.get("/control/wait", self.wait),
            web.get("/control/traffic", _reader(self.slack.notices.traffic)),
            web.get("/control/surprises", _reader(self.slack.notices.surprises)),
            web.get("/control/toasts", _reader(self.slack.notices.toasts)),
            web.get("/control/file/{id}", self.file),
            web.get("/control/fault", self.faults),
            web.delete("/control/fault", self.clear_faults),
            *(web.post(f"/control/{name}", _poster(handle)) for name, handle in posts.items()),
        ]

    async def state(self, request: web.Request) -> web.Response:
        query = request.query
        only = set(query["only"].split(",")) if query.get("only") else None
        newest = int(query["messages"]) if query.get("messages") else None
        return _json(self.outlook.seen(only, query.get("channel"), newest))

    async def wait(self, request: web.Request) -> web.Response:
        after, timeout = int(request.query.get("after", 0)), float(request.query.get("timeout", 5))
        await self.slack.notices.wait(after, min(timeout, LONGEST_POLL))
        revision = self.slack.notices.revision
        return _json({"revision": revision, "changed": revision > after})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: what changed, coalesced, for as long as somebody listens."""
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        notices = self.slack.notices
        revision, traffic, toasts = 0, notices.traffic.last, notices.toasts.last
        while True:
            told: list[Json] = [{"type": "toast", **toast} for toast in notices.toasts.after(toasts)]
            if notices.revision > revision:
                told.append({"type": "changed"})
            if notices.traffic.last > traffic:
                told.append({"type": "traffic", "last": notices.traffic.last})
            revision, traffic, toasts = notices.revision, notices.traffic.last, notices.toasts.last
            lines = [
                f"data: {json.dumps({'revision': revision, **one}, ensure_ascii=False)}\n\n" for one in told
            ]
            await stream.write("".join(lines or [": keep-alive\n\n"]).encode())
            await asyncio.sleep(BREATH)
            if (notices.revision, notices.traffic.last) == (revision, traffic):
                await notices.news(15.0)

    async def file(self, request: web.Request) -> web.Response:
        known = self.slack.workspace.files.get(request.match_info["id"])
        if known is None:
            raise web.HTTPNotFound
        inline = known.mimetype in {"image/png", "image/jpeg", "image/gif", "image/webp"}
        how = "inline" if inline else "attachment"
        kind = known.mimetype if inline else "application/octet-stream"
        return web.Response(body=known.content, headers={"Content-Type": kind, "Content-Disposition": how})

    async def act(self, body: Json) -> Json:
        """Does what a person would do; the answer tells how the bot took it."""
        person, what = self.slack.workspace.people.get(str(body.get("user"))), ACTS.get(str(body.get("do")))
        if person is None or person.is_deleted or person.id == self.slack.workspace.bot_user:
            raise Impossible("unknown_user", body.get("user"))
        if what is None:
            raise Impossible("unknown_act", sorted(ACTS))
        return await what(self.slack, person, body)

    async def faults(self, request: web.Request) -> web.Response:  # noqa: ARG002 - every route is called alike
        return _json({"faults": [fault.described() for fault in self.slack.faults.planned]})

    async def fault(self, body: Json) -> Json:
        fault = self.slack.faults.plan(body)
        self.slack.notices.changed()
        return {"ok": True, "id": fault.id}

    async def clear_faults(self, request: web.Request) -> web.Response:  # noqa: ARG002 - every route is called alike
        self.slack.faults.clear()
        self.slack.notices.changed()
        return _json({"ok": True})

    async def latency(self, body: Json) -> Json:
        return await self.settings({"latency": body.get("seconds")})

    async def settings(self, body: Json) -> Json:
        self.slack.settings.change(body)
        self.slack.notices.changed()
        return {"ok": True, "settings": self.slack.settings.described()}

    async def clock(self, body: Json) -> Json:
        clock = self.slack.clock
        clock.move(
            float(body["offset"]) if "offset" in body else clock.offset + float(body.get("advance", 0))
        )
        self.slack.notices.changed()
        return {"ok": True, "now": clock.now(), "offset": clock.offset}

    async def socket(self, body: Json) -> Json:
        if body.get("do") not in SOCKET_ACTS:
            raise Impossible("unknown_do", sorted(SOCKET_ACTS))
        line = self.slack.delivery.socket
        await line.command(body["do"], leave_old_open=bool(body.get("leave_old_open")))
        return {"ok": True, "connections": len(line.connections)}

    async def delivery(self, body: Json) -> Json:
        """Switches between Socket Mode and signed HTTP; a request URL has to pass Slack's challenge."""
        delivery, ack = self.slack.delivery, Ack()
        fresh = None
        if body.get("mode") == "http":
            fresh = HttpLine(str(body.get("url")), self.slack.credentials.signing_secret)
            ack = await fresh.verify()
        old, delivery.http = delivery.http, fresh
        if old:
            await old.close()
        self.slack.notices.changed()
        return {"ok": ack.ok, **({"error": ack.error} if ack.error else {})}

    async def app(self, body: Json) -> Json:
        if self.process is None:
            raise Impossible("no_bot_here", "this sandbox supervises no bot", 409)
        verbs = {"kill": self.process.kill, "terminate": self.process.terminate, "start": self.process.start}
        if body.get("do") not in verbs:
            raise Impossible("unknown_do", sorted(verbs))
        await verbs[body["do"]]()
        return {"ok": True, "pid": self.process.pid, "exit_code": self.process.exit_code}

    async def deliver(self, body: Json) -> Json:
        """Delivers exactly the given payload, once or several times, one after the other or together."""
        disguise = Disguise(
            bool(body.get("bad_signature")), int(body.get("timestamp_offset", 0)), body.get("headers")
        )
        kind, payload = str(body.get("type")), body.get("payload")
        if kind not in {"events_api", "slash_commands", "interactive"} or not isinstance(payload, dict):
            raise Impossible("unknown_type", kind)
        sending = [self.slack.delivery.raw(kind, payload, disguise) for _ in range(int(body.get("times", 1)))]
        together = bool(body.get("together"))
        acks = await asyncio.gather(*sending) if together else [await one for one in sending]
        return {"ok": True, "acks": [{"ok": one.ok, **vars(one)} for one in acks]}

    async def event(self, body: Json) -> Json:
        event = body.get("event")
        if not isinstance(event, dict) or "type" not in event:
            raise Impossible("missing_event", event)
        place = self.slack.workspace.conversations.get(str(event.get("channel")))
        self.slack.delivery.tell(self.slack.wrapped(event, place))
        return {"ok": True}

    async def person(self, body: Json) -> Json:
        """Adds or changes a person; `channels` replaces where they are."""
        wanted, channels = dict(body), body.get("channels")
        wanted.pop("channels", None)
        id_ = str(wanted.get("id"))
        old = self.slack.workspace.people.get(id_)
        start = (
            vars(old) if old else {"id": id_, "name": id_.lower(), "real_name": str(body.get("name", id_))}
        )
        self.slack.workspace.add_person(Person(**{**start, **_known(Person, wanted)}))
        if channels is not None:
            for place in self.slack.workspace.conversations.values():
                if not place.dm_with:
                    (place.members.add if place.id in channels else place.members.discard)(id_)
        self.slack.notices.changed()
        told = self.slack.workspace.people[id_].user_object(
            self.slack.clock.now(), with_locale=True, with_email=False
        )
        self.slack.emit("user_change", {"user": told})
        return {"ok": True}

    async def channel(self, body: Json) -> Json:
        """Adds or changes a channel; `members` replaces who is in, `join` and `leave` add and take."""
        wanted, id_ = dict(body), str(body.get("id"))
        join, leave = wanted.pop("join", []), wanted.pop("leave", [])
        place = self.slack.workspace.conversations.setdefault(id_, Conversation(id_, id_.lower()))
        for key, value in _known(Conversation, wanted).items():
            setattr(place, key, set(value) if key == "members" else value)
        place.members = (place.members | set(join)) - set(leave)
        self.slack.notices.changed()
        return {"ok": True}

    async def usergroup(self, body: Json) -> Json:
        id_ = str(body.get("id"))
        groups = self.slack.workspace.groups
        old = vars(groups[id_]) if id_ in groups else {"id": id_, "handle": id_.lower(), "name": id_}
        groups[id_] = UserGroup(**{**old, **_known(UserGroup, body)})
        self.slack.notices.changed()
        return {"ok": True}


def _known(kind: type, wanted: Json) -> Json:
    """The wanted values, if the kind has such fields."""
    names = {one.name for one in fields(kind)}
    if unknown := set(wanted) - names:
        raise Impossible("unknown_field", sorted(unknown))
    return wanted


def _json(body: Json) -> web.Response:
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json")


def _reader(log: Log) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def read(request: web.Request) -> web.Response:
        entries = log.after(int(request.query.get("after", 0)), int(request.query.get("limit", 500)))
        user = request.query.get("user")
        return _json(
            {"entries": [one for one in entries if user in (None, one.get("user"))], "last": log.last}
        )

    return read


def _poster(handle: Callable[[Json], Awaitable[Json]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def post(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise Impossible("json_only", request.content_type, 415)
        try:
            body: Any = await request.json()
        except ValueError as problem:
            raise Impossible("invalid_json", str(problem)) from None
        if not isinstance(body, dict):
            raise Impossible("invalid_json", "an object is wanted")
        return _json(await handle(body))

    return post
