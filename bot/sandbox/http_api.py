"""The HTTP side of the Web API, of uploads and of response_urls: read requests, apply faults, log the traffic."""

import asyncio
import json
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.sandbox import response_urls
from bot.sandbox.api import files
from bot.sandbox.broken_answers import BREAK
from bot.sandbox.errors import SlackError
from bot.sandbox.faults import InjectedFault
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.pacing import RateLimited
from bot.sandbox.web_api import WebApi

OFF = InjectedFault(0, "*", "drop_before")
"""What every call meets while Slack is off."""


class JsonAnswer(web.Response):
    """A JSON response that keeps its content for the log of the traffic."""

    def __init__(self, content: Json, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(text=json.dumps(content), status=status, headers=headers, content_type="application/json")
        self.content = content


class HttpApi:
    """The HTTP handlers of the Web API."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.api = WebApi(slack)
        self._later: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the Web API."""
        return [
            web.route("*", "/api/{method}", self.call),
            web.post("/upload/{id}", self.upload),
            web.post("/response/{id}", self.respond),
            web.get("/files/{id}", self.file),
            web.get("/files/{id}/download", self.file),
            web.route("*", "/elsewhere", self.elsewhere),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one Web API call."""
        name = request.match_info["method"]
        try:
            args, token = await _arguments(request)
        except SlackError as problem:
            return web.json_response(problem.answer())

        def work() -> web.Response:
            return self._answer(name, args, token)

        return await self._met(request, name, args, str(args.get("channel") or "") or None, work)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Answer one post to a response_url."""
        id_ = request.match_info["id"]
        try:
            body = await request.json()
        except ValueError:
            body = None

        def work() -> web.Response:
            return self._responded(id_, body)

        return await self._met(request, "response_url", {"body": body}, None, work)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of an upload (its step two), raw or as a form."""
        id_, content = request.match_info["id"], await _uploaded(request)

        def work() -> web.Response:
            status, message = files.receive(self.slack, id_, content)
            return web.Response(status=status, text=message)

        return await self._met(request, "upload", {"file": id_, "bytes": len(content)}, None, work)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Answer with the bytes of a file for the app. Without its token Slack shows a login page instead."""
        stored = self.slack.workspace.files.get(request.match_info["id"])
        if stored is None:
            return web.Response(status=404)
        if _bearer(request) != self.slack.credentials.bot_token or "files:read" not in self.slack.scopes():
            return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")
        return web.Response(body=stored.content, content_type=stored.mimetype)

    async def elsewhere(self, request: web.Request) -> web.StreamResponse:
        """Answer where a redirect fault leads: no honest caller sends its token here."""
        if _bearer(request):
            self.slack.notices.surprise("token_after_redirect", "the caller followed a redirect with its token")
        return web.json_response({"ok": True})

    async def _met(
        self,
        request: web.Request,
        name: str,
        args: Json,
        channel: str | None,
        work: Callable[[], web.Response],
    ) -> web.StreamResponse:
        """Do the work, or what a planned fault makes of it, and log the exchange."""
        started, fault = (
            time.monotonic(),
            OFF if self.slack.settings.slack_off else self.slack.faults.take(name, channel),
        )
        if self.slack.settings.latency:
            await asyncio.sleep(self.slack.settings.latency)
        if fault is None:
            answer: web.StreamResponse = work()
        else:
            self.slack.notices.changed()
            if fault.mode == "late_commit":
                self._commit_later(fault, work)
            answer = await BREAK[fault.mode](fault, request, work)
        self._note(name, args, answer, started, fault)
        return answer

    def _answer(self, name: str, args: Json, token: str) -> web.Response:
        headers = {
            "Date": formatdate(self.slack.clock.now(), usegmt=True),
            "x-oauth-scopes": ",".join(sorted(self.slack.scopes())),
            "x-accepted-oauth-scopes": self.api.needed(name),
        }
        try:
            return JsonAnswer(self.api.answer(name, args, token), headers=headers)
        except RateLimited as limit:
            headers["Retry-After"] = str(limit.retry_after)
            return JsonAnswer(limit.answer(), status=429, headers=headers)
        except SlackError as problem:
            return JsonAnswer(problem.answer(), headers=headers)

    def _responded(self, id_: str, body: Any) -> web.Response:
        try:
            response_urls.use(self.slack, id_, body)
        except SlackError as problem:
            return JsonAnswer(problem.answer(), status=404 if problem.error.endswith("_url") else 400)
        return web.Response(text="ok")

    def _commit_later(self, fault: InjectedFault, work: Callable[[], web.Response]) -> None:
        """Do the work some seconds later: the request was still on its way when the connection broke."""

        async def commit() -> None:
            await self.slack.clock.sleep_until(due)
            work()

        due = self.slack.clock.now() + fault.seconds(30)
        task = asyncio.create_task(commit())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _note(
        self, name: str, args: Json, answer: web.StreamResponse, started: float, fault: InjectedFault | None
    ) -> None:
        kind = name if name in {"response_url", "upload"} else "api"
        content = answer.content if isinstance(answer, JsonAnswer) and not fault else None
        status = content.get("error", "ok") if isinstance(content, dict) else str(answer.status)
        self.slack.notices.passed(
            "out",
            kind,
            name,
            status=f"fault: {fault.mode}" if fault else status,
            ms=round((time.monotonic() - started) * 1000),
            request=args,
            response=content,
        )


async def _arguments(request: web.Request) -> tuple[Json, str]:
    """Return (arguments, token) from a JSON body, a form, or a query. The token is never among the arguments."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= await _json_body(request)
    elif request.method == "POST":
        args |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    token = str(args.pop("token", "")) if "token" not in request.query else ""
    args.pop("token", None)
    return args, _bearer(request) or token


async def _json_body(request: web.Request) -> Json:
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body


async def _uploaded(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    parts = (await request.post()).values()
    return b"".join(part.file.read() for part in parts if isinstance(part, web.FileField))


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
