"""Feishu and Lark: the message of a self-built app to one person, which can also ring their phone.

https://open.feishu.cn/document/server-docs/im-v1/message/create and …/im-v1/buzz-messages/urgent_phone. Refusals come
with HTTP 400 and a code, so the code counts. A repeat has the same ``uuid``: Feishu sends it once within an hour.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.clock import Clock
from bot.reach.app_tokens import App, AppTokens, TokenApi
from bot.reach.channel import RATE_LIMIT_PAUSE, PageText, VendorCodes, base_url
from bot.reach.json_request import ChannelReply, JsonRequests
from models.rules.reach.channels import cut_to_bytes
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress

API = "https://open.feishu.cn"
"""Lark has another: https://open.larksuite.com."""
_BAD_TOKEN = frozenset({99991661, 99991663, 99991668, 99991671})
_CODES = VendorCodes(
    refused={
        10003, 10012, 10014, 10015, 99991662, 99991672, 99992351, 99992361, 99992364, 230001, 230002, 230006, 230012,
        230013, 230022, 230023, 230024, 230025, 230027, 230028, 230029, 230034, 230035, 230036, 230038, 230052, 230053,
        230098, 230110,
    },
    pauses=dict.fromkeys((99991400, 230020, 230049, 11232, 11233, *_BAD_TOKEN), RATE_LIMIT_PAUSE),
)  # fmt: skip


class FeishuApp:
    """Writes to one person by their open id. ``urgent`` of an address makes loud messages ring: app, SMS or phone."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests = requests
        self._tokens = AppTokens(clock, _CODES, TokenApi("tenant_access_token", "code", "expire", _BAD_TOKEN))

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once, and ring where it is loud. Accepted only when both were; the code says how it rang."""
        content = json.dumps({"text": cut_to_bytes(page.text)}, ensure_ascii=False)
        body = {"receive_id": address.fields["to"], "msg_type": "text", "content": content, "uuid": page.id}
        sent = self._call(address, "POST", "/open-apis/im/v1/messages?receive_id_type=open_id", body)
        answer = sent.failure or _CODES.read(sent.content.get("code"))
        urgent = address.fields.get("urgent")
        if answer.status is not PageStatus.ACCEPTED or not (urgent and page.is_urgent):
            return answer
        return self._ring(address, urgent, _find_message(sent.content))

    def _ring(self, address: ReachAddress, urgent: str, message: str) -> PageAnswer:
        """Make a message that was sent ring. Without its id that can't be done."""
        if not message:
            return PageAnswer(PageStatus.UNKNOWN, "urgent no_message_id")
        path = f"/open-apis/im/v1/messages/{message}/urgent_{urgent}?user_id_type=open_id"
        rung = self._call(address, "PATCH", path, {"user_id_list": [address.fields["to"]]})
        answer = rung.failure or _CODES.read(rung.content.get("code"))
        data = rung.content.get("data")
        if answer.status is PageStatus.ACCEPTED and isinstance(data, dict) and data.get("invalid_user_id_list"):
            return PageAnswer(PageStatus.REFUSED, "urgent invalid_user")
        code = urgent if answer.status is PageStatus.ACCEPTED else answer.code
        return PageAnswer(answer.status, f"urgent {code}", answer.retry_after)

    def _call(self, address: ReachAddress, method: str, path: str, body: Mapping[str, Any]) -> ChannelReply:
        """Call a method with a token."""
        url = f"{base_url(address, API)}{path}"

        def call(token: str) -> ChannelReply:
            return self._requests.call(method, url, body, {"Authorization": f"Bearer {token}"})

        return self._tokens.call(_app_of(address), lambda: self._request_token(address), call)

    def _request_token(self, address: ReachAddress) -> ChannelReply:
        app, secret = _app_of(address)
        url = f"{base_url(address, API)}/open-apis/auth/v3/tenant_access_token/internal"
        return self._requests.call("POST", url, {"app_id": app, "app_secret": secret}, {})


def _app_of(address: ReachAddress) -> App:
    return address.fields["app_id"], address.fields["secret"]


def _find_message(content: Mapping[str, Any]) -> str:
    """Return the id of a message that was sent; empty where the answer has none that can stand in an address."""
    data = content.get("data")
    message = data.get("message_id") if isinstance(data, dict) else None
    is_plain = isinstance(message, str) and message.isascii() and message.replace("_", "").isalnum()
    return str(message) if is_plain else ""
