"""The control API: how the page and the tests watch the local Slack and act as its people.

It is not a part of Slack. Every refusal is ``{"error": ..., "detail": ...}`` with a 4xx status.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.sandbox import user_actions, user_clicks
from bot.sandbox.errors import InvalidAction
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.people import SandboxUser
from bot.sandbox.process import BotProcess
from bot.sandbox.scenario import Scenario
from bot.sandbox.state_view import StateView
from bot.sandbox.watcher_feed import NumberedLog

Act = Callable[[LocalSlack, SandboxUser, Json], Awaitable[Json]]
ACTS: dict[str, Act] = {
    "command": user_actions.command,
    "shortcut": user_actions.shortcut,
    "message_shortcut": user_actions.message_shortcut,
    "home": user_actions.home,
    "post": user_actions.post,
    "edit": user_actions.edit,
    "delete": user_actions.delete,
    "react": user_actions.react,
    "dismiss": user_actions.dismiss,
    "click": user_clicks.click,
    "type": user_clicks.type_,
    "suggest": user_clicks.suggest,
    "submit": user_clicks.submit,
    "close": user_clicks.close,
}
LONGEST_POLL = 30.0
BREATH = 0.04  # seconds between two messages of one event stream


class Control:
    """The handlers of the control API."""

    def __init__(self, slack: LocalSlack, process: BotProcess | None) -> None:
        self.slack = slack
        self.outlook = StateView(slack, process)
        self.stagehand = Scenario(slack, process)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below ``/control``."""
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
            web.post("/control/act", _poster(self.act)),
            *(web.post(f"/control/{name}", _poster(handle)) for name, handle in self.stagehand.verbs().items()),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Answer with the state, whole or in parts."""
        query = request.query
        only = set(query["only"].split(",")) if query.get("only") else None
        newest = int(_number(request, "messages", 0)) or None
        return _json(self.outlook.seen(only, query.get("channel"), newest))

    async def wait(self, request: web.Request) -> web.Response:
        """Answer when something changed, or after a time-out."""
        after, timeout = int(_number(request, "after", 0)), _number(request, "timeout", 5)
        await self.slack.notices.wait(after, min(timeout, LONGEST_POLL))
        revision = self.slack.notices.revision
        return _json({"revision": revision, "changed": revision > after})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send server-sent events about changes, merged, until the listener is gone."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        with suppress(ConnectionError):  # the listener left: the usual end
            await stream.prepare(request)
            await self._narrate(stream)
        return stream

    async def _narrate(self, stream: web.StreamResponse) -> None:
        notices = self.slack.notices
        revision, traffic, toasts = 0, notices.traffic.last, notices.toasts.last
        while True:
            events: list[Json] = [{"type": "toast", **toast} for toast in notices.toasts.after(toasts)]
            if notices.revision > revision:
                events.append({"type": "changed"})
            if notices.traffic.last > traffic:
                events.append({"type": "traffic", "last": notices.traffic.last})
            revision, traffic, toasts = notices.revision, notices.traffic.last, notices.toasts.last
            lines = [f"data: {json.dumps({'revision': revision, **event}, ensure_ascii=False)}\n\n" for event in events]
            await stream.write("".join(lines or [": keep-alive\n\n"]).encode())
            await asyncio.sleep(BREATH)
            if (notices.revision, notices.traffic.last) == (revision, traffic):
                await notices.news(15.0)

    async def file(self, request: web.Request) -> web.Response:
        """Answer with the bytes of a file, as a browser may show it."""
        stored = self.slack.workspace.files.get(request.match_info["id"])
        if stored is None:
            raise web.HTTPNotFound
        inline = stored.mimetype in {"image/png", "image/jpeg", "image/gif", "image/webp"}
        how = "inline" if inline else f"attachment; filename*=UTF-8''{quote(stored.name)}"
        kind = stored.mimetype if inline else "application/octet-stream"
        return web.Response(body=stored.content, headers={"Content-Type": kind, "Content-Disposition": how})

    async def act(self, body: Json) -> Json:
        """Do what a person would do, and answer how the bot took it."""
        person, what = self.slack.workspace.people.get(str(body.get("user"))), ACTS.get(str(body.get("do")))
        if person is None or person.is_deleted or person.id == self.slack.workspace.bot_user:
            raise InvalidAction("unknown_user", body.get("user"))
        if what is None:
            raise InvalidAction("unknown_act", sorted(ACTS))
        if self.slack.settings.slack_off:
            return {"ok": False, "error": "slack_off"}
        return await what(self.slack, person, body)

    async def faults(self, request: web.Request) -> web.Response:  # noqa: ARG002 - every route is called alike
        """Answer with the planned faults."""
        return _json({"faults": [fault.described() for fault in self.slack.faults.planned]})

    async def clear_faults(self, request: web.Request) -> web.Response:  # noqa: ARG002 - every route is called alike
        """Remove all planned faults."""
        self.slack.faults.clear()
        self.slack.notices.changed()
        return _json({"ok": True})


def _number(request: web.Request, name: str, default: float) -> float:
    given = request.query.get(name, "")
    try:
        return float(given) if given else default
    except ValueError:
        raise InvalidAction("not_a_number", {name: given}) from None


def _json(body: Json) -> web.Response:
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json")


def _reader(log: NumberedLog) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def read(request: web.Request) -> web.Response:
        entries = log.after(int(_number(request, "after", 0)), int(_number(request, "limit", 500)))
        user = request.query.get("user")
        return _json({"entries": [entry for entry in entries if user in (None, entry.get("user"))], "last": log.last})

    return read


def _poster(handle: Callable[[Json], Awaitable[Json]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def post(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise InvalidAction("json_only", request.content_type, 415)
        try:
            body: Any = await request.json()
        except ValueError as problem:
            raise InvalidAction("invalid_json", str(problem)) from None
        if not isinstance(body, dict):
            raise InvalidAction("invalid_json", "an object is wanted")
        return _json(await handle(body))

    return post
