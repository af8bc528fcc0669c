"""Connect the bot to the channels beside Slack without a network: the same strict limits and faults.

A page whose answer is lost is reported as the time-out or reset it would have become.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from bot.http_client.transport import HttpResponse, RequestNotSent, Transport
from bot.sandbox.faults import PHONE
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.phone_api import PATHS
from bot.simulation.crash_points import CrashPoints
from bot.simulation.spoiled_answers import spoil

_PLACES = [(re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), channel) for path, channel in PATHS.items()]


class PhoneOutbound(Transport):
    """What the bot sends by other ways than Slack arrives on the sandbox's phones at once."""

    def __init__(self, slack: LocalSlack, crash_points: CrashPoints) -> None:
        self._slack, self._crash_points = slack, crash_points

    def find(self, _url: str) -> Transport:
        """Return what calls an address: this, for each."""
        return self

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:  # noqa: ARG002 - nothing takes time here
        """Answer one request as the channel would, or spoil it by a planned fault.

        Raises :class:`RequestNotSent`, :class:`NoResponse` and :class:`SimulatedKill`.
        """
        self._crash_points.step()
        address = urlsplit(url)
        for pattern, channel in _PLACES:
            if match := pattern.fullmatch(address.path):
                query = dict(parse_qsl(address.query)) | match.groupdict()
                reply = self._call(channel, query, body, headers)
                self._crash_points.step()  # killed here, it never learns whether it was taken
                return reply
        raise RequestNotSent("ConnectionRefusedError")

    def send(self, method: str, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:  # noqa: ARG002 - each path has one method
        """Answer a request of any method, as :meth:`post` does."""
        return self.post(url, body, headers, timeout)

    def get(self, url: str, timeout: float) -> HttpResponse:
        """Answer a question of the bot, as :meth:`post` does."""
        return self.post(url, b"", {}, timeout)

    def _call(self, channel: str, query: dict[str, str], body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        def work() -> HttpResponse:
            answered = self._slack.phone.answer(channel, query, body, dict(headers))
            return HttpResponse(answered.status, {}, json.dumps(answered.content).encode())

        fault = self._slack.faults.take(f"{PHONE}{channel}")
        return work() if fault is None else spoil(fault, work)
