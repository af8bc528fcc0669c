"""Connect the bot to the local Slack without a network: the same strict Web API, faults and limits.

Nothing waits: a hanging or broken connection is reported at once as the time-out or reset it would have become.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.http_client.transport import HttpResponse, Transport
from bot.sandbox import response_urls
from bot.sandbox.api import files
from bot.sandbox.errors import SlackError
from bot.sandbox.http_api import OFF
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.pacing import RateLimited
from bot.sandbox.web_api import WebApi
from bot.simulation.crash_points import CrashPoints
from bot.simulation.phone_outbound import PhoneOutbound
from bot.simulation.spoiled_answers import respond, spoil

Json = dict[str, Any]
_STATUS_METHODS = frozenset({"conversations.setTopic", "usergroups.users.update"})


class Outbound(Transport):
    """A replacement for ``bot.http_client.transport``: what the bot sends arrives in the sandbox at once."""

    def __init__(self, slack: LocalSlack, crash_points: CrashPoints) -> None:
        self._slack = slack
        self._api = WebApi(slack)
        self._crash_points = crash_points
        self.phones = PhoneOutbound(slack, crash_points)
        self.calls = 0
        self.status_updates: list[tuple[datetime, str, Json]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:  # noqa: ARG002 - nothing takes time here
        """Answer one call as Slack would, or spoil it by a planned fault.

        Raises :class:`RequestNotSent`, :class:`NoResponse` and :class:`SimulatedKill`.
        """
        self.calls += 1
        self._crash_points.step()
        path = urlsplit(url).path
        name = path.rpartition("/")[2]
        if path.startswith("/upload/"):
            return self._call("upload", {"file": name, "bytes": len(body)}, lambda: self._receive_file(name, body))
        args = read_arguments(body, headers)
        if path.startswith("/response/"):
            return self._call("response_url", args, lambda: self._use_response_url(name, args))
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        reply = self._call(name, args, lambda: self._call_api(name, args, token))
        self._crash_points.step()  # killed here, it never learns what Slack has done
        return reply

    def _call(self, name: str, args: Json, work: Callable[[], HttpResponse]) -> HttpResponse:
        is_off = self._slack.settings.slack_off
        fault = OFF if is_off else self._slack.faults.take(name, str(args.get("channel") or "") or None)
        reply = work() if fault is None else spoil(fault, work)
        status = "ok" if reply.status == 200 else str(reply.status)
        details = {"status": f"fault: {fault.mode}" if fault else status, "ms": 0, "request": args, "response": None}
        self._slack.notices.passed("out", "api", name, **details)
        return reply

    def _call_api(self, name: str, args: Json, token: str) -> HttpResponse:
        try:
            answer = self._api.answer(name, args, token)
            if name in _STATUS_METHODS:
                self.status_updates.append((datetime.fromtimestamp(self._slack.clock.now(), UTC), name, args))
            return respond(answer, headers={"Date": formatdate(self._slack.clock.now(), usegmt=True)})
        except RateLimited as limit:
            return respond(limit.answer(), 429, {"Retry-After": str(limit.retry_after)})
        except SlackError as problem:
            return respond(problem.answer())

    def _receive_file(self, id_: str, content: bytes) -> HttpResponse:
        status, text = files.receive(self._slack, id_, content)
        return HttpResponse(status, {}, text.encode())

    def _use_response_url(self, id_: str, body: Json) -> HttpResponse:
        try:
            response_urls.use(self._slack, id_, body)
        except SlackError as problem:
            return respond(problem.answer(), 404 if problem.error.endswith("_url") else 400)
        return HttpResponse(200, {}, b"ok")


def read_arguments(body: bytes, headers: Mapping[str, str]) -> Json:
    """Return the arguments of a call."""
    text = body.decode()
    if headers.get("Content-Type", "").startswith("application/json"):
        args: Json = json.loads(text or "{}")
    else:
        args = dict(parse_qsl(text, keep_blank_values=True))
    return args
