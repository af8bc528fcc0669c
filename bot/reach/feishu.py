"""Feishu and Lark: the robot of a group.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

import base64
import hashlib
import hmac
from typing import Any

from bot.clock import Clock
from bot.reach.channel import RATE_LIMIT_PAUSE, PageText, VendorCodes, begin_with_keyword
from bot.reach.json_request import JsonRequests
from models.rules.reach.channels import cut_to_bytes
from models.rules.reach.page import PageAnswer
from models.rules.reach.reach_plan import ReachAddress

_BUSY = 20.0
"""Seconds to wait when Feishu is busy, as at full and half hours."""
_CODES = VendorCodes(
    refused={19001, 19002, 19021, 19022, 19024, 19036}, pauses={9499: RATE_LIMIT_PAUSE, 11232: _BUSY, 11233: _BUSY}
)


class FeishuBot:
    """A robot in a group; it signs its requests where it has a secret, and mentions a person by their open id."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests, self._clock = requests, clock

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        to = address.fields.get("to")
        mention = f'<at user_id="{to}"></at> ' if to else ""
        text = cut_to_bytes(f"{mention}{begin_with_keyword(address, page.text)}")
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret := address.fields.get("secret"):
            stamp = str(int(self._clock.now().timestamp()))
            signature = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
            body |= {"timestamp": stamp, "sign": base64.b64encode(signature).decode()}
        reply = self._requests.post(address.fields["url"], body)
        code = reply.content.get("code", reply.content.get("StatusCode"))
        return reply.failure or _CODES.read(code)
