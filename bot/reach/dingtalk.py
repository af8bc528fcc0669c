"""DingTalk: the robot of a group. Its refusals come with HTTP 200, so only its code counts.

https://open.dingtalk.com/document/robots/custom-robot-access
"""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from bot.clock import Clock
from bot.reach.channel import PageText, VendorCodes, begin_with_keyword
from bot.reach.json_request import JsonRequests
from models.rules.reach.channels import cut_to_bytes
from models.rules.reach.page import PageAnswer
from models.rules.reach.reach_plan import ReachAddress

_MUTE = 600.0
"""Seconds for which DingTalk takes nothing of a robot that was used too often."""
_CODES = VendorCodes(
    refused={300001, 300005, 310000, 400013, 400101, 400102, 400105, 43004, 40035, 460101},
    pauses={130101: _MUTE, 130102: _MUTE, 410100: _MUTE},
)


class DingtalkBot:
    """A robot in a group; it signs its requests where it has a secret, and begins with its keyword."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests, self._clock = requests, clock

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        mobile = address.fields.get("mobile")
        text = cut_to_bytes(f"{begin_with_keyword(address, page.text)}{f' @{mobile}' if mobile else ''}")
        body: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        if mobile:
            body["at"] = {"atMobiles": [mobile], "isAtAll": False}
        reply = self._requests.post(self._signed(address), body)
        return reply.failure or _CODES.read(reply.content.get("errcode"))

    def _signed(self, address: ReachAddress) -> str:
        url, secret = address.fields["url"], address.fields.get("secret")
        if not secret:
            return url
        stamp = str(int(self._clock.now().timestamp() * 1000))
        signature = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        return f"{url}&{urlencode({'timestamp': stamp, 'sign': base64.b64encode(signature).decode()})}"
