"""WeCom: the message of an app to one member, and the robot of a group.

Codes: https://developer.work.weixin.qq.com/document/path/90313
"""

from typing import Any
from urllib.parse import urlencode

from bot.clock import Clock
from bot.reach.app_tokens import App, AppTokens, TokenApi
from bot.reach.channel import RATE_LIMIT_PAUSE, PageText, VendorCodes, base_url
from bot.reach.json_request import ChannelReply, JsonRequests
from models.rules.reach.channels import cut_to_bytes
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress

API = "https://qyapi.weixin.qq.com"
_BAD_TOKEN = frozenset({40014, 42001, 41001})
_CODES = VendorCodes(
    refused={40001, 40008, 40013, 40056, 40058, 41002, 48002, 50001, 60011, 60020, 81013, 93000, 301002},
    pauses={45009: RATE_LIMIT_PAUSE, 45033: RATE_LIMIT_PAUSE},
)


class WecomBot:
    """A robot in a group. It mentions a person by their mobile number."""

    def __init__(self, requests: JsonRequests) -> None:
        self._requests = requests

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        text: dict[str, Any] = {"content": cut_to_bytes(page.text)}
        if mobile := address.fields.get("mobile"):
            text["mentioned_mobile_list"] = [mobile]
        reply = self._requests.post(address.fields["url"], {"msgtype": "text", "text": text})
        return reply.failure or _CODES.read(reply.content.get("errcode"))


class WecomApp:
    """A self-built app, which writes to one member."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests = requests
        self._tokens = AppTokens(clock, _CODES, TokenApi("access_token", "errcode", "expires_in", _BAD_TOKEN))

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        url, body = f"{base_url(address, API)}/cgi-bin/message/send", _body(address, page)

        def call(token: str) -> ChannelReply:
            return self._requests.post(f"{url}?access_token={token}", body)

        reply = self._tokens.call(_app_of(address), lambda: self._request_token(address), call)
        if reply.failure:
            return reply.failure
        if reply.content.get("errcode") == 0 and reply.content.get("invaliduser"):
            return PageAnswer(PageStatus.REFUSED, "invaliduser")
        return _CODES.read(reply.content.get("errcode"))

    def _request_token(self, address: ReachAddress) -> ChannelReply:
        corp, secret = _app_of(address)
        asked = urlencode({"corpid": corp, "corpsecret": secret})
        return self._requests.get(f"{base_url(address, API)}/cgi-bin/gettoken?{asked}")


def _app_of(address: ReachAddress) -> App:
    return address.fields["corp_id"], address.fields["secret"]


def _body(address: ReachAddress, page: PageText) -> dict[str, Any]:
    return {
        "touser": address.fields["to"], "msgtype": "text", "agentid": address.fields["agent_id"],
        "text": {"content": cut_to_bytes(page.text)}, "enable_duplicate_check": 0,
    }  # fmt: skip
