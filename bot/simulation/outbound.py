"""The line from the bot to the local Slack without a network: the same strict Web API, faults and limits, no waiting.

A hanging or broken connection is told at once as the time-out or reset it would have become.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.sandbox import response_urls
from bot.sandbox.api import files
from bot.sandbox.errors import SlackError
from bot.sandbox.faults import InjectedFault
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.pacing import RateLimited
from bot.sandbox.web_api import WebApi
from bot.simulation.crash_points import CrashPoints
from bot.slack.transport import HttpResponse, NoResponse, RequestNotSent, Transport

Json = dict[str, Any]
_SETTING = frozenset({"conversations.setTopic", "usergroups.users.update"})
_BEFORE = {"ratelimited": 429, "http_500": 500, "http_503": 503, "http_504": 504}


class Outbound(Transport):
    """Stands in the place of ``bot.slack.transport``: what the bot sends arrives in the sandbox at once."""

    def __init__(self, slack: LocalSlack, fate: CrashPoints) -> None:
        self._slack = slack
        self._api = WebApi(slack)
        self._fate = fate
        self.calls = 0
        self.settings: list[tuple[datetime, str, Json]] = []
        """What was set of a channel's topic and a user group: when, by which method, with which arguments."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:  # noqa: ARG002 - nothing takes time here
        """One call, as Slack would answer it, or as a planned fault spoils it. Raises NotSent, NoAnswer, Killed."""
        self.calls += 1
        self._fate.step()
        path = urlsplit(url).path
        name = path.rpartition("/")[2]
        if path.startswith("/upload/"):
            return self._met("upload", {"file": name, "bytes": len(body)}, lambda: self._received(name, body))
        args = _arguments(body, headers)
        if path.startswith("/response/"):
            return self._met("response_url", args, lambda: self._responded(name, args))
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        reply = self._met(name, args, lambda: self._answered(name, args, token))
        self._fate.step()  # killed here, it never learns what Slack has done
        return reply

    def _met(self, name: str, args: Json, work: Callable[[], HttpResponse]) -> HttpResponse:
        fault = self._slack.faults.take(name, str(args.get("channel") or "") or None)
        reply = work() if fault is None else _spoilt(fault, work)
        status = "ok" if reply.status == 200 else str(reply.status)
        told = {"status": f"fault: {fault.mode}" if fault else status, "ms": 0, "request": args, "response": None}
        self._slack.notices.passed("out", "api", name, **told)
        return reply

    def _answered(self, name: str, args: Json, token: str) -> HttpResponse:
        try:
            answer = self._api.answer(name, args, token)
            if name in _SETTING:
                self.settings.append((datetime.fromtimestamp(self._slack.clock.now(), UTC), name, args))
            return _reply(answer, headers={"Date": formatdate(self._slack.clock.now(), usegmt=True)})
        except RateLimited as limit:
            return _reply(limit.answer(), 429, {"Retry-After": str(limit.retry_after)})
        except SlackError as problem:
            return _reply(problem.answer())

    def _received(self, id_: str, content: bytes) -> HttpResponse:
        status, told = files.receive(self._slack, id_, content)
        return HttpResponse(status, {}, told.encode())

    def _responded(self, id_: str, body: Json) -> HttpResponse:
        try:
            response_urls.use(self._slack, id_, body)
        except SlackError as problem:
            return _reply(problem.answer(), 404 if problem.error.endswith("_url") else 400)
        return HttpResponse(200, {}, b"ok")


def _spoilt(fault: InjectedFault, work: Callable[[], HttpResponse]) -> HttpResponse:
    """What a fault makes of a call."""
    if fault.mode in _BEFORE:
        if fault.accepted:
            work()
        wait = fault.details.get("retry_after", 30) if fault.mode == "ratelimited" else None
        return _reply({"ok": False}, _BEFORE[fault.mode], {"Retry-After": str(wait)} if wait else {})
    if fault.mode == "away":
        raise RequestNotSent("ConnectionRefusedError")
    if fault.mode in {"drop_after", "truncated"} or fault.accepted:
        work()
    raise NoResponse("TimeoutError" if fault.mode == "hang" else "ConnectionResetError")


def _arguments(body: bytes, headers: Mapping[str, str]) -> Json:
    text = body.decode()
    if headers.get("Content-Type", "").startswith("application/json"):
        args: Json = json.loads(text or "{}")
    else:
        args = dict(parse_qsl(text, keep_blank_values=True))
    return args


def _reply(told: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, dict(headers or {}), json.dumps(told).encode())
